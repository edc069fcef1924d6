//! Rules for changes of an existing cluster.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::facts::ClusterFacts;
use super::{Rules, Tagged, aws};
use crate::decode::{Decoded, Locations};
use crate::v1alpha2::{Cluster, EtcdCluster, Networking};
use kopsform_diagnostics::{Report, Rule};

/// Checks a cluster against the stored one; `etcd_exists`: its etcd volumes have been created.
///
/// The new cluster by itself is checked by [`super::validate`].
pub fn validate_change(old: &Cluster, new: &Decoded<Cluster>, etcd_exists: bool, rules: &Rules<'_>) -> Report {
    let mut report = Report::default();
    let name = &new.object.metadata.name;
    let mut checker = Checker::new(&new.locations, format!("Cluster/{name}"), rules, &mut report);
    etcd(&mut checker, old, &new.object, etcd_exists);
    if !new.object.is_on_gce() {
        aws::tags::check(&mut checker, &new.object.spec.cloud_labels, Tagged::StoredCluster);
    }
    fixed(&mut checker, old, &new.object);
    version(&mut checker, old, new);
    report
}

fn etcd(cx: &mut Checker<'_>, old: &Cluster, new: &Cluster, etcd_exists: bool) {
    for before in &old.spec.etcd_clusters {
        let Some((i, after)) = new.spec.etcd_clusters.iter().enumerate().find(|(_, etcd)| etcd.name == before.name)
        else {
            let message = format!("the etcd cluster {} can't be removed", before.name);
            cx.error(Rule::RemovedEtcdCluster, "spec.etcdClusters", (message, "put it back; its data would be lost"));
            continue;
        };
        if etcd_exists {
            members(cx, i, before, after);
        }
    }
}

fn members(cx: &mut Checker<'_>, i: usize, before: &EtcdCluster, after: &EtcdCluster) {
    let groups: BTreeMap<&str, Option<&str>> =
        before.etcd_members.iter().map(|m| (m.name.as_str(), m.instance_group.as_deref())).collect();
    for (j, member) in after.etcd_members.iter().enumerate() {
        let Some(group) = groups.get(member.name.as_str()) else { continue };
        if *group != member.instance_group.as_deref() {
            let path = format!("spec.etcdClusters[{i}].etcdMembers[{j}].instanceGroup");
            let message = format!("the member {} can't move from {}", member.name, group.unwrap_or("its group"));
            cx.error(
                Rule::ImmutableField,
                path,
                (message, "add a member for the new group, and remove this one later"),
            );
        }
    }
    let now: Vec<&str> = after.etcd_members.iter().map(|m| m.name.as_str()).collect();
    let gone = before.etcd_members.iter().filter(|m| !now.contains(&m.name.as_str())).count();
    let new = now.iter().filter(|name| !groups.contains_key(*name)).count();
    if gone * 2 >= before.etcd_members.len().max(1) && gone > 0 && new > 0 {
        let message =
            format!("{gone} of {} members are removed at once, which loses the quorum", before.etcd_members.len());
        cx.strict(
            Rule::LostQuorum,
            format_args!("spec.etcdClusters[{i}].etcdMembers"),
            (message, "change one at a time"),
        );
    }
}

/// Which network plugin is chosen.
fn plugin(networking: Option<&Networking>) -> Vec<String> {
    let value = networking.and_then(|n| serde_json::to_value(n).ok()).unwrap_or_default();
    value.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

/// Fields that kops lets change although the running cluster breaks.
fn fixed(cx: &mut Checker<'_>, old: &Cluster, new: &Cluster) {
    let facts =
        |cluster: &Cluster| ClusterFacts::of(&Decoded { object: cluster.clone(), locations: Locations::none() }, &[]);
    let (before, after) = (facts(old), facts(new));
    let net = |net: &Option<ipnet::IpNet>| net.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let domain = |cluster: &Cluster| match cluster.spec.cluster_dns_domain.as_str() {
        "" => "cluster.local".to_owned(),
        domain => domain.to_owned(),
    };
    let networks = [
        ("spec.networkCIDR", net(&before.network), net(&after.network)),
        ("spec.networkID", old.spec.network_id.clone(), new.spec.network_id.clone()),
        ("spec.nonMasqueradeCIDR", net(&before.non_masquerade), net(&after.non_masquerade)),
        ("spec.podCIDR", net(&before.pods), net(&after.pods)),
        ("spec.serviceClusterIPRange", net(&before.services), net(&after.services)),
        ("spec.clusterDNSDomain", domain(old), domain(new)),
        ("spec.topology.dns.type", format!("{:?}", old.dns_type()), format!("{:?}", new.dns_type())),
        (
            "spec.networking",
            plugin(old.spec.networking.as_ref()).join(", "),
            plugin(new.spec.networking.as_ref()).join(", "),
        ),
    ];
    for (path, before, after) in networks {
        if before != after && before != "unknown" && after != "unknown" {
            let message = format!("a running cluster breaks when this changes from {before} to {after}");
            cx.strict(Rule::ImmutableField, path, (message, "create a new cluster and migrate"));
        }
    }
    for subnet in &old.spec.subnets {
        let Some((i, now)) = new.spec.subnets.iter().enumerate().find(|(_, s)| s.name == subnet.name) else { continue };
        for (field, before, after) in [("zone", &subnet.zone, &now.zone), ("cidr", &subnet.cidr, &now.cidr)] {
            if !before.is_empty() && !after.is_empty() && before != after {
                let message = format!("the {field} of an existing subnet changes from {before} to {after}");
                cx.strict(
                    Rule::ImmutableField,
                    format_args!("spec.subnets[{i}].{field}"),
                    (message, "add a subnet of another name"),
                );
            }
        }
    }
}

fn version(cx: &mut Checker<'_>, old: &Cluster, new: &Decoded<Cluster>) {
    const PATH: &str = "spec.kubernetesVersion";
    let read = |cluster: &Cluster| crate::versions::KubernetesVersion::parse(&cluster.spec.kubernetes_version).ok();
    let (Some(before), Some(after)) = (read(old), read(&new.object)) else { return };
    if after.minor() < before.minor() {
        let message = format!("Kubernetes does not support a downgrade, here from {before} to {after}");
        cx.strict(Rule::VersionSkew, PATH, (message, format!("write {before}")));
    } else if after.minor() > before.minor() + 1 {
        let message = format!("the upgrade from {before} to {after} skips minor releases");
        cx.strict(Rule::VersionSkew, PATH, (message, format!("upgrade to 1.{} first", before.minor() + 1)));
    }
}
