//! The etcd clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Duration, Quantity};

/// An etcd cluster, run by etcd-manager on the control plane.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdCluster {
    /// Its data: `main` everything else, `events` the events, `leases` the leases, `cilium` the state of Cilium.
    #[schemars(extend("enum" = ["cilium", "main", "events", "leases"], "examples" = ["main"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What runs it.
    #[schemars(extend("enum" = ["Manager"], "x-default" = "Manager"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// Its members, an odd number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etcd_members: Vec<EtcdMember>,
    /// Accepted and ignored: etcd always uses TLS.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-instead" = "remove it: etcd always uses TLS"))]
    #[serde(rename = "enableEtcdTLS", skip_serializing)]
    pub enable_etcd_tls: bool,
    /// Accepted and ignored: etcd always checks client certificates.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-instead" = "remove it: etcd always checks client certificates"))]
    #[serde(rename = "enableTLSAuth", skip_serializing)]
    pub enable_tls_auth: bool,
    /// The version of etcd, the same for all. Default: 3.5.31 below Kubernetes 1.34, then 3.6.12.
    #[schemars(extend("format" = "etcd-version", "examples" = ["3.6.12"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Refused: etcd-manager does not support it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election_timeout: Option<Duration>,
    /// Refused: etcd-manager does not support it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval: Option<Duration>,
    /// Refused: etcd-manager brings etcd with it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Where backups go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backups: Option<EtcdBackup>,
    /// Settings of etcd-manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<EtcdManager>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "100Mi"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it. Default: 200m for `main`, 100m for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
}

/// A member of an etcd cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdMember {
    /// Its name, which is in the name of its volume.
    #[schemars(extend("format" = "name", "x-lenient" = true, "examples" = ["a"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The group of the control plane whose instance it runs on.
    #[schemars(extend("examples" = ["control-plane-us-east-1a"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_group: Option<String>,
    /// The type of its volume.
    #[schemars(extend("enum" = ["standard", "gp3", "gp2", "io1", "io2"], "x-lenient" = true, "x-default" = "gp3", "x-gce" = {"enum": ["pd-standard", "pd-balanced", "pd-ssd", "pd-extreme", "hyperdisk-balanced", "hyperdisk-balanced-high-availability", "hyperdisk-extreme", "hyperdisk-throughput"], "x-lenient": true, "x-default": "pd-ssd"}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<String>,
    /// I/O operations a second of its volume, for gp3, io1 and io2.
    #[schemars(extend("minimum" = 0, "maximum" = 256000, "x-lenient" = true, "x-default" = 3000, "x-gce" = {"minimum": 0, "maximum": 350000, "x-lenient": true}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_iops: Option<i32>,
    /// MiB a second of its volume, for gp3.
    #[schemars(extend("minimum" = 0, "maximum" = 2000, "x-lenient" = true, "x-default" = 125, "x-since" = "kops 1.19", "x-gce" = {"minimum": 0, "maximum": 5000, "x-lenient": true}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_throughput: Option<i32>,
    /// GiB of its volume.
    #[schemars(extend("minimum" = 1, "maximum" = 65536, "x-lenient" = true, "x-default" = 20, "x-gce" = {"minimum": 0, "maximum": 65536, "x-lenient": true}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_size: Option<i32>,
    /// The KMS key that encrypts its volume.
    #[schemars(extend("format" = "kms-key", "x-lenient" = true, "examples" = ["arn:aws:kms:us-east-1:123456789012:key/0123"], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// Whether its volume is encrypted.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_volume: Option<bool>,
}

/// Where backups of an etcd cluster go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdBackup {
    /// The address of backups. Default: `backups/etcd/` and the name, below `configBase`.
    #[schemars(extend("format" = "vfs", "x-lenient" = true, "x-gce" = {"format": "gce-store"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backup_store: String,
    /// Accepted and ignored: etcd-manager makes the backups.
    #[schemars(extend("deprecated" = true, "x-instead" = "remove it: etcd-manager makes the backups"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
}

/// Settings of etcd-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EtcdManager {
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Its environment variables; those that begin with `ETCD_` reach etcd.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// How often backups are made.
    #[schemars(extend("x-default" = "15m0s", "x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_interval: Option<Duration>,
    /// After how many days backups are deleted.
    #[schemars(extend("x-default" = 90, "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_retention_days: Option<u32>,
    /// How often it looks for its peers.
    #[schemars(extend("x-default" = "1m0s", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery_poll_interval: Option<Duration>,
    /// Where etcd serves metrics.
    #[schemars(extend("format" = "url", "x-lenient" = true, "examples" = [["http://0.0.0.0:8081"]], "x-since" = "kops 1.28"))]
    #[serde(rename = "listenMetricsURLs", skip_serializing_if = "Vec::is_empty")]
    pub listen_metrics_urls: Vec<String>,
    /// Where etcd serves clients over HTTP, apart from gRPC.
    #[schemars(extend("format" = "url", "x-lenient" = true, "x-since" = "kops 1.36"))]
    #[serde(rename = "listenClientHTTPURLs", skip_serializing_if = "Vec::is_empty")]
    pub listen_client_http_urls: Vec<String>,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 6, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_level: Option<i32>,
}

/// An environment variable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EnvVar {
    /// Its name.
    #[schemars(extend("format" = "env-name", "x-lenient" = true, "examples" = ["ETCD_QUOTA_BACKEND_BYTES"]))]
    pub name: String,
    /// Its value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}
