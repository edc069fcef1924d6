//! TODO-DOC cluster.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Api;
use super::addons::{
    CertManagerConfig, ClusterAutoscalerConfig, KarpenterConfig, LoadBalancerController, MetricsServerConfig,
    NodeProblemDetectorConfig, NodeTerminationHandler, PodIdentityWebhook, SnapshotControllerConfig,
};
use super::authentication::{Authentication, Authorization};
use super::cloud::{CloudConfiguration, CloudControllerManagerConfig};
use super::containerd::ContainerdConfig;
use super::dns::{ExternalDnsConfig, KubeDnsConfig};
use super::etcd::EtcdCluster;
use super::iam::{Iam, ServiceAccountIssuerDiscoveryConfig};
use super::kube_api_server::KubeApiServerConfig;
use super::kube_controller_manager::KubeControllerManagerConfig;
use super::kube_proxy::KubeProxyConfig;
use super::kube_scheduler::KubeSchedulerConfig;
use super::kubelet::KubeletConfig;
use super::networking::Networking;
use super::node::{Assets, FileAsset, Hook, RollingUpdate, WarmPool};
use super::topology::{Subnet, Topology};
use crate::api::meta::{ObjectMeta, is_default};

/// TODO-DOC Cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Cluster {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// TODO-DOC.
    pub spec: ClusterSpec,
}

/// TODO-DOC ClusterSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterSpec {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addons: Vec<AddonManifest>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config_base: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gossip_config: Option<GossipConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container_runtime: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubernetes_version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<Subnet>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master_public_name: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub master_internal_name: String,
    /// TODO-DOC.
    #[serde(rename = "networkCIDR", skip_serializing_if = "String::is_empty")]
    pub network_cidr: String,
    /// TODO-DOC.
    #[serde(rename = "additionalNetworkCIDRs", skip_serializing_if = "Vec::is_empty")]
    pub additional_network_cidrs: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "networkID", skip_serializing_if = "String::is_empty")]
    pub network_id: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<Topology>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret_store: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_store: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub config_store: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dns_zone: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_controller_gossip_config: Option<DnsControllerGossipConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_sans: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "clusterDNSDomain", skip_serializing_if = "String::is_empty")]
    pub cluster_dns_domain: String,
    /// TODO-DOC.
    #[serde(rename = "serviceClusterIPRange", skip_serializing_if = "String::is_empty")]
    pub service_cluster_ip_range: String,
    /// TODO-DOC.
    #[serde(rename = "podCIDR", skip_serializing_if = "String::is_empty")]
    pub pod_cidr: String,
    /// TODO-DOC.
    #[serde(rename = "nonMasqueradeCIDR", skip_serializing_if = "String::is_empty")]
    pub non_masquerade_cidr: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_access: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub node_port_access: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_proxy: Option<EgressProxy>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_key_name: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kubernetes_api_access: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolate_masters: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_policy: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub external_policies: BTreeMap<String, Vec<String>>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub additional_policies: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_assets: Vec<FileAsset>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_clusters: Vec<EtcdCluster>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub docker: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containerd: Option<ContainerdConfig>,
    /// TODO-DOC.
    #[serde(rename = "kubeDNS", skip_serializing_if = "Option::is_none")]
    pub kube_dns: Option<KubeDnsConfig>,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIServer", skip_serializing_if = "Option::is_none")]
    pub kube_api_server: Option<KubeApiServerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_controller_manager: Option<KubeControllerManagerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_controller_manager: Option<CloudControllerManagerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_scheduler: Option<KubeSchedulerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_proxy: Option<KubeProxyConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_kubelet: Option<KubeletConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_config: Option<CloudConfiguration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_dns: Option<ExternalDnsConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ntp: Option<NtpConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_termination_handler: Option<NodeTerminationHandler>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_problem_detector: Option<NodeProblemDetectorConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_server: Option<MetricsServerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_manager: Option<CertManagerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_load_balancer_controller: Option<LoadBalancerController>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networking: Option<Networking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Api>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_authorization: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cloud_labels: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assets: Option<Assets>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<Iam>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_config: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "DisableSubnetTags", skip_serializing_if = "Option::is_none")]
    pub disable_subnet_tags: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_host_certificates: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctl_parameters: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_autoscaler: Option<ClusterAutoscalerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_issuer_discovery: Option<ServiceAccountIssuerDiscoveryConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_controller: Option<SnapshotControllerConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub karpenter: Option<KarpenterConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_identity_webhook: Option<PodIdentityWebhook>,
}

/// TODO-DOC AddonSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AddonManifest {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
}

/// TODO-DOC TargetSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Target {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<TerraformTarget>,
}

/// TODO-DOC TerraformSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct TerraformTarget {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provider_extra_config: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files_provider_extra_config: BTreeMap<String, String>,
}

/// TODO-DOC GossipConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GossipConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<GossipConfigSecondary>,
}

/// TODO-DOC GossipConfigSecondary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GossipConfigSecondary {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// TODO-DOC DNSControllerGossipConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsControllerGossipConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<DnsControllerGossipConfigSecondary>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// TODO-DOC DNSControllerGossipConfigSecondary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsControllerGossipConfigSecondary {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

/// TODO-DOC NTPConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NtpConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
}

/// TODO-DOC EgressProxySpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EgressProxy {
    /// TODO-DOC.
    pub http_proxy: HttpProxy,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub excludes: String,
}

/// TODO-DOC HTTPProxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct HttpProxy {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub port: i64,
}
