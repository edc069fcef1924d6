//! Printed HCL, in the one form that `terraform fmt` leaves alone.
//!
//! Two spaces a level. Neighboring arguments of one line each have their `=` below one another; a block or an
//! argument of several lines ends such a run. A list is on one line unless it contains a map; a map has a line for each entry.
//! Readable layouts put short maps on one line, break long lists, and have comments and blank lines.

use hcl::expr::{Expression, ForExpr, ObjectKey, Operation, TemplateExpr, TraversalOperator};
use hcl::structure::{Block, BlockLabel, Body, Structure};

/// How much of a readable layout's nested map or list is on one line, in characters.
const WIDTH: usize = 120;

/// A block at the top of a file, with its comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// A line above the block.
    pub comment: Option<String>,
    /// The block.
    pub block: Block,
}

impl From<Block> for Item {
    fn from(block: Block) -> Self {
        Self { comment: None, block }
    }
}

/// Prints a whole file: a blank line before every block but the first.
pub fn file(body: &Body) -> String {
    let mut printer = Printer::default();
    printer.body(body, 0);
    printer.text
}

/// Prints a file block by block, for clusters whose blocks together need more memory than the file.
#[derive(Default)]
pub struct BlockPrinter(Printer);

impl BlockPrinter {
    /// Adds a block, after a blank line if it is not the first one.
    pub fn add(&mut self, block: &Block) {
        if !self.0.text.is_empty() {
            self.0.text.push('\n');
        }
        self.0.block(block, 0);
    }

    /// The file.
    pub fn finish(self) -> String {
        self.0.text
    }
}

/// Prints a file of a readable layout: lines at its top, then blocks with comments, and blank lines between their parts.
pub fn document(header: &[String], items: &[Item]) -> String {
    let mut printer = Printer { style: Style::Readable, ..Printer::default() };
    for line in header {
        printer.text.push_str(&format!("# {line}\n"));
    }
    for item in items {
        if !printer.text.is_empty() {
            printer.text.push('\n');
        }
        if let Some(comment) = &item.comment {
            printer.text.push_str(&format!("# {comment}\n"));
        }
        printer.block(&item.block, 0);
    }
    printer.text
}

/// Prints one expression, as it follows `name = `.
pub fn expression(expression: &Expression) -> String {
    let mut printer = Printer::default();
    printer.expression(expression, 0);
    printer.text
}

/// A string as it is written between double quotes: quotes, backslashes and control characters escaped, and `${` and `%{`
/// doubled, so that they stay what they are.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => out.extend([c, c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// How much is on a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Style {
    /// Maps have a line for each entry, lists are on one line.
    #[default]
    Kops,
    /// Short maps in maps are on one line, long lists are not, and blank lines separate the parts of a block.
    Readable,
}

/// Where an expression is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// The value of an argument.
    Value,
    /// Inside of a map or list.
    Inner,
    /// An argument of a function.
    Operand,
}

#[derive(Default)]
struct Printer {
    text: String,
    style: Style,
    /// Whether maps and long lists are set apart, as the values of a readable `locals` block.
    spaced: bool,
    /// Whether everything is on one line, to measure it.
    flat: bool,
}

impl Printer {
    fn indent(&mut self, level: usize) {
        self.text.push_str(&"  ".repeat(level));
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        self.text.push_str(&escape(text));
        self.text.push('"');
    }

    fn body(&mut self, body: &Body, level: usize) {
        let start = self.text.len();
        let mut structures = body.0.as_slice();
        while let Some(first) = structures.first() {
            let is_meta = is_meta(first);
            let run = structures.iter().take_while(|s| self.is_one_line(s) && self.continues(is_meta, s)).count();
            if run > 0 {
                let (lines, rest) = structures.split_at(run);
                self.aligned(lines, level);
                structures = rest;
            } else {
                match first {
                    Structure::Attribute(attribute) => {
                        if self.spaced && self.text.len() > start && !self.text.ends_with("\n\n") {
                            self.text.push('\n');
                        }
                        self.indent(level);
                        self.text.push_str(&attribute.key);
                        self.text.push_str(" = ");
                        self.expression(&attribute.expr, level);
                        self.text.push('\n');
                    }
                    Structure::Block(block) => {
                        let separates = level == 0 || self.style == Style::Readable;
                        if separates && self.text.len() > start && !self.text.ends_with("\n\n") {
                            self.text.push('\n');
                        }
                        self.block(block, level);
                    }
                }
                structures = &structures[1..];
                if self.spaced && structures.first().is_some_and(|next| self.is_one_line(next)) {
                    self.text.push('\n');
                }
            }
            // Meta-arguments come first and are set apart.
            let ends_meta = is_meta && structures.first().is_some_and(|next| !self.continues(true, next));
            if self.style == Style::Readable && ends_meta {
                self.text.push('\n');
            }
        }
    }

    /// Whether a structure belongs with the one before it.
    fn continues(&self, is_meta: bool, structure: &Structure) -> bool {
        self.style == Style::Kops || self::is_meta(structure) == is_meta
    }

    fn is_one_line(&self, structure: &Structure) -> bool {
        structure.as_attribute().is_some_and(|attribute| !self.spans_lines(&attribute.expr, Position::Value))
    }

    /// A key, filled up to `width` characters, and its `=`.
    fn key(&mut self, key: &str, width: usize) {
        self.text.push_str(key);
        // Not by a format string: a width there must fit 16 bits.
        self.text.extend(std::iter::repeat_n(' ', width.saturating_sub(key.chars().count())));
        self.text.push_str(" = ");
    }

    /// Arguments of one line each, with their `=` in one column.
    fn aligned(&mut self, lines: &[Structure], level: usize) {
        let attributes = || lines.iter().filter_map(Structure::as_attribute);
        let width = attributes().map(|attribute| attribute.key.chars().count()).max().unwrap_or_default();
        for attribute in attributes() {
            self.indent(level);
            self.key(attribute.key.as_str(), width);
            self.expression(&attribute.expr, level);
            self.text.push('\n');
        }
    }

    fn block(&mut self, block: &Block, level: usize) {
        self.indent(level);
        self.text.push_str(&block.identifier);
        for label in &block.labels {
            self.text.push(' ');
            match label {
                BlockLabel::Identifier(identifier) => self.text.push_str(identifier),
                BlockLabel::String(text) => self.quoted(text),
            }
        }
        self.text.push_str(" {\n");
        self.spaced = self.style == Style::Readable && block.identifier() == "locals";
        self.body(&block.body, level + 1);
        self.spaced = false;
        self.indent(level);
        self.text.push_str("}\n");
    }

    fn expression(&mut self, expression: &Expression, level: usize) {
        self.expression_at(expression, level, Position::Value);
    }

    fn expression_at(&mut self, expression: &Expression, level: usize, position: Position) {
        match expression {
            Expression::Null => self.text.push_str("null"),
            Expression::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Expression::Number(number) => self.text.push_str(&number.to_string()),
            Expression::String(text) => self.quoted(text),
            Expression::TemplateExpr(template) => match template.as_ref() {
                TemplateExpr::QuotedString(source) => {
                    self.text.push('"');
                    self.text.push_str(source);
                    self.text.push('"');
                }
                TemplateExpr::Heredoc(_) => self.text.push_str(&expression.to_string()),
            },
            Expression::Variable(variable) => self.text.push_str(variable.as_str()),
            Expression::Array(items) if self.spans_lines(expression, position) => self.long_array(items, level),
            Expression::Array(items) => {
                self.text.push('[');
                self.list(items, level, Position::Inner);
                self.text.push(']');
            }
            Expression::Object(object) if object.is_empty() => self.text.push_str("{}"),
            Expression::Object(object) if !self.spans_lines(expression, position) => {
                self.text.push_str("{ ");
                for (i, (key, value)) in object.iter().enumerate() {
                    if i > 0 {
                        self.text.push_str(", ");
                    }
                    self.key(&object_key(key), 0);
                    self.expression_at(value, level, Position::Inner);
                }
                self.text.push_str(" }");
            }
            Expression::Object(object) => {
                let entries: Vec<_> = object.iter().collect();
                self.object(&entries, level);
            }
            Expression::Traversal(traversal) => {
                self.expression(&traversal.expr, level);
                for operator in &traversal.operators {
                    self.operator(operator, level);
                }
            }
            Expression::FuncCall(call) => {
                self.text.push_str(&call.name.to_string());
                self.text.push('(');
                self.list(&call.args, level, Position::Operand);
                self.text.push_str(if call.expand_final { "...)" } else { ")" });
            }
            Expression::Parenthesis(inner) => {
                self.text.push('(');
                self.expression(inner, level);
                self.text.push(')');
            }
            Expression::Conditional(conditional) => {
                self.expression(&conditional.cond_expr, level);
                self.text.push_str(" ? ");
                self.expression(&conditional.true_expr, level);
                self.text.push_str(" : ");
                self.expression(&conditional.false_expr, level);
            }
            Expression::Operation(operation) => match operation.as_ref() {
                Operation::Unary(unary) => {
                    self.text.push_str(unary.operator.as_str());
                    self.expression(&unary.expr, level);
                }
                Operation::Binary(binary) => {
                    self.expression(&binary.lhs_expr, level);
                    self.text.push_str(&format!(" {} ", binary.operator.as_str()));
                    self.expression(&binary.rhs_expr, level);
                }
            },
            Expression::ForExpr(for_expr) => self.for_expr(for_expr, level),
            other => self.text.push_str(&other.to_string()),
        }
    }

    /// `{ for … }` or `[for …]`, on lines of its own.
    fn for_expr(&mut self, for_expr: &ForExpr, level: usize) {
        self.text.push_str(if for_expr.key_expr.is_some() { "{\n" } else { "[\n" });
        self.indent(level + 1);
        self.text.push_str("for ");
        if let Some(key) = &for_expr.key_var {
            self.text.push_str(&format!("{key}, "));
        }
        self.text.push_str(&format!("{} in ", for_expr.value_var));
        self.expression_at(&for_expr.collection_expr, level + 1, Position::Inner);
        self.text.push_str(" : ");
        if let Some(key) = &for_expr.key_expr {
            self.expression_at(key, level + 1, Position::Inner);
            self.text.push_str(" => ");
        }
        self.expression_at(&for_expr.value_expr, level + 1, Position::Inner);
        if let Some(condition) = &for_expr.cond_expr {
            self.text.push_str(" if ");
            self.expression_at(condition, level + 1, Position::Inner);
        }
        self.text.push('\n');
        self.indent(level);
        self.text.push(if for_expr.key_expr.is_some() { '}' } else { ']' });
    }

    fn operator(&mut self, operator: &TraversalOperator, level: usize) {
        match operator {
            TraversalOperator::AttrSplat => self.text.push_str(".*"),
            TraversalOperator::FullSplat => self.text.push_str("[*]"),
            TraversalOperator::GetAttr(name) => {
                self.text.push('.');
                self.text.push_str(name);
            }
            TraversalOperator::Index(index) => {
                self.text.push('[');
                self.expression(index, level);
                self.text.push(']');
            }
            TraversalOperator::LegacyIndex(index) => self.text.push_str(&format!(".{index}")),
        }
    }

    fn list(&mut self, items: &[Expression], level: usize, position: Position) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.expression_at(item, level, position);
        }
    }

    fn long_array(&mut self, items: &[Expression], level: usize) {
        self.text.push_str("[\n");
        for item in items {
            self.indent(level + 1);
            self.expression_at(item, level + 1, Position::Inner);
            self.text.push_str(",\n");
        }
        self.indent(level);
        self.text.push(']');
    }

    fn object(&mut self, entries: &[(&ObjectKey, &Expression)], level: usize) {
        // Rows of one map look alike: one that is too long for a line breaks all of them.
        let is_row = |value: &Expression| matches!(value, Expression::Object(object) if !object.is_empty());
        let breaks = |value: &Expression| is_row(value) && self.spans_lines(value, Position::Inner);
        let inner = match entries.iter().any(|(_, value)| breaks(value)) {
            true => Position::Value,
            false => Position::Inner,
        };
        let position = |value: &Expression| if is_row(value) { inner } else { Position::Inner };
        let keys: Vec<String> = entries.iter().map(|(key, _)| object_key(key)).collect();
        self.text.push_str("{\n");
        let mut next = 0;
        while next < entries.len() {
            let run = entries[next..].iter().take_while(|(_, value)| !self.spans_lines(value, position(value))).count();
            let end = next + run.max(1);
            let width = match run {
                0 => 0,
                _ => keys[next..end].iter().map(|key| key.chars().count()).max().unwrap_or_default(),
            };
            for (key, (_, value)) in keys[next..end].iter().zip(&entries[next..end]) {
                self.indent(level + 1);
                self.key(key, width);
                self.expression_at(value, level + 1, position(value));
                self.text.push('\n');
            }
            next = end;
        }
        self.indent(level);
        self.text.push('}');
    }

    /// Whether an expression takes more than one line: it has a map with entries in it. In readable layouts, a short map inside
    /// of another expression takes one, and a long list several.
    fn spans_lines(&self, expression: &Expression, position: Position) -> bool {
        let any = |items: Vec<&Expression>, position| items.into_iter().any(|item| self.spans_lines(item, position));
        let is_readable = self.style == Style::Readable;
        if self.flat {
            return false;
        }
        match expression {
            Expression::Object(object) if object.is_empty() => false,
            Expression::Object(object) if is_readable && position != Position::Value => {
                let is_short = position == Position::Inner || object.len() == 1;
                !is_short || any(object.values().collect(), Position::Inner) || is_long(expression)
            }
            Expression::Object(_) => true,
            Expression::Array(items) => {
                any(items.iter().collect(), Position::Inner) || is_readable && is_long(expression)
            }
            Expression::FuncCall(call) => any(call.args.iter().collect(), Position::Operand),
            Expression::Parenthesis(inner) => self.spans_lines(inner, Position::Inner),
            Expression::Traversal(traversal) => self.spans_lines(&traversal.expr, Position::Inner),
            Expression::Conditional(conditional) => {
                let parts = vec![&conditional.cond_expr, &conditional.true_expr, &conditional.false_expr];
                any(parts, Position::Inner)
            }
            Expression::Operation(operation) => match operation.as_ref() {
                Operation::Unary(unary) => self.spans_lines(&unary.expr, Position::Inner),
                Operation::Binary(binary) => any(vec![&binary.lhs_expr, &binary.rhs_expr], Position::Inner),
            },
            Expression::TemplateExpr(template) => matches!(template.as_ref(), TemplateExpr::Heredoc(_)),
            Expression::ForExpr(_) => true,
            _ => false,
        }
    }
}

/// Whether an expression, written on one line, is longer than a readable line.
fn is_long(expression: &Expression) -> bool {
    let mut printer = Printer { style: Style::Readable, flat: true, ..Printer::default() };
    printer.expression(expression, 0);
    printer.text.chars().count() > WIDTH
}

/// Whether a structure is an argument that Terraform itself reads and that readers want to see first.
fn is_meta(structure: &Structure) -> bool {
    structure.as_attribute().is_some_and(|attribute| matches!(attribute.key(), "for_each" | "provider"))
}

fn object_key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Identifier(identifier) => identifier.to_string(),
        ObjectKey::Expression(Expression::String(text)) => format!("\"{}\"", escape(text)),
        ObjectKey::Expression(inner) => expression(inner),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use hcl::expr::Object;
    use hcl::structure::Attribute;
    use hcl::{Identifier, Number};
    use proptest::prelude::*;

    fn expressions() -> impl Strategy<Value = Expression> {
        let leaf = prop_oneof![
            Just(Expression::Null),
            any::<bool>().prop_map(Expression::Bool),
            any::<u32>().prop_map(|n| Expression::Number(Number::from(n))),
            any::<String>().prop_map(Expression::String),
            r#"[$%{}\\"a-z\n\t ]{0,12}"#.prop_map(Expression::String),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let entries = proptest::collection::btree_map("[a-z:./$%{\"\\\\]{0,6}", inner.clone(), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Expression::Array),
                entries.prop_map(|map| Expression::Object(
                    map.into_iter()
                        .map(|(key, value)| (ObjectKey::Expression(Expression::String(key)), value))
                        .collect::<Object<_, _>>()
                )),
            ]
        })
    }

    fn bodies() -> impl Strategy<Value = Body> {
        let attribute = ("[a-z][a-z0-9_-]{0,8}", expressions())
            .prop_map(|(key, expr)| Structure::Attribute(Attribute { key: Identifier::new(key).unwrap(), expr }));
        let body = proptest::collection::vec(attribute, 0..6).prop_map(distinct);
        body.prop_recursive(2, 12, 3, |inner| {
            let block = ("[a-z]{1,6}", proptest::collection::vec("[a-z.\" -]{0,6}", 0..2), inner.clone()).prop_map(
                |(name, labels, body)| {
                    Structure::Block(Block {
                        identifier: Identifier::new(name).unwrap(),
                        labels: labels.into_iter().map(BlockLabel::String).collect(),
                        body,
                    })
                },
            );
            (inner, proptest::collection::vec(block, 0..3))
                .prop_map(|(body, blocks)| Body(body.0.into_iter().chain(blocks).collect()))
        })
    }

    fn distinct(structures: Vec<Structure>) -> Body {
        let mut seen = std::collections::BTreeSet::new();
        let key = |s: &Structure| s.as_attribute().map(|a| a.key.to_string());
        Body(structures.into_iter().filter(|s| seen.insert(key(s))).collect())
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same(body in bodies()) {
            let text = file(&body);
            let read = hcl::parse(&text);
            prop_assert!(read.is_ok(), "{text}\n{read:?}");
            prop_assert_eq!(read.unwrap(), body, "{}", text);
        }

        #[test]
        fn strings_never_become_templates(text in r#"[$%{}\\"a ]{0,16}"#) {
            let read: Expression = expression(&Expression::String(text.clone())).parse().unwrap();
            prop_assert_eq!(read, Expression::String(text));
        }
    }

    #[test]
    fn keys_may_be_longer_than_a_format_string_can_pad() {
        let long = "k".repeat(70_000);
        let entry = |key: &str| (ObjectKey::Expression(Expression::String(key.to_owned())), Expression::Bool(true));
        let body = Body(vec![Structure::Attribute(Attribute {
            key: Identifier::new("tags").unwrap(),
            expr: Expression::Object([entry(&long), entry("k")].into_iter().collect::<Object<_, _>>()),
        })]);
        assert_eq!(hcl::parse(&file(&body)).unwrap(), body);
    }

    #[test]
    fn neighbors_are_aligned_and_maps_end_a_run() {
        let text = r#"resource "aws_vpc" "a" {
  cidr_block         = "172.20.0.0/16"
  enable_dns_support = true
  tags = {
    "Name"                  = "a"
    "kubernetes.io/cluster" = "$${a}"
  }
  vpc_id = aws_vpc.a.id
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  a = [aws_vpc.a.id, "b"]
  b = local.x == "" ? null : tonumber(regex(".*/(\\d+)", local.x)[0])
}
"#;
        assert_eq!(file(&hcl::parse(text).unwrap()), text);
    }
}
