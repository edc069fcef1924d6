//! TODO-DOC cilium.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Quantity, is_default};

/// TODO-DOC CiliumNetworkingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumNetworking {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub access_log: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub agent_labels: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub agent_prometheus_port: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub allow_localhost: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub auto_ipv6_node_routes: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub bpf_root: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chaining_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub container_runtime: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub container_runtime_endpoint: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub debug: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub debug_verbose: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub device: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub disable_conntrack: bool,
    /// TODO-DOC.
    #[serde(rename = "disableEndpointCRD", skip_serializing_if = "is_default")]
    pub disable_endpoint_crd: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub disable_ipv4: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub disable_k8s_services: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub enable_policy: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_l7_proxy: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_local_redirect_policy: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "enableBPFMasquerade", skip_serializing_if = "Option::is_none")]
    pub enable_bpf_masquerade: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_endpoint_health_checking: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_host_firewall: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub enable_tracing: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_prometheus_metrics: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_encryption: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encryption_type: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub node_encryption: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub envoy_log: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity_allocation_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity_change_grace_period: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv4_cluster_cidr_mask_size: i64,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv4_node: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv4_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv4_service_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv6_cluster_alloc_cidr: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv6_node: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv6_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub ipv6_service_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub k8s_api_server: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub k8s_kubeconfig_path: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub keep_bpf_templates: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub keep_config: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub label_prefix_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub labels: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub lb: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub lib_dir: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub log_driver: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub log_opt: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub logstash: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub logstash_agent: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub logstash_probe_timer: u32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_masquerade: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub nat46_range: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agent_pod_annotations: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub operator_pod_annotations: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub pprof: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub prefilter_device: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub prometheus_serve_addr: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub restore: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub single_cluster_route: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub socket_path: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub state_dir: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub trace_payloadlen: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tunnel: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub enableipv6: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub enableipv4: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub monitor_aggregation: String,
    /// TODO-DOC.
    #[serde(rename = "bpfCTGlobalTCPMax", skip_serializing_if = "is_default")]
    pub bpf_ct_global_tcp_max: i64,
    /// TODO-DOC.
    #[serde(rename = "bpfCTGlobalAnyMax", skip_serializing_if = "is_default")]
    pub bpf_ct_global_any_max: i64,
    /// TODO-DOC.
    #[serde(rename = "bpfLBAlgorithm", skip_serializing_if = "String::is_empty")]
    pub bpf_lb_algorithm: String,
    /// TODO-DOC.
    #[serde(rename = "bpfLBMaglevTableSize", skip_serializing_if = "String::is_empty")]
    pub bpf_lb_maglev_table_size: String,
    /// TODO-DOC.
    #[serde(rename = "bpfNATGlobalMax", skip_serializing_if = "is_default")]
    pub bpf_nat_global_max: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_neigh_global_max: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_policy_map_max: i64,
    /// TODO-DOC.
    #[serde(rename = "bpfLBMapMax", skip_serializing_if = "is_default")]
    pub bpf_lb_map_max: i64,
    /// TODO-DOC.
    #[serde(rename = "bpfLBSock", skip_serializing_if = "is_default")]
    pub bpf_lb_sock: bool,
    /// TODO-DOC.
    #[serde(rename = "bpfLBSockHostNSOnly", skip_serializing_if = "is_default")]
    pub bpf_lb_sock_host_ns_only: bool,
    /// TODO-DOC.
    #[serde(rename = "preallocateBPFMaps", skip_serializing_if = "is_default")]
    pub preallocate_bpf_maps: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sidecar_istio_proxy_image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_name: String,
    /// TODO-DOC.
    #[serde(rename = "clusterID", skip_serializing_if = "is_default")]
    pub cluster_id: u8,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to_fqdns_dns_reject_response_code: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub to_fqdns_enable_poller: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub container_runtime_labels: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipam: String,
    /// TODO-DOC.
    #[serde(rename = "IPTablesRulesNoinstall", skip_serializing_if = "Option::is_none")]
    pub iptables_rules_noinstall: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub auto_direct_node_routes: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_host_reachable_services: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_node_port: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub etcd_managed: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_remote_node_identity: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_unreachable_routes: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cni_exclusive: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hubble: Option<Hubble>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub remove_cbr_bridge: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub restart_pods: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub reconfigure_kubelet: bool,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub node_init_bootstrap_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub cni_bin_path: String,
    /// TODO-DOC.
    #[serde(rename = "disableCNPStatusUpdates", skip_serializing_if = "Option::is_none")]
    pub disable_cnp_status_updates: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_service_topology: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<CiliumIngress>,
    /// TODO-DOC.
    #[serde(rename = "gatewayAPI", skip_serializing_if = "Option::is_none")]
    pub gateway_api: Option<CiliumGatewayApi>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra_config: BTreeMap<String, String>,
}

/// TODO-DOC CiliumIngressSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumIngress {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_https: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_secrets_sync: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub load_balancer_annotation_prefixes: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default_load_balancer_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shared_load_balancer_service_name: String,
}

/// TODO-DOC CiliumGatewayAPISpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumGatewayApi {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_secrets_sync: Option<bool>,
}

/// TODO-DOC HubbleSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Hubble {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
}
