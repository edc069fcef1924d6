//! Managed instance groups: for each group of the spec one in each of its zones.

use super::instance_template;
use super::load_balancer::target_pools;
use super::resources::InstanceGroupManager;
use crate::{Context, Graph, GraphError, Layer};
use kopsform_spec::v1alpha2::InstanceGroup;

/// Adds all groups with their templates.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    for group in context.groups {
        let user_data = crate::nodeup::user_data(context, group)?;
        build_group(context, graph, group, user_data)?;
    }
    Ok(())
}

/// Checks the zones and subnets of all groups. Nothing is added.
pub fn check(context: &Context<'_>, _graph: &mut Graph) -> Result<(), GraphError> {
    for group in context.groups {
        context.zones_of(group)?;
        context.subnet_of(group)?;
    }
    Ok(())
}

/// Adds a group with its template.
pub(crate) fn build_group(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &InstanceGroup,
    user_data: Option<String>,
) -> Result<(), GraphError> {
    let template = instance_template::build(context, graph, group, user_data)?;
    let zones = context.zones_of(group)?;
    let sizes = sizes(group.spec.min_size.unwrap_or(group.role().default_size()).into(), zones.len());
    for (zone, target_size) in zones.iter().zip(sizes) {
        let name = context.managed_group_name(group, zone);
        let manager = InstanceGroupManager {
            name: name.clone(),
            zone: zone.clone(),
            base_instance_name: group.metadata.name.clone(),
            template: template.clone(),
            target_size,
            target_pools: target_pools(context, group),
            group: instance_template::identity(group),
        };
        graph.add(Layer::Cluster, name, manager)?;
    }
    Ok(())
}

/// How many of a group's instances are in each of its zones: as many in each, the first ones have one more.
pub(crate) fn sizes(total: i64, zones: usize) -> Vec<i64> {
    let count = i64::try_from(zones).unwrap_or(i64::MAX).max(1);
    (0..count).take(zones).map(|index| total / count + i64::from(index < total % count)).collect()
}
