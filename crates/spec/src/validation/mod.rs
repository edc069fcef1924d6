//! Every mistake in a spec, all at once, before anything is written.
//!
//! Decoding has looked at each value by itself: its type, words, bounds and format. Here values are held against each other:
//! fields of an object, objects of a cluster, a Kubernetes version, and what is stored already. All of it is pure.
//!
//! Rules are those of the kops release named in [`crate::KOPS_VERSION`], told in the fields people write. What kops would
//! refuse is an error always; what kops lets through although it is nonsense is an error in strict runs and a warning in
//! others, see [`Strictness`].

mod additional;
mod addons;
mod api_access;
mod calico;
mod change;
mod checker;
mod cilium;
mod control_plane;
mod dns;
mod etcd;
mod facts;
mod group;
mod groups;
mod iam;
mod kubelet;
mod labels;
mod metadata;
mod networking;
mod node;
mod requirements;
mod subnets;
mod volumes;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

pub use change::validate_change;
use checker::Checker;
use facts::ClusterFacts;

use super::decode::{Decoded, Decoding, Strictness};
use super::labels::CLUSTER;
use super::v1alpha2::{Cluster, InstanceGroup};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};
use kopsform_env::features::Features;

/// Whether a cluster may have groups that are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The groups given are all there are.
    Whole,
    /// Further groups may be elsewhere, so that nothing is missing for sure.
    Partial,
}

/// A cluster with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Specs<'a> {
    /// The cluster.
    pub cluster: &'a Decoded<Cluster>,
    /// Its instance groups.
    pub groups: Vec<&'a Decoded<InstanceGroup>>,
    /// Objects to be applied to it.
    pub additional: Vec<&'a Decoded<Value>>,
    /// Whether the groups are all there are.
    pub scope: Scope,
}

/// How rules are applied.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// How much is held against a spec.
    pub strictness: Strictness,
    /// kops' feature flags, which switch some rules off.
    pub features: &'a Features,
}

/// Checks a cluster with its groups.
pub fn validate(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = validate_cluster(specs, rules);
    report.extend(validate_groups(specs, rules));
    additional::check(&specs.additional, rules, &mut report);
    report
}

/// Checks a cluster; of its groups, what it needs of them.
pub fn validate_cluster(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let cluster = specs.cluster;
    let facts = ClusterFacts::of(cluster, &specs.groups);
    let name = &cluster.object.metadata.name;
    let mut checker = Checker::new(&cluster.locations, format!("Cluster/{name}"), rules, &mut report);
    metadata::check_cluster(&mut checker, &cluster.object, &facts);
    networking::check(&mut checker, &cluster.object, &facts);
    subnets::check(&mut checker, &cluster.object, &facts);
    api_access::check(&mut checker, &cluster.object, &facts);
    dns::check(&mut checker, &cluster.object, &facts);
    etcd::check(&mut checker, &cluster.object, &facts);
    control_plane::check(&mut checker, &cluster.object, &facts);
    kubelet::check_cluster(&mut checker, &cluster.object);
    addons::check(&mut checker, &cluster.object, &facts);
    iam::check(&mut checker, &cluster.object, &facts);
    node::check_cluster(&mut checker, &cluster.object);
    groups::check_cluster(&mut checker, specs);
    report
}

/// Checks groups by themselves and against their cluster, which is taken as it is.
pub fn validate_groups(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let around = groups::GroupContext::of(specs, &ClusterFacts::of(specs.cluster, &specs.groups));
    for decoded in &specs.groups {
        let object = format!("InstanceGroup/{}", decoded.object.metadata.name);
        let mut checker = Checker::new(&decoded.locations, object, rules, &mut report);
        group::check(&mut checker, &decoded.object);
        groups::check_group(&mut checker, &decoded.object, &around);
    }
    report
}

/// Checks a group by itself, where its cluster is not known.
pub fn validate_group(group: &Decoded<InstanceGroup>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let object = format!("InstanceGroup/{}", group.object.metadata.name);
    group::check(&mut Checker::new(&group.locations, object, rules, &mut report), &group.object);
    report
}

/// Checks everything that several files hold together; what belongs to whom is told by the label [`CLUSTER`].
pub fn validate_files(decodings: &[Decoding], rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let clusters: Vec<_> = decodings.iter().flat_map(Decoding::clusters).collect();
    let groups: Vec<_> = decodings.iter().flat_map(Decoding::instance_groups).collect();
    let additional: Vec<_> = decodings.iter().flat_map(Decoding::additional).collect();
    duplicates(&clusters, &groups, rules, &mut report);

    let mut by_cluster: HashMap<&str, Vec<&Decoded<InstanceGroup>>> = HashMap::new();
    for &group in &groups {
        let owner = group.object.metadata.labels.get(CLUSTER).map_or("", String::as_str);
        if clusters.iter().any(|c| c.object.metadata.name == owner) {
            by_cluster.entry(owner).or_default().push(group);
            continue;
        }
        let object = format!("InstanceGroup/{}", group.object.metadata.name);
        let mut checker = Checker::new(&group.locations, object, rules, &mut report);
        belongs_to_none(&mut checker, owner, &clusters);
        group::check(&mut checker, &group.object);
    }
    for (i, &cluster) in clusters.iter().enumerate() {
        let groups = by_cluster.remove(cluster.object.metadata.name.as_str()).unwrap_or_default();
        let scope = if groups.is_empty() { Scope::Partial } else { Scope::Whole };
        let additional = if i == 0 { additional.clone() } else { Vec::new() };
        report.extend(validate(&Specs { cluster, groups, additional, scope }, rules));
    }
    if clusters.is_empty() {
        additional::check(&additional, rules, &mut report);
    }
    report.sort();
    report
}

/// A group whose cluster is not in the files.
fn belongs_to_none(checker: &mut Checker<'_>, owner: &str, clusters: &[&Decoded<Cluster>]) {
    let path = format!("metadata.labels[\"{CLUSTER}\"]");
    if owner.is_empty() {
        let example = clusters.first().map_or("the cluster's name", |c| c.object.metadata.name.as_str());
        let hint = format!("add `{CLUSTER}: {example}` to metadata.labels");
        checker.error(Rule::MissingLabel, path, (format!("the label {CLUSTER} is missing"), hint));
    } else if !clusters.is_empty() {
        let message = format!("the cluster {owner} is not among these files");
        match nearest(owner, clusters.iter().map(|c| c.object.metadata.name.as_str())) {
            Some(near) => checker.error(Rule::UnknownCluster, path, (message, format!("did you mean {near}?"))),
            None => checker.error(Rule::UnknownCluster, path, message),
        }
    }
}

fn duplicates(
    clusters: &[&Decoded<Cluster>],
    groups: &[&Decoded<InstanceGroup>],
    rules: &Rules<'_>,
    report: &mut Report,
) {
    let mut seen = BTreeMap::new();
    let keys = clusters.iter().map(|c| (("Cluster", "", c.object.metadata.name.as_str()), &c.locations));
    let keys = keys.chain(groups.iter().map(|g| {
        let owner = g.object.metadata.labels.get(CLUSTER).map_or("", String::as_str);
        (("InstanceGroup", owner, g.object.metadata.name.as_str()), &g.locations)
    }));
    for (key, locations) in keys.filter(|((_, _, name), _)| !name.is_empty()) {
        let Some(first) = seen.insert(key, locations) else { continue };
        seen.insert(key, first);
        let (kind, _, name) = key;
        let place = first.find("metadata.name").map_or_else(String::new, |l| format!("; the first is at {l}"));
        let mut checker = Checker::new(locations, format!("{kind}/{name}"), rules, report);
        let message = format!("there are two {kind}s named {name}{place}");
        checker.error(Rule::DuplicateObject, "metadata.name", (message, "give one of them another name"));
    }
}

/// The report as it is shown: sorted, without repetitions.
pub fn tidy(mut report: Report) -> Report {
    report.sort();
    report.findings.dedup_by(|a: &mut Finding, b: &mut Finding| a == b);
    report
}

#[cfg(test)]
mod tests;
