//! Warm pools.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types as asg;

use super::support::{int, sent, with_id};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::AutoscalingGroup;

/// The limit of a pool whose group has none.
const NO_LIMIT: i32 = -1;

/// Adds the pools of groups. A group without one has a pool that is switched off.
pub(super) fn find(search: &Search<'_>, groups: &BTreeMap<String, asg::AutoScalingGroup>, found: &mut Found) {
    for (task, group) in search.of::<AutoscalingGroup>(TaskKind::WarmPool) {
        let Some(existing) = groups.get(group.name.as_str()) else { continue };
        let pool = existing.warm_pool_configuration();
        // A pool with a status is being deleted.
        let pool = pool.filter(|pool| pool.status().is_none());
        let mut object = Object::new(group.name.as_str()).field("Enabled", pool.is_some());
        if let Some(pool) = pool {
            object = object
                .field("MaxSize", i64::from(pool.max_group_prepared_capacity().unwrap_or(NO_LIMIT)))
                .field("MinSize", i64::from(pool.min_size().unwrap_or_default()));
        }
        found.objects.insert(task.id.clone(), object);
    }
}

pub(super) async fn put(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<AutoscalingGroup>(operation.task)?;
    let (name, client) = (group.name.as_str(), cloud.clients.autoscaling());
    match &group.warm_pool {
        Some(pool) => {
            let call = client
                .put_warm_pool()
                .auto_scaling_group_name(name)
                .min_size(int(pool.min_size))
                .max_group_prepared_capacity(pool.max_size.map_or(NO_LIMIT, int));
            sent!(call, "PutWarmPool {name}")?;
        }
        // A new group has no pool.
        None if operation.found.is_none() => {}
        None => {
            let call = client.delete_warm_pool().auto_scaling_group_name(name).force_delete(true);
            sent!(call, "DeleteWarmPool {name}")?;
        }
    }
    Ok(with_id(name))
}
