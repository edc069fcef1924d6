//! `delete instance`: replaces one instance of a group.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::cluster_access::ClusterSession;
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::events::Observer;
use kopsform_rolling::execute::{Deps, Executor, Options, RollError};
use kopsform_rolling::facts::{ClusterFacts, GroupFacts, InstanceFacts};
use kopsform_rolling::journal::{Journal, JournalError};
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::plan::GroupPlan;
use kopsform_rolling::ports::{Answer, ApiError, Kubernetes, Prompter};
use kopsform_spec::v1alpha2::InstanceGroupRole;
use kopsform_state::MemoryStore;

/// Why an instance could not be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteInstanceError {
    /// No instance of the cluster's groups has that id or node.
    #[error("could not find instance {0}")]
    NotFound(String),
    /// Two zones have an instance of that name.
    #[error("there are two instances {name}: {one} and {other}")]
    Ambiguous {
        /// The name.
        name: String,
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// It has not joined the cluster.
    #[error("error finding node name for instance: {0}")]
    NoNode(String),
    /// The Kubernetes API did not list the nodes.
    #[error("listing nodes in cluster: {0}")]
    Unreachable(ApiError),
    /// The cluster could not be observed.
    #[error(transparent)]
    Observe(ObserveError),
    /// The replacement ended early.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// The journal could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
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
            Self::Ambiguous { .. } => vec!["pass one of these instead of the name".to_owned()],
            Self::NoNode(_) => vec!["Instance is not a member of the cluster".to_owned(), without()],
            Self::Unreachable(error) if error.is_denied() => error.hints(),
            Self::Unreachable(_) => vec!["Unable to reach the kubernetes API.".to_owned(), without()],
            Self::Observe(error) => error.hints(),
            Self::Roll(error) => error.hints(),
            Self::Journal(error) => error.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        if let Self::Roll(error) = self { error.exit_code() } else { ExitCode::Error }
    }
}

/// The instance to delete, with what was observed.
pub struct Found {
    facts: ClusterFacts,
    id: String,
}

impl Found {
    /// The instance and its group.
    pub fn instance(&self) -> Option<(&GroupFacts, &InstanceFacts)> {
        self.facts.instance(&self.id)
    }

    /// Its id, with the name of its node where known.
    pub fn title(&self) -> String {
        let Some((_, instance)) = self.instance() else { return self.id.clone() };
        match instance.node_name() {
            Some(node) => format!("{} ({node})", instance.link),
            None => instance.link.clone(),
        }
    }
}

/// Finds an instance by its id, as any command prints it, or by its name; where the Kubernetes API is used, also by the name
/// of its node.
///
/// # Errors
/// When the cluster cannot be observed, or has no such instance, or two of that name.
pub async fn find(session: &ClusterSession, name: &str) -> Result<Found, DeleteInstanceError> {
    let access = &session.access;
    let kubernetes = session.kubernetes();
    let kubernetes = kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes);
    let facts = observe_groups(access.cloud(), kubernetes, &access.cluster, &access.groups).await?;
    let all = || facts.groups.iter().flat_map(|g| &g.instances);
    let exact = all().find(|i| i.id == name || i.node_name() == Some(name) || i.link == name || i.node_key == name);
    // On Google Cloud two zones may have instances of the same name.
    let mut by_name = all().filter(|i| i.node_key.rsplit('/').next() == Some(name));
    let found = match (exact, by_name.next(), by_name.next()) {
        (Some(found), _, _) | (None, Some(found), None) => found,
        (None, Some(one), Some(other)) => {
            let (one, other) = (one.link.clone(), other.link.clone());
            return Err(DeleteInstanceError::Ambiguous { name: name.to_owned(), one, other });
        }
        (None, None, _) => return Err(DeleteInstanceError::NotFound(name.to_owned())),
    };
    if kubernetes.is_some() && found.node.is_none() {
        return Err(DeleteInstanceError::NoNode(found.link.clone()));
    }
    let id = found.id.clone();
    Ok(Found { facts, id })
}

/// Detaches the instance (with `surge`, unless it belongs to the control plane), drains and terminates it.
///
/// Nothing is recorded in the state store: for a single instance, the events report what is left.
///
/// # Errors
/// When the replacement ends early.
pub async fn delete(
    session: &ClusterSession,
    found: &Found,
    options: Options,
    surge: bool,
    observer: &dyn Observer,
    stop: CancellationToken,
) -> Result<(), DeleteInstanceError> {
    let Some((group, instance)) = found.instance() else {
        return Err(DeleteInstanceError::NotFound(found.id.clone()));
    };
    let known: BTreeSet<String> = found.facts.groups.iter().flat_map(|g| &g.instances).map(|i| i.id.clone()).collect();
    let surge = surge && group.role != InstanceGroupRole::ControlPlane;
    let plan = GroupPlan::for_one(group, instance, surge);
    let access = &session.access;
    let kubernetes = session.kubernetes();
    let journal = Journal::open(Arc::new(MemoryStore::new()), &access.cluster.metadata.name).await?;
    let deps = Deps {
        cluster: &access.cluster,
        groups: &access.groups,
        cloud: access.cloud(),
        kubernetes: kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes),
        clock: session.clock(),
        prompter: &AlwaysYes,
        observer,
        journal: &journal,
    };
    Executor::new(deps, options, stop, known).run_one(&plan).await?;
    Ok(())
}

/// No question is asked about a single instance.
struct AlwaysYes;

#[async_trait]
impl Prompter for AlwaysYes {
    async fn ask(&self, _instance: &str, _node: Option<&str>) -> Answer {
        Answer::Yes
    }
}
