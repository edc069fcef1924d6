//! Node labels and taints, of clusters, groups and kubelets.

use std::collections::{BTreeMap, BTreeSet};

use super::checker::{Checker, Emit};
use crate::formats::{label_key_error, label_value_error};
use kopsform_diagnostics::Rule;

/// Reports node labels that Kubernetes does not accept, with the severity in `emit` where kops checks a group's.
pub(super) fn check_node_labels<'a>(
    cx: &mut Checker<'a>,
    base: &str,
    labels: &BTreeMap<String, String>,
    emit: Emit<'a>,
) {
    for (key, value) in labels {
        let path = || format!("{base}[{key:?}]");
        if key.matches('/').count() > 1 {
            let message = format!("the label {key:?} has more than one slash");
            emit(cx, Rule::BadLabel, path(), (message, "write domain/name").into());
        } else if let Some(error) = label_key_error(key) {
            cx.strict(Rule::BadLabel, path(), (error, "such as example.com/pool"));
        }
        if let Some(error) = label_value_error(value) {
            cx.strict(Rule::BadLabel, path(), (error, "such as general-purpose"));
        }
    }
}

/// Reports duplicate taints, with the severity in `emit`.
pub(super) fn check_taints<'a>(cx: &mut Checker<'a>, base: &str, taints: &[String], emit: Emit<'a>) {
    let (mut seen, mut identities) = (BTreeSet::new(), BTreeSet::new());
    for (i, taint) in taints.iter().enumerate().filter(|(_, taint)| !taint.is_empty()) {
        if !seen.insert(taint) {
            emit(cx, Rule::DuplicateItem, format!("{base}[{i}]"), format!("{taint} is in the list already").into());
            continue;
        }
        let identity = |taint: &str| {
            let (pair, effect) = taint.rsplit_once(':')?;
            Some((pair.split('=').next()?.to_owned(), effect.to_owned()))
        };
        if let Some(own) = identity(taint)
            && !identities.insert(own.clone())
        {
            let message = format!("there is a taint {} with the effect {} already", own.0, own.1);
            cx.strict(Rule::DuplicateItem, format_args!("{base}[{i}]"), message);
        }
    }
}
