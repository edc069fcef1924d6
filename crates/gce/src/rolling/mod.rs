//! A cluster's managed instance groups, as rolling updates use them.
//!
//! An instance group has a managed instance group in each of its zones; [`snapshot`] finds them by the template they use, and
//! [`delete`] removes them together. A managed instance group replaces an instance in place: the replacement has the name of the
//! instance before it, and starts when that one is gone. Nothing can be detached, so there is no surge.

mod delete;
mod endpoint;
mod launch;
mod snapshot;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::json;

use crate::api::Api;
use crate::error::call_failed;
use crate::link::Link;
use kopsform_rolling::ports::{ApiError, Capabilities, Cloud, CloudGroup, CloudSnapshot, LoadBalancerRef, TargetState};
use kopsform_spec::v1alpha2::Cluster;

pub use endpoint::api_address;
pub use launch::LaunchData;

/// The metadata of templates and instances with the name of their cluster.
const CLUSTER_METADATA: &str = "cluster-name";
/// The metadata with the name of their instance group.
const GROUP_METADATA: &str = "kops-k8s-io-instance-group-name";

/// The managed instance groups of one cluster, with their instances.
pub struct ClusterGroups {
    api: Arc<Api>,
    project: String,
    cluster: String,
    /// The groups of known instances, by the instances' ids.
    managers: Mutex<BTreeMap<String, Link>>,
}

impl ClusterGroups {
    /// The groups of a cluster. No request is made.
    pub fn new(api: Arc<Api>, cluster: &Cluster) -> Self {
        Self {
            api,
            project: cluster.spec.project.clone(),
            cluster: cluster.metadata.name.clone(),
            managers: Mutex::default(),
        }
    }

    /// How many instances there are in the groups of an instance group.
    ///
    /// # Errors
    /// When the groups cannot be listed.
    pub async fn instance_count(&self, group: &str) -> Result<usize, ApiError> {
        let snapshot = self.snapshot().await?;
        let of_group = snapshot.groups.iter().filter(|found| found.instance_group.as_deref() == Some(group));
        Ok(of_group.map(|found| found.members.len()).sum())
    }

    /// Images and boot scripts of the managed groups' templates, by the names of the groups.
    ///
    /// # Errors
    /// When the groups or templates cannot be listed.
    pub async fn launch_templates(&self) -> Result<BTreeMap<String, LaunchData>, ApiError> {
        launch::templates(&self.api, &self.project, &self.cluster).await
    }

    fn manager_of(&self, instance: &str) -> Option<Link> {
        self.managers.lock().unwrap_or_else(PoisonError::into_inner).get(instance).cloned()
    }

    /// An error of something that managed instance groups cannot do, which the plan has no step for.
    fn no_detach(instance: &str) -> ApiError {
        ApiError::permanent(format!("detach {instance}"), "instances of managed instance groups cannot be detached")
    }
}

#[async_trait]
impl Cloud for ClusterGroups {
    fn capabilities(&self) -> Capabilities {
        Capabilities::MANAGED_INSTANCE_GROUPS
    }

    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError> {
        let (snapshot, managers) = snapshot::take(&self.api, &self.project, &self.cluster).await?;
        // Instances of earlier snapshots stay known: a plan may still name them.
        self.managers.lock().unwrap_or_else(PoisonError::into_inner).extend(managers);
        Ok(snapshot)
    }

    async fn mark_detached(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        Err(Self::no_detach(instance))
    }

    async fn detach(&self, instance: &str, _group: &str) -> Result<(), ApiError> {
        Err(Self::no_detach(instance))
    }

    /// Recreates the instance from its group's template, unless that was done already: then the id is of no instance.
    async fn terminate(&self, instance: &str) -> Result<(), ApiError> {
        if self.manager_of(instance).is_none() {
            self.snapshot().await?;
        }
        let (Some(manager), Some(id)) = (self.manager_of(instance), snapshot::InstanceId::parse(instance)) else {
            return Ok(());
        };
        let link = id.link(&self.project);
        let failed = || call_failed(format!("recreateInstances {link}"));
        let found = self.api.get(&link.to_string()).await.map_err(failed())?;
        if !found.is_some_and(|found| id.is_of(&found)) {
            return Ok(());
        }
        let body = json!({ "instances": [format!("{}{link}", snapshot::API)] });
        match self.api.call(&manager.to_string(), "recreateInstances", &body).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map_err(failed()),
        }
    }

    // Target pools and backend services follow their groups: kops deregisters nothing.

    async fn load_balancer_state(
        &self,
        _load_balancer: &LoadBalancerRef,
        _instance: &str,
    ) -> Result<TargetState, ApiError> {
        Ok(TargetState::Deregistered)
    }

    async fn deregister(&self, _load_balancer: &LoadBalancerRef, _instance: &str) -> Result<(), ApiError> {
        Ok(())
    }

    async fn delete_groups(&self, instance_group: &str, groups: &[&CloudGroup]) -> Result<(), ApiError> {
        delete::groups(&self.api, &self.project, &self.cluster, instance_group, groups).await
    }
}
