//! TODO-DOC etcd.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::{Duration, Quantity};

/// TODO-DOC EtcdClusterSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdCluster {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_members: Vec<EtcdMember>,
    /// TODO-DOC.
    #[serde(rename = "enableEtcdTLS", skip_serializing)]
    pub enable_etcd_tls: bool,
    /// TODO-DOC.
    #[serde(rename = "enableTLSAuth", skip_serializing)]
    pub enable_tls_auth: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election_timeout: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backups: Option<EtcdBackup>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<EtcdManager>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
}

/// TODO-DOC EtcdMemberSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdMember {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_group: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_iops: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_throughput: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_volume: Option<bool>,
}

/// TODO-DOC EtcdBackupSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdBackup {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backup_store: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
}

/// TODO-DOC EtcdManagerSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdManager {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_interval: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_retention_days: Option<u32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery_poll_interval: Option<Duration>,
    /// TODO-DOC.
    #[serde(rename = "listenMetricsURLs", skip_serializing_if = "Vec::is_empty")]
    pub listen_metrics_urls: Vec<String>,
    /// TODO-DOC.
    #[serde(rename = "listenClientHTTPURLs", skip_serializing_if = "Vec::is_empty")]
    pub listen_client_http_urls: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
}

/// TODO-DOC EnvVar.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EnvVar {
    /// TODO-DOC.
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}
