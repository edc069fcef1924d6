//! What happens while changes are made, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::ports::ApiError;

use crate::found::Residue;
use crate::ids::Ids;
use crate::task::TaskId;

/// How far an update is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State<'a> {
    /// How many changes are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// What is under way.
    pub running: Vec<&'a TaskId>,
    /// How many changes wait for others.
    pub waiting: usize,
}

/// What happens while changes are made.
#[derive(Debug)]
pub enum Event<'a> {
    /// A change was started.
    Started {
        /// The task.
        task: &'a TaskId,
        /// How far the update is.
        state: State<'a>,
    },
    /// A change was made.
    Done {
        /// The task.
        task: &'a TaskId,
        /// How far the update is.
        state: State<'a>,
    },
    /// A change is tried again after a pause.
    Retried {
        /// The task, or the kind and item of a deletion.
        what: &'a str,
        /// Why it did not succeed yet.
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
    /// Why it was stopped before its end; none when something failed.
    pub stopped: Option<String>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Changes that were not started: the update was stopped, or they need one that failed.
    pub not_started: Vec<TaskId>,
    /// Deletions that were not started.
    pub not_removed: Vec<Residue>,
    /// What was done.
    pub report: ApplyReport,
}

impl ApplyError {
    /// How many changes there were to make.
    fn total(&self) -> usize {
        let done = self.report.done.len() + self.report.removed.len();
        done + self.failures.len() + self.not_started.len() + self.not_removed.len()
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.report.done.len() + self.report.removed.len();
        match &self.stopped {
            Some(reason) => write!(f, "stopped, because {reason}: {done} of {} changes were made", self.total())?,
            None => write!(f, "{} of {} changes failed, {done} were made", self.failures.len(), self.total())?,
        }
        if done > 0 {
            write!(f, "\nmade: {}", by_kind(&self.report))?;
        }
        if !self.failures.is_empty() {
            f.write_str("\nfailed:")?;
        }
        for Failure { what, error } in &self.failures {
            write!(f, "\n  {what}: {error}")?;
        }
        let left: Vec<String> = self.not_started.iter().map(ToString::to_string).collect();
        let left =
            left.into_iter().chain(self.not_removed.iter().map(|r| format!("deletion of {} {}", r.kind, r.item)));
        for (n, what) in left.enumerate() {
            if n == 0 {
                f.write_str(match self.stopped {
                    Some(_) => "\nnot started:",
                    None => "\nnot started, because they need what failed:",
                })?;
            }
            write!(f, "\n  {what}")?;
        }
        Ok(())
    }
}

/// What was done, as numbers of each kind.
fn by_kind(report: &ApplyReport) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let removed = report.removed.iter().map(|residue| residue.kind);
    for kind in report.done.iter().map(|task| task.kind.as_str()).chain(removed) {
        *kinds.entry(kind).or_default() += 1;
    }
    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

impl Explain for ApplyError {
    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.failures.iter().flat_map(|failure| failure.error.hints()).collect();
        hints.sort();
        hints.dedup();
        hints.push("run the command again: it finds what was made and continues with what is left".to_owned());
        hints
    }

    fn exit_code(&self) -> ExitCode {
        if self.stopped.is_some() { ExitCode::Stopped } else { ExitCode::Error }
    }
}
