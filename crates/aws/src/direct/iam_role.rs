//! Roles.

use std::collections::BTreeMap;

use aws_sdk_iam::types as iam;
use futures::{StreamExt as _, TryStreamExt as _};

use super::support::{CONCURRENT_CALLS, internal, plain, sent, settle, unchanged, wanted_tags, with_id};
use super::{DirectCloud, Search, iam_role_policy};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::desired::cluster_tag;
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::aws::resources::IamRole;
use kopsform_model::{Lifecycle, Ref};
use kopsform_rolling::ports::ApiError;

/// Finds roles, and then the policies of those that exist.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let client = &search.cloud.clients.iam();
    let wanted = search.of::<IamRole>(TaskKind::IamRole);
    let calls = wanted.iter().map(|(task, role)| async move {
        let call = client.get_role().role_name(role.name.as_str()).send().await;
        match call {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(None),
            Err(error) => Err(failed(format!("GetRole {}", role.name))(error)),
            Ok(found) => Ok(found.role.map(|found| (task.id.clone(), object(&found)))),
        }
    });
    let calls: Vec<_> = calls.collect();
    let roles: Vec<Option<_>> = futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    let mut found = Found::default();
    found.objects.extend(roles.into_iter().flatten());
    if wanted.iter().any(|(task, _)| task.lifecycle != Lifecycle::Ignore) {
        find_unwanted(search, &mut found).await?;
    }
    iam_role_policy::find(search, &mut found).await?;
    Ok(found)
}

/// Adds roles of the cluster that the graph no longer has, such as those of service accounts. One that an instance profile holds is
/// kept: instances may still run with it.
async fn find_unwanted(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    let cloud = search.cloud;
    let suffix = format!(".{}", cloud.cluster());
    let client = cloud.clients.iam();
    let roles: Vec<iam::Role> = super::support::all!(client.list_roles(), "ListRoles")?;
    let is_wanted = |name: &str| cloud.graph.get(&Ref::<IamRole>::new(name)).is_some();
    let names = roles.iter().map(|role| role.role_name()).filter(|name| name.ends_with(&suffix) && !is_wanted(name));
    for name in names {
        let role = match client.get_role().role_name(name).send().await {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => continue,
            other => other.map_err(failed(format!("GetRole {name}")))?.role,
        };
        let Some(role) = role else { continue };
        let tags = tag_map(role.tags());
        if tags.get(&cluster_tag(cloud.cluster())).is_none_or(|value| value != "owned") {
            continue;
        }
        let call = client.list_instance_profiles_for_role().role_name(name).send().await;
        let profiles = call.map_err(failed(format!("ListInstanceProfilesForRole {name}")))?;
        if let Some(profile) = profiles.instance_profiles().first() {
            found.warnings.push(format!(
                "IAM role {name} is no longer used by the spec and was kept, because instance profile {} holds it",
                profile.instance_profile_name()
            ));
            continue;
        }
        let node = Ref::<IamRole>::new(name).node();
        found.remove(Task::new(TaskKind::IamRole, name, node), object(&role));
    }
    Ok(())
}

pub(super) async fn delete(cloud: &DirectCloud, name: &str) -> Result<(), CloudError> {
    cloud.resources().delete_role(name).await.map_err(settle)
}

fn object(role: &iam::Role) -> Object {
    Object::new(role.role_name())
        .attribute(Attribute::Arn, role.arn())
        .field(
            "PermissionsBoundary",
            role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn()),
        )
        .field("RolePolicyDocument", document(role.assume_role_policy_document().unwrap_or_default()))
        .field("Tags", Value::Map(tag_map(role.tags())))
}

/// A document as IAM returns it: JSON with percent encoding.
pub(super) fn document(text: &str) -> Value {
    let decoded = decode(text);
    serde_json::from_str(&decoded).map_or_else(|_| Value::Document(decoded), Value::Json)
}

/// Decodes `%7B` to `{`. A plus sign is itself.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escape = text.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

pub(super) fn tag_map(tags: &[iam::Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<Vec<iam::Tag>, CloudError> {
    let tag = |(key, value): (&String, &String)| iam::Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect::<Result<_, _>>().map_err(|error| internal(error.to_string()))
}

/// Tags that are missing or different, and keys that are surplus.
pub(super) fn tag_changes(operation: &Operation<'_>) -> (BTreeMap<String, String>, Vec<String>) {
    let (wanted, found) = (wanted_tags(operation.task), super::support::found_tags(operation));
    let surplus = found.keys().filter(|key| !wanted.contains_key(*key)).cloned().collect();
    let missing = wanted.into_iter().filter(|(key, value)| found.get(key) != Some(value)).collect();
    (missing, surplus)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let role = cloud.resource::<IamRole>(operation.task)?;
    let call = cloud
        .clients
        .iam()
        .create_role()
        .role_name(role.name.as_str())
        .assume_role_policy_document(role.trust.to_json())
        .set_permissions_boundary(role.permissions_boundary.clone())
        .set_tags(Some(tags(&plain(&role.tags))?));
    let created = sent!(call, "CreateRole {}", role.name)?;
    let mut attributes = with_id(role.name.as_str());
    if let Some(role) = created.role() {
        attributes.insert(Attribute::Arn, role.arn().to_owned());
    }
    Ok(attributes)
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let role = cloud.resource::<IamRole>(operation.task)?;
    let (name, client) = (role.name.as_str(), cloud.clients.iam());
    if operation.changes("RolePolicyDocument") {
        let call = client.update_assume_role_policy().role_name(name).policy_document(role.trust.to_json());
        sent!(call, "UpdateAssumeRolePolicy {name}")?;
    }
    if operation.changes("PermissionsBoundary") {
        match &role.permissions_boundary {
            Some(boundary) => {
                let call = client.put_role_permissions_boundary().role_name(name).permissions_boundary(boundary);
                sent!(call, "PutRolePermissionsBoundary {name}")?;
            }
            None => {
                let call = client.delete_role_permissions_boundary().role_name(name);
                sent!(call, "DeleteRolePermissionsBoundary {name}")?;
            }
        }
    }
    if operation.changes("Tags") {
        let (missing, surplus) = tag_changes(operation);
        if !missing.is_empty() {
            sent!(client.tag_role().role_name(name).set_tags(Some(tags(&missing)?)), "TagRole {name}")?;
        }
        if !surplus.is_empty() {
            sent!(client.untag_role().role_name(name).set_tag_keys(Some(surplus)), "UntagRole {name}")?;
        }
    }
    unchanged(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22a%22%3A%22b+c%22%7D";
        assert_eq!(document(encoded), Value::Json(serde_json::json!({"Version": "2012-10-17", "a": "b+c"})));
        assert_eq!(decode("100%"), "100%");
    }
}
