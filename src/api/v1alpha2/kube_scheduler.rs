//! TODO-DOC kube_scheduler.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kube_controller_manager::LeaderElectionConfiguration;
use crate::api::meta::{Quantity, is_default};

/// TODO-DOC KubeSchedulerConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeSchedulerConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election: Option<LeaderElectionConfiguration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_policy_config_map: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_persistent_volumes: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qps: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub burst: i32,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<Quantity>,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIBurst", skip_serializing_if = "Option::is_none")]
    pub kube_api_burst: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authentication_kubeconfig: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub authorization_kubeconfig: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_always_allow_paths: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_profiling: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_contention_profiling: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert_file: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tls_private_key_file: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
}
