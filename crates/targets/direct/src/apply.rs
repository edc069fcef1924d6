//! Makes the changes of a plan.
//!
//! A change starts once everything that it needs is as desired, so independent ones run side by side. What needs something that
//! failed is not started; everything else still is. Running the update again finds what was done and continues.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use kopsform_diagnostics::Explain;
use kopsform_rolling::ports::{ApiError, Clock, Retryability};

use crate::diff::{Action, Change, Plan};
use crate::found::{Residue, When};
use crate::ids::{Attributes, Ids};
use crate::ports::{Cloud, CloudError, Operation};
use crate::task::TaskId;

/// The first pause before something is tried again. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How changes are made.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// Whether to delete what is only deleted on request.
    pub prune: bool,
    /// How many changes are under way at once.
    pub concurrency: usize,
    /// For how long a change is tried again that may still succeed, as in kops.
    pub deadline: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self { prune: false, concurrency: 32, deadline: Duration::from_secs(600) }
    }
}

/// What happens while changes are made.
#[derive(Debug)]
pub enum Event<'a> {
    /// A change was started.
    Started(&'a TaskId),
    /// A change was made.
    Done {
        /// The task.
        task: &'a TaskId,
        /// How many are done.
        done: usize,
        /// How many there are.
        total: usize,
        /// What is still under way, by task.
        running: Vec<TaskId>,
    },
    /// A change is tried again after a pause.
    Waiting {
        /// The task, or the kind and item of a deletion.
        what: &'a str,
        /// What it waits for.
        error: &'a ApiError,
        /// The pause.
        pause: Duration,
    },
    /// A change failed for good.
    Failed {
        /// The task.
        task: &'a TaskId,
        /// Why.
        error: &'a ApiError,
    },
    /// Something that no task wants was deleted.
    Removed(&'a Residue),
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApplyReport {
    /// Tasks that were created, changed or deleted.
    pub done: BTreeSet<TaskId>,
    /// What was deleted in addition.
    pub removed: Vec<Residue>,
    /// The ids of everything that exists now.
    pub ids: Ids,
}

/// A change that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The task, or the kind and item of a deletion.
    pub what: String,
    /// Why.
    pub error: ApiError,
}

/// An update that was carried out in part.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct ApplyError {
    /// What failed.
    pub failures: Vec<Failure>,
    /// Tasks that were not started, because they need one that failed.
    pub not_started: Vec<TaskId>,
    /// What was done.
    pub report: ApplyReport,
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.report.done.len() + self.report.removed.len();
        write!(f, "{} of {} changes failed", self.failures.len(), done + self.failures.len() + self.not_started.len())?;
        for Failure { what, error } in &self.failures {
            write!(f, "\n  {what}: {error}")?;
        }
        if !self.not_started.is_empty() {
            let names: Vec<String> = self.not_started.iter().map(ToString::to_string).collect();
            write!(f, "\nnot started, because they need these: {}", names.join(", "))?;
        }
        Ok(())
    }
}

impl Explain for ApplyError {
    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.failures.iter().flat_map(|failure| failure.error.hints()).collect();
        hints.dedup();
        hints.push("run the command again: it continues with what is left".to_owned());
        hints
    }
}

/// Receives events.
pub type Observer<'a> = &'a (dyn Fn(Event<'_>) + Send + Sync);

/// Makes all changes of a plan, then deletes.
///
/// # Errors
/// When some were not made; the error says which, and what was done.
pub async fn apply(
    plan: &Plan,
    cloud: &dyn Cloud,
    clock: &dyn Clock,
    options: &ApplyOptions,
    observe: Observer<'_>,
) -> Result<ApplyReport, ApplyError> {
    let driver = Driver { plan, cloud, clock, options, observe };
    let mut progress = driver.change_all().await;
    if progress.failures.is_empty() {
        driver.remove_all(&mut progress).await;
    }
    let Progress { report, failures, not_started } = progress;
    if failures.is_empty() { Ok(report) } else { Err(ApplyError { failures, not_started, report }) }
}

struct Driver<'a> {
    plan: &'a Plan,
    cloud: &'a dyn Cloud,
    clock: &'a dyn Clock,
    options: &'a ApplyOptions,
    observe: Observer<'a>,
}

#[derive(Default)]
struct Progress {
    report: ApplyReport,
    failures: Vec<Failure>,
    not_started: Vec<TaskId>,
}

type Outcome<'a> = (&'a TaskId, Result<Attributes, ApiError>);

impl<'a> Driver<'a> {
    async fn change_all(&self) -> Progress {
        let changes: BTreeMap<&TaskId, &Change> =
            self.plan.changes.iter().filter(|(_, change)| change.is_due()).collect();
        // Only needs that change themselves keep a change waiting; all others are as desired.
        let mut waiting: BTreeMap<&TaskId, BTreeSet<&TaskId>> = changes
            .iter()
            .map(|(id, change)| (*id, change.task.needs.iter().filter(|need| changes.contains_key(need)).collect()))
            .collect();
        let mut progress =
            Progress { report: ApplyReport { ids: self.plan.ids(), ..Default::default() }, ..Default::default() };
        let mut running: BTreeSet<&TaskId> = BTreeSet::new();
        let mut in_flight: FuturesUnordered<BoxFuture<'_, Outcome<'a>>> = FuturesUnordered::new();
        loop {
            let ready: Vec<&TaskId> = waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(id, _)| *id).collect();
            for id in ready.into_iter().take(self.options.concurrency.max(1).saturating_sub(running.len())) {
                waiting.remove(id);
                let Some(change) = changes.get(id).copied() else { continue };
                running.insert(id);
                (self.observe)(Event::Started(id));
                let ids = progress.report.ids.clone();
                in_flight.push(Box::pin(async move { (id, self.change(change, &ids).await) }));
            }
            let Some((id, outcome)) = in_flight.next().await else { break };
            running.remove(id);
            match outcome {
                Ok(attributes) => {
                    progress.report.ids.insert(id.clone(), attributes);
                    progress.report.done.insert(id.clone());
                    waiting.values_mut().for_each(|needs| {
                        needs.remove(id);
                    });
                    (self.observe)(Event::Done {
                        task: id,
                        done: progress.report.done.len(),
                        total: changes.len(),
                        running: running.iter().map(|id| (*id).clone()).collect(),
                    });
                }
                Err(error) => {
                    (self.observe)(Event::Failed { task: id, error: &error });
                    progress.failures.push(Failure { what: id.to_string(), error });
                }
            }
        }
        progress.not_started = waiting.into_keys().cloned().collect();
        progress
    }

    async fn change(&self, change: &Change, ids: &Ids) -> Result<Attributes, ApiError> {
        let task = &change.task;
        let operation = Operation {
            task,
            found: self.plan.objects.get(&task.id),
            fields: change.fields.iter().filter(|field| !field.deferred).map(|field| field.name).collect(),
            ids,
        };
        self.repeatedly(&task.id.to_string(), || async {
            match change.action {
                Action::Create => self.cloud.create(&operation).await,
                Action::Modify => self.cloud.update(&operation).await,
                Action::Delete => self.cloud.delete(&operation).await.map(|()| Attributes::new()),
            }
        })
        .await
    }

    /// Tries until it succeeds, fails for good, or the deadline has passed.
    async fn repeatedly<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        what: &str,
        attempt: impl Fn() -> F,
    ) -> Result<T, ApiError> {
        let start = self.clock.now();
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(CloudError::Failed(error)) if error.retryability != Retryability::Transient => return Err(error),
                Err(CloudError::Failed(error) | CloudError::NotYet(error)) => error,
            };
            if self.clock.now().saturating_sub(start) + pause > self.options.deadline {
                return Err(error);
            }
            (self.observe)(Event::Waiting { what, error: &error, pause });
            self.clock.sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Deletes one after the other: what comes later may be used by what comes before.
    async fn remove_all(&self, progress: &mut Progress) {
        let whens: &[When] = if self.options.prune { &[When::Now, When::Pruned] } else { &[When::Now] };
        for residue in whens.iter().flat_map(|when| self.plan.deleted(*when)) {
            let what = format!("{} {}", residue.kind, residue.item);
            match self.repeatedly(&what, || self.cloud.remove(residue)).await {
                Ok(()) => {
                    (self.observe)(Event::Removed(residue));
                    progress.report.removed.push(residue.clone());
                }
                Err(error) => progress.failures.push(Failure { what, error }),
            }
        }
    }
}
