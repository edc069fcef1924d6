//! Validation: all findings about a spec at once, before anything is written.
//!
//! Decoding has checked each value by itself: its type, allowed values, bounds and format. Here fields of an object are checked
//! against each other, objects against their cluster, and a cluster against its Kubernetes version and its stored state. All of
//! it is pure.
//!
//! The rules are those of the kops release [`crate::KOPS_VERSION`], and are stated in terms of the fields that users write.
//! What kops refuses is always an error; what kops accepts and should not is an error in strict runs and a warning in others,
//! see [`Strictness`]. `aws` and `gce` have what only clusters on these clouds have. Rules that kops enforces only in some contexts take a severity callback, `checker::Emit`.

mod additional;
mod addons;
mod aws;
mod calico;
mod change;
mod checker;
mod cilium;
mod control_plane;
mod dns;
mod etcd;
mod facts;
mod files;
mod gce;
mod group;
mod groups;
mod iam;
mod images;
mod kubelet;
mod labels;
mod metadata;
mod networking;
mod node;
mod requirements;
mod text;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

pub use change::validate_change;
use checker::Checker;
use facts::ClusterFacts;

use super::cloud::Cloud;
use super::decode::{Decoded, Decoding, Strictness, of_cloud};
use super::kubernetes::rules::{Refusal, check_cluster, check_group};
use super::labels::CLUSTER;
use super::v1alpha2::{Cluster, InstanceGroup};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};
use kopsform_env::features::Features;

/// Whether all groups of a cluster are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The given groups are all groups.
    Whole,
    /// There may be other groups, so nothing counts as missing.
    Partial,
}

/// A cluster with its groups and additional objects.
#[derive(Debug, Clone)]
pub struct Specs<'a> {
    pub cluster: &'a Decoded<Cluster>,
    pub groups: Vec<&'a Decoded<InstanceGroup>>,
    /// Objects of other API groups, to be applied to the cluster.
    pub additional: Vec<&'a Decoded<Value>>,
    pub scope: Scope,
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

/// How rules are applied.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub strictness: Strictness,
    /// Some rules depend on kops' feature flags.
    pub features: &'a Features,
}

/// Checks a cluster with its groups.
pub fn validate(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = validate_cluster(specs, rules);
    report.extend(validate_groups(specs, rules));
    additional::check(&specs.additional, rules, &mut report);
    report
}

/// Checks a cluster, and what it needs of its groups.
pub fn validate_cluster(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let cluster = specs.cluster;
    let facts = ClusterFacts::of(cluster, &specs.groups);
    let name = &cluster.object.metadata.name;
    let mut checker = Checker::new(&cluster.locations, format!("Cluster/{name}"), rules, &mut report);
    metadata::check_cluster(&mut checker, &cluster.object, &facts);
    networking::check(&mut checker, &cluster.object, &facts);
    match cluster.object.cloud() {
        Some(Cloud::Gce) => gce::check_cluster(&mut checker, &cluster.object, &facts),
        Some(Cloud::Aws) | None => aws::check_cluster(&mut checker, &cluster.object, &facts),
    }
    dns::check(&mut checker, &cluster.object, &facts);
    etcd::check(&mut checker, &cluster.object, &facts);
    control_plane::check(&mut checker, &cluster.object, &facts);
    components(&mut checker, &facts, |minor| check_cluster(&cluster.object, minor));
    kubelet::check_cluster(&mut checker, &cluster.object);
    addons::check(&mut checker, &cluster.object, &facts);
    iam::check(&mut checker, &cluster.object, &facts);
    node::check_cluster(&mut checker, &cluster.object);
    images::check(&mut checker, &cluster.object, &facts);
    files::check_cluster(&mut checker, specs);
    groups::check_cluster(&mut checker, specs);
    text::check(&mut checker, &cluster.object.spec);
    report
}

/// Checks groups by themselves and against their cluster. The cluster itself is not checked.
pub fn validate_groups(specs: &Specs<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let facts = ClusterFacts::of(specs.cluster, &specs.groups);
    let context = groups::GroupContext::of(specs, &facts);
    let cloud = specs.cluster.object.cloud();
    for decoded in &specs.groups {
        report.extend(of_cloud(decoded, rules.strictness, cloud));
        let object = format!("InstanceGroup/{}", decoded.object.metadata.name);
        let mut checker = Checker::new(&decoded.locations, object, rules, &mut report);
        group::check(&mut checker, &decoded.object, cloud);
        text::check(&mut checker, &decoded.object.spec);
        groups::check_group(&mut checker, &decoded.object, &context);
        components(&mut checker, &facts, |minor| check_group(&decoded.object, minor));
        files::check_group(&mut checker, &decoded.object, &specs.cluster.object);
        match cloud {
            Some(Cloud::Gce) => gce::check_group_of(&mut checker, &decoded.object, &specs.cluster.object),
            Some(Cloud::Aws) | None => aws::check_group_of(&mut checker, &decoded.object, &facts),
        }
    }
    report
}

/// Reports what the components of the cluster's Kubernetes release refuse; nothing without a valid version.
fn components(cx: &mut Checker<'_>, facts: &ClusterFacts, check: impl FnOnce(u64) -> Vec<Refusal>) {
    let Some(version) = &facts.version else { return };
    for Refusal { rule, path, message, hint, refused_by_kops } in check(version.minor()) {
        if refused_by_kops {
            cx.error(rule, path, (message, hint));
        } else {
            cx.strict(rule, path, (message, hint));
        }
    }
}

/// Checks a group whose cluster is not known.
pub fn validate_group(group: &Decoded<InstanceGroup>, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let object = format!("InstanceGroup/{}", group.object.metadata.name);
    let mut checker = Checker::new(&group.locations, object, rules, &mut report);
    group::check(&mut checker, &group.object, None);
    text::check(&mut checker, &group.object.spec);
    report
}

/// Checks all objects of several files. The label [`CLUSTER`] says which cluster a group belongs to.
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
        unknown_owner(&mut checker, owner, &clusters);
        group::check(&mut checker, &group.object, None);
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
fn unknown_owner(checker: &mut Checker<'_>, owner: &str, clusters: &[&Decoded<Cluster>]) {
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
        let location = first.find("metadata.name").map_or_else(String::new, |l| format!("; the first is at {l}"));
        let mut checker = Checker::new(locations, format!("{kind}/{name}"), rules, report);
        let message = format!("there are two {kind}s named {name}{location}");
        checker.error(Rule::DuplicateObject, "metadata.name", (message, "give one of them another name"));
    }
}

/// The report as it is shown: sorted, without duplicates. A field that can't be used is not reported as deprecated, too.
pub fn tidy(mut report: Report) -> Report {
    report.sort();
    // What else is found in specs of another cloud follows from the cloud.
    let other_cloud: HashSet<_> = report
        .findings
        .iter()
        .filter(|finding| finding.rule == Rule::UnsupportedCloud)
        .map(|finding| finding.object.clone())
        .collect();
    report.findings.retain(|f| {
        let of_cloud = other_cloud.contains(&f.object) || f.object.starts_with("InstanceGroup/");
        other_cloud.is_empty() || f.rule == Rule::UnsupportedCloud || !of_cloud
    });
    let of_field = |finding: &Finding| (finding.object.clone(), finding.path.clone());
    let removed: HashSet<_> =
        report.findings.iter().filter(|finding| finding.rule == Rule::RemovedField).map(of_field).collect();
    report.findings.retain(|f| f.rule != Rule::DeprecatedField || !removed.contains(&of_field(f)));
    // A version without a patch is a number to YAML; with its patch, it is a string.
    let of_version = |f: &Finding| f.path == "spec.kubernetesVersion";
    if report.findings.iter().any(|f| of_version(f) && f.rule == Rule::BadVersion) {
        report.findings.retain(|f| !(of_version(f) && f.rule == Rule::WrongType));
    }
    let mut seen = HashSet::new();
    report.findings.retain(|f| seen.insert((f.location.clone(), f.object.clone(), f.path.clone(), f.message.clone())));
    report
}

#[cfg(test)]
mod tests;
