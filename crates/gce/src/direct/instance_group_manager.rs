//! Managed instance groups, one in each zone of a group.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value as Json, json};

use super::support::{CONCURRENT_CALLS, internal, last, link, name, named, strings, text, unchanged};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskId, TaskKind, Value};
use kopsform_model::gce::resources::InstanceGroupManager;
use kopsform_rolling::ports::ApiError;

/// Instances are only replaced, and only by those who ask for it, such as a rolling update.
const UPDATE_POLICY: (&str, &str) = ("REPLACE", "OPPORTUNISTIC");
/// Lists of instances have pages.
const LIST_RESULTS: &str = "PAGINATED";

/// Groups are many, so those of a zone are listed.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut zones: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for (task, manager) in search.of::<InstanceGroupManager>(TaskKind::InstanceGroupManager) {
        zones.entry(&manager.zone).or_default().push(task);
    }
    let lists: Vec<_> = zones
        .into_iter()
        .map(|(zone, tasks)| async move {
            let managers = search.all(&search.cloud.zonal(zone, "instanceGroupManagers")).await?;
            Ok::<_, ApiError>((tasks, managers))
        })
        .collect();
    let lists: Vec<_> = stream::iter(lists).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    let mut found = Found::default();
    for (tasks, managers) in lists {
        for task in tasks {
            if let Some(manager) = managers.iter().find(|manager| text(manager, "name") == task.id.name) {
                found.objects.insert(task.id.clone(), object(manager));
            }
        }
    }
    Ok(found)
}

pub(super) fn object(manager: &Json) -> Object {
    let policy = manager.get("updatePolicy");
    let policy = policy.map(|policy| format!("{} {}", text(policy, "minimalAction"), text(policy, "type")));
    Object::new(text(manager, "name"))
        .field("BaseInstanceName", text(manager, "baseInstanceName"))
        .field("InstanceTemplate", name(manager, "instanceTemplate"))
        .field("ListManagedInstancesResults", text(manager, "listManagedInstancesResults"))
        .field("TargetPools", Value::set(strings(manager, "targetPools").map(last)))
        .field("UpdatePolicy", policy)
}

fn template(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
    manager: &InstanceGroupManager,
) -> Result<String, CloudError> {
    let task = TaskId::new(TaskKind::InstanceTemplate, manager.template.name().as_str());
    let name = operation.ids.id(&task);
    let name = name.ok_or_else(|| internal(format!("{} needs {task}, which does not exist", operation.task.id)))?;
    Ok(link(&cloud.global(&format!("instanceTemplates/{name}"))))
}

fn pools(cloud: &DirectCloud, manager: &InstanceGroupManager) -> Vec<String> {
    let pools = manager.target_pools.iter();
    pools.map(|pool| link(&cloud.regional(&format!("targetPools/{}", pool.name())))).collect()
}

fn policy() -> Json {
    let (minimal_action, kind) = UPDATE_POLICY;
    json!({ "minimalAction": minimal_action, "type": kind })
}

/// The group, with the address of its template.
pub(super) fn body(cloud: &DirectCloud, manager: &InstanceGroupManager, template: &str) -> Json {
    let mut body = json!({
        "name": manager.name.as_str(),
        "zone": manager.zone,
        "baseInstanceName": manager.base_instance_name,
        "instanceTemplate": template,
        "listManagedInstancesResults": LIST_RESULTS,
        "targetSize": manager.target_size,
        "updatePolicy": policy(),
    });
    let pools = pools(cloud, manager);
    if !pools.is_empty() {
        body["targetPools"] = json!(pools);
    }
    body
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let manager = cloud.resource::<InstanceGroupManager>(operation.task)?;
    let body = body(cloud, manager, &template(cloud, operation, manager)?);
    cloud.insert(&cloud.zonal(&manager.zone, "instanceGroupManagers"), &body).await?;
    Ok(named(manager.name.as_str()))
}

/// Instances that run stay as they are: a rolling update replaces them.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let manager = cloud.resource::<InstanceGroupManager>(operation.task)?;
    let path = cloud.zonal(&manager.zone, &format!("instanceGroupManagers/{}", manager.name));
    if operation.changes("TargetPools") {
        let current = cloud.read(&path).await?;
        let body = json!({ "fingerprint": text(&current, "fingerprint"), "targetPools": pools(cloud, manager) });
        cloud.call(&path, "setTargetPools", &body).await?;
    }
    if operation.changes("InstanceTemplate") {
        let body = json!({ "instanceTemplate": template(cloud, operation, manager)? });
        cloud.call(&path, "setInstanceTemplate", &body).await?;
    }
    if operation.changes("ListManagedInstancesResults") || operation.changes("UpdatePolicy") {
        let body = json!({ "listManagedInstancesResults": LIST_RESULTS, "updatePolicy": policy() });
        cloud.patch(&path, &body).await?;
    }
    unchanged(operation)
}
