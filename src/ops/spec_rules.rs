//! Validates the specs of files, against each other and against stored ones, before any is stored.

use serde_json::Value;

use super::replace::InstanceCounter;
use super::support::immutable_defaults::preserve_immutable;
use super::support::specs::{Specs, StoredSpecs};
use kopsform_diagnostics::Report;
use kopsform_spec::decode::{Decoded, Locations};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_spec::validation::{self, Rules, Scope, validate, validate_change, validate_groups};

/// Validates clusters and groups.
///
/// Files may have only a part of a cluster, so nothing counts as missing. A group whose cluster is not in the files is checked
/// against the stored one.
pub(super) fn check(specs: &Specs, stored: &StoredSpecs, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let one = specs.clusters.len() == 1;
    for cluster in &specs.clusters {
        let name = &cluster.object.metadata.name;
        // Immutable defaults of the stored cluster apply where the file does not set them.
        let kept = stored.clusters.get(name).and_then(Option::as_ref).map(|old| {
            let object = preserve_immutable(&cluster.object, &old.object);
            Decoded { object, locations: cluster.locations.clone() }
        });
        let cluster = kept.as_ref().unwrap_or(cluster);
        let additional = specs.additional.iter().filter(|_| one).collect();
        report.extend(validate(&partial(cluster, of_cluster(specs, name), additional), rules));
    }
    for (name, old) in &stored.clusters {
        let Some(old) = old.as_ref().filter(|_| !specs.contains_cluster(name)) else { continue };
        let cluster = Decoded { object: old.object.clone(), locations: Locations::none() };
        report.extend(validate_groups(&partial(&cluster, of_cluster(specs, name), Vec::new()), rules));
    }
    report
}

/// Validates the change of a stored cluster.
///
/// Etcd members may move to another group as long as nothing runs: AWS is asked only if the result depends on it.
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

/// Whether a group with etcd members has instances. If it can't be looked up, it counts as running: data could be lost.
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

/// A cluster that may have other groups.
fn partial<'a>(
    cluster: &'a Decoded<Cluster>,
    groups: Vec<&'a Decoded<InstanceGroup>>,
    additional: Vec<&'a Decoded<Value>>,
) -> validation::Specs<'a> {
    validation::Specs { cluster, groups, additional, scope: Scope::Partial }
}
