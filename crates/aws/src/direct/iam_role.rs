//! Roles.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types as iam;
use futures::{StreamExt as _, TryStreamExt as _};

use super::support::{CONCURRENT_CALLS, internal, plain, sent, settle, unchanged, wanted_tags, with_id};
use super::{DirectCloud, Search, iam_role_policy};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::desired::cluster_tag;
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::Ref;
use kopsform_model::aws::resources::IamRole;
use kopsform_rolling::ports::ApiError;

/// How many roles a page has at most.
const PAGE: i32 = 1000;

/// A role with its policies.
#[derive(Debug, Clone, Default)]
pub(super) struct RoleState {
    name: String,
    arn: String,
    trust: String,
    boundary: Option<String>,
    tags: BTreeMap<String, String>,
    /// Documents of its own policies by name, as IAM returns them.
    pub(super) policies: BTreeMap<String, String>,
    /// ARNs of the policies that are attached.
    pub(super) attached: Vec<String>,
    /// An instance profile that holds it.
    profile: Option<String>,
}

/// Finds roles and their policies, and roles of the cluster that the graph no longer has.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let wanted = search.of::<IamRole>(TaskKind::IamRole);
    let policies = search.of::<IamRole>(TaskKind::IamRolePolicy);
    let names: BTreeSet<&str> = wanted.iter().chain(&policies).map(|(_, role)| role.name.as_str()).collect();
    if names.is_empty() {
        return Ok(Found::default());
    }
    let roles = match all_roles(search.cloud).await {
        Err(error) if error.is_denied() => single_roles(search.cloud, &names).await?,
        other => other?,
    };
    let mut found = Found::default();
    for (task, role) in &wanted {
        if let Some(role) = roles.get(role.name.as_str()) {
            found.objects.insert(task.id.clone(), object(role));
        }
    }
    if !wanted.is_empty() {
        find_unwanted(search, &roles, &mut found);
    }
    iam_role_policy::find(search, &roles, &mut found);
    Ok(found)
}

/// All roles of the account: one request for up to a thousand, however many roles and policies a cluster has.
async fn all_roles(cloud: &DirectCloud) -> Result<BTreeMap<String, RoleState>, ApiError> {
    let client = cloud.clients.iam();
    let mut roles = BTreeMap::new();
    let mut marker: Option<String> = None;
    loop {
        let call = client.get_account_authorization_details().filter(iam::EntityType::Role).max_items(PAGE);
        let page = call.set_marker(marker).send().await.map_err(failed("GetAccountAuthorizationDetails"))?;
        for role in page.role_detail_list() {
            let state = of_detail(role);
            roles.insert(state.name.clone(), state);
        }
        marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
        if marker.is_none() {
            return Ok(roles);
        }
    }
}

fn of_detail(role: &iam::RoleDetail) -> RoleState {
    let policies = role.role_policy_list().iter();
    RoleState {
        name: role.role_name().unwrap_or_default().to_owned(),
        arn: role.arn().unwrap_or_default().to_owned(),
        trust: role.assume_role_policy_document().unwrap_or_default().to_owned(),
        boundary: role.permissions_boundary().and_then(|b| b.permissions_boundary_arn()).map(str::to_owned),
        tags: tag_map(role.tags()),
        policies: policies
            .filter_map(|policy| Some((policy.policy_name()?.to_owned(), policy.policy_document()?.to_owned())))
            .collect(),
        attached: role
            .attached_managed_policies()
            .iter()
            .filter_map(|policy| policy.policy_arn().map(str::to_owned))
            .collect(),
        profile: role.instance_profile_list().first().map(|profile| profile.instance_profile_name().to_owned()),
    }
}

/// The roles of these names, for users who may not see all: a few requests for each. Roles that are no longer wanted are not found.
async fn single_roles(cloud: &DirectCloud, names: &BTreeSet<&str>) -> Result<BTreeMap<String, RoleState>, ApiError> {
    let calls: Vec<_> = names.iter().map(|name| single_role(cloud, name)).collect();
    let roles: Vec<Option<RoleState>> =
        futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    Ok(roles.into_iter().flatten().map(|role| (role.name.clone(), role)).collect())
}

async fn single_role(cloud: &DirectCloud, name: &str) -> Result<Option<RoleState>, ApiError> {
    let client = cloud.clients.iam();
    let role = match client.get_role().role_name(name).send().await {
        Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => return Ok(None),
        other => other.map_err(failed(format!("GetRole {name}")))?.role,
    };
    let Some(role) = role else { return Ok(None) };
    let attached = client.list_attached_role_policies().role_name(name);
    let attached: Vec<iam::AttachedPolicy> =
        super::support::all!(attached, format!("ListAttachedRolePolicies {name}"))?;
    let own = client.list_role_policies().role_name(name);
    let own: Vec<String> = super::support::all!(own, format!("ListRolePolicies {name}"))?;
    let mut policies = BTreeMap::new();
    for policy in own {
        let call = client.get_role_policy().role_name(name).policy_name(&policy).send().await;
        let response = call.map_err(failed(format!("GetRolePolicy {name} {policy}")))?;
        policies.insert(policy, response.policy_document().to_owned());
    }
    Ok(Some(RoleState {
        name: role.role_name().to_owned(),
        arn: role.arn().to_owned(),
        trust: role.assume_role_policy_document().unwrap_or_default().to_owned(),
        boundary: role.permissions_boundary().and_then(|b| b.permissions_boundary_arn()).map(str::to_owned),
        tags: tag_map(role.tags()),
        policies,
        attached: attached.iter().filter_map(|policy| policy.policy_arn().map(str::to_owned)).collect(),
        profile: None,
    }))
}

/// Adds roles of the cluster that the graph no longer has, such as those of service accounts. One that an instance profile holds is
/// kept: instances may still run with it.
fn find_unwanted(search: &Search<'_>, roles: &BTreeMap<String, RoleState>, found: &mut Found) {
    let cloud = search.cloud;
    let (suffix, owned) = (format!(".{}", cloud.cluster()), cluster_tag(cloud.cluster()));
    for (name, role) in roles.iter().filter(|(name, _)| name.ends_with(&suffix)) {
        let is_wanted = cloud.graph.get(&Ref::<IamRole>::new(name)).is_some();
        if is_wanted || role.tags.get(&owned).is_none_or(|value| value != "owned") {
            continue;
        }
        if let Some(profile) = &role.profile {
            found.warnings.push(format!(
                "IAM role {name} is no longer used by the spec and was kept, because instance profile {profile} holds it"
            ));
            continue;
        }
        let node = Ref::<IamRole>::new(name).node();
        found.remove(Task::new(TaskKind::IamRole, name, node), object(role));
    }
}

pub(super) async fn delete(cloud: &DirectCloud, name: &str) -> Result<(), CloudError> {
    cloud.resources().delete_role(name).await.map_err(settle)
}

fn object(role: &RoleState) -> Object {
    Object::new(&role.name)
        .attribute(Attribute::Arn, &role.arn)
        .field("PermissionsBoundary", role.boundary.clone())
        .field("RolePolicyDocument", document(&role.trust))
        .field("Tags", Value::Map(role.tags.clone()))
}

/// A document as IAM returns it: JSON, most often with percent encoding.
pub(super) fn document(text: &str) -> Value {
    // Only an encoded document has no brace at its start.
    let decoded = if text.trim_start().starts_with('{') { text.to_owned() } else { decode(text) };
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
        assert_eq!(document(r#"{"a": "%7Bb"}"#), Value::Json(serde_json::json!({"a": "%7Bb"})));
        assert_eq!(decode("100%"), "100%");
    }
}
