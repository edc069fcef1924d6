//! A plan for programs: JSON with stable names.

use serde_json::{Map, Value as Json, json};

use crate::diff::{Action, Change, Plan};
use crate::found::When;
use crate::value::Value;

/// The plan as JSON:
///
/// - `create`: objects with `task` (`VPC/a.example.com`), `kind`, `name` and `fields`, by name;
/// - `modify`: the same, where each field has `from` and `to`;
/// - `delete`: objects with `kind`, `item` and `when`: `update`, or `prune` for what only `--prune` deletes;
/// - `warnings`: strings.
///
/// A value that the cloud has not given yet is an object with `unknown`: the task that it comes from. Documents are strings.
pub fn json(plan: &Plan) -> Json {
    let modified = plan.changes.values().filter(|change| change.action != Action::Create);
    let deletions = plan.deletions.iter().map(|deletion| {
        let when = match deletion.when {
            When::Now => "update",
            When::Pruned => "prune",
        };
        json!({"kind": deletion.kind, "item": deletion.item, "when": when})
    });
    json!({
        "create": plan.of(&Action::Create).map(change).collect::<Vec<_>>(),
        "modify": modified.map(change).collect::<Vec<_>>(),
        "delete": deletions.collect::<Vec<_>>(),
        "warnings": plan.warnings,
    })
}

fn change(change: &Change) -> Json {
    let id = &change.task.id;
    let fields: Map<String, Json> = change
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), field_change(field.from.as_ref(), &field.to)))
        .collect();
    json!({"task": id.to_string(), "kind": id.kind.as_str(), "name": id.name, "fields": fields})
}

/// Both values of a field, or the one that it gets. Documents are shown without secrets.
fn field_change(from: Option<&Value>, to: &Value) -> Json {
    let text = |value: &Value| match value {
        Value::Document(text) | Value::Script(text) => Some(text.clone()),
        _ => None,
    };
    let (from, to) = match text(to) {
        Some(new) => {
            let old = from.and_then(text);
            let (old, new) = kopsform_compare::shown_documents(old.as_deref(), &new);
            (from.map(|from| old.map_or_else(|| value(from), Json::from)), Json::from(new))
        }
        None => (from.map(value), value(to)),
    };
    match from {
        None => to,
        Some(from) => json!({"from": from, "to": to}),
    }
}

fn value(of: &Value) -> Json {
    match of {
        Value::Absent => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Number(value) => json!(value),
        Value::Text(text) | Value::Document(text) | Value::Script(text) => json!(text),
        Value::Json(document) => document.clone(),
        Value::List(items) | Value::Set(items) | Value::Includes(items) => items.iter().map(value).collect(),
        Value::Map(map) | Value::TagsOfInterest(map) | Value::Scripts(map) => json!(map),
        Value::Reference(reference) => json!({"unknown": reference.task.to_string()}),
        Value::Subnetwork(part) => json!({"unknown": part.network.task.to_string()}),
    }
}
