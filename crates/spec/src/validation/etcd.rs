//! The etcd clusters.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::facts::ClusterFacts;
use super::{aws, gce};
use crate::cloud::Cloud;
use crate::v1alpha2::{Cluster, EtcdCluster};
use kopsform_diagnostics::Rule;
use kopsform_env::features::Feature;

/// The etcd releases that etcd-manager runs: minor release of etcd 3 → newest patch release.
const SUPPORTED: [(u64, u64); 2] = [(5, 31), (6, 12)];

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let clusters = &cluster.spec.etcd_clusters;
    if clusters.is_empty() {
        let hint = "add one named main and one named events";
        return cx.required("spec.etcdClusters", ("the cluster has no etcd clusters", hint));
    }
    // The default version; unknown without a Kubernetes version.
    let default = facts.version.as_ref().map(|v| if v.at_least(1, 34) { "3.6.12" } else { "3.5.31" });
    let effective = |cx: &Checker<'_>, i: usize| match clusters[i].version.as_str() {
        "" if cx.holds_value(&format!("spec.etcdClusters[{i}].version")) => None,
        "" => default,
        version => Some(version),
    };
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, etcd) in clusters.iter().enumerate() {
        one(cx, i, etcd, cluster.cloud());
        if let Some(first) = names.insert(&etcd.name, i).filter(|_| !etcd.name.is_empty()) {
            let message = format!(
                "spec.etcdClusters[{first}] is named {} too, and both would use the same backup location",
                etcd.name
            );
            cx.error(Rule::DuplicateName, format_args!("spec.etcdClusters[{i}].name"), message);
        }
        let first = &clusters[0].version;
        if first.is_empty() && !etcd.version.is_empty() && !cx.holds_value("spec.etcdClusters[0].version") {
            let message = "all etcd clusters must have the same version, and the first one has none".to_owned();
            let note = (message, format!("write version: {} there too", etcd.version));
            cx.error(Rule::MixedVersions, format_args!("spec.etcdClusters[{i}].version"), note);
        } else if let (Some(first), Some(own)) = (effective(cx, 0), effective(cx, i))
            && first != own
        {
            let message =
                format!("all etcd clusters must have the same version: the first one has {first}, this one {own}");
            cx.error(Rule::MixedVersions, format_args!("spec.etcdClusters[{i}].version"), message);
        }
    }
    // Without an etcd cluster named events, the API server keeps events in main.
    if !names.contains_key("main") && !clusters.iter().any(|c| c.name.is_empty()) {
        let message = "there is no etcd cluster named main, and the API server has nowhere to store objects";
        cx.strict(Rule::MissingEtcdCluster, "spec.etcdClusters", (message, "add it"));
    }
}

fn one(cx: &mut Checker<'_>, i: usize, etcd: &EtcdCluster, cloud: Option<Cloud>) {
    let path = |field: &str| format!("spec.etcdClusters[{i}].{field}");
    if etcd.name.is_empty() {
        cx.required(path("name"), ("the etcd cluster has no name", "main, events, leases or cilium"));
    }
    for (field, given) in [
        ("leaderElectionTimeout", etcd.leader_election_timeout.is_some()),
        ("heartbeatInterval", etcd.heartbeat_interval.is_some()),
    ] {
        if given {
            let variable =
                if field == "heartbeatInterval" { "ETCD_HEARTBEAT_INTERVAL" } else { "ETCD_ELECTION_TIMEOUT" };
            let hint = format!("remove it, or set {variable} in manager.env");
            cx.error(Rule::UnsupportedField, path(field), (format!("etcd-manager does not support {field}"), hint));
        }
    }
    if !etcd.image.is_empty() {
        let message = "etcd-manager ships etcd, so the image is not used";
        cx.warning(Rule::NoEffect, path("image"), (message, "write version instead"));
    }
    version(cx, &path("version"), &etcd.version);
    members(cx, i, etcd, cloud);
}

fn version(cx: &mut Checker<'_>, path: &str, text: &str) {
    let Ok(version) = semver::Version::parse(text.strip_prefix('v').unwrap_or(text)) else { return };
    let supported = SUPPORTED.iter().any(|(minor, newest)| version.minor == *minor && version.patch <= *newest);
    if version.major == 3 && !supported && !cx.features.enabled(Feature::SkipEtcdVersionCheck) {
        let known: Vec<String> =
            SUPPORTED.iter().map(|(minor, newest)| format!("3.{minor}.0 to 3.{minor}.{newest}")).collect();
        let message = format!("etcd-manager does not run etcd {version}");
        cx.error(
            Rule::UnsupportedVersion,
            path,
            (message, format!("remove the field, or write one of {}", known.join(", "))),
        );
    }
}

fn members(cx: &mut Checker<'_>, i: usize, etcd: &EtcdCluster, cloud: Option<Cloud>) {
    let path = format!("spec.etcdClusters[{i}].etcdMembers");
    match etcd.etcd_members.len() {
        0 => return cx.required(&path, "the etcd cluster has no members"),
        n if n % 2 == 0 => {
            let message = format!("{n} members tolerate no more failures than {}", n - 1);
            cx.error(Rule::EvenMembers, &path, (message, "have an odd number of them, one a control-plane zone"));
        }
        _ => {}
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for (j, member) in etcd.etcd_members.iter().enumerate() {
        let path = |field: &str| format!("{path}[{j}].{field}");
        if member.name.is_empty() {
            cx.required(path("name"), ("the member has no name", "such as a"));
        } else if let Some(first) = names.insert(&member.name, j) {
            let message = format!("etcdMembers[{first}] is named {} too", member.name);
            cx.error(Rule::DuplicateName, path("name"), message);
        }
        match member.instance_group.as_deref() {
            None | Some("") => cx.required(path("instanceGroup"), "the member has no instance group"),
            Some(group) => {
                if let Some(first) = groups.insert(group, j) {
                    let message = format!("etcdMembers[{first}] is in {group} too, so both fail together");
                    cx.warning(Rule::SharedGroup, path("instanceGroup"), message);
                }
            }
        }
        match cloud {
            Some(Cloud::Gce) => gce::check_etcd_volume(cx, member, path),
            Some(Cloud::Aws) | None => aws::check_etcd_volume(cx, member, path),
        }
    }
}
