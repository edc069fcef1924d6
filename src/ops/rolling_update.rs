//! `rolling-update cluster`: what is outdated, the plan, its execution, and taking back what a run left.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::execute::{Deps, Executor, Options, RollError, TightBudget, tight_budgets};
use kopsform_rolling::facts::ClusterFacts;
use kopsform_rolling::journal::{InstanceRecord, Journal, JournalError, RunRecord};
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::plan::{Plan, PlanOptions};
use kopsform_rolling::ports::{Cloud, Kubernetes};
use kopsform_rolling::selection::{Selection, SelectionError};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};

/// What a person asked for.
#[derive(Debug, Clone, Default)]
pub struct RollingUpdateOptions {
    /// Which groups.
    pub selection: Selection,
    /// Replace instances that are up to date, too.
    pub force: bool,
    /// How many worker groups are updated side by side.
    pub parallel_groups: usize,
    /// How the plan is performed.
    pub execution: Options,
}

/// Why an update could not be planned or done.
#[derive(Debug, thiserror::Error)]
pub enum RollingUpdateError {
    /// The groups that were asked for are not there.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The Kubernetes API could not be asked.
    #[error("error listing nodes in cluster: {0}")]
    Unreachable(kopsform_rolling::ports::ApiError),
    /// AWS could not be asked, or said what makes no sense.
    #[error(transparent)]
    Observe(ObserveError),
    /// The journal of an earlier run can't be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The update ended early.
    #[error(transparent)]
    Roll(#[from] RollError),
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
            Self::Selection(error) => error.hints(),
            Self::Unreachable(_) => vec![
                "Unable to reach the kubernetes API.".to_owned(),
                "Use --cloudonly to do a rolling-update without confirming progress with the k8s API".to_owned(),
            ],
            Self::Observe(error) => error.hints(),
            Self::Journal(error) => error.hints(),
            Self::Roll(error) => error.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        if let Self::Roll(error) = self { error.exit_code() } else { ExitCode::Error }
    }
}

/// An update that is planned and not begun.
pub struct Prepared {
    /// The groups that were asked for.
    pub facts: ClusterFacts,
    /// What is to be done.
    pub plan: Plan,
    /// Budgets that may block drains.
    pub tight_budgets: Vec<TightBudget>,
    /// A run before that did not finish.
    pub unfinished: Option<RunRecord>,
    /// What to know before: groups without a spec, what could not be found out.
    pub warnings: Vec<String>,
    known: BTreeSet<String>,
    forced: Option<BTreeSet<String>>,
    options: Options,
}

/// Looks at the cluster and plans. Nothing is changed.
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
    let known = facts.groups.iter().flat_map(|g| &g.instances).map(|i| i.id.clone()).collect();
    let mut warnings = std::mem::take(&mut facts.notes);
    if options.selection.is_everything() {
        let unmatched = facts.unmatched.iter();
        warnings.extend(unmatched.map(|name| format!("Found ASG with no corresponding instance group {name:?}")));
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
    let mut execution = options.execution.clone();
    execution.deregister_control_plane = serving_instances(groups) > 1;
    let tight_budgets = match kubernetes {
        Some(kubernetes) => tight_budgets(kubernetes, &plan).await.unwrap_or_else(|error| {
            warnings.push(format!("disruption budgets are not known: {error}"));
            Vec::new()
        }),
        None => Vec::new(),
    };
    let forced = options.force.then(|| plan.groups().flat_map(|g| g.targets()).map(|t| t.instance.clone()).collect());
    facts.groups.retain(|g| selected.contains(&g.name.as_str()));
    Ok(Prepared { facts, plan, tight_budgets, unfinished, warnings, known, forced, options: execution })
}

/// Performs a prepared update. One with nothing to do closes the journal of a run that was interrupted at its very end.
pub async fn perform(prepared: &Prepared, world: Deps<'_>, stop: CancellationToken) -> Result<(), RollingUpdateError> {
    if prepared.plan.stages.is_empty() {
        return close(prepared, world.journal).await;
    }
    world.journal.begin(world.clock.wall(), prepared.forced.clone(), &prepared.known).await?;
    let executor = Executor::new(world, prepared.options.clone(), stop, prepared.known.clone());
    executor.run(&prepared.plan).await?;
    world.journal.end().await?;
    Ok(())
}

/// Forgets a run that has nothing left to do. What it left on nodes stays on record, for `--abort`.
async fn close(prepared: &Prepared, journal: &Journal) -> Result<(), RollingUpdateError> {
    for group in journal.groups().await {
        let gone = |id: &str, record: &InstanceRecord| record.marks().is_empty() || !prepared.known.contains(id);
        journal.forget(&group, gone).await?;
    }
    journal.end().await?;
    Ok(())
}

/// How many instances serve the API, by what the specs ask for at least.
fn serving_instances(groups: &[InstanceGroup]) -> i64 {
    groups
        .iter()
        .filter(|g| matches!(g.role(), InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer))
        .map(|g| i64::from(g.spec.min_size.unwrap_or(1)))
        .sum()
}
