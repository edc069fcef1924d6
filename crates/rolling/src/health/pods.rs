//! Pods that have to run: the control plane's own, and those of the system's priority classes.

use std::collections::{BTreeMap, HashMap};

use super::{Failure, FailureKind, Health};
use crate::facts::{ClusterFacts, GroupFacts};
use crate::ports::{Node, Phase, Pod};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The pods that each control-plane node runs, by their label `k8s-app`.
pub const CONTROL_PLANE_PODS: [&str; 3] = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// Pods of these priority classes have to be ready.
pub const SYSTEM_PRIORITIES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

/// Where a pod's node belongs to.
struct Home<'a> {
    node: &'a Node,
    instance: &'a str,
    group: &'a GroupFacts,
}

/// Puts pods down to nodes by the nodes' addresses.
pub(super) struct PodCheck<'a> {
    homes: HashMap<&'a str, Home<'a>>,
    /// Ready control-plane nodes with the pods that were not found on them yet.
    missing: BTreeMap<&'a str, (Vec<&'static str>, &'a str, &'a GroupFacts)>,
}

impl<'a> PodCheck<'a> {
    pub(super) fn new(facts: &'a ClusterFacts) -> Self {
        let mut homes = HashMap::new();
        let mut missing = BTreeMap::new();
        for group in &facts.groups {
            for instance in &group.instances {
                let Some(node) = instance.node.as_deref() else { continue };
                for address in &node.addresses {
                    let home = Home { node, instance: &instance.id, group };
                    // A node that went away may have had the address of one that is there.
                    if node.is_ready() {
                        homes.insert(address.as_str(), home);
                    } else {
                        homes.entry(address.as_str()).or_insert(home);
                    }
                }
                if node.control_plane && node.is_ready() {
                    missing.insert(node.name.as_str(), (CONTROL_PLANE_PODS.to_vec(), instance.id.as_str(), group));
                }
            }
        }
        Self { homes, missing }
    }

    pub(super) fn run(mut self, pods: &[Pod], health: &mut Health) {
        for pod in pods {
            let home = self.homes.get(pod.host_ip.as_str());
            if let (Some(home), "kube-system", Some(app)) = (home, pod.namespace.as_str(), pod.labels.get("k8s-app"))
                && let Some((missing, _, _)) = self.missing.get_mut(home.node.name.as_str())
            {
                missing.retain(|m| m != app);
            }
            health.failures.extend(Self::check_pod(pod, home));
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

    fn check_pod(pod: &Pod, home: Option<&Home<'_>>) -> Option<Failure> {
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
        // A pod that serves the cluster is everybody's concern, one that serves its node is that node's. On a node that is
        // not ready it is everybody's, too, as with kops; it can be excused with its node.
        let home = home.filter(|_| class == "system-node-critical");
        let ready = home.filter(|h| h.node.is_ready());
        let worker = home.filter(|h| h.group.role != InstanceGroupRole::ControlPlane);
        Some(Failure {
            kind: FailureKind::Pod,
            name: pod.full_name(),
            message,
            group: ready.map(|h| (h.group.name.clone(), h.group.role)),
            instance: ready.or(worker).map(|h| h.instance.to_owned()),
        })
    }
}
