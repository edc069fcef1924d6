//! Cluster autoscaler: resizes auto scaling groups to what pods need.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::{AddonContext, amount_or};
use super::plan::{Addon, AddonsError, Plan, templates};
use kopsform_spec::v1alpha2::{ClusterAutoscalerConfig, InstanceGroup};

pub(super) const ADDON: Addon = Addon { directory: "cluster-autoscaler", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    image: &'a str,
    expander: &'a str,
    node_groups: Vec<NodeGroup>,
    priorities: String,
    balance_similar_node_groups: bool,
    emit_per_nodegroup_metrics: bool,
    aws_use_static_instance_list: bool,
    ignore_daemon_sets_utilization: bool,
    scale_down_utilization_threshold: &'a str,
    skip_nodes_with_custom_controller_pods: bool,
    skip_nodes_with_local_storage: bool,
    skip_nodes_with_system_pods: bool,
    scale_down_delay_after_add: &'a str,
    scale_down_unneeded_time: &'a str,
    scale_down_unready_time: &'a str,
    new_pod_scale_up_delay: &'a str,
    max_node_provision_time: &'a str,
    cordon_node_before_terminating: bool,
    pod_annotations: &'a BTreeMap<String, String>,
    cpu_request: String,
    memory_request: String,
}

/// An auto scaling group and its limits.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeGroup {
    name: String,
    min_size: i32,
    max_size: i32,
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let autoscaler = scene.cluster.spec.cluster_autoscaler.as_ref().filter(|a| a.enabled == Some(true));
    let Some(autoscaler) = autoscaler else { return Ok(None) };
    let mut files = templates!("cluster-autoscaler": "rbac", "cluster-autoscaler");
    if autoscaler.expander == "priority" && autoscaler.create_priority_expander_config == Some(true) {
        files.extend(templates!("cluster-autoscaler": "priorities"));
    }
    let on = |value: Option<bool>| value == Some(true);
    let values = Values {
        image: text(&autoscaler.image),
        expander: &autoscaler.expander,
        node_groups: node_groups(scene),
        priorities: priorities(scene, autoscaler),
        balance_similar_node_groups: on(autoscaler.balance_similar_node_groups),
        emit_per_nodegroup_metrics: on(autoscaler.emit_per_nodegroup_metrics),
        aws_use_static_instance_list: on(autoscaler.aws_use_static_instance_list),
        ignore_daemon_sets_utilization: on(autoscaler.ignore_daemon_sets_utilization),
        scale_down_utilization_threshold: text(&autoscaler.scale_down_utilization_threshold),
        skip_nodes_with_custom_controller_pods: on(autoscaler.skip_nodes_with_custom_controller_pods),
        skip_nodes_with_local_storage: on(autoscaler.skip_nodes_with_local_storage),
        skip_nodes_with_system_pods: on(autoscaler.skip_nodes_with_system_pods),
        scale_down_delay_after_add: text(&autoscaler.scale_down_delay_after_add),
        scale_down_unneeded_time: text(&autoscaler.scale_down_unneeded_time),
        scale_down_unready_time: text(&autoscaler.scale_down_unready_time),
        new_pod_scale_up_delay: text(&autoscaler.new_pod_scale_up_delay),
        max_node_provision_time: &autoscaler.max_node_provision_time,
        cordon_node_before_terminating: autoscaler.cordon_node_before_terminating != Some(false),
        pod_annotations: &autoscaler.pod_annotations,
        cpu_request: amount_or(autoscaler.cpu_request.as_ref(), "100m"),
        memory_request: amount_or(autoscaler.memory_request.as_ref(), "300Mi"),
    };
    let content = scene.templates("cluster-autoscaler", files, values)?;
    Ok(Some(Plan::new("cluster-autoscaler.addons.k8s.io", "k8s-1.15", content)))
}

/// The groups it may resize: those that don't say no.
fn node_groups(scene: &AddonContext<'_>) -> Vec<NodeGroup> {
    let groups = scene.node_groups().filter(|group| group.spec.autoscale != Some(false));
    let node_group = |group: &InstanceGroup| NodeGroup {
        name: scene.context.qualified(&group.metadata.name).into(),
        min_size: group.spec.min_size.unwrap_or_default(),
        max_size: group.spec.max_size.unwrap_or_default(),
    };
    groups.map(node_group).collect()
}

/// The priority expander's lists, by priority as a string: those of the spec, or those of the groups.
fn priorities(scene: &AddonContext<'_>, autoscaler: &ClusterAutoscalerConfig) -> String {
    let mut priorities = autoscaler.custom_priority_expander_config.clone();
    if priorities.is_empty() {
        for group in scene.node_groups().filter(|group| group.spec.autoscale.is_some()) {
            let name = scene.context.qualified(&group.metadata.name);
            priorities.entry(group.spec.autoscale_priority.to_string()).or_default().push(name.into());
        }
    }
    let lines = priorities.iter().flat_map(|(priority, groups)| {
        std::iter::once(format!("{priority}:")).chain(groups.iter().map(|group| format!("- {group}")))
    });
    lines.collect::<Vec<_>>().join("\n")
}
