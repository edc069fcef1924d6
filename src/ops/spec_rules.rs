//! Holds the specs of files against the rules, against each other and against what is stored, before any is stored.

use super::replace::InstanceCounter;
use super::specs::{InStore, Specs};
use crate::api::decode::{Decoded, Locations};
use crate::api::v1alpha2::{Cluster, InstanceGroup};
use crate::api::validation::{self, Rules, Scope, validate, validate_change};
use crate::diagnostics::Report;

/// What is wrong with clusters and groups by themselves and with each other.
///
/// Files may hold a part of a cluster only, so nothing counts as missing. A group whose cluster is not in the files is held
/// against the stored one.
pub(super) fn check(specs: &Specs, stored: &InStore, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    for cluster in &specs.clusters {
        let groups = of_cluster(specs, &cluster.object.metadata.name);
        report.extend(alone(cluster, rules));
        report.extend(only_groups(cluster, groups, rules));
    }
    for (name, old) in &stored.clusters {
        let Some(old) = old.as_ref().filter(|_| !specs.holds_cluster(name)) else { continue };
        let cluster = Decoded { object: old.object.clone(), locations: Locations::none() };
        report.extend(only_groups(&cluster, of_cluster(specs, name), rules));
    }
    validation::tidy(report)
}

/// What may not change of a cluster that is stored.
///
/// Members of etcd may move as long as nothing runs: AWS is asked only if that decides.
pub(super) async fn check_change(
    old: &Cluster,
    new: &Decoded<Cluster>,
    instances: &dyn InstanceCounter,
    rules: &Rules<'_>,
) -> Report {
    let before_launch = validate_change(old, new, false, rules);
    let running = validate_change(old, new, true, rules);
    if running == before_launch {
        return running;
    }
    if runs(old, instances).await { running } else { before_launch }
}

/// Whether a group with members of etcd has instances. What is not known counts as running: its data could be lost.
async fn runs(cluster: &Cluster, instances: &dyn InstanceCounter) -> bool {
    let members = cluster.spec.etcd_clusters.iter().flat_map(|etcd| &etcd.etcd_members);
    let mut groups: Vec<&str> = members.filter_map(|member| member.instance_group.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        if instances.count(cluster, group).await != Ok(0) {
            return true;
        }
    }
    false
}

fn of_cluster<'a>(specs: &'a Specs, name: &str) -> Vec<&'a Decoded<InstanceGroup>> {
    specs.groups.iter().filter(|(owner, _)| owner == name).map(|(_, group)| group).collect()
}

fn alone(cluster: &Decoded<Cluster>, rules: &Rules<'_>) -> Report {
    let specs = validation::Specs { cluster, groups: Vec::new(), additional: Vec::new(), scope: Scope::Partial };
    validate(&specs, rules)
}

fn only_groups(cluster: &Decoded<Cluster>, groups: Vec<&Decoded<InstanceGroup>>, rules: &Rules<'_>) -> Report {
    if groups.is_empty() {
        return Report::default();
    }
    let specs = validation::Specs { cluster, groups, additional: Vec::new(), scope: Scope::Partial };
    let mut report = validate(&specs, rules);
    report.findings.retain(|finding| finding.object.starts_with("InstanceGroup/"));
    report
}
