//! Hooks of auto scaling groups.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types as asg;
use futures::{StreamExt as _, TryStreamExt as _};

use super::support::{CONCURRENT_CALLS, has_code, int, internal, sent, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Expected, Found, Object, Operation, Task, TaskKind};
use kopsform_model::aws::resources::{AutoscalingGroup, LifecycleHook};
use kopsform_model::{Kinded, Lifecycle};
use kopsform_rolling::ports::ApiError;

/// The hook that keeps instances of a warm pool until they are ready.
const WARM_POOL_HOOK: &str = "kops-warmpool";

/// The group and the name of the hook that a task is about: a hook of the graph, or one that its group should not have.
fn identity<'a>(cloud: &'a DirectCloud, task: &Task) -> Option<(&'a str, &'a str)> {
    let resource = &cloud.graph.node(&task.node)?.resource;
    if let Some(hook) = LifecycleHook::from_resource(resource) {
        return Some((hook.group.name().as_str(), hook.name.as_str()));
    }
    AutoscalingGroup::from_resource(resource).map(|group| (group.name.as_str(), WARM_POOL_HOOK))
}

/// Whether a group may have the hook of a warm pool that it should not have. The pool is deleted after the hook. Without a pool, the
/// hook holds instances back as they start.
fn may_have_unwanted_hook(group: &asg::AutoScalingGroup) -> bool {
    let is_held_back = |instance: &asg::Instance| {
        instance.lifecycle_state().is_some_and(|state| state.as_str().ends_with("Pending:Wait"))
    };
    group.warm_pool_configuration().is_some() || group.instances().iter().any(is_held_back)
}

/// Adds the hooks of the groups that exist. AWS lists those of one group at a time, so only groups that should have one are asked
/// for, and those that may have one that they should not have.
pub(super) async fn find(
    search: &Search<'_>,
    groups: &BTreeMap<String, asg::AutoScalingGroup>,
    found: &mut Found,
) -> Result<(), ApiError> {
    let cloud = search.cloud;
    let tasks = search.tasks.iter().filter(|task| task.id.kind == TaskKind::LifecycleHook);
    let tasks: Vec<(&Task, &str, &str)> = tasks
        .filter(|task| task.lifecycle != Lifecycle::Ignore)
        .filter_map(|task| identity(cloud, task).map(|(group, name)| (task, group, name)))
        // AWS may still have hooks of a group that was deleted; a new cluster has none.
        .filter(|_| !groups.is_empty())
        .collect();
    let is_looked_for = |task: &Task, group: &str| {
        task.expected != Expected::Absent || groups.get(group).is_some_and(may_have_unwanted_hook)
    };
    let mut names: Vec<&str> =
        tasks.iter().filter(|(task, group, _)| is_looked_for(task, group)).map(|(_, group, _)| *group).collect();
    names.sort_unstable();
    names.dedup();
    let client = &cloud.clients.autoscaling();
    let calls: Vec<_> = names
        .into_iter()
        .map(|name| async move {
            let call = client.describe_lifecycle_hooks().auto_scaling_group_name(name).send().await;
            if call.as_ref().is_err_and(|error| has_code(error, "ValidationError")) && !groups.contains_key(name) {
                return Ok(Vec::new());
            }
            let described = call.map_err(failed(format!("DescribeLifecycleHooks {name}")))?;
            Ok::<_, ApiError>(described.lifecycle_hooks.unwrap_or_default())
        })
        .collect();
    let hooks: Vec<asg::LifecycleHook> =
        futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_concat().await?;
    for (task, group, name) in tasks {
        let is_meant = |hook: &&asg::LifecycleHook| {
            hook.auto_scaling_group_name() == Some(group) && hook.lifecycle_hook_name() == Some(name)
        };
        if let Some(hook) = hooks.iter().find(is_meant) {
            let object = Object::new(name)
                .field("DefaultResult", hook.default_result())
                .field("HeartbeatTimeout", hook.heartbeat_timeout().map(i64::from))
                .field("LifecycleTransition", hook.lifecycle_transition());
            found.objects.insert(task.id.clone(), object);
        }
    }
    Ok(())
}

pub(super) async fn put(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let hook = cloud.resource::<LifecycleHook>(operation.task)?;
    let call = cloud
        .clients
        .autoscaling()
        .put_lifecycle_hook()
        .auto_scaling_group_name(hook.group.name().as_str())
        .lifecycle_hook_name(&hook.name)
        .lifecycle_transition(hook.transition.as_str())
        .heartbeat_timeout(int(hook.timeout))
        .default_result(hook.default_result.as_str());
    sent!(call, "PutLifecycleHook {}", hook.name)?;
    Ok(with_id(&hook.name))
}

pub(super) async fn delete(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<(), CloudError> {
    let (group, name) =
        identity(cloud, operation.task).ok_or_else(|| internal(format!("{} has no group", operation.task.id)))?;
    let call = cloud.clients.autoscaling().delete_lifecycle_hook();
    let call = call.auto_scaling_group_name(group).lifecycle_hook_name(name);
    sent!(call, "DeleteLifecycleHook {group} {name}").map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_a_group_should_not_have_is_looked_for_where_it_has_an_effect() {
        let group = asg::AutoScalingGroup::builder;
        let in_state = |state: asg::LifecycleState| asg::Instance::builder().lifecycle_state(state).build();
        assert!(!may_have_unwanted_hook(&group().build()));
        assert!(!may_have_unwanted_hook(&group().instances(in_state(asg::LifecycleState::InService)).build()));
        assert!(may_have_unwanted_hook(&group().instances(in_state(asg::LifecycleState::PendingWait)).build()));
        let pool = asg::WarmPoolConfiguration::builder().status(asg::WarmPoolStatus::PendingDelete).build();
        assert!(may_have_unwanted_hook(&group().warm_pool_configuration(pool).build()));
    }
}
