//! References to attributes of resources in expressions.

use serde_json::Value;

/// A reference to an attribute of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `aws_vpc.main`, `aws_subnet.all["a"]`.
    pub address: String,
    /// `id`.
    pub attribute: String,
}

/// The references in a value, in the order in which they are written. A value without `${` has none.
pub fn references(value: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Reference>) {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, after)) = rest.split_once("${") {
                let expression = after.split('}').next().unwrap_or_default();
                scan(expression, found);
                rest = after;
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
        _ => {}
    }
}

/// Finds `type.name.attribute` and `type.name["key"].attribute` in an expression.
fn scan(expression: &str, found: &mut Vec<Reference>) {
    let mut rest = expression;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_name(c) && c != '.').unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        let mut parts = token.split('.');
        // Data sources, locals and variables are read, never changed.
        if let (Some(kind), Some(name), attribute, None) = (parts.next(), parts.next(), parts.next(), parts.next())
            && !name.is_empty()
            && kind.contains('_')
        {
            match attribute {
                Some(attribute) if !attribute.is_empty() => {
                    found.push(Reference { address: format!("{kind}.{name}"), attribute: attribute.to_owned() });
                }
                None => found.extend(indexed(&format!("{kind}.{name}"), after)),
                Some(_) => {}
            }
        }
        let skipped = after.chars().next().map_or(0, char::len_utf8);
        rest = &after[skipped..];
    }
}

/// A reference that goes on with `["key"].attribute`.
fn indexed(address: &str, rest: &str) -> Option<Reference> {
    let (key, rest) = rest.strip_prefix('[')?.split_once("].")?;
    let attribute: String = rest.chars().take_while(|c| is_name(*c)).collect();
    (!attribute.is_empty()).then(|| Reference { address: format!("{address}[{key}]"), attribute })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_found_in_any_expression() {
        let found = |value: Value| -> Vec<String> {
            references(&value).into_iter().map(|r| format!("{}/{}", r.address, r.attribute)).collect()
        };
        assert_eq!(found(json!("${aws_vpc.a-b.id}")), ["aws_vpc.a-b/id"]);
        assert_eq!(found(json!(["x", "${aws_lb.a.arn}", {"y": "${aws_lb.b.arn}"}])), ["aws_lb.a/arn", "aws_lb.b/arn"]);
        assert_eq!(found(json!("a-${aws_eip.x.id}-${f(aws_eip.y.id, 1)}")), ["aws_eip.x/id", "aws_eip.y/id"]);
        assert_eq!(found(json!("${aws_subnet.all[\"a.b\"].id}")), ["aws_subnet.all[\"a.b\"]/id"]);
        assert!(found(json!("aws_vpc.main.id")).is_empty());
        assert!(found(json!("${data.aws_vpc.main.id}")).is_empty());
        assert!(found(json!("${local.vpc_id}${aws_vpc}${}${aws_a.b}${é.")).is_empty());
    }
}
