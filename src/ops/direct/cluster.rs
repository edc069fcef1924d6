//! Everything that a cluster consists of, for target direct: its cloud, and its files in the state store.

use async_trait::async_trait;

use super::files::Files;
use crate::ops::clouds::{self, DirectCloud, Unsupported};
use kopsform_direct::placeholders::Placeholder;
use kopsform_direct::{Attributes, Cloud, CloudError, Found, Operation, Residue, Task};
use kopsform_env::Environment;
use kopsform_model::Graph;
use kopsform_rolling::ports::ApiError;
use kopsform_state::ClusterStore;

/// The cloud of a cluster and its state store.
pub(super) struct ClusterCloud {
    cloud: DirectCloud,
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

    pub async fn create_placeholder_records(
        &self,
        zone: &str,
        records: &[Placeholder],
    ) -> Result<Vec<String>, ApiError> {
        self.cloud.create_placeholder_records(zone, records).await
    }
}

#[async_trait]
impl Cloud for ClusterCloud {
    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let (mut found, files) = futures::try_join!(self.cloud.find(tasks), self.files.find(tasks))?;
        found.extend(files);
        Ok(found)
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
}
