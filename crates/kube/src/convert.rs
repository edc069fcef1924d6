//! Converts the API's objects into those of the ports.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use kopsform_rolling::health::{CONTROL_PLANE_PODS, SYSTEM_PRIORITIES};
use kopsform_rolling::ports::{
    Budget, ConditionStatus, EXCLUDE_LABEL, NEEDS_UPDATE_ANNOTATION, Node, Phase, Pod, Selector, Taint, instance_of,
};

/// A node. Its instance is a part of the provider id.
pub(super) fn node(node: &core::Node) -> Node {
    let meta = &node.metadata;
    let label = |key: &str| meta.labels.as_ref().and_then(|l| l.get(key)).cloned();
    let spec = node.spec.as_ref();
    let status = node.status.as_ref();
    let condition = |kind: &str| {
        let found = status?.conditions.as_ref()?.iter().find(|c| c.type_ == kind)?;
        Some(match found.status.as_str() {
            "True" => ConditionStatus::True,
            "False" => ConditionStatus::False,
            _ => ConditionStatus::Unknown,
        })
    };
    let provider_id = spec.and_then(|s| s.provider_id.as_deref()).unwrap_or_default();
    Node {
        name: meta.name.clone().unwrap_or_default(),
        instance: instance_of(provider_id).to_owned(),
        version: meta.resource_version.clone().unwrap_or_default(),
        unschedulable: spec.and_then(|s| s.unschedulable).unwrap_or(false),
        taints: spec.and_then(|s| s.taints.as_ref()).into_iter().flatten().map(taint).collect(),
        needs_update: meta.annotations.as_ref().is_some_and(|a| a.contains_key(NEEDS_UPDATE_ANNOTATION)),
        excluded: label(EXCLUDE_LABEL).is_some(),
        control_plane: label("node-role.kubernetes.io/control-plane").is_some(),
        ready: condition("Ready").unwrap_or_default(),
        network_unavailable: condition("NetworkUnavailable") == Some(ConditionStatus::True),
        addresses: status.and_then(|s| s.addresses.as_ref()).into_iter().flatten().map(|a| a.address.clone()).collect(),
        zone: label("topology.kubernetes.io/zone").unwrap_or_default(),
        hostname: label("kubernetes.io/hostname").unwrap_or_default(),
        kubelet_version: status
            .and_then(|s| s.node_info.as_ref())
            .map(|info| info.kubelet_version.clone())
            .unwrap_or_default(),
    }
}

fn taint(taint: &core::Taint) -> Taint {
    Taint {
        key: taint.key.clone(),
        value: taint.value.clone(),
        effect: taint.effect.clone(),
        time_added: taint.time_added.as_ref().map(|t| t.0.to_string()),
    }
}

/// Whether validation checks a pod.
pub(super) fn is_system_pod(pod: &core::Pod) -> bool {
    let class = pod.spec.as_ref().and_then(|s| s.priority_class_name.as_deref());
    let app = pod.metadata.labels.as_ref().and_then(|l| l.get("k8s-app")).map(String::as_str);
    class.is_some_and(|c| SYSTEM_PRIORITIES.contains(&c)) || app.is_some_and(|a| CONTROL_PLANE_PODS.contains(&a))
}

/// A pod.
pub(super) fn pod(pod: &core::Pod) -> Pod {
    let meta = &pod.metadata;
    let spec = pod.spec.as_ref();
    let status = pod.status.as_ref();
    let controller = meta.owner_references.iter().flatten().find(|o| o.controller == Some(true));
    Pod {
        namespace: meta.namespace.clone().unwrap_or_default(),
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        node: spec.and_then(|s| s.node_name.clone()).unwrap_or_default(),
        host_ip: status.and_then(|s| s.host_ip.clone()).unwrap_or_default(),
        phase: match status.and_then(|s| s.phase.as_deref()) {
            Some("Pending") => Phase::Pending,
            Some("Succeeded") => Phase::Succeeded,
            Some("Failed") => Phase::Failed,
            Some("Unknown") => Phase::Unknown,
            _ => Phase::Running,
        },
        priority_class: spec.and_then(|s| s.priority_class_name.clone()).unwrap_or_default(),
        labels: meta.labels.clone().unwrap_or_default(),
        controller: controller.map(|o| o.kind.clone()).unwrap_or_default(),
        mirror: meta.annotations.as_ref().is_some_and(|a| a.contains_key("kubernetes.io/config.mirror")),
        terminating: meta.deletion_timestamp.is_some(),
        deletion: meta.deletion_timestamp.as_ref().map(|time| time.0),
        finalizers: meta.finalizers.clone().unwrap_or_default(),
        unready_containers: status
            .and_then(|s| s.container_statuses.as_ref())
            .into_iter()
            .flatten()
            .filter(|c| !c.ready)
            .map(|c| c.name.clone())
            .collect(),
    }
}

/// A disruption budget.
pub(super) fn budget(budget: &PodDisruptionBudget) -> Budget {
    let selector = budget.spec.as_ref().and_then(|s| s.selector.as_ref()).map(|selector| Selector {
        labels: selector.match_labels.clone().unwrap_or_else(BTreeMap::new),
        expressions: selector
            .match_expressions
            .iter()
            .flatten()
            .map(|e| (e.key.clone(), e.operator.clone(), e.values.clone().unwrap_or_default()))
            .collect(),
    });
    let status = budget.status.as_ref();
    Budget {
        namespace: budget.metadata.namespace.clone().unwrap_or_default(),
        name: budget.metadata.name.clone().unwrap_or_default(),
        selector,
        allowed: status.and_then(|s| s.disruptions_allowed).unwrap_or(0),
        healthy: status.and_then(|s| s.current_healthy).unwrap_or(0),
        desired: status.and_then(|s| s.desired_healthy).unwrap_or(0),
        expected: status.and_then(|s| s.expected_pods).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_node_has_its_instance_and_state() {
        let found = node(
            &serde_json::from_value(serde_json::json!({
                "metadata": { "name": "n", "resourceVersion": "5", "annotations": { NEEDS_UPDATE_ANNOTATION: "" },
                    "labels": { "node-role.kubernetes.io/control-plane": "", "topology.kubernetes.io/zone": "a" } },
                "spec": { "providerID": "aws:///us-east-1a/i-0abc", "unschedulable": true,
                    "taints": [{ "key": "k", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z" }] },
                "status": { "conditions": [{ "type": "Ready", "status": "True" },
                    { "type": "NetworkUnavailable", "status": "True" }],
                    "addresses": [{ "type": "InternalIP", "address": "10.0.0.1" }] },
            }))
            .unwrap(),
        );
        assert_eq!((found.instance.as_str(), found.zone.as_str()), ("i-0abc", "a"));
        assert!(found.needs_update && found.unschedulable && found.control_plane);
        assert!(!found.is_ready(), "without a network it is not ready");
        assert_eq!(found.taints[0].time_added.as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn a_pod_has_its_owner() {
        let found = pod(
            &serde_json::from_value(serde_json::json!({
                "metadata": { "name": "p", "namespace": "d", "uid": "u",
                    "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "x", "uid": "y", "controller": true }] },
                "spec": { "containers": [], "nodeName": "n" },
                "status": { "phase": "Running", "hostIP": "10.0.0.1",
                    "containerStatuses": [{ "name": "c", "ready": false, "restartCount": 0, "image": "", "imageID": "" }] },
            }))
            .unwrap(),
        );
        assert!(!found.is_drained());
        assert_eq!(found.unready_containers, ["c"]);
    }

    #[test]
    fn a_budget_without_a_selector_covers_nothing() {
        let none = budget(&serde_json::from_value(serde_json::json!({ "metadata": {}, "spec": {} })).unwrap());
        assert!(!none.covers(&Pod::default()));
        let all =
            budget(&serde_json::from_value(serde_json::json!({ "metadata": {}, "spec": { "selector": {} } })).unwrap());
        assert!(all.covers(&Pod::default()));
    }
}
