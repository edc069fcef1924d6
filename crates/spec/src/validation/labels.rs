//! Node labels, taints and cloud labels, of clusters, groups and kubelets.

use std::collections::{BTreeMap, BTreeSet};

use super::checker::{Checker, Emit};
use crate::formats::{label_key_error, label_value_error};
use crate::labels::{CLUSTER_TAG_PREFIX, INSTANCE_GROUP, KOPS_PREFIX, KUBERNETES_CLUSTER, ROLE_TAG_PREFIX};
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

/// The object whose cloud labels are checked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tagged<'a> {
    /// An instance group, by name.
    Group(&'a str),
    /// A cluster that may be new: kops accepts tags that it sets itself, and overwrites them.
    Cluster,
    /// A cluster in the state store: kops refuses them.
    StoredCluster,
}

/// Reports cloud labels that kops sets itself, or that AWS does not accept as tags.
pub(super) fn check_cloud_labels(cx: &mut Checker<'_>, labels: &BTreeMap<String, String>, of: Tagged<'_>) {
    for (key, value) in labels {
        let path = || format!("spec.cloudLabels[{key:?}]");
        if let (INSTANCE_GROUP, Tagged::Group(group)) = (key.as_str(), of) {
            if value != group {
                let message = format!("the tag {key} is {value}, not the name of the group");
                cx.error(Rule::ReservedLabel, path(), (message, format!("remove it, or write {group}")));
            }
            continue;
        }
        let reserved = matches!(key.as_str(), "Name" | KUBERNETES_CLUSTER)
            || [CLUSTER_TAG_PREFIX, ROLE_TAG_PREFIX, KOPS_PREFIX].iter().any(|prefix| key.starts_with(prefix));
        if reserved {
            let note = (format!("the tag {key} is set by kops"), "remove it");
            match of {
                // Some instances would have two roles; kops reports it only at the next update.
                Tagged::Cluster if key.starts_with(ROLE_TAG_PREFIX) => cx.error(Rule::ReservedLabel, path(), note),
                Tagged::Cluster => cx.strict(Rule::ReservedLabel, path(), note),
                Tagged::Group(_) | Tagged::StoredCluster => cx.error(Rule::ReservedLabel, path(), note),
            }
        } else if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 || key.starts_with("aws:")
        {
            let message = format!("{key:?} is not a tag that AWS accepts");
            cx.strict(
                Rule::BadLabel,
                path(),
                (message, "up to 128 characters, values up to 256, and not starting with aws:"),
            );
        }
    }
}
