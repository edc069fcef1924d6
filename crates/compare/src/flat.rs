//! The arguments of a block by path.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::path::{Path, Segment};
use crate::tree::single_key;

/// Leaves by path; lists of plain values are leaves.
pub(crate) fn attributes(value: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    flatten(&Path::default(), value, &mut found);
    found
}

fn flatten(path: &Path, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(entries) if !entries.is_empty() || path.0.is_empty() => {
            for (name, entry) in entries {
                flatten(&path.field(name), entry, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            if let [only] = items.as_slice() {
                return flatten(path, only, found);
            }
            let key = single_key(items);
            for (i, item) in items.iter().enumerate() {
                let segment = match key.and_then(|key| item.get(key)) {
                    Some(Value::String(name)) => Segment::Key(name.clone()),
                    Some(other) => Segment::Key(other.to_string()),
                    None => Segment::Index(i),
                };
                flatten(&path.with(segment), item, found);
            }
        }
        other => {
            found.insert(path.to_string(), other.clone());
        }
    }
}
