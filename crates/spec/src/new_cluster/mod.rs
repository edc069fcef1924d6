//! Specs of a new cluster from a few choices, as `create cluster` makes them.
//!
//! [`design`] turns [`Choices`] into a cluster and its instance groups. Networks, versions, images and instance types that
//! were not chosen are filled in by [`kopsform_model::defaults`] afterwards.

mod components;
mod gce;
mod groups;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use crate::cloud::Cloud;
use crate::labels::API_VERSION;
use crate::v1alpha2::{
    AlwaysAllowAuthorization, Authorization, Cluster, Iam, InstanceGroup, KubeletConfig, RbacAuthorization,
    ServiceAccountIssuerDiscoveryConfig,
};
use crate::zone::{region_of_google_zone, region_of_zone};
use kopsform_diagnostics::Explain;

/// What the user chose; everything else gets the default of kops.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The cloud.
    pub cloud: Cloud,
    /// The project, on Google Cloud.
    pub project: String,
    /// The service account of all instances on Google Cloud; one for each role when empty.
    pub gce_service_account: String,
    /// The cluster's name, a DNS name.
    pub name: String,
    /// Where the cluster's configuration lies, its `configBase`.
    pub config_base: String,
    /// Zones of worker nodes.
    pub zones: Vec<String>,
    /// Zones of the control plane; those of the workers when empty.
    pub control_plane_zones: Vec<String>,
    /// Number of control-plane instances.
    pub control_plane_count: Option<usize>,
    /// Number of worker nodes over all zones.
    pub node_count: Option<usize>,
    /// Number of API server nodes over all zones.
    pub api_server_count: usize,
    /// Whether there is one group of worker nodes over all zones instead of one a zone.
    pub single_node_group: bool,
    /// Instance types of the control plane; the first counts, all make a mixed group.
    pub control_plane_sizes: Vec<String>,
    /// Instance types of worker nodes.
    pub node_sizes: Vec<String>,
    /// Root volume of control-plane instances in GiB.
    pub control_plane_volume_size: Option<i32>,
    /// Root volume of worker nodes in GiB.
    pub node_volume_size: Option<i32>,
    /// Root volume type of control-plane instances.
    pub control_plane_volume_type: Option<String>,
    /// Root volume type of worker nodes.
    pub node_volume_type: Option<String>,
    /// Tenancy of control-plane instances.
    pub control_plane_tenancy: String,
    /// Tenancy of worker nodes.
    pub node_tenancy: String,
    /// More security groups of control-plane instances.
    pub control_plane_security_groups: Vec<String>,
    /// More security groups of worker nodes.
    pub node_security_groups: Vec<String>,
    /// Image of all instances.
    pub image: String,
    /// Image of control-plane instances.
    pub control_plane_image: String,
    /// Image of worker nodes.
    pub node_image: String,
    /// Image of bastions.
    pub bastion_image: String,
    /// Whether instances get public addresses.
    pub associate_public_ip: Option<bool>,
    /// An existing VPC.
    pub network_id: String,
    /// The VPC's network, then further ones.
    pub network_cidrs: Vec<String>,
    /// Names of existing subnets on Google Cloud.
    pub subnet_names: Vec<String>,
    /// Existing subnets, one a zone: zone → id.
    pub subnets: BTreeMap<String, String>,
    /// Existing utility subnets, one a zone: zone → id.
    pub utility_subnets: BTreeMap<String, String>,
    /// Whether subnets are left without tags.
    pub disable_subnet_tags: bool,
    /// Whether pods and services have IPv6 addresses.
    pub ipv6: bool,
    /// `public` or `private`; by default public, private for IPv6.
    pub topology: String,
    /// `public`, `private` or `none`.
    pub dns: String,
    /// The hosted zone.
    pub dns_zone: String,
    /// The Kubernetes version; the channel's when empty.
    pub kubernetes_version: String,
    /// Feature gates, `Name`, `+Name` or `-Name`.
    pub feature_gates: Vec<String>,
    /// The channel.
    pub channel: String,
    /// The network plugin.
    pub networking: String,
    /// `RBAC` or `AlwaysAllow`.
    pub authorization: String,
    /// Names of the etcd clusters.
    pub etcd_clusters: Vec<String>,
    /// Whether etcd volumes are encrypted.
    pub encrypt_etcd_storage: Option<bool>,
    /// Type of etcd volumes.
    pub etcd_storage_type: Option<String>,
    /// Whether Karpenter starts worker nodes.
    pub karpenter: bool,
    /// Where OIDC discovery documents of clusters are published; the cluster's lie below it.
    pub discovery_store: String,
    /// Tags of everything.
    pub cloud_labels: BTreeMap<String, String>,
    /// Networks that may use the API.
    pub admin_access: Vec<String>,
    /// Networks that may use SSH; those of the API when empty.
    pub ssh_access: Vec<String>,
    /// Whether there is a bastion.
    pub bastion: bool,
    /// `public` or `internal`.
    pub api_load_balancer_type: String,
    /// `classic` or `network`.
    pub api_load_balancer_class: String,
    /// Certificate of the API load balancer.
    pub api_ssl_certificate: String,
    /// Public name of the API.
    pub api_public_name: String,
}

/// The choices of a cluster on AWS with nothing chosen.
impl Default for Choices {
    fn default() -> Self {
        Self::on(Cloud::Aws)
    }
}

impl Choices {
    /// Nothing chosen but the cloud.
    pub fn on(cloud: Cloud) -> Self {
        Self {
            cloud,
            project: Default::default(),
            gce_service_account: Default::default(),
            name: Default::default(),
            config_base: Default::default(),
            zones: Default::default(),
            control_plane_zones: Default::default(),
            control_plane_count: Default::default(),
            node_count: Default::default(),
            api_server_count: Default::default(),
            single_node_group: Default::default(),
            control_plane_sizes: Default::default(),
            node_sizes: Default::default(),
            control_plane_volume_size: Default::default(),
            node_volume_size: Default::default(),
            control_plane_volume_type: Default::default(),
            node_volume_type: Default::default(),
            control_plane_tenancy: Default::default(),
            node_tenancy: Default::default(),
            control_plane_security_groups: Default::default(),
            node_security_groups: Default::default(),
            image: Default::default(),
            control_plane_image: Default::default(),
            node_image: Default::default(),
            bastion_image: Default::default(),
            associate_public_ip: Default::default(),
            network_id: Default::default(),
            network_cidrs: Default::default(),
            subnet_names: Default::default(),
            subnets: Default::default(),
            utility_subnets: Default::default(),
            disable_subnet_tags: Default::default(),
            ipv6: Default::default(),
            topology: Default::default(),
            dns: Default::default(),
            dns_zone: Default::default(),
            kubernetes_version: Default::default(),
            feature_gates: Default::default(),
            channel: Default::default(),
            networking: Default::default(),
            authorization: Default::default(),
            etcd_clusters: Default::default(),
            encrypt_etcd_storage: Default::default(),
            etcd_storage_type: Default::default(),
            karpenter: Default::default(),
            discovery_store: Default::default(),
            cloud_labels: Default::default(),
            admin_access: Default::default(),
            ssh_access: Default::default(),
            bastion: Default::default(),
            api_load_balancer_type: Default::default(),
            api_load_balancer_class: Default::default(),
            api_ssl_certificate: Default::default(),
            api_public_name: Default::default(),
        }
    }

    /// The region of all zones.
    ///
    /// # Errors
    /// Without a zone, for something else than a zone, and for zones of several regions.
    pub fn region(&self) -> Result<&str, DesignError> {
        let (of_zone, example): (fn(&str) -> Option<&str>, _) = match self.cloud {
            Cloud::Aws => (region_of_zone, "us-east-1a"),
            Cloud::Gce => (region_of_google_zone, "us-central1-a"),
        };
        let mut regions = BTreeSet::new();
        for zone in self.zones.iter().chain(&self.control_plane_zones) {
            let no_zone = || DesignError::Conflict(format!("{zone:?} is not a zone such as {example}"));
            regions.insert(of_zone(zone).ok_or_else(no_zone)?);
        }
        match regions.iter().copied().collect::<Vec<_>>().as_slice() {
            [] => Err(DesignError::NoZones),
            [region] => Ok(region),
            several => Err(DesignError::Conflict(format!(
                "the zones are in {}, but a cluster is in one region",
                several.join(" and ")
            ))),
        }
    }

    /// Warnings about these choices.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.dns.is_empty() && self.dns_zone.is_empty() && self.name.ends_with(".k8s.local") {
            warnings.push("gossip is deprecated: the cluster gets no DNS records instead".to_owned());
        }
        if self.networking == "flannel-udp" {
            warnings.push("flannel's UDP mode is slow; consider flannel-vxlan instead".to_owned());
        }
        if self.api_load_balancer_class == "classic" {
            warnings.push("classic load balancers are deprecated for the API of new clusters".to_owned());
        }
        let zones = if self.control_plane_zones.is_empty() { &self.zones } else { &self.control_plane_zones };
        if self.control_plane_count.is_some_and(|count| count > zones.len()) {
            warnings.push("several control-plane instances share a zone; if it fails, all of them do".to_owned());
        }
        warnings
    }
}

/// Why choices do not make a cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// No zone was named.
    #[error("must specify at least one zone for the cluster (use --zones)")]
    NoZones,
    /// A value that is not allowed.
    #[error("{what} {value:?}")]
    Unknown {
        /// The start of the message, such as `unknown networking mode`.
        what: &'static str,
        value: String,
        /// The allowed values.
        known: &'static [&'static str],
    },
    /// Choices that exclude each other.
    #[error("{0}")]
    Conflict(String),
}

impl Explain for DesignError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unknown { value, known, .. } => {
                let list = format!("known are {}", known.join(", "));
                let near = kopsform_diagnostics::nearest(value, known.iter().copied());
                near.map(|near| format!("did you mean {near}?")).into_iter().chain([list]).collect()
            }
            Self::NoZones | Self::Conflict(_) => Vec::new(),
        }
    }
}

/// Makes the specs.
///
/// # Errors
/// When a choice is not known or two exclude each other.
pub fn design(choices: &Choices) -> Result<(Cluster, Vec<InstanceGroup>), DesignError> {
    let mut cluster = Cluster { api_version: API_VERSION.to_owned(), kind: "Cluster".to_owned(), ..Cluster::default() };
    cluster.metadata.name.clone_from(&choices.name);
    let spec = &mut cluster.spec;
    spec.cloud_provider = choices.cloud.name().to_owned();
    spec.channel.clone_from(&choices.channel);
    spec.kubernetes_version.clone_from(&choices.kubernetes_version);
    spec.config_base.clone_from(&choices.config_base);
    spec.kubernetes_api_access.clone_from(&choices.admin_access);
    spec.ssh_access =
        if choices.ssh_access.is_empty() { choices.admin_access.clone() } else { choices.ssh_access.clone() };
    spec.iam = Some(Iam { allow_container_registry: true, ..Iam::default() });
    spec.kubelet = Some(KubeletConfig { anonymous_auth: Some(false), ..KubeletConfig::default() });
    spec.authorization = Some(authorization(&choices.authorization)?);
    spec.cloud_labels.clone_from(&choices.cloud_labels);
    spec.dns_zone.clone_from(&choices.dns_zone);
    spec.master_public_name.clone_from(&choices.api_public_name);
    if !choices.discovery_store.is_empty() {
        spec.service_account_issuer_discovery = Some(ServiceAccountIssuerDiscoveryConfig {
            discovery_store: format!("{}/{}", choices.discovery_store.trim_end_matches('/'), choices.name),
            enable_aws_oidc_provider: choices.cloud == Cloud::Aws,
            ..ServiceAccountIssuerDiscoveryConfig::default()
        });
        if choices.cloud == Cloud::Aws {
            spec.iam.get_or_insert_default().use_service_account_external_permissions = Some(true);
        }
    }

    network::design(choices, &mut cluster)?;
    let groups = groups::design(choices, &mut cluster)?;
    components::design(choices, &mut cluster)?;
    Ok((cluster, groups))
}

fn authorization(mode: &str) -> Result<Authorization, DesignError> {
    match mode.to_lowercase().as_str() {
        "" | "rbac" => Ok(Authorization { rbac: Some(RbacAuthorization {}), ..Authorization::default() }),
        "alwaysallow" => {
            Ok(Authorization { always_allow: Some(AlwaysAllowAuthorization {}), ..Authorization::default() })
        }
        _ => Err(DesignError::Unknown {
            what: "unknown authorization mode",
            value: mode.to_owned(),
            known: &["AlwaysAllow", "RBAC"],
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn choices(zones: &[&str]) -> Choices {
        Choices {
            name: "c.example.com".into(),
            config_base: "s3://state/c.example.com".into(),
            zones: zones.iter().map(|z| (*z).to_owned()).collect(),
            networking: "cilium".into(),
            ..Choices::default()
        }
    }

    #[test]
    fn a_zone_is_enough() {
        let (cluster, groups) = design(&choices(&["us-east-1a"])).unwrap();
        assert_eq!(cluster.spec.config_base, "s3://state/c.example.com");
        let names: Vec<_> = groups.iter().map(|g| g.metadata.name.as_str()).collect();
        assert_eq!(names, ["control-plane-us-east-1a", "nodes-us-east-1a"]);
        assert_eq!(cluster.spec.etcd_clusters[0].etcd_members[0].name, "a");
    }

    #[test]
    fn further_networks_get_subnets_beside_the_main_ones() {
        let mut private = choices(&["us-east-1a", "us-east-1b"]);
        private.topology = "private".into();
        private.bastion = true;
        private.network_cidrs =
            ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"].map(str::to_owned).to_vec();
        let (cluster, groups) = design(&private).unwrap();
        let names: Vec<_> = cluster.spec.subnets.iter().map(|s| s.name.as_str()).collect();
        let main = ["us-east-1a", "us-east-1b", "us-east-1a-1", "us-east-1b-2", "us-east-1a-3"];
        assert_eq!(names[..5], main);
        assert_eq!(names[5..].to_vec(), main.map(|name| format!("utility-{name}")));
        let subnets = |name: &str| groups.iter().find(|g| g.metadata.name == name).unwrap().spec.subnets.clone();
        assert_eq!(subnets("nodes-us-east-1a"), ["us-east-1a-1", "us-east-1a-3"]);
        assert_eq!(subnets("control-plane-us-east-1a"), ["us-east-1a"]);
        assert_eq!(subnets("bastions"), main);
    }

    #[test]
    fn public_groups_of_ipv6_clusters_are_dual_stack() {
        let mut ipv6 = choices(&["us-east-1a"]);
        (ipv6.ipv6, ipv6.bastion) = (true, true);
        let (cluster, groups) = design(&ipv6).unwrap();
        let subnets: Vec<_> = groups.iter().map(|g| g.spec.subnets[0].as_str()).collect();
        assert_eq!(subnets, ["dualstack-us-east-1a", "us-east-1a", "dualstack-us-east-1a"]);
        let cidrs: Vec<_> = cluster.spec.subnets.iter().map(|s| s.ipv6_cidr.as_str()).collect();
        assert_eq!(cidrs, ["/64#0", "/64#1", "/64#2"]);
    }

    #[test]
    fn words_that_are_not_known_are_named() {
        let mut bad = choices(&["us-east-1a"]);
        bad.networking = "clium".into();
        let error = design(&bad).unwrap_err();
        assert_eq!(error.to_string(), "unknown networking mode \"clium\"");
        assert_eq!(error.hints()[0], "did you mean cilium?");
        assert_eq!(design(&choices(&[])).unwrap_err(), DesignError::NoZones);
    }

    #[test]
    fn nodes_are_spread_over_zones_and_members_named_by_what_differs() {
        let mut three = choices(&["us-east-1b", "us-east-1a", "us-east-1c"]);
        three.node_count = Some(5);
        three.control_plane_count = Some(3);
        three.control_plane_zones = vec!["us-east-1a".into()];
        let (cluster, groups) = design(&three).unwrap();
        let sizes: Vec<_> = groups.iter().filter(|g| !g.is_control_plane()).map(|g| g.spec.min_size.unwrap()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        let members: Vec<_> = cluster.spec.etcd_clusters[0].etcd_members.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(members, ["etcd-1", "etcd-2", "etcd-3"]);
    }
}
