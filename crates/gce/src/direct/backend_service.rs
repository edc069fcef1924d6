//! Backend services of internal load balancers.

use serde_json::{Value as Json, json};

use super::support::{internal, items, last, link, named, strings, text, unchanged};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::Ref;
use kopsform_model::gce::resources::{BackendService, InstanceGroupManager};
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::BackendService).map(|task| (task, path(cloud, &task.id.name)));
    search.each(wanted, |_, backend| object(backend)).await
}

fn path(cloud: &DirectCloud, name: &str) -> String {
    cloud.regional(&format!("backendServices/{name}"))
}

pub(super) fn object(backend: &Json) -> Object {
    let groups = items(backend, "backends").map(|backend| last(text(backend, "group")));
    Object::new(text(backend, "name"))
        .field("HealthChecks", Value::set(strings(backend, "healthChecks").map(last)))
        .field("InstanceGroupManagers", Value::set(groups))
        .field("LoadBalancingScheme", text(backend, "loadBalancingScheme"))
        .field("Protocol", text(backend, "protocol"))
}

/// The groups of instances as backends.
fn backends(cloud: &DirectCloud, backend: &BackendService) -> Result<Vec<Json>, CloudError> {
    let group = |reference: &Ref<InstanceGroupManager>| {
        let manager = cloud.graph.get(reference);
        let manager = manager.ok_or_else(|| internal(format!("{} refers to no group", backend.name)))?;
        let path = cloud.zonal(&manager.zone, &format!("instanceGroups/{}", manager.name));
        Ok(json!({ "group": link(&path) }))
    };
    backend.groups.iter().map(group).collect()
}

fn health_check(cloud: &DirectCloud, backend: &BackendService) -> String {
    link(&cloud.regional(&format!("healthChecks/{}", backend.health_check.name())))
}

pub(super) fn body(cloud: &DirectCloud, backend: &BackendService) -> Result<Json, CloudError> {
    Ok(json!({
        "name": backend.name.as_str(),
        "protocol": "TCP",
        "loadBalancingScheme": "INTERNAL",
        "healthChecks": [health_check(cloud, backend)],
        "backends": backends(cloud, backend)?,
    }))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let backend = cloud.resource::<BackendService>(operation.task)?;
    cloud.insert(&cloud.regional("backendServices"), &body(cloud, backend)?).await?;
    Ok(named(backend.name.as_str()))
}

/// Adds the groups that are missing, and keeps the settings of those that are there.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let backend = cloud.resource::<BackendService>(operation.task)?;
    let path = path(cloud, &backend.name);
    let current = cloud.read(&path).await?;
    let mut groups: Vec<Json> = items(&current, "backends").cloned().collect();
    let known: Vec<String> = groups.iter().map(|group| last(text(group, "group")).to_owned()).collect();
    let is_new = |group: &Json| !known.iter().any(|name| name == last(text(group, "group")));
    groups.extend(backends(cloud, backend)?.into_iter().filter(is_new));
    let mut change = json!({ "fingerprint": text(&current, "fingerprint"), "backends": groups });
    if operation.changes("HealthChecks") {
        change["healthChecks"] = json!([health_check(cloud, backend)]);
    }
    cloud.patch(&path, &change).await?;
    unchanged(operation)
}
