//! The network of pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calico::CalicoNetworking;
use super::cilium::CiliumNetworking;
use super::etcd::EnvVar;
use crate::meta::is_default;

/// The network of pods; exactly one option is chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Networking {
    /// Refused: gone since Kubernetes 1.4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classic: Option<serde_json::Value>,
    /// Routes in the VPC; at most 50 nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubenet: Option<KubenetNetworking>,
    /// Refused: gone since Kubernetes 1.26; use `cni`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<serde_json::Value>,
    /// A CNI plugin that the user installs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cni: Option<CniNetworking>,
    /// kopeio networking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kopeio: Option<KopeioNetworking>,
    /// Refused: Weave is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weave: Option<serde_json::Value>,
    /// Flannel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flannel: Option<FlannelNetworking>,
    /// Calico.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calico: Option<CalicoNetworking>,
    /// Refused: gone since Kubernetes 1.28.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canal: Option<serde_json::Value>,
    /// kube-router; kube-proxy must be off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kuberouter: Option<KuberouterNetworking>,
    /// Refused: gone since kops 1.19.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub romana: Option<serde_json::Value>,
    /// The AWS VPC CNI plugin: pods have addresses of the VPC.
    #[schemars(extend("x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amazonvpc: Option<AmazonVpcNetworking>,
    /// Cilium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cilium: Option<CiliumNetworking>,
    /// Refused: gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lyftvpc: Option<serde_json::Value>,
    /// IP aliases: pods have addresses of a secondary range of their subnet ("VPC native").
    #[schemars(extend("x-only" = "gce"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gce: Option<GceNetworking>,
    /// kindnet, a small one.
    #[schemars(extend("x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kindnet: Option<KindnetNetworking>,
}

/// Routes in the VPC, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubenetNetworking {}

/// IP aliases, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GceNetworking {}

/// A CNI plugin that the user installs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CniNetworking {
    /// Whether pods get secondary addresses of their instance.
    #[schemars(extend("x-default" = false))]
    #[serde(rename = "usesSecondaryIP", skip_serializing_if = "is_default")]
    pub uses_secondary_ip: bool,
}

/// kopeio networking, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KopeioNetworking {}

/// Flannel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FlannelNetworking {
    /// How packets between nodes are wrapped.
    #[schemars(extend("enum" = ["udp", "vxlan"], "x-default" = "udp", "examples" = ["vxlan"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backend: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing)]
    pub disable_tx_checksum_offloading: bool,
    /// How often its rules are checked, in seconds.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 5))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iptables_resync_seconds: Option<i32>,
}

/// kube-router, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KuberouterNetworking {}

/// The AWS VPC CNI plugin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AmazonVpcNetworking {
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_name: String,
    /// The image of its init container.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub init_image_name: String,
    /// The image of its agent for network policies.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network_policy_agent_image: String,
    /// Environment variables of its container.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
}

/// kindnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KindnetNetworking {
    /// Its version.
    #[schemars(extend("x-default" = "v1.0.0", "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Whether network policies are enforced.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<bool>,
    /// Whether admin network policies are enforced.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_network_policies: Option<bool>,
    /// Whether the baseline policy is enforced.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_admin_network_policies: Option<bool>,
    /// Whether it caches DNS on nodes.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_caching: Option<bool>,
    /// Whether IPv6 pods reach IPv4.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat64: Option<bool>,
    /// After how many packets a connection takes the fast path; 0 for never.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 0, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_path_threshold: Option<i32>,
    /// Which addresses are translated outside of the cluster.
    #[schemars(extend("x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masquerade: Option<KindnetMasquerade>,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
}

/// Which addresses are translated outside of the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KindnetMasquerade {
    /// Whether any are.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Networks that pods reach with their own address. Default: those of the VPC, pods and services.
    #[schemars(extend("format" = "cidr-or-empty", "examples" = [["10.0.0.0/8"]], "x-since" = "kops 1.32"))]
    #[serde(rename = "nonMasqueradeCIDRs", skip_serializing_if = "Vec::is_empty")]
    pub non_masquerade_cidrs: Vec<String>,
}
