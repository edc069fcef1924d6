//! The Kubernetes API: nodes, pods and disruption budgets.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use super::ApiError;

/// The taint kops puts on nodes that an update will replace, with effect `PreferNoSchedule` and no value.
pub const UPDATE_TAINT: &str = "kops.k8s.io/scheduled-for-update";
/// The annotation that requests a node's replacement, with any value.
pub const NEEDS_UPDATE_ANNOTATION: &str = "kops.k8s.io/needs-update";
/// The label that keeps load balancers of services from sending traffic to a node.
pub const EXCLUDE_LABEL: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

/// `True`, `False` or `Unknown`, as conditions say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Not known: the node stopped reporting.
    #[default]
    Unknown,
}

impl std::fmt::Display for ConditionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        })
    }
}

/// A taint of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value, often empty.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
    /// Since when, for `NoExecute`; kept when the list is written back.
    pub time_added: Option<String>,
}

/// A node, as far as an update and validation need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// The name.
    pub name: String,
    /// The instance, from `spec.providerID` ([`instance_of`]).
    pub instance: String,
    /// The version of the object, for conditional patches.
    pub version: String,
    /// Whether it is cordoned.
    pub unschedulable: bool,
    /// Its taints.
    pub taints: Vec<Taint>,
    /// Whether its annotation requests a replacement.
    pub needs_update: bool,
    /// Whether load balancers of services exclude it.
    pub excluded: bool,
    /// Whether it is labelled as a control-plane node.
    pub control_plane: bool,
    /// The condition `Ready`.
    pub ready: ConditionStatus,
    /// The condition `NetworkUnavailable` is true.
    pub network_unavailable: bool,
    /// All of its addresses.
    pub addresses: Vec<String>,
    /// The label `topology.kubernetes.io/zone`.
    pub zone: String,
    /// The label `kubernetes.io/hostname`.
    pub hostname: String,
    /// The version of the kubelet, such as `v1.36.0`.
    pub kubelet_version: String,
}

impl Node {
    /// Whether pods can run on it: it reports to be ready and its network works.
    pub fn is_ready(&self) -> bool {
        self.ready == ConditionStatus::True && !self.network_unavailable
    }

    /// Whether an update has tainted it.
    pub fn has_update_taint(&self) -> bool {
        self.taints.iter().any(|t| t.key == UPDATE_TAINT)
    }
}

/// The instance in a node's `spec.providerID`: the last part, as in `aws:///us-east-1a/i-0123`; in `gce://project/zone/name`
/// zone and name, since two zones may have instances of the same name.
pub fn instance_of(provider_id: &str) -> &str {
    match provider_id.strip_prefix("gce://").and_then(|rest| rest.split_once('/')) {
        Some((_, zone_and_name)) => zone_and_name,
        None => provider_id.rsplit('/').next().unwrap_or_default(),
    }
}

/// A change of a node; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeChange {
    /// Add or remove the update's taint.
    pub tainted: Option<bool>,
    /// Cordon or uncordon it.
    pub cordoned: Option<bool>,
    /// Add or remove the label that excludes it from load balancers of services.
    pub excluded: Option<bool>,
}

impl NodeChange {
    /// The part of the change that the node does not have yet.
    pub fn missing_from(self, node: &Node) -> Self {
        let unless = |wanted: Option<bool>, is: bool| wanted.filter(|w| *w != is);
        Self {
            tainted: unless(self.tainted, node.has_update_taint()),
            cordoned: unless(self.cordoned, node.unschedulable),
            excluded: unless(self.excluded, node.excluded),
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The outcome of a node's patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patched {
    /// It was applied.
    Done,
    /// The node no longer exists.
    Gone,
    /// Another client changed the node since it was read.
    Conflict,
}

/// The phase of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not started yet.
    Pending,
    /// Started.
    #[default]
    Running,
    /// Ended with success.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// The node stopped reporting.
    Unknown,
}

/// A pod, as far as drains and validation need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// Distinguishes it from a successor of the same name.
    pub uid: String,
    /// The node it runs on; empty while it waits for one.
    pub node: String,
    /// The address of that node.
    pub host_ip: String,
    /// The phase.
    pub phase: Phase,
    /// The name of its priority class.
    pub priority_class: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The kind of the controller that owns it; empty without one.
    pub controller: String,
    /// Whether the kubelet runs it from a file, so that it can't be evicted.
    pub mirror: bool,
    /// Whether it is being deleted already.
    pub terminating: bool,
    /// When its grace period ends, or has ended, if it is being deleted.
    pub deletion: Option<jiff::Timestamp>,
    /// What keeps a deleted pod until a controller removes it from this list.
    pub finalizers: Vec<String>,
    /// Containers that are not ready.
    pub unready_containers: Vec<String>,
}

impl Pod {
    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Whether a drain has to evict it: pods of daemon sets come back at once and mirror pods can't be evicted.
    /// What has ended already is evicted all the same.
    pub fn is_drained(&self) -> bool {
        let ended = matches!(self.phase, Phase::Succeeded | Phase::Failed);
        !self.mirror && (ended || self.controller != "DaemonSet")
    }
}

/// A disruption budget.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The pods it covers; `None` selects none.
    pub selector: Option<Selector>,
    /// How many of them may be evicted now.
    pub allowed: i32,
    /// How many are healthy.
    pub healthy: i32,
    /// How many have to be.
    pub desired: i32,
    /// How many there should be.
    pub expected: i32,
}

impl Budget {
    /// Whether it covers the pod.
    pub fn covers(&self, pod: &Pod) -> bool {
        self.namespace == pod.namespace && self.selector.as_ref().is_some_and(|s| s.matches(&pod.labels))
    }
}

/// A label selector. One without any requirement selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Labels with their values.
    pub labels: BTreeMap<String, String>,
    /// Key, operator (`In`, `NotIn`, `Exists`, `DoesNotExist`) and values.
    pub expressions: Vec<(String, String, Vec<String>)>,
}

impl Selector {
    /// Whether labels meet all requirements.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels.iter().all(|(k, v)| labels.get(k) == Some(v))
            && self.expressions.iter().all(|(key, operator, values)| {
                let value = labels.get(key);
                match operator.as_str() {
                    "In" => value.is_some_and(|v| values.contains(v)),
                    "NotIn" => value.is_none_or(|v| !values.contains(v)),
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }
}

/// The answer to an eviction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eviction {
    /// The pod is being deleted.
    Accepted,
    /// The answer says that the pod does not exist, or is another one by now; with its text. It is no proof: admission
    /// webhooks and proxies choose status codes, too. Callers look at the pod again.
    Missing(String),
    /// Refused, usually by a disruption budget.
    Refused(Refusal),
}

/// Why an eviction was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The API's own text, with its causes.
    pub message: String,
    /// The disruption budget that the answer names as the cause.
    pub budget: Option<String>,
    /// Several budgets cover the pod, which the eviction API does not support: waiting is useless.
    pub several_budgets: bool,
}

/// The Kubernetes API, as far as a rolling update and validation need it.
#[async_trait]
pub trait Kubernetes: Send + Sync {
    /// All nodes.
    async fn nodes(&self) -> Result<Vec<Arc<Node>>, ApiError>;

    /// One node, as it is now.
    async fn node(&self, name: &str) -> Result<Option<Node>, ApiError>;

    /// Deletes a node's object; one that no longer exists is not an error.
    async fn delete_node(&self, name: &str) -> Result<(), ApiError>;

    /// Changes a node if it is still at the version that was read.
    async fn patch_node(&self, node: &Node, change: NodeChange) -> Result<Patched, ApiError>;

    /// The pods that validation checks: the control plane's, and those of the two system priority classes.
    async fn system_pods(&self) -> Result<Vec<Pod>, ApiError>;

    /// All pods on one node.
    async fn pods_on(&self, node: &str) -> Result<Vec<Pod>, ApiError>;

    /// All pods of one namespace.
    async fn pods_in(&self, namespace: &str) -> Result<Vec<Pod>, ApiError>;

    /// All disruption budgets.
    async fn budgets(&self) -> Result<Vec<Budget>, ApiError>;

    /// Requests a pod's eviction, which budgets may refuse.
    async fn evict(&self, pod: &Pod) -> Result<Eviction, ApiError>;

    /// Deletes a pod regardless of budgets. `grace` in seconds; `None` uses the pod's own grace period.
    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError>;

    /// The API server's checks that fail now, such as `etcd`; empty when it is ready or does not say.
    async fn failing_checks(&self) -> Result<Vec<String>, ApiError>;

    /// The addresses that the API's host name stands for; none where it is an address itself.
    async fn api_addresses(&self) -> Result<Vec<std::net::IpAddr>, ApiError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn instances_are_known_by_their_provider_ids() {
        assert_eq!(instance_of("aws:///us-east-1a/i-0123"), "i-0123");
        assert_eq!(instance_of("gce://project/us-test1-a/nodes-x1y2"), "us-test1-a/nodes-x1y2");
        assert_eq!(instance_of(""), "");
    }

    #[test]
    fn selectors_follow_kubernetes() {
        let web = labels(&[("app", "web"), ("tier", "front")]);
        assert!(Selector::default().matches(&web), "an empty selector selects everything");
        let selector = |key: &str, operator: &str, values: &[&str]| Selector {
            labels: BTreeMap::new(),
            expressions: vec![(key.into(), operator.into(), values.iter().map(|v| (*v).to_owned()).collect())],
        };
        assert!(selector("app", "In", &["web", "db"]).matches(&web));
        assert!(!selector("app", "NotIn", &["web"]).matches(&web));
        assert!(selector("zone", "NotIn", &["a"]).matches(&web), "a missing label is not in any list");
        assert!(selector("app", "Exists", &[]).matches(&web));
        assert!(selector("zone", "DoesNotExist", &[]).matches(&web));
        assert!(!Selector { labels: labels(&[("app", "db")]), expressions: Vec::new() }.matches(&web));
    }

    #[test]
    fn daemon_sets_and_mirror_pods_stay() {
        let pod =
            |controller: &str, phase, mirror| Pod { controller: controller.into(), phase, mirror, ..Pod::default() };
        assert!(pod("ReplicaSet", Phase::Running, false).is_drained());
        assert!(pod("", Phase::Pending, false).is_drained(), "unmanaged pods go too");
        assert!(!pod("DaemonSet", Phase::Running, false).is_drained());
        assert!(pod("DaemonSet", Phase::Failed, false).is_drained(), "what has ended goes");
        assert!(!pod("Node", Phase::Running, true).is_drained());
    }

    #[test]
    fn only_missing_changes_are_made() {
        let node = Node { unschedulable: true, ..Node::default() };
        let change = NodeChange { tainted: Some(true), cordoned: Some(true), excluded: None };
        assert_eq!(change.missing_from(&node), NodeChange { tainted: Some(true), ..NodeChange::default() });
    }
}
