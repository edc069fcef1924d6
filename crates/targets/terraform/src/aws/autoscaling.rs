//! Auto scaling groups.

use crate::block::{AttributeOf, Block, Body, GroupTags};
use crate::layout::INSTANCE_GROUPS_FILE;
use crate::naming::short_name;
use crate::readable::place::{CONTROL_PLANE, Place};
use kopsform_model::aws::resources::{AutoscalingGroup, LifecycleHook, MixedInstances, Tags, Transition};
use kopsform_spec::labels::{INSTANCE_GROUP, ROLE_TAG_PREFIX};

/// Where the resources of an instance group are: those of the control plane share a block. `name` is that of the resource, for
/// groups that cannot be found out.
pub fn group_place(tags: &Tags, name: &str) -> Place {
    let group = tags.get(INSTANCE_GROUP).map_or(name, |group| group.as_str());
    let is_control_plane = ["control-plane", "master"]
        .iter()
        .any(|role| tags.get(format!("{ROLE_TAG_PREFIX}{role}").as_str()).is_some_and(|value| *value == "1"));
    if is_control_plane { Place::each(CONTROL_PLANE, group) } else { Place::Own(group.to_owned()) }
}

/// What the block of an instance group's resource is headed with.
pub fn group_comment(tags: &Tags) -> Option<String> {
    let group = tags.get(INSTANCE_GROUP)?;
    Some(match group_place(tags, group) {
        Place::Each { .. } => "The instance groups of the control plane.".to_owned(),
        Place::Own(group) => format!("Instance group {group}."),
    })
}

impl Block for AutoscalingGroup {
    const TYPE: &'static str = "aws_autoscaling_group";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    fn place(&self, name: &str) -> Place {
        group_place(&self.tags, name)
    }

    fn comment(&self) -> Option<String> {
        group_comment(&self.tags)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let place = self.place(&short_name(&self.name));
        body.tag_blocks("tag", GroupTags(&place, &self.tags), &self.tags, |body, tag| {
            body.set("key", tag.key()).set("propagate_at_launch", true).set("value", tag.value());
        });
        body.set("capacity_rebalance", self.capacity_rebalance)
            .set("enabled_metrics", &self.metrics)
            .set("load_balancers", &self.load_balancers)
            .set("max_instance_lifetime", self.max_instance_lifetime)
            .set("max_size", self.max_size)
            .set("metrics_granularity", "1Minute")
            .set("min_size", self.min_size)
            .set("name", &self.name)
            .set("protect_from_scale_in", self.protect_from_scale_in)
            .set("suspended_processes", &self.suspended_processes)
            .set("target_group_arns", &self.target_groups)
            .set("vpc_zone_identifier", &self.subnets)
            .blocks("warm_pool", &self.warm_pool, |pool, body| {
                body.set("max_group_prepared_capacity", pool.max_size).set("min_size", pool.min_size);
            });
        match &self.mixed_instances {
            Some(mixed) => body.block("mixed_instances_policy", |body| mixed_instances(self, mixed, body)),
            None => body.block("launch_template", |body| template(self, "id", body)),
        };
    }
}

/// The newest version of the launch template.
fn template(group: &AutoscalingGroup, id: &'static str, body: &mut Body<'_, '_>) {
    body.set(id, &group.launch_template).set("version", AttributeOf(&group.launch_template, "latest_version"));
}

fn mixed_instances(group: &AutoscalingGroup, mixed: &MixedInstances, body: &mut Body<'_, '_>) {
    body.block("instances_distribution", |body| {
        body.set("on_demand_allocation_strategy", &mixed.on_demand_allocation_strategy)
            .set("on_demand_base_capacity", mixed.on_demand_base)
            .set("on_demand_percentage_above_base_capacity", mixed.on_demand_above_base)
            .set("spot_allocation_strategy", &mixed.spot_allocation_strategy)
            .set("spot_instance_pools", mixed.spot_instance_pools)
            .set("spot_max_price", &mixed.spot_max_price);
    })
    .block("launch_template", |body| {
        body.block("launch_template_specification", |body| template(group, "launch_template_id", body));
        body.blocks("override", &mixed.instance_types, |instance_type, body| {
            body.set("instance_type", instance_type);
        });
    });
}

impl Block for LifecycleHook {
    const TYPE: &'static str = "aws_autoscaling_lifecycle_hook";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    /// The names of hooks end with what they are for, those of warm pools begin with it.
    fn place(&self, name: &str) -> Place {
        let label = match self.transition {
            Transition::Launching => "launching",
            Transition::Terminating => "terminating",
        };
        Place::each(label, name.strip_suffix("-NTHLifecycleHook").unwrap_or(name))
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("autoscaling_group_name", &self.group)
            .set("default_result", self.default_result.as_str())
            .set("heartbeat_timeout", self.timeout)
            .set("lifecycle_transition", self.transition.as_str())
            .set("name", &self.name);
    }
}
