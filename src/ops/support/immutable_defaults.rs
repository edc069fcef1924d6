//! Defaults that are chosen when a cluster is first stored and kept from then on, such as CIDRs and the Kubernetes version.
//!
//! They are not in the file the cluster comes from. Storing the same file again must keep them, because networks cannot change.

use super::channel::{self, ChannelError};
use super::facts::FactFinder;
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{DefaultsContext, DefaultsError, assign};
use kopsform_model::facts::{Facts, GceNeeds, LookupError, Needs, SubnetFact, VpcFact, region_of};
use kopsform_spec::channel::DEFAULT_CHANNEL;
use kopsform_spec::v1alpha2::Cluster;

/// Why the defaults of a new cluster could not be chosen.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// A shared VPC or subnet is not known.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// There is no Kubernetes version, and the channel that recommends one cannot be read.
    #[error("spec.kubernetesVersion is not set: {0}")]
    Channel(#[from] ChannelError),
    #[error("cluster {cluster}: {source}")]
    Defaults { cluster: String, source: DefaultsError },
}

impl Explain for AssignError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Lookup(error) => error.hints(),
            Self::Channel(error) => error.hints(),
            Self::Defaults { source, .. } => source.hints(),
        }
    }
}

/// Fills in the defaults that are kept. Only shared VPCs and subnets are looked up, and the channel is read only if the spec has
/// no Kubernetes version.
pub(in crate::ops) async fn immutable_defaults(
    cluster: &Cluster,
    facts: &mut FactFinder,
    environment: &Environment,
) -> Result<Cluster, AssignError> {
    let spec = &cluster.spec;
    let mut needs = Needs { region: region_of(cluster), ..Needs::default() };
    if cluster.is_on_gce() {
        needs.gce = GceNeeds::of_ranges(cluster);
    } else if !spec.network_id.is_empty() && spec.network_cidr.is_empty() {
        needs.vpcs.insert(spec.network_id.clone());
    }
    if !cluster.is_on_gce() {
        let existing = spec.subnets.iter().filter(|subnet| !subnet.id.is_empty());
        needs.subnets.extend(existing.map(|subnet| subnet.id.clone()));
    }
    let channel = match (spec.kubernetes_version.as_str(), spec.channel.as_str()) {
        ("", location) => {
            let location = if location.is_empty() { DEFAULT_CHANNEL } else { location };
            Some(channel::load(location, facts.is_offline(), environment).await?)
        }
        _ => None,
    };
    let facts = facts.find(&needs).await?;
    let features = Features::from_environment(environment);
    let channel = channel.as_ref();
    let context = DefaultsContext { facts, features: &features, environment, channel, worker_version: None };
    assign(cluster, &context).map_err(|source| AssignError::Defaults { cluster: cluster.metadata.name.clone(), source })
}

/// The file's cluster with the stored defaults that the file does not set.
///
/// A value is kept only if it is the one that would be chosen by default. So a value that the user had set to something else is
/// reset by deleting it from the file.
pub(in crate::ops) fn preserve_immutable(file: &Cluster, stored: &Cluster) -> Cluster {
    const RETENTION_DAYS: u32 = 90;
    const PODS_AND_SERVICES: &str = "100.64.0.0/10";
    let mut kept = file.clone();
    let (new, old) = (&mut kept.spec, &stored.spec);
    keep(&mut new.network_cidr, &old.network_cidr, new.network_id == old.network_id);
    let in_vpc = old.non_masquerade_cidr == old.network_cidr;
    keep(
        &mut new.non_masquerade_cidr,
        &old.non_masquerade_cidr,
        in_vpc || old.non_masquerade_cidr == PODS_AND_SERVICES,
    );
    if new.networking == old.networking {
        // With IP aliases, all ranges are chosen together.
        keep(&mut new.pod_cidr, &old.pod_cidr, stored.uses_ip_aliases());
        keep(&mut new.service_cluster_ip_range, &old.service_cluster_ip_range, stored.uses_ip_aliases());
        keep(&mut new.non_masquerade_cidr, &old.non_masquerade_cidr, stored.uses_ip_aliases());
    }
    let public_name = format!("api.{}", stored.metadata.name);
    keep(&mut new.master_public_name, &old.master_public_name, old.master_public_name == public_name);
    keep(&mut new.kubernetes_version, &old.kubernetes_version, true);
    for subnet in &mut new.subnets {
        let same =
            |s: &&kopsform_spec::v1alpha2::Subnet| s.name == subnet.name && s.id == subnet.id && s.zone == subnet.zone;
        if let Some(old) = old.subnets.iter().find(same) {
            keep(&mut subnet.cidr, &old.cidr, true);
            keep(&mut subnet.ipv6_cidr, &old.ipv6_cidr, !old.id.is_empty());
        }
    }
    for etcd in &mut new.etcd_clusters {
        let old = old.etcd_clusters.iter().find(|old| old.name == etcd.name).and_then(|old| old.manager.as_ref());
        if old.is_some_and(|manager| manager.backup_retention_days == Some(RETENTION_DAYS)) {
            etcd.manager.get_or_insert_default().backup_retention_days.get_or_insert(RETENTION_DAYS);
        }
    }
    if let (Some(new), Some(old)) = (&mut new.egress_proxy, &old.egress_proxy)
        && old.excludes.starts_with(&new.excludes)
        && old.http_proxy == new.http_proxy
    {
        new.excludes.clone_from(&old.excludes);
    }
    kept
}

/// The file's cluster as a replace stores it: as it is written, as in kops. A stored default is kept only where another would be
/// chosen for the file now, because networks cannot change and the Kubernetes version must not follow the channel unnoticed.
pub(in crate::ops) fn preserve_unstable(file: &Cluster, stored: &Cluster, environment: &Environment) -> Cluster {
    let kept = preserve_immutable(file, stored);
    let mut written = file.clone();
    written.spec.kubernetes_version.clone_from(&kept.spec.kubernetes_version);
    let features = Features::from_environment(environment);
    let facts = facts_of(stored);
    let context =
        DefaultsContext { facts: &facts, features: &features, environment, channel: None, worker_version: None };
    let Ok(chosen) = assign(&written, &context) else { return kept };
    let (new, chosen, kept) = (&mut written.spec, chosen.spec, kept.spec);
    let stays = |new: &mut String, chosen: &str, kept: &str| {
        if chosen != kept {
            kept.clone_into(new);
        }
    };
    stays(&mut new.network_cidr, &chosen.network_cidr, &kept.network_cidr);
    if !kept.non_masquerade_cidr.is_empty() {
        stays(&mut new.non_masquerade_cidr, &chosen.non_masquerade_cidr, &kept.non_masquerade_cidr);
    }
    stays(&mut new.pod_cidr, &chosen.pod_cidr, &kept.pod_cidr);
    stays(&mut new.service_cluster_ip_range, &chosen.service_cluster_ip_range, &kept.service_cluster_ip_range);
    for ((new, chosen), kept) in new.subnets.iter_mut().zip(&chosen.subnets).zip(kept.subnets) {
        // A new subnet has no stored network.
        if !kept.cidr.is_empty() {
            stays(&mut new.cidr, &chosen.cidr, &kept.cidr);
        }
        if new.ipv6_cidr.is_empty() && chosen.ipv6_cidr.is_empty() {
            new.ipv6_cidr = kept.ipv6_cidr;
        }
    }
    written
}

/// What a stored cluster says about its existing network.
fn facts_of(stored: &Cluster) -> Facts {
    let mut facts = Facts::default();
    let spec = &stored.spec;
    if !spec.network_id.is_empty() {
        facts.vpcs.insert(spec.network_id.clone(), VpcFact { cidr: spec.network_cidr.clone(), ..VpcFact::default() });
    }
    for subnet in spec.subnets.iter().filter(|subnet| !subnet.id.is_empty()) {
        let (vpc, zone, cidr) = (spec.network_id.clone(), subnet.zone.clone(), subnet.cidr.clone());
        facts.subnets.insert(subnet.id.clone(), SubnetFact { vpc, zone, cidr, ..SubnetFact::default() });
    }
    facts
}

fn keep(new: &mut String, old: &str, is_default: bool) {
    if new.is_empty() && is_default {
        old.clone_into(new);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use kopsform_spec::decode::{Strictness, decode_one};

    fn cluster(spec: &str) -> Cluster {
        let text = format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: demo.example.com\nspec:\n{spec}"
        );
        decode_one::<Cluster>("test", &text, Strictness::Strict).unwrap().0.object
    }

    #[test]
    fn defaults_are_kept() {
        let file = cluster("  subnets:\n  - name: a\n    zone: us-east-1a\n  etcdClusters:\n  - name: main\n");
        let stored = cluster(
            "  networkCIDR: 172.20.0.0/16\n  nonMasqueradeCIDR: 100.64.0.0/10\n  masterPublicName: api.demo.example.com\n  \
             kubernetesVersion: 1.34.1\n  subnets:\n  - name: a\n    zone: us-east-1a\n    cidr: 172.20.32.0/19\n  \
             etcdClusters:\n  - name: main\n    manager:\n      backupRetentionDays: 90\n",
        );
        assert_eq!(preserve_immutable(&file, &stored).spec, stored.spec);
    }

    #[test]
    fn a_replace_stores_what_the_file_says_where_the_same_defaults_would_be_chosen_again() {
        let written = "  kubernetesVersion: 1.34.1\n  etcdClusters:\n  - name: main\n  subnets:\n  - name: a\n    zone: us-east-1a\n    \
                       type: Public\n";
        let assigned = "  networkCIDR: 172.20.0.0/16\n  nonMasqueradeCIDR: 100.64.0.0/10\n  masterPublicName: api.demo.example.com\n  \
                        kubernetesVersion: 1.34.1\n  etcdClusters:\n  - name: main\n    manager:\n      backupRetentionDays: 90\n  \
                        subnets:\n  - name: a\n    zone: us-east-1a\n    type: Public\n    cidr: 172.20.0.0/16\n";
        let (environment, file) = (Environment::default(), cluster(written));
        assert_eq!(preserve_unstable(&file, &cluster(assigned), &environment), file);
        // A further subnet halves the blocks that would be chosen now.
        let wider = cluster(&format!("{written}  - name: b\n    zone: us-east-1b\n    type: Public\n"));
        let replaced = preserve_unstable(&wider, &cluster(assigned), &environment);
        assert_eq!(replaced.spec.subnets[0].cidr, "172.20.0.0/16");
        // Without a version in the file, the cluster's stays.
        let file = cluster("  subnets: []\n");
        assert_eq!(preserve_unstable(&file, &cluster(assigned), &environment).spec.kubernetes_version, "1.34.1");
    }

    #[test]
    fn values_of_the_user_are_reset_by_deleting_them() {
        let file = cluster("  networkID: vpc-1\n  subnets:\n  - name: a\n    zone: us-east-1b\n");
        let stored = cluster(
            "  networkCIDR: 10.0.0.0/16\n  nonMasqueradeCIDR: 10.64.0.0/10\n  masterPublicName: k8s.example.com\n  \
             subnets:\n  - name: a\n    zone: us-east-1a\n    cidr: 10.0.0.0/19\n",
        );
        assert_eq!(preserve_immutable(&file, &stored), file);
    }
}
