//! Builds trees from the events of the YAML parser, with limits on what a document may expand to.

use std::collections::{HashMap, HashSet, hash_map};
use std::sync::Arc;

use serde_saphyr::granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::node::{Entry, Kind, Node, Position};
use super::scalar::{Resolved, Scalar};
use super::source::Source;
use kopsform_diagnostics::{Finding, Report, Rule};

/// The largest text in bytes. Specs of a thousand instance groups are below a megabyte.
pub const MAX_BYTES: usize = 16 << 20;

/// The most values a file may have, with aliases and merges expanded.
pub const MAX_NODES: u32 = 1_000_000;

/// The deepest nesting.
const MAX_DEPTH: u32 = 200;

/// The most errors that are reported for a file.
const MAX_FINDINGS: usize = 100;

/// How many lines without content may lie between a line and the one before it.
const MAX_BLANK_LINES: u32 = 100;

/// How far after its start a plain scalar is searched for a line that begins with a tab.
const MAX_SCALAR_LINES: u32 = 1000;

/// The result of parsing a file.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The documents without syntax errors; empty ones (`---` after `---`, comments only) are left out.
    pub documents: Vec<Document>,
    /// Syntax errors and duplicate keys, all of them as errors.
    pub report: Report,
    pub source: Arc<Source>,
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    pub root: Node,
    /// The text it is part of.
    pub source: Arc<Source>,
}

/// Parses all documents of a file; `name` is the file in findings.
pub fn parse(name: &str, text: &str) -> Parsed {
    let source = Arc::new(Source::new(name, text));
    if text.len() > MAX_BYTES {
        let line = text.as_bytes()[..MAX_BYTES].iter().filter(|b| **b == b'\n').count() + 1;
        let message = format!("the file has {} MB; the limit is {} MB", text.len() >> 20, MAX_BYTES >> 20);
        let finding = Finding::error(Rule::TooLarge, "", message).at(source.location(line, 1));
        return Parsed { documents: Vec::new(), report: finding.hint("split it into several files").into(), source };
    }
    let mut builder = Builder::new(&source);
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    let mut parser = Parser::new_from_str_with_options(&source.text, options);
    while let Some(next) = parser.next_event() {
        let outcome = match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                builder.abandon_document();
                builder.syntax_error(&error).and_then(|()| match parser.proceed_next_document() {
                    Ok(true) => Ok(()),
                    Ok(false) | Err(_) => Err(LimitExceeded),
                })
            }
        };
        if outcome.is_err() {
            break;
        }
    }
    let Builder { documents, mut report, .. } = builder;
    for finding in &mut report.findings {
        finding.excerpt = finding.location.as_ref().and_then(|l| source.excerpt(l.line, l.column));
    }
    Parsed { documents, report, source }
}

/// A limit is exceeded; parsing ends.
struct LimitExceeded;

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
    Mapping {
        entries: Vec<Entry>,
        keys: HashMap<String, usize>,
        key: Option<Key>,
        merges: Vec<Node>,
        /// Entries whose key is a duplicate, in the outermost mapping of a document.
        repeated: Vec<Entry>,
    },
}

/// A key whose value comes next.
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
    /// Objects that follow the open document without a separator.
    split_off: Vec<Document>,
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
            split_off: Vec::new(),
            nodes: 0,
            documents: Vec::new(),
            report: Report::default(),
        }
    }

    fn syntax_error(&mut self, error: &ScanError) -> Result<(), LimitExceeded> {
        let position = position(error.marker());
        let message = format!("invalid YAML: {}", error.info());
        if let Some(tab) = self.tab_after(position, error.kind()) {
            return self.error(Rule::YamlSyntax, tab, message, "indent with spaces; YAML does not allow tabs there");
        }
        let line = self.source.line(position.line).unwrap_or_default();
        if line.contains("{{") || line.contains("}}") {
            let hint = "this looks like a template: render it first, `kopsform toolbox template`";
            return self.error(Rule::YamlSyntax, position, message, hint);
        }
        let hint = self.form_hint(position, &error.info());
        let mut finding = Finding::error(Rule::YamlSyntax, "", message).at(self.source.place(position));
        finding.hint = hint;
        self.push(finding)
    }

    /// A hint where a value was found instead of a key, or a key instead of a value.
    fn form_hint(&self, position: Position, info: &str) -> Option<String> {
        let line = |number: u32| self.source.line(number).map(str::trim).unwrap_or_default();
        let filled = |number: &u32| !line(*number).is_empty() && !line(*number).starts_with('#');
        let earliest = position.line.saturating_sub(MAX_BLANK_LINES).max(1);
        let before = (earliest..position.line).rev().find(filled);
        let hyphens = |number: &u32| line(*number).len() > 1 && line(*number).bytes().all(|byte| byte == b'-');
        if let Some(number) = before.filter(hyphens).or_else(|| Some(position.line).filter(hyphens)) {
            return Some(format!("line {number}: three hyphens at its beginning, `---`, separate documents"));
        }
        if info.contains("mapping values are not allowed") {
            let before = before?;
            let has_key = line(before).contains(": ");
            return Some(match has_key {
                true => {
                    format!("line {before} gives its field a value already; fields below it need it to end with `:`")
                }
                false => format!("line {before} has no field: write `name: {}`", shortened(line(before))),
            });
        }
        let own = line(position.line);
        if info.contains("expected ':'") && !own.is_empty() {
            let own = shortened(own);
            return Some(format!("line {} has no field: write `name: {own}`, or `- {own}` in a list", position.line));
        }
        if info.contains("did not find expected key") && own.starts_with("- ") {
            let before = before?;
            return Some(format!("line {before} gives its field a value already; write each item with `- ` below it"));
        }
        None
    }

    /// The first tab in the indentation of a line, from the line of an error on. The parser reports a tab after a plain
    /// scalar where the scalar begins, which can be lines before.
    fn tab_after(&self, position: Position, kind: &ErrorKind) -> Option<Position> {
        let indented_by_tab = |number: u32| {
            let line = self.source.line(number)?;
            let spaces = line.len() - line.trim_start_matches(' ').len();
            let column = u32::try_from(spaces).ok()?.checked_add(1)?;
            line[spaces..].starts_with('\t').then_some(Position { line: number, column })
        };
        match kind {
            ErrorKind::TabInPlainScalar => {
                let last = position.line.saturating_add(MAX_SCALAR_LINES);
                (position.line..=last).find_map(indented_by_tab)
            }
            _ => indented_by_tab(position.line),
        }
    }

    fn abandon_document(&mut self) {
        self.stack.clear();
        self.split_off.clear();
        self.anchors.clear();
    }

    fn error(&mut self, code: Rule, at: Position, message: impl Into<String>, hint: &str) -> Result<(), LimitExceeded> {
        self.push(Finding::error(code, "", message).at(self.source.place(at)).hint(hint))
    }

    /// Adds an error. After [`MAX_FINDINGS`] of them the rest of the text is not parsed, which is an error of its own: callers
    /// that ignore some errors must not take a part of the documents for all of them.
    fn push(&mut self, finding: Finding) -> Result<(), LimitExceeded> {
        if self.report.findings.len() + 1 < MAX_FINDINGS {
            self.report.push(finding);
            return Ok(());
        }
        let message = format!("more than {} errors; the rest is not parsed", MAX_FINDINGS - 1);
        let mut last = Finding::error(Rule::YamlLimit, "", message);
        last.location = finding.location;
        self.report.push(last);
        self.documents.clear();
        Err(LimitExceeded)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), LimitExceeded> {
        let at = position(&span.start);
        match event {
            Event::DocumentStart(..) => self.abandon_document(),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && !is_text_tag(tag.as_deref());
                // The parser gives `~` for a missing value.
                let left_out = plain && span.start.index() == span.end.index();
                let text = if left_out { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(Scalar { text, plain });
                self.nodes += 1;
                self.node(Node { position: at, kind: Arc::new(kind), weight: 1, depth: 1 }, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => self.open(at, anchor, Content::Sequence(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                let (entries, keys, key) = (Vec::new(), HashMap::new(), None);
                let content = Content::Mapping { entries, keys, key, merges: Vec::new(), repeated: Vec::new() };
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
                        "the alias is inside what it refers to",
                        "an anchor cannot contain itself",
                    )?;
                    self.node(null(at), 0)?;
                }
            },
            Event::UnresolvedAlias(name) => {
                if self.unknown_aliases.insert(name.to_string()) {
                    let message = format!("no anchor &{name} comes before the alias *{name}");
                    self.error(Rule::YamlAlias, at, message, "define it above with &, or put the value in quotes")?;
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

    fn close(&mut self, open: Open) -> Result<(), LimitExceeded> {
        let kind = match open.content {
            Content::Sequence(items) => Kind::Sequence(items),
            Content::Mapping { mut entries, mut keys, merges, repeated, .. } => {
                if !repeated.is_empty() {
                    self.repeated(&mut entries, &keys, repeated)?;
                }
                for merge in merges {
                    // Every entry counts, whether it is added or not: merges of merges multiply.
                    self.nodes = self.nodes.saturating_add(u32::try_from(merge.entries().len()).unwrap_or(u32::MAX));
                    if self.nodes > MAX_NODES {
                        break;
                    }
                    for entry in merge.entries() {
                        if let hash_map::Entry::Vacant(vacant) = keys.entry(entry.key.clone()) {
                            vacant.insert(entries.len());
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

    /// Keys of the outermost mapping that stand twice. Where both `apiVersion` and `kind` do, the line `---` between two objects
    /// is missing: an object ends where keys begin to repeat. Else kops takes the last value silently.
    fn repeated(
        &mut self,
        entries: &mut [Entry],
        keys: &HashMap<String, usize>,
        repeated: Vec<Entry>,
    ) -> Result<(), LimitExceeded> {
        let twice = |name: &str| repeated.iter().any(|entry| entry.key == name);
        if !(twice("apiVersion") && twice("kind")) {
            for entry in repeated {
                let Some(&index) = keys.get(&entry.key) else { continue };
                let first = entries[index].key_position;
                let message = format!("duplicate key {:?}; the first is in line {}", entry.key, first.line);
                let position = entry.key_position;
                entries[index] = entry;
                self.error(Rule::DuplicateKey, position, message, "keep one of them")?;
            }
            return Ok(());
        }
        let (mut objects, mut keys): (Vec<Vec<Entry>>, HashSet<String>) = (Vec::new(), HashSet::new());
        for entry in repeated {
            let is_new = keys.insert(entry.key.clone());
            match objects.last_mut().filter(|_| is_new) {
                Some(object) => object.push(entry),
                None => {
                    keys = HashSet::from([entry.key.clone()]);
                    objects.push(vec![entry]);
                }
            }
        }
        for object in objects {
            let position = object[0].key_position;
            let message = "two objects in one document: apiVersion and kind are repeated";
            let hint = format!("a line `---` is missing before line {}", position.line);
            self.error(Rule::MissingSeparator, position, message, &hint)?;
            let depth = object.iter().map(|entry| entry.value.depth).max().unwrap_or_default().saturating_add(1);
            let weight = object.iter().fold(1u32, |sum, entry| sum.saturating_add(entry.value.weight));
            let root = Node { position, kind: Arc::new(Kind::Mapping(object)), weight, depth };
            self.split_off.push(Document { root, source: Arc::clone(self.source) });
        }
        Ok(())
    }

    /// Adds a complete node to the collection it is part of.
    fn node(&mut self, node: Node, anchor: usize) -> Result<(), LimitExceeded> {
        if self.nodes > MAX_NODES || node.depth > MAX_DEPTH || self.stack.len() > MAX_DEPTH as usize {
            let message = if self.nodes > MAX_NODES {
                format!("more than {MAX_NODES} values, aliases and merges included")
            } else {
                format!("values are nested more than {MAX_DEPTH} levels deep")
            };
            let hint = "aliases of aliases multiply; write the values out, or fewer of them";
            self.error(Rule::YamlLimit, node.position, message, hint)?;
            self.documents.clear();
            return Err(LimitExceeded);
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let outermost = self.stack.len() == 1;
        let Some(open) = self.stack.last_mut() else {
            if !node.is_null() {
                self.documents.push(Document { root: node, source: Arc::clone(self.source) });
                self.documents.append(&mut self.split_off);
            }
            return Ok(());
        };
        open.weight = open.weight.saturating_add(node.weight);
        open.depth = open.depth.max(node.depth);
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, keys, key, merges, repeated } => match key.take() {
                None => match key_name(&node) {
                    Ok((name, merge)) => *key = Some(Key { name, position: node.position, merge }),
                    Err(what) => {
                        *key = Some(Key { name: String::new(), position: node.position, merge: false });
                        let message = format!("a key must be a string, not {what}");
                        self.error(
                            Rule::YamlKey,
                            node.position,
                            message,
                            "put it in quotes if it is meant as a string",
                        )?;
                    }
                },
                Some(Key { merge: true, position, .. }) => {
                    let parts: Vec<Node> = match &*node.kind {
                        Kind::Sequence(items) => items.clone(),
                        _ => vec![node.clone()],
                    };
                    if parts.iter().any(|p| !matches!(&*p.kind, Kind::Mapping(_))) {
                        let message = "<< merges mappings, and this is not a mapping";
                        self.error(Rule::YamlMerge, position, message, "write `<<: *anchor`")?;
                    } else {
                        merges.extend(parts);
                    }
                }
                Some(Key { name, position, .. }) => {
                    let known = keys.get(&name).copied();
                    if known.is_some() && outermost {
                        repeated.push(Entry { key: name, key_position: position, value: node });
                    } else if let Some(index) = known {
                        let first = entries[index].key_position;
                        let message = format!("duplicate key {name:?}; the first is in line {}", first.line);
                        // kops takes the last one silently.
                        entries[index] = Entry { key: name, key_position: position, value: node };
                        self.error(Rule::DuplicateKey, position, message, "keep one of them")?;
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

/// A line as hints quote it.
fn shortened(line: &str) -> String {
    let mut chars = line.chars();
    let mut text: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

fn null(position: Position) -> Node {
    let kind = Kind::Scalar(Scalar { text: String::new(), plain: true });
    Node { position, kind: Arc::new(kind), weight: 1, depth: 1 }
}

fn is_text_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| matches!(tag.core_suffix(), Some("str" | "binary")))
}

/// The name of a key, and whether it is the merge key; the type of the node if it can't be a key.
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
    use proptest::prelude::*;
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
    fn a_lost_separator_is_one_error_and_the_objects_are_kept_apart() {
        let text =
            "apiVersion: a\nkind: A\nspec: {x: 1}\napiVersion: b\nkind: B\nspec: {z: 1}\nkind: C\napiVersion: c\n";
        let parsed = parse("f", text);
        assert_eq!(problems(text), ["4:1 missing-separator", "7:1 missing-separator"]);
        assert_eq!(parsed.report.findings[0].hint.as_deref(), Some("a line `---` is missing before line 4"));
        let values: Vec<_> = parsed.documents.iter().map(|d| d.root.to_json()).collect();
        assert_eq!(
            values,
            [
                json!({"apiVersion": "a", "kind": "A", "spec": {"x": 1}}),
                json!({"apiVersion": "b", "kind": "B", "spec": {"z": 1}}),
                json!({"apiVersion": "c", "kind": "C"}),
            ]
        );
        // One of the two keys alone is an ordinary duplicate, and so is any nested key.
        assert_eq!(problems("apiVersion: a\nkind: A\nkind: B\n"), ["3:1 duplicate-key"]);
        assert_eq!(problems("a: {apiVersion: a, kind: A, apiVersion: b, kind: B}\n").len(), 2);
        assert_eq!(value_of_last("kind: A\nkind: B\n"), json!({"kind": "B"}));
    }

    fn value_of_last(text: &str) -> serde_json::Value {
        parse("f", text).documents.last().unwrap().root.to_json()
    }

    #[test]
    fn values_in_the_place_of_keys_get_a_hint() {
        let hint = |text: &str| parse("f", text).report.findings[0].hint.clone().unwrap_or_default();
        assert_eq!(
            hint("spec: x\n\n  cloudProvider: aws\n"),
            "line 1 gives its field a value already; fields below it need it to end with `:`"
        );
        for separator in ["--", "----"] {
            assert!(hint(&format!("a: 1\n{separator}\nb: 2\n")).contains("`---`, separate documents"), "{separator}");
        }
        assert_eq!(hint("spec:\n  aws\n  channel: stable\n"), "line 2 has no field: write `name: aws`");
        assert_eq!(
            hint("spec:\n  sshAccess:\n  0.0.0.0/0\n  channel: stable\n"),
            "line 3 has no field: write `name: 0.0.0.0/0`, or `- 0.0.0.0/0` in a list"
        );
        assert_eq!(
            hint("spec:\n  sshAccess: a\n  - b\n"),
            "line 2 gives its field a value already; write each item with `- ` below it"
        );
    }

    #[test]
    fn documents_are_split_and_empty_ones_left_out() {
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
    fn merge_keys_add_what_is_missing() {
        let text = "base: &b {p: 1, q: 2}\none:\n  <<: *b\n  q: 3\ntwo:\n  q: 4\n  <<: [*b, {r: 5}]\n";
        assert_eq!(value(text)["one"], json!({"p": 1, "q": 3}));
        assert_eq!(value(text)["two"], json!({"p": 1, "q": 4, "r": 5}));
    }

    #[test]
    fn keys_become_strings() {
        assert_eq!(value("1: a\ntrue: b\nyes!: c\n"), json!({"1": "a", "true": "b", "yes!": "c"}));
    }

    #[test]
    fn errors_have_locations() {
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

    #[test]
    fn a_tab_is_reported_in_its_line() {
        assert_eq!(problems("a:\n  b: 1\n\tc: 2\n"), ["3:1 yaml-syntax"]);
        assert_eq!(problems("a:\n  b: x y\n    z\n\n  \tc: 2\n"), ["5:3 yaml-syntax"]);
        let report = parse("f", "spec:\n  version: 1.34.1\n\tcidr: 10.0.0.0/8\n").report;
        let finding = &report.findings[0];
        assert_eq!(finding.location.as_ref().unwrap().to_string(), "f:3:1");
        assert!(finding.hint.as_deref().unwrap().starts_with("indent with spaces"), "{finding}");
        assert_eq!(finding.excerpt.as_ref().unwrap().text(), " cidr: 10.0.0.0/8");
    }

    /// Memory does not grow with the square of the text.
    #[test]
    fn many_errors_are_cut_off() {
        let unknown = format!("x: [{}]\n", (0..8000).map(|i| format!("*u{i}")).collect::<Vec<_>>().join(","));
        for text in [unknown, format!("a: {{{}", "a:,".repeat(100_000)), "a: }\n---\n".repeat(5000)] {
            let parsed = parse("f", &text);
            assert_eq!(parsed.report.findings.len(), MAX_FINDINGS, "{}", &text[..20]);
            assert_eq!(parsed.report.findings.last().unwrap().rule, Rule::YamlLimit);
            assert!(parsed.documents.is_empty());
            assert!(parsed.report.to_string().len() < 100_000);
        }
    }

    #[test]
    fn merging_takes_time_by_the_number_of_keys() {
        let mapping = |name: &str, keys: usize| {
            let entries: String = (0..keys).map(|i| format!("  k{i}: x\n")).collect();
            format!("{name}: &{name}\n{entries}")
        };
        let text = mapping("a", 50_000) + "b:\n  <<: *a\n  k1: z\n";
        let merged = value(&text);
        assert_eq!(merged["b"].as_object().unwrap().len(), 50_000);
        assert_eq!((&merged["b"]["k1"], &merged["b"]["k2"]), (&json!("z"), &json!("x")));
        let many = mapping("a", 100_000) + &format!("b:\n  <<: [{}]\n", vec!["*a"; 1000].join(","));
        assert!(problems(&many)[0].ends_with("yaml-limit"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        /// Whatever is repeated, parsing ends and the report stays small.
        #[test]
        fn repeated_pieces_are_bounded(
            head in "[a-z:{\\[&*? ]{0,4}",
            piece in "[a-c:,{}\\[\\]&*!|>?'\"\\-#% \n\t\u{2028}]{1,5}",
            count in 1usize..3000,
        ) {
            let report = parse("f", &(head + &piece.repeat(count))).report;
            prop_assert!(report.findings.len() <= MAX_FINDINGS);
            prop_assert!(report.to_string().len() < 200_000);
        }
    }
}
