//! Errors of defaults as findings, with the field they are about.

use kopsform_diagnostics::{Explain as _, Finding, Rule};
use kopsform_model::defaults::DefaultsError;

/// The finding of an error about specs of a cluster; its path is empty if the error names no field.
pub fn finding_of(error: &DefaultsError, cluster: &str) -> Finding {
    let (group, path) = error.field().unwrap_or_default();
    let text = error.to_string();
    let object = match group {
        Some(group) => format!("InstanceGroup/{group}"),
        None => format!("Cluster/{cluster}"),
    };
    let message = text.strip_prefix(&format!("{object}: ")).unwrap_or(&text);
    let message = message.strip_prefix(&format!("{path}: ")).unwrap_or(message);
    let mut finding = Finding::error(Rule::RefusedByUpdate, path, message).object(object);
    finding.hint = error.hints().into_iter().next();
    finding
}
