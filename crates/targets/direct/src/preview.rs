//! A plan for users, in the shape of kops' previews.

use std::fmt::Write as _;

use crate::diff::{Action, Change, FieldChange, Plan};
use crate::found::When;
use crate::ids::Ids;
use crate::text_diff;
use crate::value::Value;

/// Columns of a field's name, or of a deleted item's kind.
const WIDTH: usize = 20;

/// The plan: what is created, what is modified, what is deleted with `--prune` only, and what is deleted with any update. Each
/// part is sorted by kind and name.
pub fn print(plan: &Plan) -> String {
    let ids = plan.ids();
    let mut out = String::new();
    // What is deleted because its task is switched off counts as a modification, as in kops.
    let modified: Vec<&Change> = plan.changes.values().filter(|change| change.action != Action::Create).collect();
    let created: Vec<&Change> = plan.of(&Action::Create).collect();
    for (heading, changes) in [("Will create resources:", created), ("Will modify resources:", modified)] {
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{heading}");
        for change in changes {
            let _ = writeln!(out, "  {}", change.task.id);
            change.fields.iter().for_each(|field| write_field(&mut out, field, &ids));
            out.push('\n');
        }
    }
    for (heading, when) in
        [("Will delete items, only with --prune:", When::Pruned), ("Will delete items with this update:", When::Now)]
    {
        let mut items = plan.deleted(when).peekable();
        if items.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "{heading}");
        for item in items {
            let _ = writeln!(out, "  {:WIDTH$} {}", item.kind, item.item);
        }
        out.push('\n');
    }
    out
}

fn write_field(out: &mut String, field: &FieldChange, ids: &Ids) {
    let name = field.name;
    let mut line = |text: &str| {
        let _ = writeln!(out, "  \t{name:WIDTH$}\t{text}");
    };
    match (&field.from, &field.to) {
        // Documents are long, and all new.
        (None, Value::Document(_) | Value::Json(_) | Value::Script(_) | Value::Scripts(_)) => {}
        (None, to) => line(&shown(to, ids)),
        (Some(from), to) => match (text_of(from), text_of(to)) {
            (Some(from), Some(to)) => {
                let (from, to) = kopsform_compare::shown_documents(Some(&from), &to);
                let from = from.unwrap_or_default();
                line("");
                for changed in text_diff::lines(&from, &to) {
                    let _ = writeln!(out, "  \t{:WIDTH$}\t  {changed}", "");
                }
            }
            _ => line(&format!("{} -> {}", shown(from, ids), shown(to, ids))),
        },
    }
}

/// The lines of a document; `None` for other values.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Document(text) | Value::Script(text) => Some(text.clone()),
        Value::Scripts(scripts) => Some(scripts.iter().map(|(key, script)| format!("{key}: {script}\n")).collect()),
        Value::Json(document) => serde_json::to_string_pretty(document).ok(),
        _ => None,
    }
}

/// A value with the names and ids of what it refers to.
fn shown(value: &Value, ids: &Ids) -> String {
    match value {
        Value::Reference(reference) => match ids.get(&reference.task, reference.attribute) {
            Some(id) => format!("name:{} id:{id}", reference.task.name),
            None => value.to_string(),
        },
        Value::List(items) | Value::Set(items) | Value::Includes(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, ids)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Subnetwork(_) => value.resolve(ids).to_string(),
        other => other.to_string(),
    }
}
