//! Everything that a cluster consists of, for target direct: its cloud, and its files in the state store.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::files::Files;
use crate::ops::clouds::{self, Unsupported};
use kopsform_direct::placeholders::Placeholder;
use kopsform_direct::{Action, Attributes, Cloud, CloudError, Found, Operation, Plan, Residue, Task, TaskKind};
use kopsform_env::Environment;
use kopsform_model::Graph;
use kopsform_rolling::ports::ApiError;
use kopsform_state::ClusterStore;

/// What a network consists of, which is found by tags and by what it is attached to.
const NETWORK: [TaskKind; 8] = [
    TaskKind::Vpc,
    TaskKind::DhcpOptions,
    TaskKind::Subnet,
    TaskKind::InternetGateway,
    TaskKind::EgressOnlyInternetGateway,
    TaskKind::RouteTable,
    TaskKind::ElasticIp,
    TaskKind::NatGateway,
];

/// The cloud of a cluster and its state store.
pub(super) struct ClusterCloud {
    cloud: Box<dyn Cloud>,
    files: Files,
}

impl ClusterCloud {
    /// Prepares the clients. No request is made.
    ///
    /// # Errors
    /// In a build without the cluster's cloud.
    pub async fn open(environment: &Environment, graph: Graph, store: ClusterStore) -> Result<Self, Unsupported> {
        let files = Files::new(&graph, store);
        Ok(Self { cloud: clouds::direct(environment, graph).await?, files })
    }

    /// Writes files to a store from now on.
    pub fn write_to(&mut self, store: ClusterStore) {
        self.files.write_to(store);
    }

    /// The contents of existing files that differ from the graph's, by the names of their nodes.
    pub fn earlier_files(&self, found: &Found) -> BTreeMap<String, String> {
        self.files.earlier(found)
    }

    /// Finds instance templates on Google Cloud again, for tasks of another graph: they are found by their contents.
    pub async fn find_by_content(&self, tasks: &[Task], mut found: Found) -> Result<Found, ApiError> {
        let is_found_by_content =
            |task: &&Task| matches!(task.id.kind, TaskKind::InstanceTemplate | TaskKind::InstanceGroupManager);
        let tasks: Vec<Task> = tasks.iter().filter(is_found_by_content).cloned().collect();
        if !tasks.is_empty() {
            found.objects.extend(self.cloud.find(&tasks).await?.objects);
        }
        Ok(found)
    }

    /// Whether something exists by now that was to be created and has no unique name: the cloud would create a second one. Everything else has a name that is unique, or is written only if it is unchanged.
    pub async fn has_more(&self, tasks: &[Task], plan: &Plan) -> Result<bool, ApiError> {
        let is_created = |task: &&Task| plan.changes.get(&task.id).is_some_and(|c| c.action == Action::Create);
        let created: Vec<&Task> = tasks.iter().filter(is_created).collect();
        let any_of = |kinds: &[TaskKind]| created.iter().any(|task| kinds.contains(&task.id.kind));
        let mut kinds: Vec<TaskKind> = Vec::new();
        if any_of(&NETWORK) {
            kinds.extend(NETWORK);
        }
        // Templates on Google Cloud are named after the second of their creation.
        kinds.extend([TaskKind::EbsVolume, TaskKind::InstanceTemplate].into_iter().filter(|kind| any_of(&[*kind])));
        if kinds.is_empty() {
            return Ok(false);
        }
        let tasks: Vec<Task> = tasks.iter().filter(|task| kinds.contains(&task.id.kind)).cloned().collect();
        let found = self.cloud.find(&tasks).await?;
        Ok(created.iter().any(|task| found.objects.contains_key(&task.id)))
    }
}

#[async_trait]
impl Cloud for ClusterCloud {
    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let (mut found, files) = futures::try_join!(self.cloud.find(tasks), self.files.find(tasks))?;
        found.extend(files);
        Ok(found)
    }

    fn aim_at(&mut self, graph: Graph) {
        self.files.aim_at(&graph);
        self.cloud.aim_at(graph);
    }

    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind.is_file() {
            true => self.files.write(operation).await,
            false => self.cloud.create(operation).await,
        }
    }

    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind.is_file() {
            true => self.files.write(operation).await,
            false => self.cloud.update(operation).await,
        }
    }

    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError> {
        self.cloud.delete(operation).await
    }

    async fn remove(&self, residue: &Residue) -> Result<(), CloudError> {
        self.cloud.remove(residue).await
    }

    async fn create_placeholder_records(&self, zone: &str, records: &[Placeholder]) -> Result<Vec<String>, ApiError> {
        self.cloud.create_placeholder_records(zone, records).await
    }
}
