//! IAM policies: statements have no order, and a single value is a list of one.

use serde_json::{Map, Value};

use crate::path::Path;
use crate::tree::{self, Difference, Leaf, ListRule, Rules};

/// Whether a document is a policy: it has statements, each with an effect.
pub(crate) fn is_policy(document: &Value) -> bool {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().all(|statement| statement.get("Effect").is_some()),
        Some(statement) => statement.get("Effect").is_some(),
        None => false,
    }
}

pub(crate) fn diff(old: &Value, new: &Value) -> Vec<Difference> {
    tree::diff(&normal(old), &normal(new), &PolicyRules)
}

/// A policy whose values are all lists where lists are allowed.
fn normal(document: &Value) -> Value {
    let Value::Object(fields) = document else { return document.clone() };
    let fields = fields.iter().map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("Statement", Value::Array(statements)) => Value::Array(statements.iter().map(statement).collect()),
            ("Statement", single) => Value::Array(vec![statement(single)]),
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn statement(statement: &Value) -> Value {
    let Value::Object(fields) = statement else { return statement.clone() };
    let fields = fields.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => list(value),
            // `"*"` is everyone, `{"AWS": […]}` the named ones.
            "Principal" | "NotPrincipal" => each(value, &list),
            "Condition" => each(value, &|keys| each(keys, &list)),
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn list(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => value.clone(),
        // `true` and `"true"` are the same condition.
        Value::Bool(value) => Value::Array(vec![Value::from(value.to_string())]),
        single => Value::Array(vec![single.clone()]),
    }
}

fn each(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(name, entry)| (name.clone(), change(entry))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

struct PolicyRules;

impl Rules for PolicyRules {
    fn list(&self, _path: &Path) -> ListRule {
        ListRule::Set
    }

    fn leaf(&self, _path: &Path, _old: &Value, _new: &Value) -> Leaf {
        Leaf::Different
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_single_values_do_not_count() {
        let a = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["a:X", "a:Y"], "Resource": "*"},
            {"Effect": "Allow", "Action": "b:Z", "Resource": ["r"], "Condition": {"StringEquals": {"k": "v"}}},
        ]});
        let b = json!({"Statement": [
            {"Effect": "Allow", "Action": ["b:Z"], "Resource": "r", "Condition": {"StringEquals": {"k": ["v"]}}},
            {"Resource": ["*"], "Effect": "Allow", "Action": ["a:Y", "a:X"]},
        ], "Version": "2012-10-17"});
        assert_eq!(diff(&a, &b), []);
    }

    #[test]
    fn an_action_is_found_with_its_statement() {
        let policy = |actions: &[&str]| {
            json!({"Statement": [
                {"Effect": "Allow", "Action": "x:Other", "Resource": "*"},
                {"Effect": "Allow", "Action": actions, "Resource": "*"},
            ]})
        };
        let found = diff(&policy(&["a:X", "a:Y"]), &policy(&["a:Y"]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.to_string().as_str(), &found[0].old), ("Statement[1].Action", &Some(json!("a:X"))));
        assert_eq!(found[0].new, None);
    }
}
