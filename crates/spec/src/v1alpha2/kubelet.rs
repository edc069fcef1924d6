//! Settings of the kubelet.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Duration, is_default};

/// Settings of the kubelet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeletConfig {
    /// Refused: the flag is gone since Kubernetes 1.6.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_servers: String,
    /// Whether requests without credentials are let in; set it to false.
    #[schemars(extend("examples" = [false]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_auth: Option<bool>,
    /// How requests to the kubelet are authorized.
    #[schemars(extend("enum" = ["AlwaysAllow", "Webhook"], "x-lenient" = true, "examples" = ["Webhook"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization_mode: String,
    /// Refused: nodes join through kops-controller, without bootstrap tokens.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bootstrap_kubeconfig: String,
    /// The certificate authority of its clients.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/srv/kubernetes/ca.crt"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_ca_file: String,
    /// The certificate it serves with.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_cert_file: String,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// TLS cipher suites it offers.
    #[schemars(extend("format" = "cipher-suite", "x-lenient" = true, "examples" = [["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_cipher_suites: Vec<String>,
    /// The oldest TLS it speaks.
    #[schemars(extend("enum" = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"], "x-lenient" = true, "examples" = ["VersionTLS12"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_min_version: String,
    /// Its kubeconfig.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kubelet/kubeconfig"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubeconfig_path: String,
    /// Refused: the flag is gone since Kubernetes 1.10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_kubeconfig: Option<bool>,
    /// The form of its log.
    #[schemars(extend("enum" = ["text", "json"], "x-default" = "text", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
    /// The directory of static pods.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/etc/kubernetes/manifests"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pod_manifest_path: String,
    /// The name of the node, instead of the one kops gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hostname_override: String,
    /// Refused: gone since Kubernetes 1.35; use `containerd.sandboxImage`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pod_infra_container_image: String,
    /// Whether pods get the runtime's seccomp profile unless they say otherwise.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_default: Option<bool>,
    /// The directory of seccomp profiles. The kubelet exits on it since Kubernetes 1.23.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_profile_root: Option<String>,
    /// Whether privileged containers may run; always, since Kubernetes 1.15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privileged: Option<bool>,
    /// Whether logs, exec and attach work.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_debugging_handlers: Option<bool>,
    /// Whether it registers its node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_node: Option<bool>,
    /// How often it reports the status of its node.
    #[schemars(extend("x-default" = "10s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_status_update_frequency: Option<Duration>,
    /// The domain of the cluster. Default: `clusterDNSDomain`.
    #[schemars(extend("format" = "dns-name", "x-lenient" = true, "x-default" = "cluster.local"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_domain: String,
    /// The DNS server of pods. Default: the DNS service, or the node's cache.
    #[schemars(extend("format" = "ip", "x-lenient" = true, "examples" = ["100.64.0.10"]))]
    #[serde(rename = "clusterDNS", skip_serializing_if = "String::is_empty")]
    pub cluster_dns: String,
    /// Refused: gone since Kubernetes 1.24.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_plugin_name: Option<String>,
    /// What manages the node in the cloud.
    #[schemars(extend("enum" = ["aws", "external"], "x-default" = "external"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// The control group it runs in.
    #[schemars(extend("examples" = ["/podruntime.slice/kubelet.service"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_cgroups: String,
    /// The control group of the container runtime.
    #[schemars(extend("examples" = ["/podruntime.slice/containerd.service"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime_cgroups: String,
    /// The port without credentials; 0 for none.
    #[schemars(extend("minimum" = 0, "maximum" = 65535, "x-lenient" = true, "x-default" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_port: Option<i32>,
    /// The control group for processes outside of the kernel's and kops'.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_cgroups: String,
    /// The control group of pods.
    #[schemars(extend("x-default" = "/"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup_root: String,
    /// Refused: the flag is gone since Kubernetes 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure_cbr0: Option<bool>,
    /// How a pod reaches itself through a service.
    #[schemars(extend("enum" = ["promiscuous-bridge", "hairpin-veth", "none"], "x-lenient" = true, "x-default" = "promiscuous-bridge"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hairpin_mode: String,
    /// The kubelet exits on it since Kubernetes 1.7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub babysit_daemons: Option<bool>,
    /// The most pods of a node. Default: 110, or what the network plugin allows.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [110]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pods: Option<i32>,
    /// The number of NVIDIA GPUs, which device plugins report. The kubelet exits on it since Kubernetes 1.6.
    #[serde(rename = "nvidiaGPUs", skip_serializing_if = "is_default")]
    pub nvidia_gpus: i32,
    /// The network of pods in a standalone kubelet.
    #[schemars(extend("format" = "cidr", "x-lenient" = true))]
    #[serde(rename = "podCIDR", skip_serializing_if = "String::is_empty")]
    pub pod_cidr: String,
    /// The file with the node's DNS servers.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/run/systemd/resolve/resolv.conf"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolv_conf: Option<String>,
    /// Whether it follows the pod network its node gets. The kubelet exits on it since Kubernetes 1.6.
    #[serde(rename = "reconcileCIDR", skip_serializing_if = "Option::is_none")]
    pub reconcile_cidr: Option<bool>,
    /// Whether new nodes take pods at once. The kubelet exits on it since Kubernetes 1.34.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_schedulable: Option<bool>,
    /// Whether images are pulled one at a time.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serialize_image_pulls: Option<bool>,
    /// Labels of the nodes.
    #[schemars(extend("examples" = [{"pool": "general"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_labels: BTreeMap<String, String>,
    /// Refused: gone since Kubernetes 1.24.
    #[serde(rename = "nonMasqueradeCIDR", skip_serializing_if = "Option::is_none")]
    pub non_masquerade_cidr: Option<String>,
    /// Whether custom metrics are collected. The kubelet exits on it since Kubernetes 1.11.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_custom_metrics: Option<bool>,
    /// Refused: gone since Kubernetes 1.24.
    #[serde(rename = "networkPluginMTU", skip_serializing_if = "Option::is_none")]
    pub network_plugin_mtu: Option<i32>,
    /// How long an image that nothing uses is kept at least. The kubelet exits on the flag that kops generates from it.
    #[schemars(extend("x-default" = "2m0s", "x-since" = "kops 1.29"))]
    #[serde(rename = "imageMinimumGCAge", skip_serializing_if = "Option::is_none")]
    pub image_minimum_gc_age: Option<Duration>,
    /// After how long an image that nothing uses is deleted; 0 for when the disk is full.
    #[schemars(extend("x-default" = "0s", "x-since" = "kops 1.29"))]
    #[serde(rename = "imageMaximumGCAge", skip_serializing_if = "Option::is_none")]
    pub image_maximum_gc_age: Option<Duration>,
    /// How many images are pulled at a time, without `serializeImagePulls`.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "examples" = [5], "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallel_image_pulls: Option<i32>,
    /// The percentage of the disk from which images are deleted.
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-lenient" = true, "x-default" = 85))]
    #[serde(rename = "imageGCHighThresholdPercent", skip_serializing_if = "Option::is_none")]
    pub image_gc_high_threshold_percent: Option<i32>,
    /// The percentage of the disk down to which images are deleted.
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-lenient" = true, "x-default" = 80))]
    #[serde(rename = "imageGCLowThresholdPercent", skip_serializing_if = "Option::is_none")]
    pub image_gc_low_threshold_percent: Option<i32>,
    /// For Docker. The kubelet exits on it since Kubernetes 1.24.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_progress_deadline: Option<Duration>,
    /// When pods are evicted at once: thresholds of signals, separated by commas.
    #[schemars(extend("format" = "eviction-thresholds", "x-lenient" = true, "x-default" = "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<10%,imagefs.inodesFree<5%"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_hard: Option<String>,
    /// When pods are evicted after a while: thresholds of signals, separated by commas.
    #[schemars(extend("format" = "eviction-thresholds", "x-lenient" = true, "examples" = ["memory.available<500Mi"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_soft: String,
    /// How long each soft threshold must hold.
    #[schemars(extend("format" = "eviction-periods", "x-lenient" = true, "examples" = ["memory.available=1m30s"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_soft_grace_period: String,
    /// How long a node stays marked after pressure has gone.
    #[schemars(extend("x-default" = "5m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_pressure_transition_period: Option<Duration>,
    /// Seconds a pod gets to end on a soft eviction.
    #[schemars(extend("minimum" = -1, "x-lenient" = true, "x-default" = 0))]
    #[serde(skip_serializing_if = "is_default")]
    pub eviction_max_pod_grace_period: i32,
    /// How much an eviction frees at least.
    #[schemars(extend("format" = "eviction-reclaims", "x-lenient" = true, "examples" = ["imagefs.available=2Gi"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_minimum_reclaim: String,
    /// The directory of volume plugins.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/usr/libexec/kubernetes/kubelet-plugins/volume/exec/"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub volume_plugin_directory: String,
    /// Taints of the nodes, each `key=value:effect`.
    #[schemars(extend("format" = "taint", "x-lenient" = true, "examples" = [["dedicated=gpu:NoSchedule"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// Feature gates by name, each `"true"` or `"false"`.
    #[schemars(extend("format" = "feature-gate-value", "x-lenient" = true, "examples" = [{"InPlacePodVerticalScaling": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// Whether the kernel notifies it of memory pressure.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_memcg_notification: Option<bool>,
    /// Resources kept back for Kubernetes.
    #[schemars(extend("format" = "reserved-amount", "x-lenient" = true, "examples" = [{"cpu": "100m", "memory": "256Mi"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kube_reserved: BTreeMap<String, String>,
    /// The control group of Kubernetes' own processes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kube_reserved_cgroup: String,
    /// Resources kept back for the system.
    #[schemars(extend("format" = "reserved-amount", "x-lenient" = true, "examples" = [{"cpu": "100m", "memory": "256Mi"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub system_reserved: BTreeMap<String, String>,
    /// The control group of the system's processes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_reserved_cgroup: String,
    /// The reservations that are enforced, separated by commas.
    #[schemars(extend("examples" = ["pods,kube-reserved"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub enforce_node_allocatable: String,
    /// How long the container runtime may take to answer.
    #[schemars(extend("x-default" = "2m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_request_timeout: Option<Duration>,
    /// How often the use of volumes is measured.
    #[schemars(extend("x-default" = "1m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_stats_agg_period: Option<Duration>,
    /// Whether it refuses to run with swap.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_swap_on: Option<bool>,
    /// Refused: renamed `allowedUnsafeSysctls` in Kubernetes 1.11.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experimental_allowed_unsafe_sysctls: Vec<String>,
    /// Kernel settings that pods may change, with `*` at the end of a pattern.
    #[schemars(extend("examples" = [["net.core.somaxconn"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_unsafe_sysctls: Vec<String>,
    /// How long exec and attach may be silent.
    #[schemars(extend("x-default" = "4h0m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_connection_idle_timeout: Option<Duration>,
    /// Accepted and ignored: it was for Docker.
    #[schemars(extend("deprecated" = true))]
    #[serde(rename = "dockerDisableSharedPID", skip_serializing_if = "Option::is_none")]
    pub docker_disable_shared_pid: Option<bool>,
    /// The directory of its data.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kubelet"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root_dir: String,
    /// Whether the API server is asked who a token belongs to.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook: Option<bool>,
    /// How long such an answer is kept.
    #[schemars(extend("x-default" = "2m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_cache_ttl: Option<Duration>,
    /// Whether CPU limits are enforced.
    #[schemars(extend("x-default" = true))]
    #[serde(rename = "cpuCFSQuota", skip_serializing_if = "Option::is_none")]
    pub cpu_cfs_quota: Option<bool>,
    /// Refused: gone since Kubernetes 1.20.
    #[serde(rename = "cpuCFSQuotaPeriod", skip_serializing_if = "Option::is_none")]
    pub cpu_cfs_quota_period: Option<Duration>,
    /// Whether pods may have CPUs to themselves.
    #[schemars(extend("enum" = ["none", "static"], "x-lenient" = true, "x-default" = "none"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpu_manager_policy: String,
    /// The most images to pull a second.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 5))]
    #[serde(rename = "registryPullQPS", skip_serializing_if = "Option::is_none")]
    pub registry_pull_qps: Option<i32>,
    /// The most images to pull at once.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 10))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_burst: Option<i32>,
    /// How resources of a pod are kept on one NUMA node.
    #[schemars(extend("enum" = ["none", "best-effort", "restricted", "single-numa-node"], "x-default" = "none", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub topology_manager_policy: String,
    /// Whether it renews its client certificate.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_certificates: Option<bool>,
    /// Whether it refuses to run when kernel settings are not what it needs.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protect_kernel_defaults: Option<bool>,
    /// What manages control groups.
    #[schemars(extend("enum" = ["systemd", "cgroupfs"], "x-lenient" = true, "x-default" = "systemd", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup_driver: String,
    /// How often containers are measured.
    #[schemars(extend("x-default" = "10s", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub housekeeping_interval: Option<Duration>,
    /// The most events a second; 0 for no limit.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 50, "x-since" = "kops 1.19"))]
    #[serde(rename = "eventQPS", skip_serializing_if = "Option::is_none")]
    pub event_qps: Option<i32>,
    /// The most events at once.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 100, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_burst: Option<i32>,
    /// How large a container's log gets before a new one begins.
    #[schemars(extend("format" = "quantity", "x-lenient" = true, "x-default" = "10Mi", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container_log_max_size: String,
    /// How many logs of a container are kept, at least 2.
    #[schemars(extend("minimum" = 2, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_log_max_files: Option<i32>,
    /// Refused: gone since Kubernetes 1.21.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_cadvisor_json_endpoints: Option<bool>,
    /// The most processes of a pod; -1 for no limit.
    #[schemars(extend("minimum" = -1, "x-lenient" = true, "x-default" = -1, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_pids_limit: Option<i64>,
    /// Whether eviction thresholds are left out of what pods may use; gone from the kubelet.
    #[schemars(extend("x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_allocatable_ignore_eviction: Option<bool>,
    /// How long a node waits for its pods when it shuts down.
    #[schemars(extend("x-default" = "30s", "examples" = ["60s"], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period: Option<Duration>,
    /// The part of that which critical pods get.
    #[schemars(extend("x-default" = "10s", "examples" = ["20s"], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period_critical_pods: Option<Duration>,
    /// How much swap pods may use.
    #[schemars(extend("enum" = ["LimitedSwap", "UnlimitedSwap"], "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub memory_swap_behavior: String,
    /// How long a crashing container waits at most, 1s to 5m.
    #[schemars(extend("x-default" = "5m0s", "x-since" = "Kubernetes 1.32"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash_loop_back_off_max_container_restart_period: Option<Duration>,
    /// Requests a second to the API server.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 50, "x-since" = "kops 1.36"))]
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<i32>,
    /// The most events a second; 0 for no limit.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 50, "x-since" = "kops 1.36"))]
    #[serde(rename = "eventRecordQPS", skip_serializing_if = "Option::is_none")]
    pub event_record_qps: Option<i32>,
    /// How long a node counts as alive without a sign.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 40, "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_lease_duration_seconds: Option<i32>,
}
