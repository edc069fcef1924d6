//! A pod's specification as Kubernetes' own types write it.
//!
//! kops reads the pods to which it adds a role into those types and writes them back. What is null or empty vanishes,
//! amounts get their one spelling, and every container has `resources`.

use serde_json::{Map, Value, json};

use kopsform_spec::meta::Quantity;

/// Switches that are left out when off. Other booleans are kept as they are: there, off is not the same as unset.
const PLAIN_SWITCHES: [&str; 7] = ["hostNetwork", "hostPID", "hostIPC", "readOnly", "stdin", "stdinOnce", "tty"];
/// Numbers that are left out when zero.
const PLAIN_NUMBERS: [&str; 6] =
    ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold", "hostPort"];
/// Maps of strings, in which an empty string has a meaning.
const TEXT_MAPS: [&str; 3] = ["matchLabels", "nodeSelector", "annotations"];
/// Maps of amounts.
const AMOUNTS: [&str; 2] = ["limits", "requests"];

/// Rewrites the specification in place.
pub(super) fn normalise(pod: &mut Map<String, Value>) {
    clean(pod);
    for key in ["containers", "initContainers"] {
        for container in pod.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(container) = container.as_object_mut() {
                container.entry("resources").or_insert_with(|| json!({}));
            }
        }
    }
}

fn clean(map: &mut Map<String, Value>) {
    let is_host_path = map.contains_key("path");
    if map.contains_key("resource") {
        // A reference to a container's resources always has a divisor.
        let divisor = map.entry("divisor").or_insert_with(|| "0".into());
        *divisor = amount(divisor);
    }
    map.retain(|key, value| match value {
        Value::Null => false,
        Value::Bool(on) => *on || !PLAIN_SWITCHES.contains(&key.as_str()),
        Value::Number(number) => number.as_i64() != Some(0) || !PLAIN_NUMBERS.contains(&key.as_str()),
        // The type of a host path is a pointer: no type and the empty type differ.
        Value::String(text) => !text.is_empty() || (key == "type" && is_host_path),
        Value::Array(items) => {
            for item in items.iter_mut() {
                if let Some(item) = item.as_object_mut() {
                    clean(item);
                }
            }
            !items.is_empty()
        }
        Value::Object(inner) if TEXT_MAPS.contains(&key.as_str()) => !inner.is_empty(),
        Value::Object(inner) if AMOUNTS.contains(&key.as_str()) => {
            for value in inner.values_mut() {
                *value = amount(value);
            }
            !inner.is_empty()
        }
        Value::Object(inner) => {
            clean(inner);
            true
        }
    });
}

/// An amount in its one spelling.
fn amount(value: &Value) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Quantity(text.clone()).canonical().map_or(text, |canonical| canonical.0).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_says_nothing_vanishes() {
        let mut pod = json!({
            "nodeSelector": null,
            "hostNetwork": false,
            "automountServiceAccountToken": false,
            "tolerations": [],
            "securityContext": {},
            "containers": [
                { "name": "a", "command": null, "readinessProbe": { "initialDelaySeconds": 0, "periodSeconds": 5 } },
                { "name": "b", "resources": { "requests": { "cpu": 1, "memory": "1024Mi" }, "limits": {} } },
            ],
            "volumes": [{ "name": "x", "hostPath": { "path": "/x", "type": "" } }, { "name": "y", "emptyDir": {} }],
        });
        normalise(pod.as_object_mut().unwrap());
        assert_eq!(
            pod,
            json!({
                "automountServiceAccountToken": false,
                "securityContext": {},
                "containers": [
                    { "name": "a", "readinessProbe": { "periodSeconds": 5 }, "resources": {} },
                    { "name": "b", "resources": { "requests": { "cpu": "1", "memory": "1Gi" } } },
                ],
                "volumes": [{ "name": "x", "hostPath": { "path": "/x", "type": "" } }, { "name": "y", "emptyDir": {} }],
            })
        );
    }
}
