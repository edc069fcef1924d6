//! What roles may do: their own policies, and existing ones that are attached.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};

use super::support::{CONCURRENT_CALLS, sent, with_id};
use super::{DirectCloud, Search, iam_role};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::desired::task_of;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskId, TaskKind, Value};
use kopsform_model::aws::resources::{IamRole, IamRolePolicy};
use kopsform_rolling::ports::ApiError;

/// The field of tasks about attached policies.
const EXTERNAL: &str = "ExternalPolicies";

/// Adds the policies of the roles that exist.
pub(super) async fn find(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    let client = &search.cloud.clients.iam();
    let exists = |role: &TaskId| found.objects.contains_key(role);
    let own = search.of::<IamRolePolicy>(TaskKind::IamRolePolicy);
    let own = own.into_iter().filter(|(_, policy)| exists(&task_of(TaskKind::IamRole, &policy.role)));
    let own = own.map(|(task, policy)| (task, policy.role.name().as_str(), policy.name.as_str()));
    let of_roles = search.of::<IamRole>(TaskKind::IamRolePolicy);
    let (attached, unwanted): (Vec<_>, Vec<_>) = of_roles
        .into_iter()
        .filter(|(_, role)| exists(&TaskId::new(TaskKind::IamRole, role.name.as_str())))
        .partition(|(task, _)| task.value(EXTERNAL).is_some());
    let unwanted = unwanted.into_iter().map(|(task, role)| (task, role.name.as_str(), task.id.name.as_str()));
    let own: Vec<_> = own
        .chain(unwanted)
        .map(|(task, role, name)| async move {
            let action = format!("GetRolePolicy {role} {name}");
            match client.get_role_policy().role_name(role).policy_name(name).send().await {
                Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(None),
                Err(error) => Err(failed(action)(error)),
                Ok(response) => {
                    let document = iam_role::document(response.policy_document());
                    Ok(Some((task.id.clone(), Object::new(name).field("PolicyDocument", document))))
                }
            }
        })
        .collect();
    let attached: Vec<_> = attached
        .into_iter()
        .map(|(task, role)| async move {
            let call = client.list_attached_role_policies().role_name(role.name.as_str());
            let action = format!("ListAttachedRolePolicies {}", role.name);
            let policies: Vec<_> = super::support::all!(call, action)?;
            let arns = policies.iter().filter_map(|policy| policy.policy_arn());
            let object = Object::new(role.name.as_str()).field(EXTERNAL, Value::set(arns));
            Ok::<_, ApiError>((task.id.clone(), object))
        })
        .collect();
    let own = futures::stream::iter(own).buffer_unordered(CONCURRENT_CALLS).try_collect::<Vec<Option<_>>>();
    let attached = futures::stream::iter(attached).buffer_unordered(CONCURRENT_CALLS).try_collect::<Vec<_>>();
    let (own, attached) = futures::try_join!(own, attached)?;
    found.objects.extend(own.into_iter().flatten().chain(attached));
    Ok(())
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
        sent!(client.attach_role_policy().role_name(role).policy_arn(arn), "AttachRolePolicy {role} {arn}")?;
    }
    for arn in found.difference(&wanted) {
        sent!(client.detach_role_policy().role_name(role).policy_arn(arn), "DetachRolePolicy {role} {arn}")?;
    }
    Ok(with_id(role))
}
