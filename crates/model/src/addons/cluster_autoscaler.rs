//! Cluster autoscaler: resizes auto scaling groups to what pods need.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::{AddonContext, amount_or};
use super::plan::{Addon, AddonsError, Plan, templates};
use kopsform_spec::names::gce as names;
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

/// An auto scaling group, or a managed instance group of Google Cloud, and its limits.
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
    if scene.on_gce() {
        return groups.flat_map(|group| managed_groups(scene, group)).collect();
    }
    let node_group = |group: &InstanceGroup| NodeGroup {
        name: scene.context.qualified(&group.metadata.name).into(),
        min_size: group.spec.min_size.unwrap_or_default(),
        max_size: group.spec.max_size.unwrap_or_default(),
    };
    groups.map(node_group).collect()
}

/// The managed instance groups of a group on Google Cloud, one in each zone, among which its limits are divided. Of several, those
/// that may have no instance are left out.
fn managed_groups(scene: &AddonContext<'_>, group: &InstanceGroup) -> Vec<NodeGroup> {
    let (name, zones) = (&group.metadata.name, &group.spec.zones);
    let minimums = divided(group.spec.min_size.unwrap_or_default(), zones.len());
    let maximums = divided(group.spec.max_size.unwrap_or_default(), zones.len());
    let managed_group = |(zone, (min_size, max_size)): (&String, (i32, i32))| NodeGroup {
        name: format!(
            "https://www.googleapis.com/compute/v1/projects/{}/zones/{zone}/instanceGroups/{}",
            scene.values.project,
            names::managed_group(zone, name, &scene.values.name)
        ),
        min_size,
        max_size,
    };
    let groups = zones.iter().zip(minimums.into_iter().zip(maximums)).map(managed_group);
    groups.filter(|managed| zones.len() == 1 || managed.max_size > 0).collect()
}

/// A number of instances divided among zones; the first ones get the remainder.
fn divided(total: i32, zones: usize) -> Vec<i32> {
    let count = i32::try_from(zones).unwrap_or(i32::MAX).max(1);
    (0..count).take(zones).map(|zone| total / count + i32::from(zone < total % count)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_zones_get_the_remainder() {
        assert_eq!(divided(3, 2), [2, 1]);
        assert_eq!(divided(2, 3), [1, 1, 0]);
        assert_eq!(divided(0, 2), [0, 0]);
        assert_eq!(divided(5, 0), Vec::<i32>::new());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_zones_differ_by_one_at_most(total in 0..10_000i32, zones in 1..20usize) {
            let parts = divided(total, zones);
            prop_assert_eq!(parts.iter().sum::<i32>(), total);
            prop_assert!(parts.iter().max().zip(parts.iter().min()).is_some_and(|(max, min)| max - min <= 1));
        }
    }
}
