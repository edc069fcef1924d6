//! TODO-DOC calico.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Quantity, is_default};

/// TODO-DOC CalicoNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalicoNetworking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// TODO-DOC.
    #[serde(rename = "allowIPForwarding", skip_serializing_if = "is_default")]
    pub allow_ip_forwarding: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub aws_src_dst_check: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bpf_external_service_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_kube_proxy_iptables_cleanup_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bpf_log_level: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chain_insert_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_subnet: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encapsulation_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipip_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv4_auto_detection_method: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv6_auto_detection_method: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub iptables_backend: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_severity_screen: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nftables_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_metrics_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_metrics_port: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_go_metrics_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_process_metrics_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub major_version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub typha_prometheus_metrics_enabled: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub typha_prometheus_metrics_port: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub typha_replicas: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vxlan_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wireguard_enabled: Option<bool>,
}
