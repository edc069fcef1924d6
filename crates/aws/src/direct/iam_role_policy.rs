//! What roles may do: their own policies, and existing ones that are attached.

use std::collections::{BTreeMap, BTreeSet};

use super::iam_role::{self, RoleState};
use super::support::{sent, with_id};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::aws::resources::{IamRole, IamRolePolicy};

/// The field of tasks about attached policies.
const EXTERNAL: &str = "ExternalPolicies";

/// Adds the policies of the roles that exist.
pub(super) fn find(search: &Search<'_>, roles: &BTreeMap<String, RoleState>, found: &mut Found) {
    let policy = |role: &str, name: &str| {
        let document = roles.get(role)?.policies.get(name)?;
        Some(Object::new(name).field("PolicyDocument", iam_role::document(document)))
    };
    for (task, own) in search.of::<IamRolePolicy>(TaskKind::IamRolePolicy) {
        let object = policy(own.role.name(), &own.name);
        found.objects.extend(object.map(|object| (task.id.clone(), object)));
    }
    for (task, role) in search.of::<IamRole>(TaskKind::IamRolePolicy) {
        let object = match task.value(EXTERNAL) {
            Some(_) => roles
                .get(role.name.as_str())
                .map(|state| Object::new(role.name.as_str()).field(EXTERNAL, Value::set(&state.attached))),
            // One that the role should not have.
            None => policy(&role.name, &task.id.name),
        };
        found.objects.extend(object.map(|object| (task.id.clone(), object)));
    }
}

pub(super) async fn put(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    if operation.task.value(EXTERNAL).is_some() {
        return attach(cloud, operation).await;
    }
    let policy = cloud.resource::<IamRolePolicy>(operation.task)?;
    let (role, name) = (policy.role.name().as_str(), policy.name.as_str());
    let call = cloud.clients.iam().put_role_policy().role_name(role).policy_name(name);
    sent!(call.policy_document(policy.document.to_json()), "PutRolePolicy {role} {name}")?;
    Ok(with_id(name))
}

/// Deletes the additional policy of a role.
pub(super) async fn delete(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<(), CloudError> {
    let role = cloud.resource::<IamRole>(operation.task)?.name.as_str();
    let name = operation.task.id.name.as_str();
    let call = cloud.clients.iam().delete_role_policy().role_name(role).policy_name(name);
    sent!(call, "DeleteRolePolicy {role} {name}").map(|_| ())
}

fn arns(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        Some(Value::Set(items)) => items.iter().map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}

fn wanted(task: &Task) -> BTreeSet<String> {
    arns(task.value(EXTERNAL))
}

/// Attaches what is missing, then detaches what is surplus.
async fn attach(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let role = cloud.resource::<IamRole>(operation.task)?.name.as_str();
    let client = cloud.clients.iam();
    let wanted = wanted(operation.task);
    let found = arns(operation.found.and_then(|object| object.fields.get(EXTERNAL)));
    for arn in wanted.difference(&found) {
        let call = client.attach_role_policy().role_name(role).policy_arn(arn);
        sent!(call, "AttachRolePolicy {role} {arn}").map_err(|error| match error {
            // The user created the policy, or misspelled its name. The role may only not be known everywhere yet.
            CloudError::Missing(error) if error.message.contains("Policy arn:") => CloudError::Failed(error),
            other => other,
        })?;
    }
    for arn in found.difference(&wanted) {
        sent!(client.detach_role_policy().role_name(role).policy_arn(arn), "DetachRolePolicy {role} {arn}")?;
    }
    Ok(with_id(role))
}
