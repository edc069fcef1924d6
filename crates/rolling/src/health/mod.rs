//! The health of a cluster: what `validate cluster` reports and what an update waits for. Pure.
//!
//! The checks and their wording are kops' own, so that scripts which read them keep working.

mod pods;

use std::collections::BTreeSet;

use serde::Serialize;

use super::facts::{ClusterFacts, GroupFacts};
use super::ports::Pod;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

use pods::PodCheck;
pub use pods::{CONTROL_PLANE_PODS, SYSTEM_PRIORITIES};

/// The kind of object that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum FailureKind {
    /// The API's DNS name.
    #[serde(rename = "dns")]
    Dns,
    /// A group as a whole.
    InstanceGroup,
    /// An instance that has not joined.
    Machine,
    /// A node.
    Node,
    /// A pod.
    Pod,
    /// The API server's own checks, which only updates of the control plane use.
    #[serde(rename = "api")]
    Api,
}

impl std::fmt::Display for FailureKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Dns => "dns",
            Self::InstanceGroup => "InstanceGroup",
            Self::Machine => "Machine",
            Self::Node => "Node",
            Self::Pod => "Pod",
            Self::Api => "api",
        })
    }
}

/// One failed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of object.
    pub kind: FailureKind,
    /// The name of the group, instance, node or pod.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
    /// The instance group it is attributed to; `None` where it concerns the whole cluster.
    pub group: Option<(String, InstanceGroupRole)>,
    /// The instance it is attributed to.
    pub instance: Option<String>,
}

/// A node in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// Its zone, by its label.
    pub zone: String,
    /// The role of its group: `control-plane`, `apiserver` or `node`.
    pub role: String,
    /// Its host name, by its label.
    pub hostname: String,
    /// The condition `Ready`.
    pub status: String,
}

/// The state of a cluster at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// The failed checks; a healthy cluster has none.
    pub failures: Vec<Failure>,
    /// The nodes of the groups, by group and instance.
    pub nodes: Vec<NodeStatus>,
}

/// Which failures hold an update of a group back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of the group, of the control plane and of the cluster as a whole.
    Group,
    /// All.
    Cluster,
    /// None.
    Nothing,
}

/// Nodes that may be unready without holding an update back.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance<'a> {
    /// The number of instances.
    pub nodes: usize,
    /// The ids of the instances that may be excused: those that existed before the update, so that each replacement must be
    /// ready.
    pub instances: &'a BTreeSet<String>,
}

impl Health {
    /// Checks groups, nodes and system pods.
    pub fn check(facts: &ClusterFacts, specs: &[InstanceGroup], pods: &[Pod]) -> Self {
        let mut health = Self::default();
        for group in &facts.groups {
            health.check_group(group);
        }
        let present: BTreeSet<&str> = facts.groups.iter().map(|g| g.name.as_str()).collect();
        for spec in specs.iter().filter(|s| !present.contains(s.metadata.name.as_str())) {
            let name = &spec.metadata.name;
            health.failures.push(Failure {
                kind: FailureKind::InstanceGroup,
                name: name.clone(),
                message: format!("InstanceGroup {name:?} is missing from the cloud provider"),
                group: Some((name.clone(), spec.role())),
                instance: None,
            });
        }
        PodCheck::new(facts).run(pods, &mut health);
        health
    }

    fn check_group(&mut self, group: &GroupFacts) {
        let owner = || Some((group.name.clone(), group.role));
        // Each of the cloud's groups keeps its own number: one may have too few while others have more.
        for part in &group.cloud_groups {
            let attached = group.instances.iter().filter(|i| !i.detached && i.cloud_group == part.name).count();
            let wanted = usize::try_from(part.target).unwrap_or(0);
            if attached >= wanted {
                continue;
            }
            let name = &group.name;
            self.failures.push(Failure {
                kind: FailureKind::InstanceGroup,
                name: name.clone(),
                message: format!(
                    "InstanceGroup {name:?} did not have enough nodes {attached} vs {wanted}{}",
                    missing_reasons(group)
                ),
                group: owner(),
                instance: None,
            });
        }
        for instance in &group.instances {
            let Some(node) = &instance.node else {
                let joins = group.role != InstanceGroupRole::Bastion && !instance.warm && !instance.detached;
                if joins {
                    self.failures.push(Failure {
                        kind: FailureKind::Machine,
                        name: instance.link.clone(),
                        message: format!("machine {:?} has not yet joined cluster", instance.link),
                        group: owner(),
                        instance: Some(instance.id.clone()),
                    });
                }
                continue;
            };
            if group.role == InstanceGroupRole::Bastion {
                continue;
            }
            let role = group.role.key_name();
            if !node.is_ready() {
                self.failures.push(Failure {
                    kind: FailureKind::Node,
                    name: node.name.clone(),
                    message: format!("node {:?} of role {role:?} is not ready", node.name),
                    group: owner(),
                    instance: Some(instance.id.clone()),
                });
            }
            self.nodes.push(NodeStatus {
                name: node.name.clone(),
                zone: node.zone.clone(),
                role: role.to_owned(),
                hostname: node.hostname.clone(),
                status: node.ready.to_string(),
            });
        }
    }

    /// The failures that hold back an update of the named group.
    pub fn obstacles(&self, group: &str, scope: Scope, tolerance: Tolerance<'_>) -> Vec<&Failure> {
        let relevant = |failure: &&Failure| match &failure.group {
            _ if scope != Scope::Group => scope == Scope::Cluster,
            None => true,
            Some((name, role)) => *role == InstanceGroupRole::ControlPlane || name == group,
        };
        let excusable = |failure: &&Failure| {
            let worker = failure.group.as_ref().is_none_or(|(_, role)| *role != InstanceGroupRole::ControlPlane);
            worker && failure.instance.as_ref().is_some_and(|i| tolerance.instances.contains(i))
        };
        let unready: BTreeSet<&str> = (self.failures.iter())
            .filter(relevant)
            .filter(excusable)
            .filter(|f| matches!(f.kind, FailureKind::Machine | FailureKind::Node))
            .filter_map(|f| f.instance.as_deref())
            .collect();
        let excused = unready.len() <= tolerance.nodes;
        self.failures
            .iter()
            .filter(relevant)
            .filter(|f| !(excused && excusable(f) && f.instance.as_deref().is_some_and(|i| unready.contains(i))))
            .collect()
    }
}

/// Why a group may lack instances, as far as its description says so; in parentheses, so that kops' wording stays in front.
fn missing_reasons(group: &GroupFacts) -> String {
    let mut reasons: Vec<_> = group.leaving.iter().map(|(id, state)| format!("{id} is {state}")).collect();
    match group.suspended.as_slice() {
        [] => {}
        [one] => reasons.push(format!("process {one} is suspended")),
        several => reasons.push(format!("processes {} are suspended", several.join(", "))),
    }
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::facts::{CloudGroupFacts, InstanceFacts};
    use crate::ports::{ConditionStatus, Node, Phase};
    use kopsform_spec::v1alpha2::InstanceManager;

    fn node(name: &str, ready: bool) -> Node {
        Node {
            name: name.into(),
            ready: if ready { ConditionStatus::True } else { ConditionStatus::False },
            addresses: vec![format!("ip-{name}")],
            ..Node::default()
        }
    }

    fn group(name: &str, role: InstanceGroupRole, target: i32, nodes: Vec<Option<Node>>) -> GroupFacts {
        let instances = nodes.into_iter().enumerate().map(|(n, node)| InstanceFacts {
            id: format!("i-{name}-{n}"),
            node_key: format!("i-{name}-{n}"),
            link: format!("i-{name}-{n}"),
            cloud_group: name.to_owned(),
            node: node.map(|node| Arc::new(Node { control_plane: role == InstanceGroupRole::ControlPlane, ..node })),
            warm: false,
            detached: false,
            reasons: Vec::new(),
            machine_type: String::new(),
            roles: Vec::new(),
            internal_ip: String::new(),
            external_ip: String::new(),
            state: String::new(),
        });
        GroupFacts {
            name: name.into(),
            role,
            manager: InstanceManager::CloudGroup,
            rolling_update: None,
            cloud_name: name.into(),
            cloud_groups: vec![CloudGroupFacts { name: name.into(), min: 0, target, max: 9 }],
            can_detach: true,
            suspended: Vec::new(),
            leaving: Vec::new(),
            load_balancers: Vec::new(),
            instances: instances.collect(),
        }
    }

    fn facts(groups: Vec<GroupFacts>) -> ClusterFacts {
        ClusterFacts { cluster: "c".into(), groups, ..ClusterFacts::default() }
    }

    fn pod(name: &str, class: &str, on: &str) -> Pod {
        Pod {
            namespace: "kube-system".into(),
            name: name.into(),
            priority_class: class.into(),
            host_ip: format!("ip-{on}"),
            labels: BTreeMap::from([("k8s-app".to_owned(), name.to_owned())]),
            ..Pod::default()
        }
    }

    fn messages(health: &Health) -> Vec<&str> {
        health.failures.iter().map(|f| f.message.as_str()).collect()
    }

    #[test]
    fn every_kind_of_failure_is_reported() {
        let facts = facts(vec![
            group("cp", InstanceGroupRole::ControlPlane, 1, vec![Some(node("m", true))]),
            group("nodes", InstanceGroupRole::Node, 3, vec![Some(node("n", false)), None]),
            group("jump", InstanceGroupRole::Bastion, 1, vec![None]),
        ]);
        let mut spec = InstanceGroup::default();
        spec.metadata.name = "absent".into();
        let mut pods: Vec<_> = CONTROL_PLANE_PODS[..2].iter().map(|app| pod(app, "", "m")).collect();
        pods.push(Pod { phase: Phase::Pending, ..pod("dns", "system-cluster-critical", "n") });
        pods.push(Pod { unready_containers: vec!["a".into(), "b".into()], ..pod("cni", "system-node-critical", "n") });
        pods.push(Pod { phase: Phase::Succeeded, ..pod("job", "system-node-critical", "n") });
        pods.push(Pod { phase: Phase::Pending, ..pod("web", "", "n") });
        let health = Health::check(&facts, &[spec], &pods);
        assert_eq!(
            messages(&health),
            [
                r#"InstanceGroup "nodes" did not have enough nodes 2 vs 3"#,
                r#"node "n" of role "node" is not ready"#,
                r#"machine "i-nodes-1" has not yet joined cluster"#,
                r#"InstanceGroup "absent" is missing from the cloud provider"#,
                r#"system-cluster-critical pod "dns" is pending"#,
                r#"system-node-critical pod "cni" is not ready (a,b)"#,
                r#"control-plane node "m" is missing kube-scheduler pod"#,
            ]
        );
        assert_eq!(health.nodes.len(), 2, "bastions and machines that have not joined are no nodes");
    }

    #[test]
    fn a_missing_instance_has_its_reason() {
        let mut short = group("nodes", InstanceGroupRole::Node, 2, vec![Some(node("n", true))]);
        short.leaving.push(("i-2".into(), "Terminating:Wait".into()));
        short.suspended = vec!["Launch".into()];
        let health = Health::check(&facts(vec![short]), &[], &[]);
        assert_eq!(
            messages(&health),
            [
                r#"InstanceGroup "nodes" did not have enough nodes 1 vs 2 (i-2 is Terminating:Wait; process Launch is suspended)"#
            ]
        );
    }

    #[test]
    fn failures_of_other_workers_hold_nothing_back() {
        let none = BTreeSet::new();
        let strict = Tolerance { nodes: 0, instances: &none };
        let groups = |ready| {
            facts(vec![
                group("a", InstanceGroupRole::Node, 1, vec![Some(node("a", true))]),
                group("b", InstanceGroupRole::Node, 1, vec![Some(node("b", ready))]),
            ])
        };
        let health = Health::check(&groups(false), &[], &[]);
        assert!(health.obstacles("a", Scope::Group, strict).is_empty());
        assert_eq!(health.obstacles("a", Scope::Cluster, strict).len(), 1);
        assert_eq!(health.obstacles("b", Scope::Group, strict).len(), 1);
        let lost = Pod { phase: Phase::Unknown, ..pod("cni", "system-node-critical", "b") };
        let health = Health::check(&groups(false), &[], std::slice::from_ref(&lost));
        assert_eq!(health.obstacles("a", Scope::Group, strict).len(), 1, "the pod may be missing elsewhere, too");
        let health = Health::check(&groups(true), &[], &[lost]);
        assert!(health.obstacles("a", Scope::Group, strict).is_empty(), "on a ready node it concerns that node only");
        let dns = Pod { phase: Phase::Pending, ..pod("dns", "system-cluster-critical", "b") };
        let health = Health::check(&groups(true), &[], &[dns]);
        assert_eq!(health.obstacles("a", Scope::Group, strict).len(), 1, "cluster-wide failures concern everybody");
    }

    #[test]
    fn only_old_worker_nodes_are_excused() {
        let facts = facts(vec![group("a", InstanceGroupRole::Node, 2, vec![Some(node("x", false)), None])]);
        let cni = Pod { unready_containers: vec!["c".into()], ..pod("cni", "system-node-critical", "x") };
        let health = Health::check(&facts, &[], &[cni]);
        assert_eq!(health.failures.len(), 3);
        let count = |nodes, known: &[&str]| {
            let instances = known.iter().map(|i| (*i).to_owned()).collect();
            health.obstacles("a", Scope::Group, Tolerance { nodes, instances: &instances }).len()
        };
        assert_eq!(count(2, &["i-a-0", "i-a-1"]), 0, "the pod on an excused node is excused with it");
        assert_eq!(count(1, &["i-a-0", "i-a-1"]), 3, "two are more than one");
        assert_eq!(count(2, &["i-a-0"]), 1, "a new instance has to be ready");
    }
}
