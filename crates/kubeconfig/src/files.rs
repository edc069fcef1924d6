//! Reading the kubeconfig files that kubectl reads.

use std::path::PathBuf;

use serde_json::Value;

use kopsform_env::{self as env, Environment};

/// The files kubectl reads, in order: those of `KUBECONFIG`, else `~/.kube/config`.
pub fn paths(environment: &Environment) -> Vec<PathBuf> {
    if let Some(list) = environment.get(env::KUBECONFIG) {
        return std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect();
    }
    environment.get(env::HOME).map(|home| PathBuf::from(home).join(".kube/config")).into_iter().collect()
}

/// The content of the files; missing and empty ones are skipped.
fn contents(environment: &Environment) -> Result<Vec<Value>, String> {
    let mut files = Vec::new();
    for path in paths(environment) {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("error reading kubecfg {}: {error}", path.display())),
        };
        if text.trim().is_empty() {
            continue;
        }
        let shown = path.display().to_string();
        // The parse error could quote a line of the file, and so a token.
        let value: Value =
            kopsform_yaml::from_str(&shown, &text).map_err(|_| format!("error reading kubecfg {shown}"))?;
        files.push(value);
    }
    Ok(files)
}

/// Whether a context of that name exists. Unreadable files count as having it.
pub fn has_context(environment: &Environment, name: &str) -> bool {
    contents(environment).map_or(true, |files| files.iter().any(|file| named(file, "contexts", name).is_some()))
}

/// The cluster of the current context; `None` when there is no kubeconfig at all.
///
/// # Errors
/// What is missing or unreadable.
pub fn current_cluster(environment: &Environment) -> Result<Option<String>, String> {
    let files = contents(environment)?;
    if files.is_empty() {
        return Ok(None);
    }
    // The first file that sets it takes precedence.
    let current = files.iter().filter_map(|file| file.get("current-context")?.as_str()).find(|name| !name.is_empty());
    let Some(current) = current else { return Err("no context set in kubecfg".to_owned()) };
    let context = files.iter().find_map(|file| named(file, "contexts", current)?.get("context"));
    let Some(context) = context else { return Err(format!("context {current:?} in kubecfg not found")) };
    match context.get("cluster").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        Some(cluster) => Ok(Some(cluster.to_owned())),
        None => Err(format!("context {current:?} in kubecfg did not have a cluster")),
    }
}

/// The entry of that name in one of the lists of a file.
pub(super) fn named<'a>(file: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    file.get(list)?.as_array()?.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
}
