//! Events of the YAML parser to trees, with limits on what a text may unfold into.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_saphyr::granit_parser::{Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::node::{Entry, Kind, Node, Position};
use super::scalar::{Resolved, Scalar};
use super::source::Source;
use kopsform_diagnostics::{Finding, Report, Rule};

/// The longest text that is read, in bytes. Specs of a thousand instance groups stay below a megabyte.
pub const MAX_BYTES: usize = 16 << 20;

/// The most values a text may hold, aliases unfolded.
pub const MAX_NODES: u32 = 1_000_000;

/// The deepest nesting.
const MAX_DEPTH: u32 = 200;

/// What was read of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The documents that could be read; empty ones (`---` after `---`, comments only) are left out.
    pub documents: Vec<Document>,
    /// Syntax errors and duplicate keys, all errors.
    pub report: Report,
    /// The text.
    pub source: Arc<Source>,
}

/// One document of a text.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its content.
    pub root: Node,
    /// The text it is from.
    pub source: Arc<Source>,
}

/// Reads all documents of a text; `name` is what findings call it.
pub fn parse(name: &str, text: &str) -> Parsed {
    let source = Arc::new(Source::new(name, text));
    let mut builder = Builder::new(&source);
    if text.len() > MAX_BYTES {
        let line = text.as_bytes()[..MAX_BYTES].iter().filter(|b| **b == b'\n').count() + 1;
        builder.report.push(
            Finding::error(
                Rule::TooLarge,
                "",
                format!("the text has {} MB, more than the {} MB that are read", text.len() >> 20, MAX_BYTES >> 20),
            )
            .at(source.location(line, 1))
            .hint("split it into several files"),
        );
        return Parsed { documents: Vec::new(), report: builder.report, source };
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    let mut parser = Parser::new_from_str_with_options(&source.text, options);
    while let Some(next) = parser.next_event() {
        let outcome = match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                builder.syntax_error(&error);
                builder.abandon_document();
                match parser.proceed_next_document() {
                    Ok(true) => Ok(()),
                    Ok(false) | Err(_) => break,
                }
            }
        };
        if outcome.is_err() {
            break;
        }
    }
    let Builder { documents, mut report, .. } = builder;
    for finding in &mut report.findings {
        finding.excerpt = finding.location.as_ref().and_then(|l| source.line(l.line as u32)).map(str::to_owned);
    }
    Parsed { documents, report, source }
}

/// The text unfolds into too much; reading ends.
struct TooMuch;

/// A collection that is still open.
struct Open {
    position: Position,
    anchor: usize,
    weight: u32,
    depth: u32,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, keys: HashMap<String, usize>, key: Option<Key>, merges: Vec<Node> },
}

/// A key that waits for its value.
struct Key {
    name: String,
    position: Position,
    merge: bool,
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    unknown_aliases: HashSet<String>,
    nodes: u32,
    documents: Vec<Document>,
    report: Report,
}

fn position(marker: &Marker) -> Position {
    Position { line: marker.line() as u32, column: marker.col() as u32 + 1 }
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>) -> Self {
        Self {
            source,
            stack: Vec::new(),
            anchors: HashMap::new(),
            unknown_aliases: HashSet::new(),
            nodes: 0,
            documents: Vec::new(),
            report: Report::default(),
        }
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let position = position(error.marker());
        let info = error.info();
        let mut finding =
            Finding::error(Rule::YamlSyntax, "", format!("this is no YAML: {info}")).at(self.source.place(position));
        let line = self.source.line(position.line).unwrap_or_default();
        if line.trim_start_matches(' ').starts_with('\t') {
            finding = finding.hint("indent with spaces; YAML does not allow tabs there");
        } else if line.contains("{{") || line.contains("}}") {
            finding = finding.hint("this looks like a template: render it first, `kopsform toolbox template`");
        }
        self.report.push(finding);
    }

    fn abandon_document(&mut self) {
        self.stack.clear();
        self.anchors.clear();
    }

    fn error(&mut self, code: Rule, at: Position, message: impl Into<String>, hint: &str) {
        self.report.push(Finding::error(code, "", message).at(self.source.place(at)).hint(hint));
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), TooMuch> {
        let at = position(&span.start);
        match event {
            Event::DocumentStart(..) => self.abandon_document(),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && !is_text_tag(tag.as_deref());
                // The parser stands `~` in for a value that was left out.
                let left_out = plain && span.start.index() == span.end.index();
                let text = if left_out { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(Scalar { text, plain });
                self.nodes += 1;
                self.node(Node { position: at, kind: Arc::new(kind), weight: 1, depth: 1 }, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => self.open(at, anchor, Content::Sequence(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                let content =
                    Content::Mapping { entries: Vec::new(), keys: HashMap::new(), key: None, merges: Vec::new() };
                self.open(at, anchor, content);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.stack.pop() {
                    self.close(open)?;
                }
            }
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(node) => {
                    self.nodes = self.nodes.saturating_add(node.weight);
                    self.node(node, 0)?;
                }
                None => {
                    self.error(
                        Rule::YamlAlias,
                        at,
                        "the alias stands inside what it refers to",
                        "an anchor cannot contain itself",
                    );
                    self.node(null(at), 0)?;
                }
            },
            Event::UnresolvedAlias(name) => {
                if self.unknown_aliases.insert(name.to_string()) {
                    let message = format!("no anchor &{name} comes before the alias *{name}");
                    self.error(Rule::YamlAlias, at, message, "define it above with &, or put the value in quotes");
                }
                self.node(null(at), 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, position: Position, anchor: usize, content: Content) {
        self.nodes += 1;
        self.stack.push(Open { position, anchor, weight: 1, depth: 0, content });
    }

    fn close(&mut self, open: Open) -> Result<(), TooMuch> {
        let kind = match open.content {
            Content::Sequence(items) => Kind::Sequence(items),
            Content::Mapping { mut entries, keys, merges, .. } => {
                for merge in merges {
                    for entry in merge.entries() {
                        if !keys.contains_key(&entry.key) && !entries.iter().any(|e| e.key == entry.key) {
                            entries.push(entry.clone());
                        }
                    }
                }
                Kind::Mapping(entries)
            }
        };
        let node = Node {
            position: open.position,
            kind: Arc::new(kind),
            weight: open.weight,
            depth: open.depth.saturating_add(1),
        };
        self.node(node, open.anchor)
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, node: Node, anchor: usize) -> Result<(), TooMuch> {
        if self.nodes > MAX_NODES || node.depth > MAX_DEPTH || self.stack.len() > MAX_DEPTH as usize {
            let message = if self.nodes > MAX_NODES {
                format!("the text unfolds into more than {MAX_NODES} values")
            } else {
                format!("values are nested more than {MAX_DEPTH} levels deep")
            };
            self.error(
                Rule::YamlLimit,
                node.position,
                message,
                "aliases of aliases multiply; write the values out, or fewer of them",
            );
            self.documents.clear();
            return Err(TooMuch);
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.stack.last_mut() else {
            if !node.is_null() {
                self.documents.push(Document { root: node, source: Arc::clone(self.source) });
            }
            return Ok(());
        };
        open.weight = open.weight.saturating_add(node.weight);
        open.depth = open.depth.max(node.depth);
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, keys, key, merges } => match key.take() {
                None => match key_name(&node) {
                    Ok((name, merge)) => *key = Some(Key { name, position: node.position, merge }),
                    Err(what) => {
                        *key = Some(Key { name: String::new(), position: node.position, merge: false });
                        let position = node.position;
                        self.error(
                            Rule::YamlKey,
                            position,
                            format!("a key is a word, not {what}"),
                            "put it in quotes if it is meant as text",
                        );
                    }
                },
                Some(Key { merge: true, position, .. }) => {
                    let parts: Vec<Node> = match &*node.kind {
                        Kind::Sequence(items) => items.clone(),
                        _ => vec![node.clone()],
                    };
                    if parts.iter().any(|p| !matches!(&*p.kind, Kind::Mapping(_))) {
                        self.error(
                            Rule::YamlMerge,
                            position,
                            "<< merges mappings, and this is none",
                            "write `<<: *anchor`",
                        );
                    } else {
                        merges.extend(parts);
                    }
                }
                Some(Key { name, position, .. }) => {
                    if let Some(&index) = keys.get(&name) {
                        let first = entries[index].key_position;
                        // kops takes the last one in silence.
                        entries[index] = Entry { key: name.clone(), key_position: position, value: node };
                        self.error(
                            Rule::DuplicateKey,
                            position,
                            format!("the key {name:?} stands twice; the first is in line {}", first.line),
                            "keep one of them",
                        );
                    } else {
                        keys.insert(name.clone(), entries.len());
                        entries.push(Entry { key: name, key_position: position, value: node });
                    }
                }
            },
        }
        Ok(())
    }
}

fn null(position: Position) -> Node {
    let kind = Kind::Scalar(Scalar { text: String::new(), plain: true });
    Node { position, kind: Arc::new(kind), weight: 1, depth: 1 }
}

fn is_text_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| matches!(tag.core_suffix(), Some("str" | "binary")))
}

/// The name of a key, and whether it is the merge key; or what it is instead.
fn key_name(node: &Node) -> Result<(String, bool), &'static str> {
    let Kind::Scalar(scalar) = &*node.kind else { return Err(node.describe()) };
    Ok(match scalar.resolve() {
        Resolved::Null => return Err("nothing"),
        Resolved::Bool(value) => (value.to_string(), false),
        Resolved::Int(value) => (value.to_string(), false),
        Resolved::UInt(value) => (value.to_string(), false),
        Resolved::Float(_) => (scalar.text.clone(), false),
        Resolved::Text(text) => (text.to_owned(), scalar.plain && text == "<<"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> serde_json::Value {
        let parsed = parse("f", text);
        assert!(parsed.report.is_empty(), "{}", parsed.report);
        parsed.documents[0].root.to_json()
    }

    fn problems(text: &str) -> Vec<String> {
        parse("f", text)
            .report
            .findings
            .iter()
            .map(|f| {
                let l = f.location.clone().unwrap();
                format!("{}:{} {}", l.line, l.column, f.rule)
            })
            .collect()
    }

    #[test]
    fn documents_come_apart_and_empty_ones_are_left_out() {
        let parsed = parse("f", "---\na: 1\n---\n---\n# nothing\n---\nb: 2\n");
        assert!(parsed.report.is_empty());
        let values: Vec<_> = parsed.documents.iter().map(|d| d.root.to_json()).collect();
        assert_eq!(values, [json!({"a": 1}), json!({"b": 2})]);
        assert!(parse("f", "").documents.is_empty());
    }

    #[test]
    fn json_and_windows_line_ends_and_a_byte_order_mark_are_read() {
        assert_eq!(value("{\"a\": [1, true, \"x\"]}"), json!({"a": [1, true, "x"]}));
        assert_eq!(value("\u{feff}a: |\r\n  x\r\n  y\r\nb: yes\r\n"), json!({"a": "x\ny\n", "b": true}));
    }

    #[test]
    fn merge_keys_fill_in_what_is_not_said() {
        let text = "base: &b {p: 1, q: 2}\none:\n  <<: *b\n  q: 3\ntwo:\n  q: 4\n  <<: [*b, {r: 5}]\n";
        assert_eq!(value(text)["one"], json!({"p": 1, "q": 3}));
        assert_eq!(value(text)["two"], json!({"p": 1, "q": 4, "r": 5}));
    }

    #[test]
    fn keys_become_text() {
        assert_eq!(value("1: a\ntrue: b\nyes!: c\n"), json!({"1": "a", "true": "b", "yes!": "c"}));
    }

    #[test]
    fn problems_have_places() {
        assert_eq!(problems("a: 1\nb: 2\na: 3\n"), ["3:1 duplicate-key"]);
        assert_eq!(problems("a: *x\n"), ["1:4 yaml-alias"]);
        assert_eq!(problems("a: &x [*x]\n"), ["1:8 yaml-alias"]);
        assert_eq!(problems("a: [1\nb: 2\n").len(), 1);
        assert_eq!(problems("? [a]\n: 1\n"), ["1:3 yaml-key"]);
        assert_eq!(problems("a:\n\tb: 1\n").len(), 1);
    }

    #[test]
    fn a_broken_document_does_not_hide_the_next_one() {
        let parsed = parse("f", "a: [1\n---\nb: 1\nb: 2\n---\nc: }\n---\nd: 1\n");
        let codes: Vec<_> = parsed.report.findings.iter().map(|f| f.rule).collect();
        assert_eq!(codes, [Rule::YamlSyntax, Rule::DuplicateKey, Rule::YamlSyntax]);
        assert_eq!(parsed.documents.last().unwrap().root.to_json(), json!({"d": 1}));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let previous = i - 1;
            text += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{previous}"); 10].join(", "));
        }
        let codes: Vec<_> = problems(&text);
        assert_eq!(codes.len(), 1);
        assert!(codes[0].ends_with("yaml-limit"), "{codes:?}");
        let mut chain = String::from("b0: &b0 x\n");
        for i in 1..5000 {
            chain += &format!("b{i}: &b{i} [*b{}]\n", i - 1);
        }
        assert!(problems(&chain)[0].ends_with("yaml-limit"));
        assert!(!problems(&"[".repeat(100_000)).is_empty());
        assert!(problems(&" ".repeat(MAX_BYTES + 1))[0].ends_with("too-large"));
    }
}
