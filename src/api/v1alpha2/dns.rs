//! TODO-DOC dns.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Quantity, is_default};

/// TODO-DOC KubeDNSConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeDnsConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_max_size: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_max_concurrent: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(rename = "coreDNSImage", skip_serializing_if = "String::is_empty")]
    pub core_dns_image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpa_image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domain: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_core_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub replicas: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// TODO-DOC.
    #[serde(rename = "serverIP", skip_serializing_if = "String::is_empty")]
    pub server_ip: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stub_domains: BTreeMap<String, Vec<String>>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstream_nameservers: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(rename = "nodeLocalDNS", skip_serializing_if = "Option::is_none")]
    pub node_local_dns: Option<NodeLocalDnsConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// TODO-DOC NodeLocalDNSConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeLocalDnsConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_core_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub additional_config: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "localIP", skip_serializing_if = "String::is_empty")]
    pub local_ip: String,
    /// TODO-DOC.
    #[serde(rename = "forwardToKubeDNS", skip_serializing_if = "Option::is_none")]
    pub forward_to_kube_dns: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// TODO-DOC ExternalDNSConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExternalDnsConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub disable: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_ingress: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub watch_namespace: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
}
