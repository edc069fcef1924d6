//! `delete instance`: replaces one instance of a group.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::execute::{Deps, Executor, Options, RollError};
use kopsform_rolling::facts::{ClusterFacts, GroupFacts, InstanceFacts};
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::plan::GroupPlan;
use kopsform_rolling::ports::{ApiError, Cloud, Kubernetes};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};

/// Why an instance could not be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteInstanceError {
    /// There is no such instance in the cluster's groups.
    #[error("could not find instance {0}")]
    NotFound(String),
    /// It has not joined the cluster.
    #[error("error finding node name for instance: {0}")]
    NoNode(String),
    /// The Kubernetes API could not be asked.
    #[error("listing nodes in cluster: {0}")]
    Unreachable(ApiError),
    /// AWS could not be asked.
    #[error(transparent)]
    Observe(ObserveError),
    /// It ended early.
    #[error(transparent)]
    Roll(#[from] RollError),
}

impl From<ObserveError> for DeleteInstanceError {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::Nodes(error) => Self::Unreachable(error),
            other => Self::Observe(other),
        }
    }
}

impl Explain for DeleteInstanceError {
    fn hints(&self) -> Vec<String> {
        let without = || "Use --cloudonly to do a deletion without confirming progress with the k8s API".to_owned();
        match self {
            Self::NotFound(_) => vec!["`kopsform get instances` lists the instances and their nodes".to_owned()],
            Self::NoNode(_) => vec!["Instance is not a member of the cluster".to_owned(), without()],
            Self::Unreachable(_) => vec!["Unable to reach the kubernetes API.".to_owned(), without()],
            Self::Observe(error) => error.hints(),
            Self::Roll(error) => error.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        if let Self::Roll(error) = self { error.exit_code() } else { ExitCode::Error }
    }
}

/// An instance that was found.
pub struct Found {
    facts: ClusterFacts,
    id: String,
}

impl Found {
    /// The instance and its group.
    pub fn instance(&self) -> Option<(&GroupFacts, &InstanceFacts)> {
        self.facts.instance(&self.id)
    }

    /// How it is called: by its id, and with a Kubernetes API by its node, too.
    pub fn title(&self) -> String {
        match self.instance().and_then(|(_, instance)| instance.node_name()) {
            Some(node) => format!("{} ({node})", self.id),
            None => self.id.clone(),
        }
    }
}

/// Finds an instance by its id, or by the name of its node where the Kubernetes API is used.
pub async fn find(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    cloud: &dyn Cloud,
    kubernetes: Option<&dyn Kubernetes>,
    name: &str,
) -> Result<Found, DeleteInstanceError> {
    let facts = observe_groups(cloud, kubernetes, cluster, groups).await?;
    let mut all = facts.groups.iter().flat_map(|g| &g.instances);
    let Some(found) = all.find(|i| i.id == name || i.node_name() == Some(name)) else {
        return Err(DeleteInstanceError::NotFound(name.to_owned()));
    };
    if kubernetes.is_some() && found.node.is_none() {
        return Err(DeleteInstanceError::NoNode(found.id.clone()));
    }
    let id = found.id.clone();
    Ok(Found { facts, id })
}

/// Detaches the instance (unless it belongs to the control plane, or no surge is wanted), drains and terminates it.
///
/// Instances that serve the API stay with its load balancers, and a drain takes as long as it takes, as with kops.
pub async fn delete(
    found: &Found,
    world: Deps<'_>,
    options: Options,
    surge: bool,
    stop: CancellationToken,
) -> Result<(), DeleteInstanceError> {
    let Some((group, instance)) = found.instance() else {
        return Err(DeleteInstanceError::NotFound(found.id.clone()));
    };
    let known: BTreeSet<String> = found.facts.groups.iter().flat_map(|g| &g.instances).map(|i| i.id.clone()).collect();
    let surge = surge && group.role != InstanceGroupRole::ControlPlane;
    let plan = GroupPlan::for_one(group, instance, surge);
    Executor::new(world, options, stop, known).run_one(&plan).await?;
    Ok(())
}
