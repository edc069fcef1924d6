//! Addons that kops installs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::{Quantity, is_default};

/// The CSI snapshot controller; needs cert-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SnapshotControllerConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether a default class of snapshots is made.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "is_default")]
    pub install_default_class: bool,
}

/// The AWS node termination handler.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeTerminationHandler {
    /// Whether messages about unknown instances are deleted from the queue.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.30"))]
    #[serde(rename = "deleteSQSMsgIfNodeNotFound", skip_serializing_if = "Option::is_none")]
    pub delete_sqs_msg_if_node_not_found: Option<bool>,
    /// Whether it is installed. Default: unless Karpenter is.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether nodes are drained when AWS takes a spot instance; always in queue mode.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_spot_interruption_draining: Option<bool>,
    /// Whether nodes are drained before maintenance by AWS.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_scheduled_event_draining: Option<bool>,
    /// Whether recommendations to rebalance are watched.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_rebalance_monitoring: Option<bool>,
    /// Whether nodes are drained on recommendations to rebalance.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_rebalance_draining: Option<bool>,
    /// Whether drained nodes get the out-of-service taint, which frees their volumes.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_out_of_service_taint: Option<bool>,
    /// Whether it serves metrics.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prometheus_enable: Option<bool>,
    /// Whether it reads events from a queue (queue mode) instead of on each node.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.21"))]
    #[serde(rename = "enableSQSTerminationDraining", skip_serializing_if = "Option::is_none")]
    pub enable_sqs_termination_draining: Option<bool>,
    /// Whether nodes are removed from load balancers before they are drained.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_from_load_balancers: Option<bool>,
    /// The tag of instances it looks after, in queue mode.
    #[schemars(extend("x-default" = "aws-node-termination-handler/managed", "x-since" = "kops 1.21"))]
    #[serde(rename = "managedASGTag", skip_serializing_if = "Option::is_none")]
    pub managed_asg_tag: Option<String>,
    /// Seconds a pod gets to end; -1 for what the pod says.
    #[schemars(extend("minimum" = -1, "x-lenient" = true, "x-default" = -1, "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_termination_grace_period: Option<i32>,
    /// Whether nodes are tainted when an event comes.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taint_node: Option<bool>,
    /// The most memory it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "64Mi", "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "50m", "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// Its version.
    #[schemars(extend("x-default" = "v1.25.5", "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The body of the message to `webhookURL`, a Go template.
    #[schemars(extend("x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_template: Option<String>,
    /// Where to send a message about each event.
    #[schemars(extend("format" = "url", "x-lenient" = true, "examples" = ["https://hooks.example.com/T0/B0"], "x-since" = "kops 1.29"))]
    #[serde(rename = "webhookURL", skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

/// The node problem detector.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeProblemDetectorConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-default" = "registry.k8s.io/node-problem-detector/node-problem-detector:v0.8.18", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "100Mi", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "20m", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most memory it may use.
    #[schemars(extend("x-default" = "100Mi", "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// The most CPU it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
}

/// The cluster autoscaler.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ClusterAutoscalerConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How it chooses among groups that could grow.
    #[schemars(extend("enum" = ["least-waste", "random", "most-pods", "price", "priority"], "x-default" = "random", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expander: String,
    /// Whether groups that are alike are kept at the same size.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance_similar_node_groups: Option<bool>,
    /// Whether metrics name each group.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.30"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emit_per_nodegroup_metrics: Option<bool>,
    /// Whether instance types come from a list built in, instead of AWS.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_use_static_instance_list: Option<bool>,
    /// Whether pods of daemon sets are left out when it reckons how full a node is.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_daemon_sets_utilization: Option<bool>,
    /// How full a node may be at most to be taken away, from 0 to 1.
    #[schemars(extend("format" = "fraction", "x-lenient" = true, "x-default" = "0.5", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down_utilization_threshold: Option<String>,
    /// Whether nodes with pods of unknown controllers are kept.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_nodes_with_custom_controller_pods: Option<bool>,
    /// Whether nodes with pods of `kube-system` are kept.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_nodes_with_system_pods: Option<bool>,
    /// Whether nodes with pods that use local storage are kept.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_nodes_with_local_storage: Option<bool>,
    /// How old a pending pod must be to count.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "0s", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_pod_scale_up_delay: Option<String>,
    /// How long after growing it waits before it shrinks.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "10m0s", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down_delay_after_add: Option<String>,
    /// For how long a node must be needless to be taken away.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "10m0s", "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down_unneeded_time: Option<String>,
    /// For how long a node that is not ready must be needless to be taken away.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "20m0s", "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down_unready_time: Option<String>,
    /// Whether nodes are cordoned before they are drained.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cordon_node_before_terminating: Option<bool>,
    /// Its image. Default: the one for the version of Kubernetes.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "300Mi", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "100m", "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// How long it waits for a new node.
    #[schemars(extend("format" = "duration-text", "x-lenient" = true, "x-default" = "15m0s", "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub max_node_provision_time: String,
    /// Annotations of its pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
    /// Whether a config map with the priorities of groups is made. Default: with the expander `priority`.
    #[schemars(extend("x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_priority_expander_config: Option<bool>,
    /// Priorities with patterns of group names, instead of the groups' own.
    #[schemars(extend("examples" = [{"50": [".*general.*"]}], "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_priority_expander_config: BTreeMap<String, Vec<String>>,
}

/// The metrics server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MetricsServerConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether it goes without a certificate of its own; a secure one needs cert-manager.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<bool>,
}

/// cert-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CertManagerConfig {
    /// Whether it is there.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether kops installs it, instead of the user.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// The image of its controller.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The cluster issuer of certificates that name none.
    #[schemars(extend("x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_issuer: Option<String>,
    /// DNS servers for checks of DNS challenges.
    #[schemars(extend("format" = "nameserver", "x-lenient" = true, "examples" = [["1.1.1.1:53"]], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<String>,
    /// Route 53 zones it may write for DNS challenges; needs `iam.useServiceAccountExternalPermissions`.
    #[schemars(extend("format" = "hosted-zone-id", "x-lenient" = true, "examples" = [["Z0123456789ABCDEFGHIJ"]], "x-since" = "kops 1.25"))]
    #[serde(rename = "hostedZoneIDs", skip_serializing_if = "Vec::is_empty")]
    pub hosted_zone_ids: Vec<String>,
    /// Its feature gates.
    #[schemars(extend("examples" = [{"ExperimentalGatewayAPISupport": true}], "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_gates: BTreeMap<String, bool>,
}

/// The AWS load balancer controller; needs cert-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerController {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Its version.
    #[schemars(extend("examples" = ["v2.17.1"], "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it connects load balancers to WAF.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.24"))]
    #[serde(rename = "enableWAF", skip_serializing_if = "is_default")]
    pub enable_waf: bool,
    /// Whether it connects load balancers to WAFv2.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.24"))]
    #[serde(rename = "enableWAFv2", skip_serializing_if = "is_default")]
    pub enable_wafv2: bool,
    /// Whether it connects load balancers to Shield.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enable_shield: bool,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "100m", "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most CPU it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "200Mi", "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// The most memory it may use. Default: no limit.
    #[schemars(extend("x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
}

/// The EKS pod identity webhook; needs cert-manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PodIdentityWebhook {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enabled: bool,
    /// How many of its pods run.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2, "x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "is_default")]
    pub replicas: i64,
}

/// Karpenter; needs `iam.useServiceAccountExternalPermissions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KarpenterConfig {
    /// Whether it is installed.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "is_default")]
    pub enabled: bool,
    /// The form of its log.
    #[schemars(extend("enum" = ["console", "json"], "x-lenient" = true, "x-default" = "console", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_encoding: String,
    /// How much it logs.
    #[schemars(extend("enum" = ["debug", "info", "error"], "x-lenient" = true, "x-default" = "debug", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_level: String,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "x-default" = "public.ecr.aws/karpenter/controller:1.13.0", "x-since" = "kops 1.28"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Its feature gates, each `Name=true`, separated by commas.
    #[schemars(extend("format" = "feature-gate-list", "x-lenient" = true, "examples" = ["SpotToSpotConsolidation=true"], "x-since" = "kops 1.34"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub feature_gates: String,
    /// The most memory it may use.
    #[schemars(extend("x-default" = "1Gi", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "1Gi", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "500m", "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
}
