//! TODO-DOC kubelet.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Duration, is_default};

/// TODO-DOC KubeletConfigSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeletConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_servers: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_auth: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bootstrap_kubeconfig: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_ca_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_cert_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_cipher_suites: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_min_version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubeconfig_path: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_kubeconfig: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pod_manifest_path: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hostname_override: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pod_infra_container_image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_default: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seccomp_profile_root: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privileged: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_debugging_handlers: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_node: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_status_update_frequency: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_domain: String,
    /// TODO-DOC.
    #[serde(rename = "clusterDNS", skip_serializing_if = "String::is_empty")]
    pub cluster_dns: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_plugin_name: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubelet_cgroups: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime_cgroups: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_port: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_cgroups: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup_root: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure_cbr0: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hairpin_mode: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub babysit_daemons: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pods: Option<i32>,
    /// TODO-DOC.
    #[serde(rename = "nvidiaGPUs", skip_serializing_if = "is_default")]
    pub nvidia_gpus: i32,
    /// TODO-DOC.
    #[serde(rename = "podCIDR", skip_serializing_if = "String::is_empty")]
    pub pod_cidr: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolv_conf: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "reconcileCIDR", skip_serializing_if = "Option::is_none")]
    pub reconcile_cidr: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_schedulable: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serialize_image_pulls: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_labels: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(rename = "nonMasqueradeCIDR", skip_serializing_if = "Option::is_none")]
    pub non_masquerade_cidr: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_custom_metrics: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "networkPluginMTU", skip_serializing_if = "Option::is_none")]
    pub network_plugin_mtu: Option<i32>,
    /// TODO-DOC.
    #[serde(rename = "imageMinimumGCAge", skip_serializing_if = "Option::is_none")]
    pub image_minimum_gc_age: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "imageMaximumGCAge", skip_serializing_if = "Option::is_none")]
    pub image_maximum_gc_age: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallel_image_pulls: Option<i32>,
    /// TODO-DOC.
    #[serde(rename = "imageGCHighThresholdPercent", skip_serializing_if = "Option::is_none")]
    pub image_gc_high_threshold_percent: Option<i32>,
    /// TODO-DOC.
    #[serde(rename = "imageGCLowThresholdPercent", skip_serializing_if = "Option::is_none")]
    pub image_gc_low_threshold_percent: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_progress_deadline: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_hard: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_soft: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_soft_grace_period: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_pressure_transition_period: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub eviction_max_pod_grace_period: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub eviction_minimum_reclaim: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub volume_plugin_directory: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_memcg_notification: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kube_reserved: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kube_reserved_cgroup: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub system_reserved: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_reserved_cgroup: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub enforce_node_allocatable: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_request_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_stats_agg_period: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_swap_on: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experimental_allowed_unsafe_sysctls: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_unsafe_sysctls: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_connection_idle_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "dockerDisableSharedPID", skip_serializing)]
    pub docker_disable_shared_pid: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root_dir: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_token_webhook_cache_ttl: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "cpuCFSQuota", skip_serializing_if = "Option::is_none")]
    pub cpu_cfs_quota: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "cpuCFSQuotaPeriod", skip_serializing_if = "Option::is_none")]
    pub cpu_cfs_quota_period: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpu_manager_policy: String,
    /// TODO-DOC.
    #[serde(rename = "registryPullQPS", skip_serializing_if = "Option::is_none")]
    pub registry_pull_qps: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_burst: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub topology_manager_policy: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_certificates: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protect_kernel_defaults: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup_driver: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub housekeeping_interval: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "eventQPS", skip_serializing_if = "Option::is_none")]
    pub event_qps: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_burst: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container_log_max_size: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_log_max_files: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_cadvisor_json_endpoints: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_pids_limit: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_allocatable_ignore_eviction: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_grace_period_critical_pods: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub memory_swap_behavior: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash_loop_back_off_max_container_restart_period: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<i32>,
    /// TODO-DOC.
    #[serde(rename = "eventRecordQPS", skip_serializing_if = "Option::is_none")]
    pub event_record_qps: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_lease_duration_seconds: Option<i32>,
}
