//! Cloud labels, which become tags.

use std::collections::BTreeMap;

use super::super::Tagged;
use super::super::checker::Checker;
use crate::labels::{CLUSTER_TAG_PREFIX, INSTANCE_GROUP, KOPS_PREFIX, KUBERNETES_CLUSTER, ROLE_TAG_PREFIX};
use kopsform_diagnostics::Rule;

/// Reports cloud labels that kops sets itself, or that AWS does not accept as tags.
pub(in crate::validation) fn check(cx: &mut Checker<'_>, labels: &BTreeMap<String, String>, of: Tagged<'_>) {
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
