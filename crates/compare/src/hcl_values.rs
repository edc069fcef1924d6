//! HCL as values that can be compared: expressions are `"${…}"` strings, as in Terraform's JSON syntax, and blocks are lists
//! of mappings under their type.

use std::str::FromStr as _;

use hcl::expr::{Expression, FuncCall, ObjectKey, TemplateExpr};
use hcl::structure::{Attribute, Block, Body};
use hcl::template::{Element, Template};
use serde_json::{Map, Value};

/// The arguments and nested blocks of a body. Labels of nested blocks become fields of their values.
pub(crate) fn body(body: &Body) -> Map<String, Value> {
    let mut fields = Map::new();
    for Attribute { key, expr } in body.attributes() {
        fields.insert(key.as_str().to_owned(), value(expr));
    }
    for block in body.blocks() {
        let below = nested(block);
        match fields.entry(block.identifier()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(blocks) => blocks.push(below),
            // Terraform refuses an argument and a block of one name; both count.
            other => *other = Value::Array(vec![other.take(), below]),
        }
    }
    fields
}

fn nested(block: &Block) -> Value {
    let mut fields = body(block.body());
    for label in block.labels().iter().rev() {
        fields = Map::from_iter([(label.as_str().to_owned(), Value::Object(fields))]);
    }
    Value::Object(fields)
}

/// The value of an expression.
pub(crate) fn value(expression: &Expression) -> Value {
    match expression {
        Expression::Null => Value::Null,
        Expression::Bool(value) => Value::Bool(*value),
        Expression::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_u64().map(Value::from))
            .or_else(|| number.as_f64().map(Value::from))
            .unwrap_or_else(|| Value::from(number.to_string())),
        Expression::String(text) => Value::from(text.replace("${", "$${").replace("%{", "%%{")),
        Expression::Array(items) => Value::Array(items.iter().map(value).collect()),
        Expression::Object(entries) => {
            Value::Object(entries.iter().map(|(key, entry)| (object_key(key), value(entry))).collect())
        }
        Expression::TemplateExpr(template) => Value::from(template_text(template)),
        Expression::Parenthesis(inner) => value(inner),
        Expression::FuncCall(call) if is(call, "jsonencode") => match call.args.as_slice() {
            [argument] => Value::Object(Map::from_iter([(JSONENCODE.to_owned(), value(argument))])),
            _ => written(expression),
        },
        other => written(other),
    }
}

/// The only field of the value of `jsonencode(…)`; the field's value is that of the argument.
pub(crate) const JSONENCODE: &str = "jsonencode()";

fn is(call: &FuncCall, name: &str) -> bool {
    call.name.namespace.is_empty() && call.name.name.as_str() == name && !call.expand_final
}

fn written(expression: &Expression) -> Value {
    Value::from(format!("${{{}}}", one_line(&expression.to_string())))
}

/// The printer breaks objects and lists into lines.
fn one_line(text: &str) -> String {
    if !text.contains('\n') || text.contains("<<") {
        return text.to_owned();
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn object_key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Identifier(name) => name.as_str().to_owned(),
        ObjectKey::Expression(key) => match value(key) {
            Value::String(text) => text,
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}

/// A template in one spelling: spaces around what is interpolated do not count, heredocs are strings.
fn template_text(template: &TemplateExpr) -> String {
    let raw = match template {
        TemplateExpr::QuotedString(text) => text.clone(),
        TemplateExpr::Heredoc(heredoc) => dedented(&heredoc.template, heredoc.strip),
    };
    let Ok(parsed) = Template::from_str(&raw) else { return raw };
    let mut text = String::new();
    for element in parsed.elements() {
        match element {
            Element::Literal(literal) => text.push_str(&literal.replace("${", "$${").replace("%{", "%%{")),
            Element::Interpolation(part) if part.strip == hcl::template::Strip::None => match value(&part.expr) {
                Value::String(expression) if expression.starts_with("${") && expression.ends_with('}') => {
                    text.push_str(&expression);
                }
                _ => text.push_str(&format!("${{{}}}", one_line(&part.expr.to_string()))),
            },
            // Directives, and interpolation that strips the white space around it.
            _ => return raw,
        }
    }
    text
}

/// `<<-`: the least indentation of all lines is not part of the text.
fn dedented(text: &str, strip: hcl::expr::HeredocStripMode) -> String {
    if strip == hcl::expr::HeredocStripMode::None {
        return text.to_owned();
    }
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let least = text.lines().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or_default();
    let lines: Vec<&str> = text.split('\n').map(|line| line.get(least..).unwrap_or_default()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        Value::Object(body(&hcl::parse(text).unwrap()))
    }

    #[test]
    fn formatting_and_spelling_are_not_part_of_a_value() {
        let a = read("a = [1,\"x\"]\nb = \"${ var.x }-y\"\nc = { \"k\" = var.y[ 0 ] }\ntag {\n key = 1\n}\n");
        let b = read("tag {\n  key = (1)\n}\nc = {\n  k = var.y[0]\n}\nb = \"${var.x}-y\"\na = [\n  1,\n  \"x\",\n]\n");
        assert_eq!(a, b);
        assert_eq!(a["b"], json!("${var.x}-y"));
        assert_eq!(a["tag"], json!([{"key": 1}]));
    }

    #[test]
    fn a_literal_is_not_an_expression() {
        assert_ne!(read(r#"a = "${b}""#), read(r#"a = "$${b}""#));
        assert_eq!(read(r#"a = "${b}""#), read("a = b").as_object().map(|_| read("a = \"${b}\"")).unwrap());
    }

    #[test]
    fn heredocs_are_strings() {
        assert_eq!(read("a = <<-E\n    x\n      y\n  E\n")["a"], json!("x\n  y\n"));
    }
}
