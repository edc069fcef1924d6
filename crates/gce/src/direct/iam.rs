//! Members of roles, in the policies of the project and of buckets.
//!
//! A policy is read, gets the member, and is written on the condition that it is still the one that was read. All other members and
//! bindings stay, also those with conditions.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::support::{Lookup, assume, change_failed, named, optional, strings, text};
use super::{DirectCloud, Search};
use crate::error::call_failed;
use kopsform_direct::desired::gce::account_email;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind};
use kopsform_model::Ref;
use kopsform_model::gce::resources::{BucketIamMember, ProjectIamBinding, ServiceAccount};
use kopsform_rolling::ports::ApiError;

/// A member, and the role that it has.
struct Membership {
    member: String,
    role: String,
}

/// What has a policy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Holder<'a> {
    Project(&'a str),
    Bucket(&'a str),
}

/// Reads each policy once.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let mut holders: BTreeMap<Holder<'_>, Vec<(&Task, Membership)>> = BTreeMap::new();
    for (task, binding) in search.of::<ProjectIamBinding>(TaskKind::ProjectIamBinding) {
        let membership = membership(cloud, &binding.member, &binding.role);
        holders.entry(Holder::Project(&binding.project)).or_default().push((task, membership));
    }
    for (task, member) in search.of::<BucketIamMember>(TaskKind::BucketIamMember) {
        let membership = membership(cloud, &member.member, member.role.as_str());
        holders.entry(Holder::Bucket(&member.bucket)).or_default().push((task, membership));
    }
    let mut found = Found::default();
    for (holder, wanted) in holders {
        let answer = match &holder {
            Holder::Project(project) => {
                (cloud.api.project_policy(project).await, format!("get policy of project {project}"))
            }
            Holder::Bucket(bucket) => (cloud.api.bucket_policy(bucket).await, format!("get policy of bucket {bucket}")),
        };
        let (answer, action) = answer;
        let answer = answer.map(Some).map_err(call_failed(action));
        for (task, membership) in wanted {
            match optional(task, answer.clone())? {
                Lookup::Found(policy) if has(&policy, &membership) => {
                    found.objects.insert(task.id.clone(), Object::new(&membership.member));
                }
                Lookup::Found(_) | Lookup::Missing => {}
                Lookup::Unknown(warning) => assume(&mut found, task, warning),
            }
        }
    }
    Ok(found)
}

fn membership(cloud: &DirectCloud, account: &Ref<ServiceAccount>, role: &str) -> Membership {
    let email = account_email(&cloud.graph, account).unwrap_or_default();
    Membership { member: format!("serviceAccount:{email}"), role: role.to_owned() }
}

/// The bindings of a role that hold always.
fn is_of_role(binding: &Json, role: &str) -> bool {
    text(binding, "role") == role && binding.get("condition").is_none_or(Json::is_null)
}

fn has(policy: &Json, membership: &Membership) -> bool {
    let bindings = policy.get("bindings").and_then(Json::as_array).into_iter().flatten();
    bindings
        .filter(|binding| is_of_role(binding, &membership.role))
        .any(|binding| strings(binding, "members").any(|member| member == membership.member))
}

/// Adds a member to a policy. Returns whether it is a new one.
fn add(policy: &mut Json, membership: &Membership) -> bool {
    if has(policy, membership) {
        return false;
    }
    if !policy.get("bindings").is_some_and(Json::is_array) {
        policy["bindings"] = json!([]);
    }
    let Some(bindings) = policy.get_mut("bindings").and_then(Json::as_array_mut) else { return false };
    let of_role = bindings.iter_mut().find(|binding| is_of_role(binding, &membership.role));
    match of_role.and_then(|binding| binding.get_mut("members")).and_then(Json::as_array_mut) {
        Some(members) => members.push(json!(membership.member)),
        None => bindings.push(json!({ "members": [membership.member], "role": membership.role })),
    }
    true
}

pub(super) async fn add_to_project(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let binding = cloud.resource::<ProjectIamBinding>(operation.task)?;
    let membership = membership(cloud, &binding.member, &binding.role);
    let _guard = cloud.policies.lock().await;
    let edited = cloud.api.edit_project_policy(&binding.project, |policy| add(policy, &membership)).await;
    edited.map_err(change_failed(format!("change policy of project {}", binding.project)))?;
    Ok(named(membership.member))
}

pub(super) async fn add_to_bucket(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let member = cloud.resource::<BucketIamMember>(operation.task)?;
    let membership = membership(cloud, &member.member, member.role.as_str());
    let _guard = cloud.policies.lock().await;
    let edited = cloud.api.edit_bucket_policy(&member.bucket, |policy| add(policy, &membership)).await;
    edited.map_err(change_failed(format!("change policy of bucket {}", member.bucket)))?;
    Ok(named(membership.member))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        Membership { member: "serviceAccount:a".to_owned(), role: "roles/r".to_owned() }
    }

    #[test]
    fn a_member_is_added_next_to_others() {
        let mut policy = json!({ "etag": "e", "version": 3, "bindings": [
            { "role": "roles/r", "members": ["user:u"], "condition": { "expression": "false" } },
            { "role": "roles/r", "members": ["user:v"] },
            { "role": "roles/s", "members": ["user:w"] },
        ]});
        let before = policy.clone();
        assert!(add(&mut policy, &membership()));
        assert_eq!(policy["bindings"][1]["members"], json!(["user:v", "serviceAccount:a"]));
        policy["bindings"][1]["members"] = json!(["user:v"]);
        assert_eq!(policy, before, "nothing else changes");
    }

    #[test]
    fn a_member_is_added_once() {
        for mut policy in [json!({ "etag": "e" }), json!({ "bindings": [{ "role": "roles/r" }] })] {
            assert!(add(&mut policy, &membership()));
            assert!(!add(&mut policy, &membership()), "{policy}");
        }
    }

    #[test]
    fn a_role_under_a_condition_is_not_the_role() {
        let policy = json!({ "bindings": [
            { "role": "roles/r", "members": ["serviceAccount:a"], "condition": { "expression": "false" } },
        ]});
        assert!(!has(&policy, &membership()));
    }
}
