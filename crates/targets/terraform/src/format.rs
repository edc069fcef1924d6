//! Printed HCL, in the one form that `terraform fmt` leaves alone.
//!
//! Two spaces a level. Neighbouring arguments of one line each have their `=` below one another; a block or an
//! argument of several lines ends such a run. A list is on one line unless it contains a
//! map; a map has a line for each entry.

use hcl::expr::{Expression, ObjectKey, Operation, TemplateExpr, TraversalOperator};
use hcl::structure::{Block, BlockLabel, Body, Structure};

/// Prints a whole file: a blank line before every block but the first.
pub fn file(body: &Body) -> String {
    let mut printer = Printer::default();
    printer.body(body, 0);
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

#[derive(Default)]
struct Printer {
    text: String,
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
        let mut structures = body.0.as_slice();
        while let Some(first) = structures.first() {
            let run = structures.iter().take_while(|s| is_one_line(s)).count();
            if run > 0 {
                let (lines, rest) = structures.split_at(run);
                self.aligned(lines, level);
                structures = rest;
                continue;
            }
            match first {
                Structure::Attribute(attribute) => {
                    self.indent(level);
                    self.text.push_str(&attribute.key);
                    self.text.push_str(" = ");
                    self.expression(&attribute.expr, level);
                    self.text.push('\n');
                }
                Structure::Block(block) => {
                    if level == 0 && !self.text.is_empty() {
                        self.text.push('\n');
                    }
                    self.block(block, level);
                }
            }
            structures = &structures[1..];
        }
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
        self.body(&block.body, level + 1);
        self.indent(level);
        self.text.push_str("}\n");
    }

    fn expression(&mut self, expression: &Expression, level: usize) {
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
            Expression::Array(items) if spans_lines(expression) => self.long_array(items, level),
            Expression::Array(items) => {
                self.text.push('[');
                self.list(items, level);
                self.text.push(']');
            }
            Expression::Object(object) if object.is_empty() => self.text.push_str("{}"),
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
                self.list(&call.args, level);
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
            other => self.text.push_str(&other.to_string()),
        }
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

    fn list(&mut self, items: &[Expression], level: usize) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.expression(item, level);
        }
    }

    fn long_array(&mut self, items: &[Expression], level: usize) {
        self.text.push_str("[\n");
        for item in items {
            self.indent(level + 1);
            self.expression(item, level + 1);
            self.text.push_str(",\n");
        }
        self.indent(level);
        self.text.push(']');
    }

    fn object(&mut self, entries: &[(&ObjectKey, &Expression)], level: usize) {
        let keys: Vec<String> = entries.iter().map(|(key, _)| object_key(key)).collect();
        self.text.push_str("{\n");
        let mut next = 0;
        while next < entries.len() {
            let run = entries[next..].iter().take_while(|(_, value)| !spans_lines(value)).count();
            let end = next + run.max(1);
            let width = match run {
                0 => 0,
                _ => keys[next..end].iter().map(|key| key.chars().count()).max().unwrap_or_default(),
            };
            for (key, (_, value)) in keys[next..end].iter().zip(&entries[next..end]) {
                self.indent(level + 1);
                self.key(key, width);
                self.expression(value, level + 1);
                self.text.push('\n');
            }
            next = end;
        }
        self.indent(level);
        self.text.push('}');
    }
}

fn object_key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Identifier(identifier) => identifier.to_string(),
        ObjectKey::Expression(Expression::String(text)) => format!("\"{}\"", escape(text)),
        ObjectKey::Expression(inner) => expression(inner),
        other => other.to_string(),
    }
}

fn is_one_line(structure: &Structure) -> bool {
    structure.as_attribute().is_some_and(|attribute| !spans_lines(&attribute.expr))
}

/// Whether an expression takes more than one line: it has a map with entries in it.
fn spans_lines(expression: &Expression) -> bool {
    match expression {
        Expression::Object(object) => !object.is_empty(),
        Expression::Array(items) => items.iter().any(spans_lines),
        Expression::FuncCall(call) => call.args.iter().any(spans_lines),
        Expression::Parenthesis(inner) => spans_lines(inner),
        Expression::Traversal(traversal) => spans_lines(&traversal.expr),
        Expression::Conditional(conditional) => {
            [&conditional.cond_expr, &conditional.true_expr, &conditional.false_expr].into_iter().any(spans_lines)
        }
        Expression::Operation(operation) => match operation.as_ref() {
            Operation::Unary(unary) => spans_lines(&unary.expr),
            Operation::Binary(binary) => spans_lines(&binary.lhs_expr) || spans_lines(&binary.rhs_expr),
        },
        Expression::TemplateExpr(template) => matches!(template.as_ref(), TemplateExpr::Heredoc(_)),
        Expression::ForExpr(_) => expression.to_string().contains('\n'),
        _ => false,
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
    fn neighbours_are_aligned_and_maps_end_a_run() {
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
