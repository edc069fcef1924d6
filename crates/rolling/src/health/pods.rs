//! Pods that must run: the control plane's own, and those of the system priority classes.

use std::collections::{BTreeMap, HashMap};

use super::{Failure, FailureKind, Health};
use crate::facts::{ClusterFacts, GroupFacts};
use crate::ports::{Node, Phase, Pod};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The pods each control-plane node runs, by their label `k8s-app`.
pub const CONTROL_PLANE_PODS: [&str; 3] = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// Pods of these priority classes must be ready.
pub const SYSTEM_PRIORITIES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

/// The node of a pod, with its instance and group.
struct Placement<'a> {
    node: &'a Node,
    instance: &'a str,
    group: &'a GroupFacts,
}

/// Attributes pods to nodes by the nodes' addresses.
pub(super) struct PodCheck<'a> {
    placements: HashMap<&'a str, Placement<'a>>,
    /// Ready control-plane nodes, each with the pods not found on it yet, its instance and its group.
    missing: BTreeMap<&'a str, (Vec<&'static str>, &'a str, &'a GroupFacts)>,
}

impl<'a> PodCheck<'a> {
    pub(super) fn new(facts: &'a ClusterFacts) -> Self {
        let mut placements = HashMap::new();
        let mut missing = BTreeMap::new();
        for group in &facts.groups {
            for instance in &group.instances {
                let Some(node) = instance.node.as_deref() else { continue };
                for address in &node.addresses {
                    let placement = Placement { node, instance: &instance.id, group };
                    // A deleted node may have had the address of one that exists.
                    if node.is_ready() {
                        placements.insert(address.as_str(), placement);
                    } else {
                        placements.entry(address.as_str()).or_insert(placement);
                    }
                }
                if node.control_plane && node.is_ready() {
                    missing.insert(node.name.as_str(), (CONTROL_PLANE_PODS.to_vec(), instance.id.as_str(), group));
                }
            }
        }
        Self { placements, missing }
    }

    pub(super) fn run(mut self, pods: &[Pod], health: &mut Health) {
        for pod in pods {
            let placement = self.placements.get(pod.host_ip.as_str());
            if let (Some(placement), "kube-system", Some(app)) =
                (placement, pod.namespace.as_str(), pod.labels.get("k8s-app"))
                && let Some((missing, _, _)) = self.missing.get_mut(placement.node.name.as_str())
            {
                missing.retain(|m| m != app);
            }
            health.failures.extend(Self::check_pod(pod, placement));
        }
        for (node, (apps, instance, group)) in self.missing {
            health.failures.extend(apps.into_iter().map(|app| Failure {
                kind: FailureKind::Node,
                name: node.to_owned(),
                message: format!("control-plane node {node:?} is missing {app} pod"),
                group: Some((group.name.clone(), group.role)),
                instance: Some(instance.to_owned()),
            }));
        }
    }

    fn check_pod(pod: &Pod, placement: Option<&Placement<'_>>) -> Option<Failure> {
        let class = pod.priority_class.as_str();
        if !SYSTEM_PRIORITIES.contains(&class) {
            return None;
        }
        let name = &pod.name;
        let message = match pod.phase {
            Phase::Succeeded => return None,
            Phase::Pending => format!("{class} pod {name:?} is pending"),
            Phase::Unknown => format!("{class} pod {name:?} is unknown phase"),
            Phase::Running | Phase::Failed if pod.unready_containers.is_empty() => return None,
            Phase::Running | Phase::Failed => {
                format!("{class} pod {name:?} is not ready ({})", pod.unready_containers.join(","))
            }
        };
        // A cluster-critical pod concerns all groups, a node-critical one the group of its node. On a node that is not ready
        // it concerns all groups, too, as in kops; it can be excused with its node.
        let placement = placement.filter(|_| class == "system-node-critical");
        let ready = placement.filter(|h| h.node.is_ready());
        let worker = placement.filter(|h| h.group.role != InstanceGroupRole::ControlPlane);
        Some(Failure {
            kind: FailureKind::Pod,
            name: pod.full_name(),
            message,
            group: ready.map(|h| (h.group.name.clone(), h.group.role)),
            instance: ready.or(worker).map(|h| h.instance.to_owned()),
        })
    }
}
