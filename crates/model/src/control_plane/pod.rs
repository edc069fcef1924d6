//! Parts of pods that several manifests share.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Environment variables as a container lists them.
pub(super) fn variables(environment: BTreeMap<String, String>) -> Vec<Value> {
    environment.into_iter().map(|(name, value)| variable(&name, &value)).collect()
}

/// One environment variable; an empty value is left out, as Kubernetes does.
pub(super) fn variable(name: &str, value: &str) -> Value {
    if value.is_empty() { json!({"name": name}) } else { json!({"name": name, "value": value}) }
}

/// A path of the host, made if need be as `kind` says.
pub(super) fn host_path(name: &str, path: &str, kind: &str) -> Value {
    json!({"name": name, "hostPath": {"path": path, "type": kind}})
}

/// The toleration of pods that must run even where nothing else may.
pub(super) fn critical() -> Value {
    json!([{"key": "CriticalAddonsOnly", "operator": "Exists"}])
}
