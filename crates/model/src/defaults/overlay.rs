//! Overlaying what the user wrote over what was filled in.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// `base` with every field that `top` sets. Fields that are empty in `top` do not count as set.
///
/// Objects merge field by field. So do objects in lists, by index; the list then has the length of `top`'s.
pub(crate) fn overlay<T: Serialize + DeserializeOwned>(base: &T, top: &T) -> Result<T, serde_json::Error> {
    let mut merged = serde_json::to_value(base)?;
    merge(&mut merged, serde_json::to_value(top)?);
    serde_json::from_value(merged)
}

fn merge(base: &mut Value, top: Value) {
    match (base, top) {
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(top)) => {
            base.resize(top.len(), Value::Null);
            for (base, top) in base.iter_mut().zip(top) {
                merge(base, top);
            }
        }
        (base, top) => *base = top,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(mut base: Value, top: Value) -> Value {
        merge(&mut base, top);
        base
    }

    #[test]
    fn lists_of_objects_merge_by_place_and_take_the_upper_length() {
        let base = json!({"etcd": [{"name": "main", "version": "3.6"}, {"name": "old"}], "zones": ["a", "b"]});
        let top = json!({"etcd": [{"name": "main", "cpu": "1"}], "zones": ["c"]});
        let want = json!({"etcd": [{"name": "main", "version": "3.6", "cpu": "1"}], "zones": ["c"]});
        assert_eq!(merged(base, top), want);
    }

    #[test]
    fn nothing_on_top_changes_nothing() {
        let base = json!({"a": {"b": 1}, "c": [1, 2]});
        assert_eq!(merged(base.clone(), json!({})), base);
        assert_eq!(merged(base.clone(), base.clone()), base);
    }
}
