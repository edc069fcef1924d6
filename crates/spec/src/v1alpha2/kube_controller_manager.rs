//! Flags of kube-controller-manager.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Duration, Quantity, is_default};

/// Flags of kube-controller-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeControllerManagerConfig {
    /// The address of the API server.
    #[schemars(extend("format" = "url", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master: String,
    /// The form of its log.
    #[schemars(extend("enum" = ["text", "json"], "x-lenient" = true, "x-default" = "text", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2))]
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// The key that signs tokens of service accounts.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_account_private_key_file: String,
    /// Its image. Default: the one of the cluster's version.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// What manages the cloud.
    #[schemars(extend("enum" = ["aws", "external"], "x-default" = "external"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// The name of the cluster in resources it makes. Default: the cluster's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_name: String,
    /// The network of pods. Default: `podCIDR`.
    #[schemars(extend("format" = "cidr"))]
    #[serde(rename = "clusterCIDR", skip_serializing_if = "String::is_empty")]
    pub cluster_cidr: String,
    /// Whether it gives nodes their part of the pod network. Default: not with IPv6.
    #[serde(rename = "allocateNodeCIDRs", skip_serializing_if = "Option::is_none")]
    pub allocate_node_cidrs: Option<bool>,
    /// The size of a node's part, as a prefix length.
    #[schemars(extend("minimum" = 1, "maximum" = 128, "x-lenient" = true, "examples" = [24]))]
    #[serde(rename = "nodeCIDRMaskSize", skip_serializing_if = "Option::is_none")]
    pub node_cidr_mask_size: Option<i32>,
    /// Whether it makes routes to the pods of nodes; true with kubenet only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure_cloud_routes: Option<bool>,
    /// Controllers to run, with `-` before those to leave out.
    #[schemars(extend("examples" = [["*", "-nodeipam"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<String>,
    /// How parts of the pod network are given to nodes.
    #[schemars(extend("enum" = ["RangeAllocator", "CloudAllocator"], "x-lenient" = true, "examples" = ["RangeAllocator"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_allocator_type: Option<String>,
    /// The certificate authority that service accounts get.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true))]
    #[serde(rename = "rootCAFile", skip_serializing_if = "String::is_empty")]
    pub root_ca_file: String,
    /// How one of its pods becomes the leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election: Option<LeaderElectionConfiguration>,
    /// How often attached volumes are checked, at least 1s.
    #[schemars(extend("x-default" = "1m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach_detach_reconcile_sync_period: Option<Duration>,
    /// Whether they are not checked.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_attach_detach_reconcile_sync: Option<bool>,
    /// How many ended pods are kept.
    #[schemars(extend("x-lenient" = true, "x-default" = 12500))]
    #[serde(rename = "terminatedPodGCThreshold", skip_serializing_if = "Option::is_none")]
    pub terminated_pod_gc_threshold: Option<i32>,
    /// How often the state of nodes is looked at.
    #[schemars(extend("x-default" = "5s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_monitor_period: Option<Duration>,
    /// How long a node may be silent until it is marked.
    #[schemars(extend("x-default" = "40s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_monitor_grace_period: Option<Duration>,
    /// How long pods stay on failed nodes. The controller manager exits on it since Kubernetes 1.27.
    #[schemars(extend("x-default" = "5m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_eviction_timeout: Option<Duration>,
    /// Whether each controller has a service account of its own.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_service_account_credentials: Option<bool>,
    /// How often pod autoscalers look.
    #[schemars(extend("x-default" = "15s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_sync_period: Option<Duration>,
    /// How long after shrinking they wait. The controller manager exits on it since Kubernetes 1.31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_downscale_delay: Option<Duration>,
    /// Over how long they look back before they shrink.
    #[schemars(extend("x-default" = "5m0s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_downscale_stabilization: Option<Duration>,
    /// How long after growing they wait. The controller manager exits on it since Kubernetes 1.31.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_upscale_delay: Option<Duration>,
    /// How long after its start a pod may still become ready for the first time.
    #[schemars(extend("x-default" = "30s", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_initial_readiness_delay: Option<Duration>,
    /// How long after its start a pod's CPU use does not count.
    #[schemars(extend("x-default" = "5m0s", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_cpu_initialization_period: Option<Duration>,
    /// The least change of a metric that makes them act.
    #[schemars(extend("x-default" = "100m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_tolerance: Option<Quantity>,
    /// The controller manager exits on it since Kubernetes 1.22.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: the flag is gone since Kubernetes 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_pod_autoscaler_use_rest_clients: Option<bool>,
    /// Refused: use `ClusterSigningDuration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental_cluster_signing_duration: Option<Duration>,
    /// How long certificates it signs are valid.
    #[schemars(extend("x-default" = "8760h0m0s", "x-since" = "kops 1.29"))]
    #[serde(rename = "ClusterSigningDuration", skip_serializing_if = "Option::is_none")]
    pub cluster_signing_duration: Option<Duration>,
    /// Feature gates by name, each `"true"` or `"false"`.
    #[schemars(extend("format" = "feature-gate-value", "x-lenient" = true, "examples" = [{"InPlacePodVerticalScaling": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// The certificate it serves with.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert_file: Option<String>,
    /// TLS cipher suites it offers.
    #[schemars(extend("format" = "cipher-suite", "x-lenient" = true, "examples" = [["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_cipher_suites: Vec<String>,
    /// The oldest TLS it speaks.
    #[schemars(extend("enum" = ["VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"], "x-lenient" = true, "examples" = ["VersionTLS12"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_min_version: String,
    /// The key of its certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// How often everything is looked at again, at least.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "12h0m0s"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub min_resync_period: String,
    /// Requests a second to the API server.
    #[schemars(extend("x-default" = "20"))]
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<Quantity>,
    /// Requests at once to the API server.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 30))]
    #[serde(rename = "kubeAPIBurst", skip_serializing_if = "Option::is_none")]
    pub kube_api_burst: Option<i32>,
    /// How many deployments it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_deployment_syncs: Option<i32>,
    /// How many endpoints it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_endpoint_syncs: Option<i32>,
    /// How many namespaces it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 10, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_namespace_syncs: Option<i32>,
    /// How many replica sets it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_replicaset_syncs: Option<i32>,
    /// How many services it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 1, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_service_syncs: Option<i32>,
    /// How many quotas it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_resource_quota_syncs: Option<i32>,
    /// How many tokens of service accounts it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_serviceaccount_token_syncs: Option<i32>,
    /// How many replication controllers it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_rc_syncs: Option<i32>,
    /// How many pod autoscalers it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_horizontal_pod_austoscaler_syncs: Option<i32>,
    /// How many jobs it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "x-default" = 5, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_job_syncs: Option<i32>,
    /// The kubeconfig for asking who a caller is.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kube-controller-manager/kubeconfig", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authentication_kubeconfig: String,
    /// The kubeconfig for asking what a caller may do.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kube-controller-manager/kubeconfig", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization_kubeconfig: String,
    /// Paths anyone may read.
    #[schemars(extend("examples" = [["/healthz"]], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_always_allow_paths: Vec<String>,
    /// The cloud whose volumes it still handles itself.
    #[schemars(extend("x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_cloud_volume_plugin: String,
    /// How long changes of endpoints are gathered.
    #[schemars(extend("x-default" = "0s", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_updates_batch_period: Option<Duration>,
    /// How long changes of endpoint slices are gathered.
    #[schemars(extend("x-default" = "0s", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_slice_updates_batch_period: Option<Duration>,
    /// Whether it can be profiled.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_profiling: Option<bool>,
    /// Whether waiting for locks can be profiled.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_contention_profiling: Option<bool>,
    /// Whether leadership moves over to the cloud controller manager.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_leader_migration: Option<bool>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "100m", "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most CPU it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// Memory that is reserved for it. Default: none.
    #[schemars(extend("x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// The most memory it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
}

/// How one of several pods becomes the leader.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LeaderElectionConfiguration {
    /// Whether there is an election.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect: Option<bool>,
    /// How long others wait for a silent leader.
    #[schemars(extend("x-default" = "15s", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_lease_duration: Option<Duration>,
    /// How long the leader tries to stay; less than the lease.
    #[schemars(extend("x-default" = "10s", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_renew_deadline_duration: Option<Duration>,
    /// The kind of object that holds the lock.
    #[schemars(extend("enum" = ["leases", "endpointsleases", "configmapsleases"], "x-lenient" = true, "x-default" = "leases", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_resource_lock: Option<String>,
    /// The name of that object.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_resource_name: Option<String>,
    /// The namespace of that object.
    #[schemars(extend("x-default" = "kube-system", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_resource_namespace: Option<String>,
    /// How long to wait between tries.
    #[schemars(extend("x-default" = "2s", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_elect_retry_period: Option<Duration>,
}
