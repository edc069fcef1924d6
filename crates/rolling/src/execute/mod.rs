//! Performs a plan through the traits of [`super::ports`].
//!
//! Everything runs in one task: concurrent groups and instances are futures that are polled together, so a simulated clock
//! can drive an update. Each wait is a safe point: a stop takes effect there and between calls, never within a call.

mod drain;
mod error;
mod group;
mod instance;
mod load_balancers;
mod nodes;
mod preflight;
mod retry;
mod single;
mod validate;

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio_util::sync::CancellationToken;

pub use error::{DrainError, GroupError, Occasion, RollError};
pub(crate) use nodes::change_node;
pub use preflight::{BudgetCheck, TightBudget, check_budgets};
pub use retry::RetryingKubernetes;

use super::events::{Event, Observer};
use super::health::Scope;
use super::journal::Journal;
use super::plan::{GroupPlan, Plan, Stage};
use super::ports::{Clock, Cloud, Kubernetes, Prompter};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};

/// What to do with an instance whose drain takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDrainTimeout {
    /// The group's update ends there.
    #[default]
    Fail,
    /// The instance is skipped: its taint and cordon are reverted, others continue, the run ends with an error.
    Skip,
    /// Its remaining pods are deleted, regardless of budgets.
    Force,
}

/// How a plan is performed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The pause after a control-plane instance was terminated or detached.
    pub control_plane_interval: Duration,
    /// The same for workers and API servers.
    pub node_interval: Duration,
    /// The same for bastions.
    pub bastion_interval: Duration,
    /// The pause after a drain, for pods to settle elsewhere.
    pub post_drain_delay: Duration,
    /// The time a drain may take; zero means no limit.
    pub drain_timeout: Duration,
    /// What happens when that time has passed.
    pub on_drain_timeout: OnDrainTimeout,
    /// Whether a failed drain ends the group's update, rather than being ignored.
    pub fail_on_drain_error: bool,
    /// How many times in a row the cluster must be healthy after each instance; zero skips validation.
    pub validate_count: u32,
    /// The time the cluster may take to get healthy.
    pub validation_timeout: Duration,
    /// Whether a cluster that does not get healthy ends the update, rather than being ignored.
    pub fail_on_validate_error: bool,
    /// Which failures hold a group back.
    pub scope: Scope,
    /// How many worker nodes that existed before may be unready.
    pub max_unready_nodes: usize,
    /// Whether instances that serve the API are deregistered from its load balancers. Set to false if there is only one.
    pub deregister_control_plane: bool,
    /// Whether the user is asked after each instance.
    pub interactive: bool,
}

impl Default for Options {
    fn default() -> Self {
        let interval = Duration::from_secs(15);
        Self {
            control_plane_interval: interval,
            node_interval: interval,
            bastion_interval: interval,
            post_drain_delay: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(15 * 60),
            on_drain_timeout: OnDrainTimeout::Fail,
            fail_on_drain_error: true,
            validate_count: 2,
            validation_timeout: Duration::from_secs(15 * 60),
            fail_on_validate_error: true,
            scope: Scope::Group,
            max_unready_nodes: 0,
            deregister_control_plane: true,
            interactive: false,
        }
    }
}

/// The cluster an update works on, and its collaborators.
#[derive(Clone, Copy)]
pub struct Deps<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// All of its groups, selected or not: validation covers all.
    pub groups: &'a [InstanceGroup],
    /// The cloud.
    pub cloud: &'a dyn Cloud,
    /// The Kubernetes API; without it, nothing is tainted, drained or validated.
    pub kubernetes: Option<&'a dyn Kubernetes>,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Asks the user between instances.
    pub prompter: &'a dyn Prompter,
    /// Receives the events.
    pub observer: &'a dyn Observer,
    /// Records the steps.
    pub journal: &'a Journal,
}

/// Performs a plan.
pub struct Executor<'a> {
    deps: Deps<'a>,
    options: Options,
    /// Cancelled from outside to stop the update.
    stop: CancellationToken,
    /// Also cancelled when a group's error ends the whole update.
    halt: CancellationToken,
    /// The ids of the instances that existed when the update was planned.
    known: BTreeSet<String>,
    progress: Mutex<Progress>,
    /// The instances whose nodes an earlier run deleted and that it did not replace.
    lost: OnceLock<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct Progress {
    began: Duration,
    replaced: usize,
    total: usize,
    /// The user answered not to be asked again.
    always: bool,
    /// The warning that the journal is not written was emitted.
    journal_warned: bool,
}

impl<'a> Executor<'a> {
    /// An executor; `known` are the ids of the instances that existed when the update was planned.
    pub fn new(deps: Deps<'a>, options: Options, stop: CancellationToken, known: BTreeSet<String>) -> Self {
        let halt = stop.child_token();
        Self { deps, options, stop, halt, known, progress: Mutex::default(), lost: OnceLock::new() }
    }

    /// Performs the plan. `Ok` means that all of it was done.
    ///
    /// When it ends early, what it leaves on instances is reported as [`Event::Left`].
    pub async fn run(&self, plan: &Plan) -> Result<(), RollError> {
        let total = plan.instance_count();
        self.with_progress(|p| *p = Progress { began: self.deps.clock.now(), total, ..Progress::default() });
        let lost = self.deps.journal.without_nodes().await;
        self.lost.get_or_init(|| lost);
        self.emit(Event::Began { groups: plan.groups().count(), instances: total });
        let outcome = self.run_stages(plan).await;
        if outcome.is_err() {
            self.report_residue().await;
        }
        let replaced = self.with_progress(|p| p.replaced);
        match outcome {
            Ok(()) => {
                let groups = plan.groups().map(|g| g.group.clone()).collect();
                self.emit(Event::Done { replaced, groups });
                Ok(())
            }
            Err(error) => {
                if matches!(error, RollError::Stopped) {
                    self.emit(Event::Stopped { replaced, of: total });
                }
                Err(error)
            }
        }
    }

    async fn run_stages(&self, plan: &Plan) -> Result<(), RollError> {
        let mut failed = Vec::new();
        for stage in &plan.stages {
            for (group, error) in self.run_stage(stage).await {
                if self.stop.is_cancelled() && matches!(error, GroupError::Stopped) {
                    return Err(RollError::Stopped);
                }
                let ends_everything = error.ends_everything();
                let source = Box::new(error);
                match stage.role {
                    InstanceGroupRole::Bastion => return Err(RollError::Bastion { group, source }),
                    InstanceGroupRole::ControlPlane => return Err(RollError::ControlPlane { group, source }),
                    _ if ends_everything => return Err(RollError::Ended { group, source }),
                    _ => failed.push((group, *source)),
                }
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(RollError::Groups(failed)) }
    }

    /// Updates the groups of a stage, `parallel` at a time; returns the errors, the one that ended the update first.
    async fn run_stage(&self, stage: &Stage) -> Vec<(String, GroupError)> {
        let mut waiting = stage.groups.iter();
        let mut running = FuturesUnordered::new();
        let mut errors: Vec<(String, GroupError)> = Vec::new();
        loop {
            while running.len() < stage.parallel && !self.halt.is_cancelled() {
                let Some(group) = waiting.next() else { break };
                running.push(async move { (group, self.run_reported(group).await) });
            }
            let Some((group, outcome)) = running.next().await else { break };
            if let Err(error) = outcome {
                let fatal = error.ends_everything() || stage.role == InstanceGroupRole::ControlPlane;
                if fatal && !self.halt.is_cancelled() {
                    self.halt.cancel();
                    errors.insert(0, (group.group.clone(), error));
                } else {
                    errors.push((group.group.clone(), error));
                }
            }
        }
        if errors.is_empty() && self.stop.is_cancelled() {
            // Stopped between two groups.
            errors.extend(waiting.next().map(|group| (group.group.clone(), GroupError::Stopped)));
        }
        errors
    }

    async fn run_reported(&self, group: &GroupPlan) -> Result<(), GroupError> {
        let name = group.group.clone();
        self.emit(Event::GroupBegan { group: name.clone(), role: group.role, instances: group.instance_count() });
        match self.run_group(group).await {
            Ok(replaced) => {
                self.deps.journal.forget(&name, |_, record| record.marks().is_empty()).await?;
                self.emit(Event::GroupDone { group: name, replaced });
                Ok(())
            }
            Err(error) => {
                if !matches!(error, GroupError::Stopped) {
                    self.emit(Event::GroupFailed { group: name, message: with_causes(&error) });
                }
                Err(error)
            }
        }
    }

    async fn report_residue(&self) {
        for group in self.deps.journal.groups().await {
            for (instance, record) in self.deps.journal.group(&group).await {
                let marks = record.marks();
                if !marks.is_empty() {
                    self.emit(Event::Left { group: group.clone(), instance, node: record.node, marks });
                }
            }
        }
    }

    fn emit(&self, event: Event) {
        let at = self.deps.clock.now().saturating_sub(self.with_progress(|p| p.began));
        self.deps.observer.on_event(at, &event);
    }

    fn with_progress<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> T {
        // A poisoned lock means that a test panicked while it held it; the numbers in it are still good.
        change(&mut self.progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn interval(&self, role: InstanceGroupRole) -> Duration {
        match role {
            InstanceGroupRole::Bastion => self.options.bastion_interval,
            InstanceGroupRole::ControlPlane => self.options.control_plane_interval,
            InstanceGroupRole::ApiServer | InstanceGroupRole::Node => self.options.node_interval,
        }
    }

    /// A safe point: ends the group's update here if a stop was requested.
    fn checkpoint(&self) -> Result<(), GroupError> {
        if self.halt.is_cancelled() { Err(GroupError::Stopped) } else { Ok(()) }
    }

    /// Waits; a requested stop ends the wait and the group's update.
    async fn pause(&self, duration: Duration) -> Result<(), GroupError> {
        self.checkpoint()?;
        if duration.is_zero() {
            return Ok(());
        }
        let halted = std::pin::pin!(self.halt.cancelled());
        let slept = self.deps.clock.sleep(duration);
        match futures::future::select(halted, slept).await {
            futures::future::Either::Left(_) => Err(GroupError::Stopped),
            futures::future::Either::Right(_) => Ok(()),
        }
    }
}

/// An error and its causes in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}
