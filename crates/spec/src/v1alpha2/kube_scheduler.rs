//! Flags of kube-scheduler.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kube_controller_manager::LeaderElectionConfiguration;
use crate::meta::{Quantity, is_default};

/// Flags of kube-scheduler; its profiles are in an object `KubeSchedulerConfiguration` next to the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeSchedulerConfig {
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
    /// Its image. Default: the one of the cluster's version.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// How one of its pods becomes the leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election: Option<LeaderElectionConfiguration>,
    /// Refused: use an object `KubeSchedulerConfiguration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_policy_config_map: Option<bool>,
    /// Feature gates by name, each `"true"` or `"false"`.
    #[schemars(extend("format" = "feature-gate-value", "x-lenient" = true, "examples" = [{"InPlacePodVerticalScaling": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// The most volumes of a node. Default: what the cloud allows.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [20]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_persistent_volumes: Option<i32>,
    /// Requests a second to the API server.
    #[schemars(extend("x-default" = "50", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qps: Option<Quantity>,
    /// Requests at once to the API server.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 100, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "is_default")]
    pub burst: i32,
    /// Requests a second to the API server.
    #[schemars(extend("x-default" = "50", "x-since" = "kops 1.29"))]
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<Quantity>,
    /// Requests at once to the API server.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 100, "x-since" = "kops 1.29"))]
    #[serde(rename = "kubeAPIBurst", skip_serializing_if = "Option::is_none")]
    pub kube_api_burst: Option<i32>,
    /// The kubeconfig for asking who a caller is.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kube-scheduler/kubeconfig", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authentication_kubeconfig: String,
    /// The kubeconfig for asking what a caller may do.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-default" = "/var/lib/kube-scheduler/kubeconfig", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization_kubeconfig: String,
    /// Paths anyone may read.
    #[schemars(extend("examples" = [["/healthz"]], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_always_allow_paths: Vec<String>,
    /// Whether it can be profiled.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_profiling: Option<bool>,
    /// Whether waiting for locks can be profiled.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_contention_profiling: Option<bool>,
    /// The certificate it serves with.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert_file: Option<String>,
    /// The key of that certificate.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
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
