//! The tree of a document.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::scalar::{Resolved, Scalar};

/// Where a node begins. Lines and columns start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A value with its place. Aliases share what they stand for, so cloning is cheap.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub position: Position,
    /// What it is.
    pub kind: Arc<Kind>,
    /// The number of values in it, itself and every alias's content included.
    pub(super) weight: u32,
    /// How many levels it is deep.
    pub(super) depth: u32,
}

/// What a node holds.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// A word, a number, a text.
    Scalar(Scalar),
    /// Values in order.
    Sequence(Vec<Node>),
    /// Values under keys, in the order they were written, each key once.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key; numbers and booleans as kops turns them into text.
    pub key: String,
    /// Where the key stands.
    pub key_position: Position,
    /// The value.
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

    /// The text of a scalar, as written.
    pub fn text(&self) -> Option<&str> {
        match &*self.kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Whether it is nothing: `null`, `~` or left empty.
    pub fn is_null(&self) -> bool {
        matches!(&*self.kind, Kind::Scalar(scalar) if scalar.resolve() == Resolved::Null)
    }

    /// Whether it is a text, list or mapping without content.
    pub fn is_empty(&self) -> bool {
        match &*self.kind {
            Kind::Scalar(scalar) => scalar.text.is_empty(),
            Kind::Sequence(items) => items.is_empty(),
            Kind::Mapping(entries) => entries.is_empty(),
        }
    }

    /// What a person would call it.
    pub fn describe(&self) -> &'static str {
        match &*self.kind {
            Kind::Scalar(scalar) => scalar.resolve().describe(),
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The value without its places, words taken for what YAML 1.1 says they mean.
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

    /// Where the value at a path (`spec.subnets[1].cidr`) stands, if there is one.
    pub fn position_of(&self, path: &str) -> Option<Position> {
        let found = self.find(path);
        (found.rest.is_empty()).then_some(found.position)
    }

    /// Follows a path as far as it goes.
    ///
    /// The place is that of a scalar's value, and of the key where the value is a list or mapping: that is the line a
    /// person looks for. Keys may hold dots: `spec.nodeLabels.example.com/pool`, or `spec.nodeLabels["example.com/pool"]`.
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
                    // The longest key that the path begins with: keys may hold dots.
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

/// How far a path led.
#[derive(Debug, Clone, Copy)]
pub struct Found<'n, 'p> {
    /// Where the last value that exists stands.
    pub position: Position,
    /// That value.
    pub node: &'n Node,
    /// What is left of the path; empty when it led all the way.
    pub rest: &'p str,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::parse;

    #[test]
    fn paths_lead_to_places() {
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
