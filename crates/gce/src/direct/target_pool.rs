//! Target pools, and the health checks in them.

use serde_json::{Value as Json, json};

use super::support::{last, link, named, strings, text};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskId, TaskKind};
use kopsform_model::gce::resources::TargetPool;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let pools = search.tasks(TaskKind::TargetPool).map(|task| (task, path(cloud, &task.id.name)));
    let (mut found, checks) = futures::try_join!(search.each(pools, |_, pool| object(pool)), find_checks(search))?;
    found.extend(checks);
    Ok(found)
}

/// The health checks that are in their pools.
async fn find_checks(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::PoolHealthCheck).map(|task| (task, path(cloud, &task.id.name)));
    let mut found = search.each(wanted, |_, pool| with_checks(pool)).await?;
    let is_in_pool = |task: &TaskId, pool: &Object| {
        search.tasks(TaskKind::PoolHealthCheck).any(|wanted| wanted.id == *task && pool.id() == check_name(wanted))
    };
    found.objects.retain(|task, pool| is_in_pool(task, pool));
    Ok(found)
}

/// The health check of a pool, which has one at most.
fn with_checks(pool: &Json) -> Object {
    Object::new(strings(pool, "healthChecks").next().map(last).unwrap_or_default())
}

/// The name of the health check that a task puts into a pool.
fn check_name(task: &Task) -> String {
    task.value("Healthcheck").map(ToString::to_string).unwrap_or_default()
}

fn path(cloud: &DirectCloud, name: &str) -> String {
    cloud.regional(&format!("targetPools/{name}"))
}

pub(super) fn object(pool: &Json) -> Object {
    Object::new(text(pool, "name"))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let pool = cloud.resource::<TargetPool>(operation.task)?;
    cloud.insert(&cloud.regional("targetPools"), &json!({ "name": pool.name.as_str() })).await?;
    Ok(named(pool.name.as_str()))
}

pub(super) async fn add_health_check(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let pool = cloud.resource::<TargetPool>(operation.task)?;
    let check = pool.health_check.name();
    let address = link(&cloud.global(&format!("httpHealthChecks/{check}")));
    let body = json!({ "healthChecks": [{ "healthCheck": address }] });
    cloud.call(&path(cloud, &pool.name), "addHealthCheck", &body).await?;
    Ok(named(check.as_str()))
}
