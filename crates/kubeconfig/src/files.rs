//! The files kubectl reads, merged.

use std::io;
use std::path::PathBuf;

use serde_json::Value;
use zeroize::Zeroizing;

use kopsform_env::{self as env, Environment};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// The files kubectl reads, in order: those of `KUBECONFIG`, else `~/.kube/config`.
pub fn paths(environment: &Environment) -> Vec<PathBuf> {
    if let Some(list) = environment.get(env::KUBECONFIG) {
        return std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect();
    }
    environment.get(env::HOME).map(|home| PathBuf::from(home).join(".kube/config")).into_iter().collect()
}

/// The contents of the files, without those that do not exist or are empty.
fn contents(environment: &Environment) -> Result<Vec<Value>, String> {
    let mut files = Vec::new();
    for path in paths(environment) {
        let text = match read_text_bounded(&path, TEXT_LIMIT) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("error reading kubecfg {}: {}", path.display(), io::Error::from(error))),
        };
        if text.trim().is_empty() {
            continue;
        }
        let shown = path.display().to_string();
        // The report could quote a line of the file, and so a token.
        let value: Value =
            kopsform_yaml::from_str(&shown, &text).map_err(|_| format!("error reading kubecfg {shown}"))?;
        files.push(value);
    }
    Ok(files)
}

/// Whether there is a context of a name; also true where the files cannot be read.
pub fn has_context(environment: &Environment, name: &str) -> bool {
    contents(environment).map_or(true, |files| files.iter().any(|file| named(file, "contexts", name).is_some()))
}

/// The cluster of the current context; `None` when there is no configuration at all. The error says what is missing.
pub fn current_cluster(environment: &Environment) -> Result<Option<String>, String> {
    let files = contents(environment)?;
    if files.is_empty() {
        return Ok(None);
    }
    // The first file that names one counts, as in client-go.
    let current = files.iter().filter_map(|file| file.get("current-context")?.as_str()).find(|name| !name.is_empty());
    let Some(current) = current else { return Err("no context set in kubecfg".to_owned()) };
    let context = files.iter().find_map(|file| named(file, "contexts", current)?.get("context"));
    let Some(context) = context else { return Err(format!("context {current:?} in kubecfg not found")) };
    match context.get("cluster").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        Some(cluster) => Ok(Some(cluster.to_owned())),
        None => Err(format!("context {current:?} in kubecfg did not have a cluster")),
    }
}

/// The entry of a name in one of the lists of a file.
pub(super) fn named<'a>(file: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    file.get(list)?.as_array()?.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
}
