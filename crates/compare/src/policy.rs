//! IAM policies: statements have no order, and a single value is a list of one.

use serde_json::{Map, Value};

use crate::path::{Path, Segment};
use crate::tree::{self, Difference, Leaf, ListRule, Rules};

/// Whether a document is a policy: it has statements, each with an effect.
pub(crate) fn is_policy(document: &Value) -> bool {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().all(|statement| statement.get("Effect").is_some()),
        Some(statement) => statement.get("Effect").is_some(),
        None => false,
    }
}

/// The differences, and whether each is within a statement that denies.
pub(crate) fn diff(old: &Value, new: &Value) -> Vec<(Difference, bool)> {
    let (old, new) = (normal(old), normal(new));
    let found = tree::diff(&old, &new, &PolicyRules).into_iter();
    found
        .map(|difference| {
            let denies = denies(&old, &difference.path);
            (difference, denies)
        })
        .collect()
}

/// Whether the statement that a path leads into denies. Paths count statements as in the old version.
fn denies(policy: &Value, path: &Path) -> bool {
    let statements = policy.get("Statement").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let statement = match path.0.get(1) {
        Some(Segment::Index(index)) => statements.get(*index),
        Some(Segment::Key(sid)) => statements.iter().find(|s| s.get("Sid").is_some_and(|known| known == sid.as_str())),
        _ => statements.first(),
    };
    statement.and_then(|statement| statement.get("Effect")).is_some_and(|effect| effect == "Deny")
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
        let (found, denies) = &found[0];
        assert_eq!((found.path.to_string().as_str(), &found.old), ("Statement[1].Action", &Some(json!("a:X"))));
        assert_eq!((&found.new, *denies), (&None, false));
    }
}
