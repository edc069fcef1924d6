//! The steps of a sync and what became of each.

use std::fmt;

use serde::Serialize;

/// A step of a sync, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Get the outputs of Terraform; without them, templates have the values only
    Outputs,
    /// Render the templates; without it, the rendered file is taken as it stands
    Template,
    /// Check the spec
    Validate,
    /// Store the spec
    Store,
    /// Store the SSH public key
    SshKey,
    /// Record facts that the lock file lacks
    Lock,
    /// Write Terraform files
    Terraform,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Outputs => "outputs",
            Self::Template => "template",
            Self::Validate => "validate",
            Self::Store => "store",
            Self::SshKey => "ssh-key",
            Self::Lock => "lock",
            Self::Terraform => "terraform",
        })
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It reads or checks only, and went well.
    Done,
    /// It wrote something.
    Changed,
    /// Everything was right already.
    Unchanged,
    /// It was not taken.
    Skipped,
}

impl Outcome {
    /// Whether something was written.
    pub(super) fn of_change(changed: bool) -> Self {
        if changed { Self::Changed } else { Self::Unchanged }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Done => "done",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
        })
    }
}

/// A step that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The step.
    pub step: Step,
    /// What became of it.
    pub outcome: Outcome,
    /// What it was about, for people.
    pub detail: String,
}

/// `store      changed    Cluster/demo.example.com`.
impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{:<10} {:<10} {}", self.step, self.outcome, self.detail);
        f.write_str(line.trim_end())
    }
}

/// What happens while a sync runs.
#[derive(Debug)]
pub enum Event {
    /// A step is over.
    Step(StepReport),
    /// Something is odd without being wrong.
    Warning(String),
    /// Something was done that is worth a line.
    Note(String),
}
