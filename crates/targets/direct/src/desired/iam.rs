//! Roles, policies, instance profiles and the OIDC provider.

use kopsform_model::aws::resources::{IamPolicyAttachment, IamRole, IamRolePolicy, InstanceProfile, OidcProvider};
use kopsform_model::{NodeId, Part, Ref, Text};

use super::{Builder, all_tags, task_of};
use crate::task::{Expected, Task, TaskId, TaskKind};
use crate::value::Value;

/// How the name of a role's additional policy begins.
const ADDITIONAL: &str = "additional.";

impl Builder<'_> {
    pub(super) fn iam_role(&self, id: &NodeId, role: &IamRole) -> Vec<Task> {
        let task = Task::new(TaskKind::IamRole, id.name.as_str(), id.clone())
            .update("PermissionsBoundary", role.permissions_boundary.as_ref())
            .update("RolePolicyDocument", json(&role.trust.to_json()))
            .update("Tags", all_tags(&role.tags));
        let mut tasks = vec![task];
        tasks.extend(self.attachments(id));
        tasks.extend(self.unwanted_policy(id));
        tasks
    }

    /// The additional policy of a role of instances, where the spec has none any more.
    fn unwanted_policy(&self, id: &NodeId) -> Option<Task> {
        let name = format!("{ADDITIONAL}{}", id.name);
        let is_wanted = self.graph.all::<IamRolePolicy>().any(|(policy, _)| *policy == *name);
        let mut task = Task::new(TaskKind::IamRolePolicy, name, id.clone())
            .initial("Role", TaskId::new(TaskKind::IamRole, id.name.as_str()));
        task.expected = Expected::Absent;
        (self.is_of_instances(id) && !is_wanted).then_some(task)
    }

    /// Whether instances have a role.
    fn is_of_instances(&self, id: &NodeId) -> bool {
        let role: Ref<IamRole> = Ref::new(&id.name);
        self.graph.all::<InstanceProfile>().any(|(_, profile)| profile.role == role)
    }

    /// The existing policies that are attached to a role. The role of instances has such a task also without any: a policy that
    /// was attached by hand is detached.
    fn attachments(&self, id: &NodeId) -> Option<Task> {
        let role: Ref<IamRole> = Ref::new(&id.name);
        let of_role = self.graph.all::<IamPolicyAttachment>().filter(|(_, attachment)| attachment.role == role);
        let policies: Vec<&String> = of_role.map(|(_, attachment)| &attachment.policy).collect();
        let name = match self.is_of_instances(id) {
            true => format!("{}-policyoverride", purpose(&id.name).trim_end_matches('s')),
            false if policies.is_empty() => return None,
            false => format!("external-{}", id.name),
        };
        let task = Task::new(TaskKind::IamRolePolicy, name, id.clone());
        Some(
            task.update("ExternalPolicies", Value::set(policies))
                .initial("Role", TaskId::new(TaskKind::IamRole, id.name.as_str())),
        )
    }

    pub(super) fn iam_role_policy(&self, id: &NodeId, policy: &IamRolePolicy) -> Vec<Task> {
        let task = Task::new(TaskKind::IamRolePolicy, id.name.as_str(), id.clone());
        vec![
            task.update("PolicyDocument", json(&policy.document.to_json()))
                .initial("Role", task_of(TaskKind::IamRole, &policy.role)),
        ]
    }

    /// The profile, and the role in it.
    pub(super) fn instance_profile(&self, id: &NodeId, profile: &InstanceProfile) -> Vec<Task> {
        let name = id.name.as_str();
        let task = Task::new(TaskKind::InstanceProfile, name, id.clone()).update("Tags", all_tags(&profile.tags));
        let role = Task::new(TaskKind::InstanceProfileRole, name, id.clone())
            .initial("InstanceProfile", task.id.clone())
            .update("Role", task_of(TaskKind::IamRole, &profile.role));
        vec![task, role]
    }

    pub(super) fn oidc_provider(&self, id: &NodeId, provider: &OidcProvider) -> Vec<Task> {
        let task = Task::new(TaskKind::OidcProvider, id.name.as_str(), id.clone());
        vec![
            task.update("ClientIDs", Value::set(&provider.audiences))
                .update("Tags", all_tags(&provider.tags))
                .update("Thumbprints", Value::set(&provider.thumbprints))
                .initial("URL", &provider.url),
        ]
    }
}

fn json(document: &str) -> Value {
    Value::Json(serde_json::from_str(document).unwrap_or_default())
}

/// What a role of instances is for: `masters` of `masters.a.example.com`, also where the name was truncated.
fn purpose(name: &Text) -> &str {
    match name.parts() {
        [Part::Truncated { purpose, .. }] => purpose,
        _ => name.split('.').next().unwrap_or_default(),
    }
}
