//! Calico as the network of pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Quantity, is_default};

/// Calico.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalicoNetworking {
    /// The registry of its images.
    #[schemars(extend("format" = "registry", "x-lenient" = true, "x-default" = "quay.io", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// Its version.
    #[schemars(extend("examples" = ["v3.31.3"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Whether containers may forward packets.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(rename = "allowIPForwarding", skip_serializing_if = "is_default")]
    pub allow_ip_forwarding: bool,
    /// What Calico does with the source and destination check of instances.
    #[schemars(extend("enum" = ["Enable", "Disable", "DoNothing"], "x-default" = "DoNothing", "x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub aws_src_dst_check: String,
    /// Whether packets are handled in BPF; kube-proxy must be off.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_enabled: bool,
    /// How answers to traffic from outside travel in BPF mode.
    #[schemars(extend("enum" = ["Tunnel", "DSR"], "x-default" = "Tunnel", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bpf_external_service_mode: String,
    /// Whether rules of kube-proxy are removed in BPF mode.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_kube_proxy_iptables_cleanup_enabled: bool,
    /// How much BPF programs log.
    #[schemars(extend("enum" = ["Off", "Info", "Debug"], "x-default" = "Off", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bpf_log_level: String,
    /// Whether its rules come first or last in iptables.
    #[schemars(extend("enum" = ["insert", "append"], "x-default" = "insert", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chain_insert_mode: String,
    /// CPU that is reserved for each node's pod.
    #[schemars(extend("x-default" = "100m", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Accepted and ignored: replaced by `awsSrcDstCheck`.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.22", "x-instead" = "use awsSrcDstCheck; crossSubnet has had no effect since kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_subnet: Option<bool>,
    /// How packets between nodes are wrapped; `none` with IPv6 only. Default: `ipip`, `none` with IPv6.
    #[schemars(extend("enum" = ["ipip", "vxlan", "none"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encapsulation_mode: String,
    /// When packets are wrapped by IP in IP. Default: `CrossSubnet` where instances forward freely, else `Always`.
    #[schemars(extend("enum" = ["Always", "CrossSubnet", "Never"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipip_mode: String,
    /// How a node finds its IPv4 address.
    #[schemars(extend("format" = "autodetection-ipv4", "x-default" = "first-found", "examples" = ["interface=eth.*"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv4_auto_detection_method: String,
    /// How a node finds its IPv6 address.
    #[schemars(extend("format" = "autodetection-ipv6", "x-default" = "none", "examples" = ["first-found"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv6_auto_detection_method: String,
    /// Which iptables it uses.
    #[schemars(extend("enum" = ["Auto", "Legacy", "NFT"], "x-default" = "Auto"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub iptables_backend: String,
    /// How much it logs.
    #[schemars(extend("enum" = ["none", "debug", "info", "warning", "error", "critical", "fatal"], "x-lenient" = true, "x-default" = "info"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_severity_screen: String,
    /// The largest packet of its interfaces. Default: found out.
    #[schemars(extend("minimum" = 68, "maximum" = 65535, "x-lenient" = true, "examples" = [8981]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i32>,
    /// Whether nftables replaces iptables.
    #[schemars(extend("enum" = ["Auto", "Enabled", "Disabled"], "x-lenient" = true, "x-default" = "Disabled", "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nftables_mode: String,
    /// Whether each node serves metrics.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_metrics_enabled: bool,
    /// The port of these metrics.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "x-default" = 9091))]
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_metrics_port: i32,
    /// Whether they include the Go runtime.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_go_metrics_enabled: bool,
    /// Whether they include the process.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "is_default")]
    pub prometheus_process_metrics_enabled: bool,
    /// Accepted and ignored: there is only one.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub major_version: String,
    /// Whether Typha serves metrics.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub typha_prometheus_metrics_enabled: bool,
    /// The port of these metrics.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "x-default" = 9093))]
    #[serde(skip_serializing_if = "is_default")]
    pub typha_prometheus_metrics_port: i32,
    /// How many Typha pods are between nodes and the API server, for large clusters.
    #[schemars(extend("minimum" = 0, "x-default" = 0))]
    #[serde(skip_serializing_if = "is_default")]
    pub typha_replicas: i32,
    /// When packets are wrapped by VXLAN.
    #[schemars(extend("enum" = ["Always", "CrossSubnet", "Never"], "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vxlan_mode: String,
    /// Whether traffic between nodes is encrypted by WireGuard; not with IPv6.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wireguard_enabled: Option<bool>,
}

impl CalicoNetworking {
    /// The `encapsulationMode` of a cluster that does not set one.
    pub fn default_encapsulation(ipv6: bool) -> &'static str {
        if ipv6 { "none" } else { "ipip" }
    }
}
