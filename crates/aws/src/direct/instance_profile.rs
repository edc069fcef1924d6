//! Instance profiles and the roles in them.

use futures::{StreamExt as _, TryStreamExt as _};

use super::support::{CONCURRENT_CALLS, change_failed, has_code, plain, sent, unchanged, with_id};
use super::{DirectCloud, Search, iam_role};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskId, TaskKind, Value};
use kopsform_model::Lifecycle;
use kopsform_model::aws::resources::InstanceProfile;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let client = &search.cloud.clients.iam();
    let own = search.of::<InstanceProfile>(TaskKind::InstanceProfile);
    let own = own.into_iter().map(|(task, profile)| (task, profile.name.as_str()));
    let tasks = search.tasks.iter().filter(|task| task.id.kind == TaskKind::InstanceProfile);
    let existing = tasks.filter(|task| task.lifecycle != Lifecycle::Ignore);
    let existing = existing.filter_map(|task| Some((task, super::support::existing_id(task)?)));
    let calls: Vec<_> = own
        .chain(existing)
        .map(|(task, name)| async move {
            match client.get_instance_profile().instance_profile_name(name).send().await {
                Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(None),
                Err(error) => Err(failed(format!("GetInstanceProfile {name}"))(error)),
                Ok(response) => Ok(response.instance_profile.map(|profile| (task.id.clone(), profile))),
            }
        })
        .collect();
    let profiles: Vec<Option<_>> =
        futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    let mut found = Found::default();
    for (task, profile) in profiles.into_iter().flatten() {
        let name = profile.instance_profile_name();
        if let Some(role) = profile.roles().first() {
            let of_role = TaskId::new(TaskKind::InstanceProfileRole, task.name.clone());
            found.objects.insert(of_role, Object::new(name).field("Role", role.role_name()));
        }
        found.objects.insert(task, Object::new(name).field("Tags", Value::Map(iam_role::tag_map(profile.tags()))));
    }
    Ok(found)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let profile = cloud.resource::<InstanceProfile>(operation.task)?;
    let name = profile.name.as_str();
    let tags = iam_role::tags(&plain(&profile.tags))?;
    let call = cloud.clients.iam().create_instance_profile().instance_profile_name(name).set_tags(Some(tags));
    sent!(call, "CreateInstanceProfile {name}")?;
    Ok(with_id(name))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let profile = cloud.resource::<InstanceProfile>(operation.task)?;
    let (name, client) = (profile.name.as_str(), cloud.clients.iam());
    if operation.changes("Tags") {
        let (missing, surplus) = iam_role::tag_changes(operation);
        if !missing.is_empty() {
            let call = client.tag_instance_profile().instance_profile_name(name);
            sent!(call.set_tags(Some(iam_role::tags(&missing)?)), "TagInstanceProfile {name}")?;
        }
        if !surplus.is_empty() {
            let call = client.untag_instance_profile().instance_profile_name(name);
            sent!(call.set_tag_keys(Some(surplus)), "UntagInstanceProfile {name}")?;
        }
    }
    unchanged(operation)
}

pub(super) async fn add_role(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let profile = cloud.resource::<InstanceProfile>(operation.task)?;
    let (name, role) = (profile.name.as_str(), profile.role.name().as_str());
    let call = cloud.clients.iam().add_role_to_instance_profile().instance_profile_name(name).role_name(role);
    match call.send().await {
        // A profile holds one role: perhaps this one, from an earlier request.
        Err(error) if has_code(&error, "LimitExceeded") => {
            Err(CloudError::Exists(failed(format!("AddRoleToInstanceProfile {name} {role}"))(error)))
        }
        other => {
            other.map_err(change_failed(format!("AddRoleToInstanceProfile {name} {role}")))?;
            Ok(with_id(name))
        }
    }
}

/// A profile holds one role.
pub(super) async fn replace_role(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let profile = cloud.resource::<InstanceProfile>(operation.task)?;
    let name = profile.name.as_str();
    if let Some(Value::Text(other)) = operation.found.and_then(|object| object.fields.get("Role")) {
        let call = cloud.clients.iam().remove_role_from_instance_profile().instance_profile_name(name);
        match call.role_name(other).send().await {
            Err(error) if has_code(&error, "NoSuchEntity") => {}
            other => {
                other.map_err(change_failed(format!("RemoveRoleFromInstanceProfile {name}")))?;
            }
        }
    }
    add_role(cloud, operation).await
}
