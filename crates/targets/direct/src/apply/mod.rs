//! Makes the changes of a plan.
//!
//! A change starts once everything that it needs is as desired, so independent ones run side by side. What needs something that
//! failed is not started; everything else still is. Running the update again finds what was done and continues.
//!
//! [`attempts`] decides whether something that failed is tried again, [`stop`] is the request to end early, and [`outcome`] what
//! the user learns about it.

mod attempts;
mod outcome;
mod stop;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use kopsform_rolling::ports::{ApiError, Clock};

use crate::diff::{Change, Plan};
use crate::found::{Residue, When};
use crate::ids::Attributes;
use crate::ports::{Cloud, CloudError};
use crate::task::TaskId;
use attempts::Attempts;

pub use outcome::{ApplyError, ApplyReport, Event, Failure, State};
pub use stop::Stop;

/// How changes are made.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// Whether to delete what is only deleted on request.
    pub prune: bool,
    /// How many changes are under way at once.
    pub concurrency: usize,
    /// For how long a change is tried again that may still succeed, as in kops.
    pub deadline: Duration,
    /// The request to stop before the end.
    pub stop: Stop,
    /// How many changes an earlier part of the same update made, for progress.
    pub made_before: usize,
    /// How many changes a later part of the same update makes, for progress.
    pub left_for_later: usize,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            prune: false,
            concurrency: 32,
            deadline: Duration::from_secs(600),
            stop: Stop::default(),
            made_before: 0,
            left_for_later: 0,
        }
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
    driver.remove_all(&mut progress).await;
    let Progress { report, failures, not_started, not_removed } = progress;
    if failures.is_empty() && not_started.is_empty() && not_removed.is_empty() {
        return Ok(report);
    }
    Err(ApplyError { stopped: options.stop.reason(), failures, not_started, not_removed, report })
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
    not_removed: Vec<Residue>,
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
        let state = |done: usize, running: &BTreeSet<&'a TaskId>, waiting: usize| State {
            done: self.options.made_before + done,
            total: self.options.made_before + changes.len() + self.options.left_for_later,
            running: running.iter().copied().collect(),
            waiting: waiting + self.options.left_for_later,
        };
        loop {
            let ready: Vec<&TaskId> = match self.options.stop.reason() {
                Some(_) => Vec::new(),
                None => waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(id, _)| *id).collect(),
            };
            for id in ready.into_iter().take(self.options.concurrency.max(1).saturating_sub(running.len())) {
                waiting.remove(id);
                let Some(change) = changes.get(id).copied() else { continue };
                running.insert(id);
                let state = state(progress.report.done.len(), &running, waiting.len());
                (self.observe)(Event::Started { task: id, state });
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
                    let state = state(progress.report.done.len(), &running, waiting.len());
                    (self.observe)(Event::Done { task: id, state });
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

    /// Deletes one after the other: what comes later may be used by what comes before. Nothing is deleted before all changes
    /// are made, since what is to be deleted may still be used instead of what is not made yet.
    async fn remove_all(&self, progress: &mut Progress) {
        let whens: &[When] = if self.options.prune { &[When::Now, When::Pruned] } else { &[When::Now] };
        let are_changes_made = progress.failures.is_empty() && progress.not_started.is_empty();
        for residue in whens.iter().flat_map(|when| self.plan.deleted(*when)) {
            if !are_changes_made || self.options.stop.reason().is_some() {
                progress.not_removed.push(residue.clone());
                continue;
            }
            let what = format!("{} {}", residue.kind, residue.item);
            match self.remove(residue, what.clone()).await {
                Ok(()) => {
                    (self.observe)(Event::Removed(residue));
                    progress.report.removed.push(residue.clone());
                }
                Err(error) => progress.failures.push(Failure { what: format!("deletion of {what}"), error }),
            }
        }
    }

    async fn remove(&self, residue: &Residue, what: String) -> Result<(), ApiError> {
        let mut attempts = Attempts::of(self, what);
        loop {
            match self.cloud.remove(residue).await {
                Ok(()) | Err(CloudError::Missing(_)) => return Ok(()),
                Err(error) => attempts.pause_after(error).await?,
            }
        }
    }
}
