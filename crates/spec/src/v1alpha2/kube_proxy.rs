//! Flags of kube-proxy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Duration, Quantity, is_default};

/// Flags of kube-proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeProxyConfig {
    /// Its image. Default: the one of the cluster's version.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "100m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most CPU it may use. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// Memory that is reserved for it. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// The most memory it may use. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2))]
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// The network of pods. Default: that of kube-controller-manager.
    #[schemars(extend("format" = "cidr-list", "x-lenient" = true))]
    #[serde(rename = "clusterCIDR", skip_serializing_if = "Option::is_none")]
    pub cluster_cidr: Option<String>,
    /// The name of the node, instead of the one kops gives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hostname_override: String,
    /// The address it listens on.
    #[schemars(extend("format" = "ip", "x-lenient" = true, "x-default" = "0.0.0.0"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bind_address: String,
    /// The address of the API server.
    #[schemars(extend("format" = "url"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master: String,
    /// The address it serves metrics on.
    #[schemars(extend("format" = "ip-port", "x-lenient" = true, "x-default" = "127.0.0.1"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_bind_address: Option<String>,
    /// Whether it runs; off where the network replaces it.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How services are reached.
    #[schemars(extend("enum" = ["iptables", "ipvs", "nftables"], "x-lenient" = true, "x-default" = "iptables"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proxy_mode: String,
    /// Networks whose IPVS rules it leaves alone.
    #[schemars(extend("format" = "cidr-any", "examples" = [["10.0.0.0/24"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ipvs_exclude_cidrs: Vec<String>,
    /// The shortest time between two updates of IPVS.
    #[schemars(extend("examples" = ["10s"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipvs_min_sync_period: Option<Duration>,
    /// How IPVS chooses a backend.
    #[schemars(extend("enum" = ["rr", "lc", "dh", "sh", "sed", "nq", "wrr", "wlc", "mh", "lblc", "lblcr"], "x-lenient" = true, "x-default" = "rr"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipvs_scheduler: Option<String>,
    /// How often IPVS is updated.
    #[schemars(extend("x-default" = "30s"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipvs_sync_period: Option<Duration>,
    /// Feature gates by name, each `"true"` or `"false"`.
    #[schemars(extend("format" = "feature-gate-value", "x-lenient" = true, "examples" = [{"NFTablesProxyMode": "true"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, String>,
    /// The most connections to keep track of, for each core; 0 for no limit.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 131072))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conntrack_max_per_core: Option<i32>,
    /// The fewest connections to be able to keep track of.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 131072))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conntrack_min: Option<i32>,
}
