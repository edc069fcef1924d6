//! What every builder of the model gets: the specs, the facts and what is derived from them in one place.

use std::collections::BTreeMap;

use crate::facts::{Facts, region_of};
use crate::{PreviousFiles, Text, text};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_pki::Keysets;
use kopsform_spec::v1alpha2::{Cluster, DnsType, InstanceGroup, InstanceGroupRole};

/// The inputs of the model.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The cluster as the state store holds it.
    pub stored: &'a Cluster,
    /// The cluster with every default filled in (`cluster-completed.spec`).
    pub cluster: &'a Cluster,
    /// The instance groups of this run with their defaults filled in, sorted by name.
    pub groups: &'a [InstanceGroup],
    /// All instance groups of the cluster, in the same form: `--instance-group` leaves groups out of a run, but roles
    /// and etcd's volumes are the whole cluster's.
    pub all_groups: &'a [InstanceGroup],
    /// What was looked up.
    pub facts: &'a Facts,
    /// The keysets in the state store, new ones included.
    pub keysets: &'a Keysets,
    /// Secrets by name, of those whose content matters to the model (`encryptionconfig`, `dockerconfig`, `ciliumpassword`).
    pub secrets: &'a BTreeMap<String, Vec<u8>>,
    /// SSH public keys: MD5 fingerprint in hex → the key's text.
    pub ssh_keys: &'a BTreeMap<String, String>,
    /// Objects that `create -f` stored with the cluster, to be applied to it.
    pub additional_objects: &'a [serde_json::Value],
    /// Environment variables that reach nodes and pods (`S3_ENDPOINT`, `KOPS_BASE_URL`, proxies).
    pub environment: &'a Environment,
    /// kops' feature flags.
    pub features: &'a Features,
    /// Worker groups are configured for this version where the control plane is still older (version skew).
    pub worker_version: Option<&'a str>,
    /// Managed files of an earlier run that are kept where they mean the same. None where every file is written again.
    pub previous: Option<&'a PreviousFiles>,
}

impl Context<'_> {
    /// The cluster's name, a DNS name.
    pub fn name(&self) -> &str {
        &self.cluster.metadata.name
    }

    /// The cluster's name as a part of names and tags.
    pub fn cluster_name(&self) -> Text {
        Text::cluster_name(self.name())
    }

    /// A name followed by the cluster's, which is how most things are called.
    pub fn qualified(&self, name: impl Into<Text>) -> Text {
        text![name, ".", self.cluster_name()]
    }

    /// A host name of the spec. One in the cluster's own domain, as defaults make it, is relative to the cluster's name.
    pub fn host_name(&self, host: &str) -> Text {
        match host.strip_suffix(self.name()).and_then(|rest| rest.strip_suffix('.')) {
            Some(labels) => self.qualified(labels),
            None => host.into(),
        }
    }

    /// The internal name of the API, which nodes use.
    pub fn api_internal_name(&self) -> Text {
        self.qualified("api.internal")
    }

    /// The region, from the zones of the subnets.
    pub fn region(&self) -> String {
        region_of(self.cluster)
    }

    /// Whether Cilium keeps its state in an etcd of its own on the control plane.
    pub fn has_cilium_etcd(&self) -> bool {
        let networking = self.cluster.networking();
        networking.and_then(|networking| networking.cilium.as_ref()).is_some_and(|cilium| cilium.etcd_managed)
    }

    /// Whether the name ends in `.k8s.local`, which stands for gossip instead of DNS.
    pub fn is_gossip(&self) -> bool {
        self.cluster.is_gossip()
    }

    /// Whether no DNS records are made at all (`topology.dns.type: None`).
    pub fn uses_no_dns(&self) -> bool {
        self.cluster.dns_type() == DnsType::None
    }

    /// Whether DNS records are made in a hosted zone.
    pub fn publishes_dns(&self) -> bool {
        self.cluster.publishes_dns_records()
    }

    /// Whether pods and services have IPv6 addresses only.
    pub fn is_ipv6_only(&self) -> bool {
        self.cluster.is_ipv6_only()
    }

    /// The groups of one role.
    pub fn groups_of(&self, role: InstanceGroupRole) -> impl Iterator<Item = &InstanceGroup> {
        self.groups.iter().filter(move |g| g.spec.role == Some(role))
    }
}
