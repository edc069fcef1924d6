//! Cloud labels, and the cluster's name and taints, which become labels.

use std::collections::BTreeMap;

use super::super::checker::Checker;
use crate::formats::{google_label_key_error, google_label_value_error};
use crate::names::gce::safe_cluster_name;
use crate::v1alpha2::{Cluster, InstanceGroup};
use kopsform_diagnostics::Rule;

/// The most characters of a label's value.
const MAX_VALUE: usize = 63;
/// What the keys of labels that kops sets begin with.
const RESERVED: [&str; 3] = ["k8s-io-cluster-name", "k8s-io-role-", "k8s-io-instance-group"];

pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster) {
    let name = &cluster.metadata.name;
    let label = safe_cluster_name(name);
    if label.len() > MAX_VALUE {
        let message = format!("the name becomes a label of {} characters, Google Cloud takes {MAX_VALUE}", label.len());
        cx.strict(Rule::BadName, "metadata.name", (message, "choose a shorter name"));
    }
    check(cx, &cluster.spec.cloud_labels);
}

pub(super) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup) {
    check(cx, &group.spec.cloud_labels);
    for (i, taint) in group.spec.taints.iter().enumerate().filter(|(_, taint)| !taint.is_empty()) {
        // kops makes a label `k8s.io/cluster-autoscaler/node-template/taint/KEY` of it.
        let message = format!("{taint} becomes a label of the instance template that Google Cloud refuses");
        cx.warning(
            Rule::SurprisingValue,
            format_args!("spec.taints[{i}]"),
            (message, "write it in spec.kubelet.taints"),
        );
    }
}

fn check(cx: &mut Checker<'_>, labels: &BTreeMap<String, String>) {
    for (key, value) in labels {
        let path = format!("spec.cloudLabels[{key:?}]");
        if RESERVED.iter().any(|prefix| key.starts_with(prefix)) {
            cx.strict(Rule::ReservedLabel, path, (format!("the label {key} is set by kops"), "remove it"));
        } else if let Some(error) = google_label_key_error(key).or_else(|| google_label_value_error(value)) {
            let hint = "up to 63 lower-case letters, digits, _ and -, and a letter first in the key";
            cx.strict(Rule::BadLabel, path, (error, hint));
        }
    }
}
