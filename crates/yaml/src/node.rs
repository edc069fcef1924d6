//! The tree of a document.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::scalar::{Resolved, Scalar};

/// The start of a node. Lines and columns start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// A value with its position. Aliases share their content, so cloning is cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub position: Position,
    pub kind: Arc<Kind>,
    /// How many values it has, itself and the content of aliases included.
    pub(super) weight: u32,
    /// How many levels it nests.
    pub(super) depth: u32,
}

/// The content of a node.
#[derive(Debug, PartialEq)]
pub enum Kind {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// Entries in the order they were written, each key once.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key; numbers and booleans as strings, converted as kops does.
    pub key: String,
    /// The start of the key.
    pub key_position: Position,
    pub value: Node,
}

impl Node {
    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &*self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &*self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key == key)
    }

    /// The string of a scalar, as written.
    pub fn text(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether it is `null`, `~` or left empty.
    pub fn is_null(&self) -> bool {
        matches!(&*self.kind, Kind::Scalar(scalar) if scalar.resolve() == Resolved::Null)
    }

    /// Whether it is a string, list or mapping without content.
    pub fn is_empty(&self) -> bool {
        match &*self.kind {
            Kind::Scalar(scalar) => scalar.text.is_empty(),
            Kind::Sequence(items) => items.is_empty(),
            Kind::Mapping(entries) => entries.is_empty(),
        }
    }

    /// Its type with an article, for messages.
    pub fn describe(&self) -> &'static str {
        match &*self.kind {
            Kind::Scalar(scalar) => scalar.resolve().describe(),
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The value without positions; plain scalars have the types of YAML 1.1.
    pub fn to_json(&self) -> Value {
        match &*self.kind {
            Kind::Scalar(scalar) => match scalar.resolve() {
                Resolved::Null => Value::Null,
                Resolved::Bool(value) => Value::Bool(value),
                Resolved::Int(value) => value.into(),
                Resolved::UInt(value) => value.into(),
                Resolved::Float(value) => {
                    Number::from_f64(value).map_or_else(|| Value::String(scalar.text.clone()), Value::Number)
                }
                Resolved::Text(text) => Value::String(text.to_owned()),
            },
            Kind::Sequence(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Mapping(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect::<Map<_, _>>())
            }
        }
    }

    /// The position of the value at a path (`spec.subnets[1].cidr`), if there is one.
    pub fn position_of(&self, path: &str) -> Option<Position> {
        let found = self.find(path);
        (found.rest.is_empty()).then_some(found.position)
    }

    /// Follows a path as far as it goes.
    ///
    /// The position is that of a scalar's value, and of the key if the value is a list or mapping: that is the line a user
    /// looks for. Keys can contain dots: `spec.nodeLabels.example.com/pool`, or `spec.nodeLabels["example.com/pool"]`.
    pub fn find<'p>(&self, path: &'p str) -> Found<'_, 'p> {
        let mut found = Found { position: self.position, node: self, rest: path };
        while !found.rest.is_empty() {
            let Some((position, node, rest)) = found.node.step(found.rest) else { break };
            found = Found { position, node, rest };
        }
        found
    }

    fn step<'p>(&self, path: &'p str) -> Option<(Position, &Node, &'p str)> {
        let path = path.strip_prefix('.').unwrap_or(path);
        match &*self.kind {
            Kind::Scalar(_) => None,
            Kind::Sequence(items) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                let node = items.get(index.parse::<usize>().ok()?)?;
                Some((node.position, node, rest))
            }
            Kind::Mapping(entries) => {
                let (entry, rest) = if let Some(inside) = path.strip_prefix('[') {
                    let quoted = inside.strip_prefix('"');
                    let (key, rest) = match quoted {
                        Some(quoted) => quoted.split_once("\"]")?,
                        None => inside.split_once(']')?,
                    };
                    (entries.iter().find(|e| e.key == key)?, rest)
                } else {
                    // The longest key that the path begins with: keys can contain dots.
                    let entry = entries
                        .iter()
                        .filter(|e| {
                            path.strip_prefix(e.key.as_str())
                                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                        })
                        .max_by_key(|e| e.key.len())?;
                    (entry, &path[entry.key.len()..])
                };
                let position = match &*entry.value.kind {
                    Kind::Scalar(scalar) if !(scalar.plain && scalar.text.is_empty()) => entry.value.position,
                    _ => entry.key_position,
                };
                Some((position, &entry.value, rest))
            }
        }
    }
}

/// The result of following a path.
#[derive(Debug, Clone, Copy)]
pub struct Found<'n, 'p> {
    /// The position of the last value that exists.
    pub position: Position,
    /// That value.
    pub node: &'n Node,
    /// The rest of the path; empty if the value exists.
    pub rest: &'p str,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::parse;

    #[test]
    fn paths_lead_to_positions() {
        let text = "spec:\n  subnets:\n  - name: a\n    cidr: 10.0.0.0/8\n  nodeLabels:\n    example.com/a.b: x\n    plain: y\n  empty:\n";
        let parsed = parse("f", text);
        let root = &parsed.documents[0].root;
        let at = |path: &str| root.position_of(path).map(|p| (p.line, p.column));
        assert_eq!(at("spec.subnets[0].cidr"), Some((4, 11)));
        assert_eq!(at("spec.subnets[0]"), Some((3, 5)));
        assert_eq!(at("spec.subnets"), Some((2, 3)));
        assert_eq!(at("spec.nodeLabels.example.com/a.b"), Some((6, 22)));
        assert_eq!(at("spec.nodeLabels[\"example.com/a.b\"]"), Some((6, 22)));
        assert_eq!(at("spec.empty"), Some((8, 3)));
        assert_eq!(at("spec.subnets[1].cidr"), None);
        let nearest = root.find("spec.subnets[1].cidr");
        assert_eq!((nearest.position.line, nearest.position.column), (2, 3));
    }
}
