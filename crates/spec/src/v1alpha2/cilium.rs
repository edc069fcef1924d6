//! Cilium as the network of pods.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Quantity, is_default};

/// Cilium.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumNetworking {
    /// The registry of its images.
    #[schemars(extend("format" = "registry", "x-lenient" = true, "x-default" = "quay.io", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registry: String,
    /// Its version, 1.18 with a `v` before it.
    #[schemars(extend("x-default" = "v1.18.6"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Memory that is reserved for each node's agent.
    #[schemars(extend("x-default" = "128Mi", "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for each node's agent.
    #[schemars(extend("x-default" = "25m", "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub access_log: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub agent_labels: Vec<String>,
    /// The port of the agent's metrics.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "x-default" = 9090))]
    #[serde(skip_serializing_if = "is_default")]
    pub agent_prometheus_port: i64,
    /// Metrics to add (`+name`) or leave out (`-name`).
    #[schemars(extend("examples" = [["+cilium_bpf_map_pressure"]], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub allow_localhost: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub auto_ipv6_node_routes: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub bpf_root: String,
    /// Which other CNI plugin it works on top of.
    #[schemars(extend("enum" = ["none", "aws-cni", "flannel", "generic-veth", "portmap"], "x-lenient" = true, "x-default" = "none", "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chaining_mode: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub container_runtime: Vec<String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub container_runtime_endpoint: BTreeMap<String, String>,
    /// Whether it logs more.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub debug: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub debug_verbose: Vec<String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub device: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub disable_conntrack: bool,
    /// Whether endpoints are kept out of the API.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(rename = "disableEndpointCRD", skip_serializing_if = "is_default")]
    pub disable_endpoint_crd: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub disable_ipv4: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub disable_k8s_services: bool,
    /// When network policies are enforced.
    #[schemars(extend("enum" = ["default", "always", "never"], "x-default" = "default"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub enable_policy: String,
    /// Whether policies may match HTTP and other protocols of layer 7.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_l7_proxy: Option<bool>,
    /// Whether traffic may be sent to a pod on the same node.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.31"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_local_redirect_policy: Option<bool>,
    /// Whether addresses are translated in BPF. Default: with `ipam: eni`.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(rename = "enableBPFMasquerade", skip_serializing_if = "Option::is_none")]
    pub enable_bpf_masquerade: Option<bool>,
    /// Whether agents check each other's endpoints.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_endpoint_health_checking: Option<bool>,
    /// Whether policies hold for nodes too.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_host_firewall: Option<bool>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub enable_tracing: bool,
    /// Whether the agent and the operator serve metrics.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_prometheus_metrics: bool,
    /// Whether traffic between pods is encrypted; not with IPv6.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_encryption: bool,
    /// How it is encrypted; IPsec needs the secret `ciliumpassword`.
    #[schemars(extend("enum" = ["ipsec", "wireguard"], "x-default" = "ipsec", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encryption_type: String,
    /// Whether traffic between nodes is encrypted too, with WireGuard.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "is_default")]
    pub node_encryption: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub envoy_log: String,
    /// Where identities are kept: in the API or in an etcd cluster.
    #[schemars(extend("enum" = ["crd", "kvstore"], "x-default" = "crd", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity_allocation_mode: String,
    /// How long a new identity waits until it is used.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "5s", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity_change_grace_period: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv4_cluster_cidr_mask_size: i64,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv4_node: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv4_range: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv4_service_range: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv6_cluster_alloc_cidr: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv6_node: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv6_range: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub ipv6_service_range: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub k8s_api_server: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub k8s_kubeconfig_path: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub keep_bpf_templates: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub keep_config: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub label_prefix_file: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub labels: Vec<String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub lb: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub lib_dir: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub log_driver: Vec<String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub log_opt: BTreeMap<String, String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub logstash: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub logstash_agent: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub logstash_probe_timer: u32,
    /// Whether addresses of pods stay as they are outside of the cluster. Default: with IPv6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_masquerade: Option<bool>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub nat46_range: String,
    /// Annotations of the agents' pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agent_pod_annotations: BTreeMap<String, String>,
    /// Annotations of the operator's pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub operator_pod_annotations: BTreeMap<String, String>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub pprof: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub prefilter_device: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub prometheus_serve_addr: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub restore: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub single_cluster_route: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub socket_path: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub state_dir: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub trace_payloadlen: i64,
    /// How packets between nodes are wrapped. Default: `vxlan`, `disabled` with IPv6 or `ipam: eni`.
    #[schemars(extend("enum" = ["vxlan", "geneve", "disabled"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tunnel: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub enableipv6: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub enableipv4: bool,
    /// How much the monitor sums up.
    #[schemars(extend("enum" = ["low", "medium", "maximum"], "x-default" = "medium"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub monitor_aggregation: String,
    /// The most TCP connections to keep track of.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 524288))]
    #[serde(rename = "bpfCTGlobalTCPMax", skip_serializing_if = "is_default")]
    pub bpf_ct_global_tcp_max: i64,
    /// The most other connections to keep track of.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 262144))]
    #[serde(rename = "bpfCTGlobalAnyMax", skip_serializing_if = "is_default")]
    pub bpf_ct_global_any_max: i64,
    /// How a service's backend is chosen.
    #[schemars(extend("enum" = ["random", "maglev"], "x-default" = "random", "x-since" = "kops 1.22"))]
    #[serde(rename = "bpfLBAlgorithm", skip_serializing_if = "String::is_empty")]
    pub bpf_lb_algorithm: String,
    /// The size of Maglev's table, a prime.
    #[schemars(extend("enum" = ["251", "509", "1021", "2039", "4093", "8191", "16381", "32749", "65521", "131071"], "x-lenient" = true, "x-default" = "16381", "x-since" = "kops 1.22"))]
    #[serde(rename = "bpfLBMaglevTableSize", skip_serializing_if = "String::is_empty")]
    pub bpf_lb_maglev_table_size: String,
    /// The most translated addresses.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 524288, "x-since" = "kops 1.22"))]
    #[serde(rename = "bpfNATGlobalMax", skip_serializing_if = "is_default")]
    pub bpf_nat_global_max: i64,
    /// The most neighbors.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 524288, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_neigh_global_max: i64,
    /// The most entries of an endpoint's policy.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 16384, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "is_default")]
    pub bpf_policy_map_max: i64,
    /// The most services and backends.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 65536, "x-since" = "kops 1.22"))]
    #[serde(rename = "bpfLBMapMax", skip_serializing_if = "is_default")]
    pub bpf_lb_map_max: i64,
    /// Whether services are resolved when a socket connects.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.36"))]
    #[serde(rename = "bpfLBSock", skip_serializing_if = "is_default")]
    pub bpf_lb_sock: bool,
    /// Whether that is done on the host only; needs `bpfLBSock`.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(rename = "bpfLBSockHostNSOnly", skip_serializing_if = "is_default")]
    pub bpf_lb_sock_host_ns_only: bool,
    /// Whether maps take their whole memory at once.
    #[schemars(extend("x-default" = false))]
    #[serde(rename = "preallocateBPFMaps", skip_serializing_if = "is_default")]
    pub preallocate_bpf_maps: bool,
    /// How it knows Istio's proxy by its image.
    #[schemars(extend("x-default" = "cilium/istio_proxy"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sidecar_istio_proxy_image: String,
    /// The name of the cluster in a mesh of clusters.
    #[schemars(extend("x-default" = "default"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_name: String,
    /// The number of the cluster in a mesh of clusters.
    #[schemars(extend("x-default" = 0, "x-since" = "kops 1.28"))]
    #[serde(rename = "clusterID", skip_serializing_if = "is_default")]
    pub cluster_id: u8,
    /// How DNS queries against policy are answered.
    #[schemars(extend("enum" = ["nameError", "refused"], "x-lenient" = true, "x-default" = "refused", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to_fqdns_dns_reject_response_code: String,
    /// Whether it asks for names of policies itself.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub to_fqdns_enable_poller: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub container_runtime_labels: String,
    /// Where addresses of pods come from.
    #[schemars(extend("enum" = ["hostscope", "kubernetes", "crd", "eni"], "x-default" = "kubernetes", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipam: String,
    /// Whether it leaves iptables alone.
    #[schemars(extend("x-default" = false))]
    #[serde(rename = "IPTablesRulesNoinstall", skip_serializing_if = "Option::is_none")]
    pub iptables_rules_noinstall: Option<bool>,
    /// Whether nodes of one subnet reach each other's pods without wrapping.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub auto_direct_node_routes: bool,
    /// Whether services can be reached from the host.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_host_reachable_services: bool,
    /// Whether it replaces kube-proxy, which must be off.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_node_port: bool,
    /// Whether it uses the etcd cluster `cilium`.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "is_default")]
    pub etcd_managed: bool,
    /// Whether other nodes have an identity of their own.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_remote_node_identity: Option<bool>,
    /// Whether routes of deleted pods answer that they are gone.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_unreachable_routes: Option<bool>,
    /// Whether it removes other CNI configurations.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cni_exclusive: Option<bool>,
    /// Hubble, which shows traffic; needs cert-manager.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hubble: Option<Hubble>,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub remove_cbr_bridge: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub restart_pods: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub reconfigure_kubelet: bool,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub node_init_bootstrap_file: String,
    /// Accepted and ignored.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(skip_serializing)]
    pub cni_bin_path: String,
    /// Whether policies are not marked with their state on each node.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.23"))]
    #[serde(rename = "disableCNPStatusUpdates", skip_serializing_if = "Option::is_none")]
    pub disable_cnp_status_updates: Option<bool>,
    /// Whether services prefer backends that are near.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_service_topology: bool,
    /// Ingresses by Cilium.
    #[schemars(extend("x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<CiliumIngress>,
    /// The Gateway API by Cilium.
    #[schemars(extend("x-since" = "kops 1.32"))]
    #[serde(rename = "gatewayAPI", skip_serializing_if = "Option::is_none")]
    pub gateway_api: Option<CiliumGatewayApi>,
    /// Further entries of its config map.
    #[schemars(extend("examples" = [{"enable-wireguard": "true"}], "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra_config: BTreeMap<String, String>,
}

/// Ingresses by Cilium.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumIngress {
    /// Whether Cilium handles ingresses. Default: when this block is there.
    #[schemars(extend("x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether HTTP is sent on to HTTPS.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_https: Option<bool>,
    /// Whether TLS secrets are copied to its namespace.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_secrets_sync: Option<bool>,
    /// Prefixes of annotations to hand on to load balancers, separated by spaces.
    #[schemars(extend("examples" = ["service.beta.kubernetes.io"], "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub load_balancer_annotation_prefixes: String,
    /// Whether ingresses share a load balancer.
    #[schemars(extend("enum" = ["shared", "dedicated"], "x-default" = "dedicated", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default_load_balancer_mode: String,
    /// The service of the shared load balancer.
    #[schemars(extend("x-default" = "cilium-ingress", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shared_load_balancer_service_name: String,
}

/// The Gateway API by Cilium.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CiliumGatewayApi {
    /// Whether Cilium handles gateways. Default: when this block is there.
    #[schemars(extend("x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether TLS secrets are copied to its namespace.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_secrets_sync: Option<bool>,
}

/// Hubble, which shows traffic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Hubble {
    /// Whether it is on. Default: when this block is there.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Metrics it gathers.
    #[schemars(extend("examples" = [["dns", "drop", "tcp"]], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
}
