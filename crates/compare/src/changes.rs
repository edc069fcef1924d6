//! Differences between two versions of one object, as users edit them: field by field with positions in lists, and as a unified
//! diff.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::path::Path;
use crate::tree::{self, Leaf, ListRule, Rules};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The field, `spec.subnets[1].cidr`; empty for the object itself.
    pub path: String,
    /// The old value; absent for a new field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The new value; absent for a removed field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// `spec.maxSize: 3 → 5`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the object" } else { &self.path };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{path}: {before} → {after}"),
            (None, Some(after)) => write!(f, "{path}: added {after}"),
            (Some(_), None) => write!(f, "{path}: removed"),
            (None, None) => write!(f, "{path}"),
        }
    }
}

/// The fields that differ, in the order of their names.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let found = tree::diff(before, after, &FieldRules);
    found.into_iter().map(|d| Change { path: d.path.to_string(), before: d.old, after: d.new }).collect()
}

/// The fields that differ between two YAML documents; `None` is an absent object. Invalid YAML counts as a string, so that no
/// difference is missed.
pub fn changes_of_text(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let value = |text: Option<&str>| {
        text.map(|text| {
            let parsed = kopsform_yaml::parse("", text);
            match parsed.documents.as_slice() {
                [document] if !parsed.report.has_errors() => document.root.to_json(),
                _ => Value::String(text.to_owned()),
            }
        })
    };
    match (value(before), value(after)) {
        (None, None) => Vec::new(),
        (Some(before), Some(after)) => changes(&before, &after),
        (before, after) => vec![Change { path: String::new(), before, after }],
    }
}

/// Users know a list by the positions of its items in the file.
struct FieldRules;

impl Rules for FieldRules {
    fn list(&self, _path: &Path) -> ListRule {
        ListRule::Positional
    }

    fn leaf(&self, _path: &Path, _old: &Value, _new: &Value) -> Leaf {
        Leaf::Different
    }
}

/// A unified diff with three lines of context, under the given names.
pub fn unified_diff(before_name: &str, before: &str, after_name: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(before_name, after_name)
        .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_is_named_with_its_path() {
        let before = json!({"spec": {"maxSize": 3, "subnets": ["a", "b"], "image": "x"}});
        let after = json!({"spec": {"maxSize": 5, "subnets": ["a"], "role": "Node", "image": "x"}});
        let found: Vec<String> = changes(&before, &after).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["spec.maxSize: 3 → 5", "spec.role: added \"Node\"", "spec.subnets[1]: removed"]);
        assert!(changes(&after, &after).is_empty());
    }

    #[test]
    fn documents_are_compared_by_meaning() {
        assert!(changes_of_text(Some("a: 1\nb: 2\n"), Some("b: 2\na: 1 # same\n")).is_empty());
        assert_eq!(changes_of_text(Some("a: 1\n"), None).len(), 1);
        assert_eq!(changes_of_text(Some("a: ["), Some("a: {")).len(), 1);
    }
}
