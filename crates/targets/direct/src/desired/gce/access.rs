//! Service accounts of instances, and their roles.

use kopsform_model::gce::resources::{BucketIamMember, ProjectIamBinding, ServiceAccount};
use kopsform_model::{Graph, Kind, NodeId, Ref};

use super::super::{Builder, task_of};
use super::SHARED_ACCOUNT;
use crate::task::{Expected, Task, TaskKind};

impl Builder<'_> {
    pub(in crate::desired) fn service_account(&self, id: &NodeId, account: &ServiceAccount) -> Task {
        Task::new(TaskKind::ServiceAccount, id.name.as_str(), id.clone())
            .update("Description", &account.description)
            .update("DisplayName", &account.display_name)
            .initial("Email", email(account))
            .initial("Shared", false)
    }

    /// The account that the spec names for all instances.
    pub(super) fn shared_account(&self, email: &str) -> Task {
        let node = NodeId { kind: Kind::ServiceAccount, name: SHARED_ACCOUNT.into() };
        let task =
            Task::new(TaskKind::ServiceAccount, SHARED_ACCOUNT, node).initial("Email", email).initial("Shared", true);
        Task { expected: Expected::Existing { id: Some(email.to_owned()) }, ..task }
    }

    /// One member of a role in a project; other members are left alone.
    pub(in crate::desired) fn project_binding(&self, id: &NodeId, binding: &ProjectIamBinding) -> Task {
        Task::new(TaskKind::ProjectIamBinding, id.name.as_str(), id.clone())
            .initial("MemberServiceAccount", account_email(self.graph, &binding.member))
            .initial("Project", &binding.project)
            .initial("Role", &binding.role)
            .after(task_of(TaskKind::ServiceAccount, &binding.member))
    }

    /// One member of a role on a bucket; other members are left alone.
    pub(in crate::desired) fn bucket_member(&self, id: &NodeId, member: &BucketIamMember) -> Task {
        Task::new(TaskKind::BucketIamMember, id.name.as_str(), id.clone())
            .initial("Bucket", &member.bucket)
            .initial("MemberServiceAccount", account_email(self.graph, &member.member))
            .initial("Role", member.role.as_str())
            .after(task_of(TaskKind::ServiceAccount, &member.member))
    }
}

/// The address of an account of the cluster, which follows from its id and project; `None` if the graph has no such account.
pub fn account_email(graph: &Graph, account: &Ref<ServiceAccount>) -> Option<String> {
    graph.get(account).map(email)
}

fn email(account: &ServiceAccount) -> String {
    format!("{}@{}.iam.gserviceaccount.com", account.account_id, account.project)
}
