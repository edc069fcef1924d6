//! What a cluster on Google Cloud consists of, for target direct: each kind in a file of its own, with how it is found, created and
//! changed.
//!
//! Names are unique in a project, so almost everything is found by its name. What has no name of its own, such as the members of a
//! role, is found in what it is part of. Everything that is created is created with its labels where Google takes them; where it
//! does not, they are set next, and an update that was interrupted in between sets them later.

mod address;
mod backend_service;
mod disk;
mod firewall_rule;
mod forwarding_rule;
mod health_check;
mod iam;
mod instance_group_manager;
mod instance_template;
mod network;
mod records;
mod router;
mod service_account;
mod subnetwork;
mod support;
mod target_pool;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::api::Api;
use kopsform_direct::placeholders::Placeholder;
use kopsform_direct::{Attributes, Cloud, CloudError, Found, Operation, Residue, Task, TaskKind};
use kopsform_model::Graph;
use kopsform_rolling::ports::ApiError;

use support::{boxed, internal, unchanged};

/// The project of one cluster, for target direct.
pub struct DirectCloud {
    api: Api,
    graph: Graph,
    project: String,
    /// Changes of policies follow one another: those of this update would otherwise conflict with each other.
    policies: Mutex<()>,
    /// Templates are named after the second in which they are created.
    clock: fn() -> u64,
}

impl DirectCloud {
    /// The cluster of a graph. No request is made yet.
    pub fn new(api: Api, graph: Graph) -> Self {
        let project = graph.project().unwrap_or_default().to_owned();
        Self { api, graph, project, policies: Mutex::default(), clock: instance_template::seconds }
    }
}

/// What is searched for: the tasks of a graph.
struct Search<'a> {
    cloud: &'a DirectCloud,
    tasks: &'a [Task],
}

/// Managed groups, and the templates that they use.
async fn find_groups(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = instance_group_manager::find(search).await?;
    instance_template::find(search, &mut found).await?;
    Ok(found)
}

#[async_trait]
impl Cloud for DirectCloud {
    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let search = &Search { cloud: self, tasks };
        let parts = futures::future::try_join_all([
            boxed(address::find(search)),
            boxed(backend_service::find(search)),
            boxed(disk::find(search)),
            boxed(firewall_rule::find(search)),
            boxed(forwarding_rule::find(search)),
            boxed(health_check::find(search)),
            boxed(iam::find(search)),
            boxed(find_groups(search)),
            boxed(network::find(search)),
            boxed(router::find(search)),
            boxed(service_account::find(search)),
            boxed(subnetwork::find(search)),
            boxed(target_pool::find(search)),
        ])
        .await?;
        let mut found = Found::default();
        parts.into_iter().for_each(|part| found.extend(part));
        Ok(found)
    }

    fn aim_at(&mut self, graph: Graph) {
        self.graph = graph;
    }

    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind {
            TaskKind::Address => address::create(self, operation).await,
            TaskKind::BackendService => backend_service::create(self, operation).await,
            TaskKind::BucketIamMember => iam::add_to_bucket(self, operation).await,
            TaskKind::Disk => disk::create(self, operation).await,
            TaskKind::FirewallRule => firewall_rule::create(self, operation).await,
            TaskKind::ForwardingRule => forwarding_rule::create(self, operation).await,
            TaskKind::HealthCheck => health_check::create(self, operation).await,
            TaskKind::HttpHealthCheck => health_check::create_http(self, operation).await,
            TaskKind::InstanceGroupManager => instance_group_manager::create(self, operation).await,
            TaskKind::InstanceTemplate => instance_template::create(self, operation).await,
            TaskKind::Network => network::create(self, operation).await,
            TaskKind::PoolHealthCheck => target_pool::add_health_check(self, operation).await,
            TaskKind::ProjectIamBinding => iam::add_to_project(self, operation).await,
            TaskKind::Router => router::create(self, operation).await,
            TaskKind::ServiceAccount => service_account::create(self, operation).await,
            TaskKind::Subnet => subnetwork::create(self, operation).await,
            TaskKind::TargetPool => target_pool::create(self, operation).await,
            kind => Err(internal(format!("{} is not in Google Cloud", kind.as_str()))),
        }
    }

    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind {
            TaskKind::BackendService => backend_service::update(self, operation).await,
            TaskKind::Disk => disk::update(self, operation).await,
            TaskKind::FirewallRule => firewall_rule::update(self, operation).await,
            TaskKind::ForwardingRule => forwarding_rule::update(self, operation).await,
            TaskKind::HttpHealthCheck => health_check::update_http(self, operation).await,
            TaskKind::InstanceGroupManager => instance_group_manager::update(self, operation).await,
            TaskKind::Router => router::update(self, operation).await,
            TaskKind::ServiceAccount => service_account::update(self, operation).await,
            TaskKind::Subnet => subnetwork::update(self, operation).await,
            // These have no field that changes.
            TaskKind::Address
            | TaskKind::BucketIamMember
            | TaskKind::HealthCheck
            | TaskKind::InstanceTemplate
            | TaskKind::Network
            | TaskKind::PoolHealthCheck
            | TaskKind::ProjectIamBinding
            | TaskKind::TargetPool => unchanged(operation),
            kind => Err(internal(format!("{} is not in Google Cloud", kind.as_str()))),
        }
    }

    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError> {
        Err(internal(format!("no update deletes {}", operation.task.id.kind.as_str())))
    }

    async fn remove(&self, residue: &Residue) -> Result<(), CloudError> {
        match residue.kind {
            forwarding_rule::RESIDUE => forwarding_rule::remove(self, &residue.handle).await,
            kind => Err(internal(format!("no update deletes {kind}"))),
        }
    }

    async fn create_placeholder_records(&self, zone: &str, records: &[Placeholder]) -> Result<Vec<String>, ApiError> {
        records::create_placeholders(self, zone, records).await
    }
}
