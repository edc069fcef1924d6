//! DNS inside the cluster and of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Affinity, Toleration};
use crate::meta::{Quantity, is_default};

/// CoreDNS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KubeDnsConfig {
    /// The most answers to keep.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 1000))]
    #[serde(skip_serializing_if = "is_default")]
    pub cache_max_size: i64,
    /// The most queries at a time.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 150))]
    #[serde(skip_serializing_if = "is_default")]
    pub cache_max_concurrent: i64,
    /// Tolerations of its pods, instead of kops'.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// Affinity of its pods, instead of kops'.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true))]
    #[serde(rename = "coreDNSImage", skip_serializing_if = "String::is_empty")]
    pub core_dns_image: String,
    /// The image of its autoscaler.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpa_image: String,
    /// The domain it serves. Default: `clusterDNSDomain`.
    #[schemars(extend("format" = "dns-name", "x-lenient" = true, "x-default" = "cluster.local"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub domain: String,
    /// The whole Corefile, instead of kops'.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_core_file: String,
    /// Accepted and ignored: see `coreDNSImage`.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-instead" = "use coreDNSImage"))]
    #[serde(skip_serializing)]
    pub image: String,
    /// Accepted and ignored: an autoscaler chooses the number.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-instead" = "remove it: an autoscaler chooses the number"))]
    #[serde(skip_serializing)]
    pub replicas: i64,
    /// What serves DNS; kube-dns is gone.
    #[schemars(extend("enum" = ["CoreDNS", "KubeDNS"], "x-lenient" = true, "x-default" = "CoreDNS"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The address of the DNS service. Default: the tenth of `serviceClusterIPRange`.
    #[schemars(extend("format" = "ip", "examples" = ["100.64.0.10"]))]
    #[serde(rename = "serverIP", skip_serializing_if = "String::is_empty")]
    pub server_ip: String,
    /// Domains that other servers answer for.
    #[schemars(extend("examples" = [{"corp.example.com": ["10.0.0.2"]}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stub_domains: BTreeMap<String, Vec<String>>,
    /// Servers to ask for everything outside.
    #[schemars(extend("format" = "ip", "examples" = [["1.1.1.1"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstream_nameservers: Vec<String>,
    /// Memory that is reserved for each pod.
    #[schemars(extend("x-default" = "70Mi"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for each pod.
    #[schemars(extend("x-default" = "100m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most memory of each pod.
    #[schemars(extend("x-default" = "170Mi"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// A DNS cache on every node.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(rename = "nodeLocalDNS", skip_serializing_if = "Option::is_none")]
    pub node_local_dns: Option<NodeLocalDnsConfig>,
    /// Annotations of its pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.33"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// A DNS cache on every node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeLocalDnsConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The whole Corefile, instead of kops'.
    #[schemars(extend("x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_core_file: String,
    /// Text to add to its Corefile.
    #[schemars(extend("x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub additional_config: String,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-default" = "registry.k8s.io/dns/k8s-dns-node-cache:1.26.0", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The address it listens on. Default: `169.254.20.10`, with IPv6 `fd00:90de:d95::1`.
    #[schemars(extend("format" = "ip", "examples" = ["169.254.20.10"], "x-since" = "kops 1.18"))]
    #[serde(rename = "localIP", skip_serializing_if = "String::is_empty")]
    pub local_ip: String,
    /// Whether names outside of the cluster go through CoreDNS too.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.20"))]
    #[serde(rename = "forwardToKubeDNS", skip_serializing_if = "Option::is_none")]
    pub forward_to_kube_dns: Option<bool>,
    /// Memory that is reserved on each node.
    #[schemars(extend("x-default" = "5Mi", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved on each node.
    #[schemars(extend("x-default" = "25m", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Annotations of its pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// What keeps DNS records of nodes, services and ingresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExternalDnsConfig {
    /// Whether nothing does, the same as the provider `none`.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub disable: bool,
    /// Whether ingresses get records.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_ingress: Option<bool>,
    /// The one namespace to watch: empty for all, or `kube-system`.
    #[schemars(extend("enum" = ["kube-system"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub watch_namespace: String,
    /// What does it.
    #[schemars(extend("enum" = ["dns-controller", "external-dns", "none"], "x-default" = "dns-controller", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The priority class of external-dns.
    #[schemars(extend("x-default" = "system-cluster-critical", "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
}
