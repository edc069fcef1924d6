//! TODO-DOC networking.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calico::CalicoNetworking;
use super::cilium::CiliumNetworking;
use super::etcd::EnvVar;
use crate::api::meta::is_default;

/// TODO-DOC NetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Networking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classic: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubenet: Option<KubenetNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cni: Option<CniNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kopeio: Option<KopeioNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weave: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flannel: Option<FlannelNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calico: Option<CalicoNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canal: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kuberouter: Option<KuberouterNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub romana: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amazonvpc: Option<AmazonVpcNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cilium: Option<CiliumNetworking>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lyftvpc: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gce: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kindnet: Option<KindnetNetworking>,
}

/// TODO-DOC KubenetNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubenetNetworking {}

/// TODO-DOC CNINetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CniNetworking {
    /// TODO-DOC.
    #[serde(rename = "usesSecondaryIP", skip_serializing_if = "is_default")]
    pub uses_secondary_ip: bool,
}

/// TODO-DOC KopeioNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KopeioNetworking {}

/// TODO-DOC FlannelNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FlannelNetworking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backend: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub disable_tx_checksum_offloading: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iptables_resync_seconds: Option<i32>,
}

/// TODO-DOC KuberouterNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KuberouterNetworking {}

/// TODO-DOC AmazonVPCNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AmazonVpcNetworking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub init_image_name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network_policy_agent_image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
}

/// TODO-DOC KindnetNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KindnetNetworking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_policies: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_network_policies: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_admin_network_policies: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_caching: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat64: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_path_threshold: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masquerade: Option<KindnetMasquerade>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
}

/// TODO-DOC KindnetMasqueradeSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KindnetMasquerade {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "nonMasqueradeCIDRs", skip_serializing_if = "Vec::is_empty")]
    pub non_masquerade_cidrs: Vec<String>,
}
