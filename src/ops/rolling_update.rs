//! `rolling-update cluster`: the plan, its execution, and reverting what an interrupted run left.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::cluster_access::{AccessError, ClusterSession, ConnectOptions};
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::Environment;
use kopsform_rolling::abort::{AbortError, Residue, ResidueReport, find_residue, revert};
use kopsform_rolling::events::Observer;
use kopsform_rolling::execute::{BudgetCheck, Deps, Executor, Options, RollError, TightBudget, check_budgets};
use kopsform_rolling::facts::ClusterFacts;
use kopsform_rolling::journal::{InstanceRecord, Journal, JournalError, RunRecord};
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::plan::{GroupPlan, Plan, PlanOptions};
use kopsform_rolling::ports::{Cloud, Kubernetes, Prompter};
use kopsform_rolling::selection::{Selection, SelectionError};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::{MemoryStore, StateStore};

/// The options of an update.
#[derive(Debug, Clone, Default)]
pub struct RollingUpdateOptions {
    /// Which groups.
    pub selection: Selection,
    /// Replace instances that are up to date, too.
    pub force: bool,
    /// How many worker groups are updated concurrently.
    pub parallel_groups: usize,
    /// How the plan is performed.
    pub execution: Options,
}

/// How an interrupted run is continued or reverted.
const CONTINUE: &str = "run the same command again to continue, or with --abort to revert its taints and cordons";

/// Why an update could not be planned or performed.
#[derive(Debug, thiserror::Error)]
pub enum RollingUpdateError {
    /// The cluster could not be reached.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The selected groups do not exist.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The Kubernetes API did not list the nodes.
    #[error("error listing nodes in cluster: {0}")]
    Unreachable(kopsform_rolling::ports::ApiError),
    /// The cluster could not be observed.
    #[error(transparent)]
    Observe(ObserveError),
    /// The journal could not be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The update ended early.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// An earlier update could not be reverted.
    #[error(transparent)]
    Abort(#[from] AbortError),
}

impl From<ObserveError> for RollingUpdateError {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::Nodes(error) => Self::Unreachable(error),
            other => Self::Observe(other),
        }
    }
}

impl Explain for RollingUpdateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Access(error) => error.hints(),
            Self::Selection(error) => error.hints(),
            // Access is what is missing, so no update without drains is suggested.
            Self::Unreachable(error) if error.is_denied() => error.hints(),
            Self::Unreachable(_) => vec![
                "Unable to reach the kubernetes API.".to_owned(),
                "Use --cloudonly to do a rolling-update without confirming progress with the k8s API".to_owned(),
            ],
            Self::Observe(error) => error.hints(),
            Self::Journal(error) => error.hints(),
            Self::Roll(error) => {
                let mut hints = error.hints();
                hints.push(CONTINUE.to_owned());
                hints
            }
            Self::Abort(error) => error.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        if let Self::Roll(error) = self { error.exit_code() } else { ExitCode::Error }
    }
}

/// The rolling update of one cluster, with everything it works with.
pub struct RollingUpdate {
    session: ClusterSession,
    journal: Journal,
    /// What the user should know before the update starts.
    pub warnings: Vec<String>,
}

impl RollingUpdate {
    /// Opens the cluster and the journal of its updates. `connect` is `None` if the Kubernetes API is not needed.
    ///
    /// # Errors
    /// When the cluster cannot be reached, or the journal is malformed.
    pub async fn open(
        state: &StateStore,
        name: &str,
        connect: Option<&ConnectOptions>,
        environment: &Environment,
    ) -> Result<Self, RollingUpdateError> {
        let session = ClusterSession::open(state, name, connect, environment).await?;
        let store = session.access.store.state().store().clone();
        let (journal, warnings) = match Journal::open(store, name).await {
            // The user's permissions may cover only the directories of kops.
            Err(JournalError::Store(error)) => {
                let warning = format!("the update is not recorded in a journal, so --abort cannot revert it: {error}");
                (Journal::open(Arc::new(MemoryStore::new()), name).await?, vec![warning])
            }
            journal => (journal?, Vec::new()),
        };
        Ok(Self { session, journal, warnings })
    }

    /// As [`prepare`].
    ///
    /// # Errors
    /// As [`prepare`].
    pub async fn prepare(&self, options: &RollingUpdateOptions) -> Result<Prepared, RollingUpdateError> {
        let access = &self.session.access;
        let kubernetes = self.session.kubernetes();
        let kubernetes = kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes);
        prepare(&access.cluster, &access.groups, access.cloud(), kubernetes, &self.journal, options).await
    }

    /// As [`perform`].
    ///
    /// # Errors
    /// As [`perform`].
    pub async fn perform(
        &self,
        prepared: &Prepared,
        prompter: &dyn Prompter,
        observer: &dyn Observer,
        stop: CancellationToken,
    ) -> Result<(), RollingUpdateError> {
        let access = &self.session.access;
        let kubernetes = self.session.kubernetes();
        let deps = Deps {
            cluster: &access.cluster,
            groups: &access.groups,
            cloud: access.cloud(),
            kubernetes: kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes),
            clock: self.session.clock(),
            prompter,
            observer,
            journal: &self.journal,
        };
        perform(prepared, deps, stop).await
    }

    /// Finds what earlier updates left; with `reverted`, also reverts it and calls `reverted` for each node. Without the
    /// Kubernetes API nothing is reverted.
    ///
    /// # Errors
    /// When the cluster cannot be observed, or a node cannot be changed.
    pub async fn abort(&self, reverted: Option<impl FnMut(&Residue)>) -> Result<ResidueReport, RollingUpdateError> {
        let access = &self.session.access;
        let kubernetes = self.session.kubernetes();
        let kubernetes = kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes);
        let facts = observe_groups(access.cloud(), kubernetes, &access.cluster, &access.groups).await?;
        match (kubernetes, reverted) {
            (Some(kubernetes), Some(reverted)) => Ok(revert(&self.journal, &facts, kubernetes, reverted).await?),
            _ => Ok(find_residue(&self.journal, &facts).await),
        }
    }
}

/// A planned update.
pub struct Prepared {
    /// The selected groups.
    pub facts: ClusterFacts,
    /// The steps.
    pub plan: Plan,
    /// Budgets that may block drains.
    pub tight_budgets: Vec<TightBudget>,
    /// An earlier run that did not finish.
    pub unfinished: Option<RunRecord>,
    /// Warnings: groups without a spec, and what could not be determined.
    pub warnings: Vec<String>,
    /// The ids of all instances that exist now.
    known: BTreeSet<String>,
    /// With `--force`, the ids of the instances to replace.
    forced: Option<BTreeSet<String>>,
    options: Options,
}

/// Observes the cluster and plans the update. Nothing is changed.
///
/// # Errors
/// When the selection is invalid, or the cluster cannot be observed.
pub async fn prepare(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    cloud: &dyn Cloud,
    kubernetes: Option<&dyn Kubernetes>,
    journal: &Journal,
    options: &RollingUpdateOptions,
) -> Result<Prepared, RollingUpdateError> {
    let selected = options.selection.choose(groups)?;
    let mut facts = observe_groups(cloud, kubernetes, cluster, groups).await?;
    facts.note_deleted_nodes(&journal.without_nodes().await);
    let known = facts.groups.iter().flat_map(|g| &g.instances).map(|i| i.id.clone()).collect();
    let mut warnings = std::mem::take(&mut facts.notes);
    if options.selection.is_everything() {
        let unmatched = facts.unmatched.iter();
        let group = cloud.capabilities().abbreviation;
        warnings.extend(unmatched.map(|name| format!("Found {group} with no corresponding instance group {name:?}")));
    }
    let unfinished = journal.unfinished().await;
    let plan_options = PlanOptions {
        force: options.force,
        cloud_only: kubernetes.is_none(),
        interactive: options.execution.interactive,
        parallel_groups: options.parallel_groups,
        defaults: cluster.spec.rolling_update.clone(),
        forced_before: unfinished.as_ref().and_then(|run| run.forced.clone()).filter(|_| options.force),
    };
    let plan = Plan::new(&facts, &selected, &plan_options);
    warnings.extend(plan.groups().filter_map(GroupPlan::suspension));
    warnings.extend(plan.groups().filter(|_| kubernetes.is_some()).filter_map(GroupPlan::surge_warning));
    let mut execution = options.execution.clone();
    execution.deregister_control_plane = serving_instances(groups) > 1;
    let budgets = match kubernetes {
        Some(kubernetes) => check_budgets(kubernetes, &plan).await.unwrap_or_else(|error| {
            warnings.push(format!("cannot list disruption budgets: {error}"));
            BudgetCheck::default()
        }),
        None => BudgetCheck::default(),
    };
    warnings.extend(budgets.warnings);
    let tight_budgets = budgets.tight;
    let forced = options.force.then(|| plan.groups().flat_map(|g| g.targets()).map(|t| t.instance.clone()).collect());
    facts.groups.retain(|g| selected.contains(&g.name.as_str()));
    Ok(Prepared { facts, plan, tight_budgets, unfinished, warnings, known, forced, options: execution })
}

/// Performs a prepared update. One without steps closes the journal of a run that was interrupted after its last step.
///
/// # Errors
/// When the update ends early.
pub async fn perform(prepared: &Prepared, deps: Deps<'_>, stop: CancellationToken) -> Result<(), RollingUpdateError> {
    if prepared.plan.stages.is_empty() {
        return close(prepared, deps.journal).await;
    }
    deps.journal.begin(deps.clock.wall(), prepared.forced.clone(), &prepared.known).await?;
    let executor = Executor::new(deps, prepared.options.clone(), stop, prepared.known.clone());
    executor.run(&prepared.plan).await?;
    deps.journal.end().await?;
    Ok(())
}

/// Removes the records of a run that has nothing left to do. Marks on nodes stay recorded, for `--abort`.
async fn close(prepared: &Prepared, journal: &Journal) -> Result<(), RollingUpdateError> {
    for group in journal.groups().await {
        let gone = |id: &str, record: &InstanceRecord| record.marks().is_empty() || !prepared.known.contains(id);
        journal.forget(&group, gone).await?;
    }
    journal.end().await?;
    Ok(())
}

/// How many instances serve the API, by the minimum sizes in the specs.
fn serving_instances(groups: &[InstanceGroup]) -> i64 {
    groups
        .iter()
        .filter(|g| matches!(g.role(), InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer))
        .map(|g| i64::from(g.spec.min_size.unwrap_or(1)))
        .sum()
}
