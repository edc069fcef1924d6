//! The steps of a sync and their outcomes.

use std::fmt;

use serde::Serialize;

/// A step of a sync. Steps are performed in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Get the outputs of Terraform
    Outputs,
    /// Render the templates
    Template,
    /// Validate the spec
    Validate,
    /// Store the spec
    Store,
    /// Store the SSH public key
    SshKey,
    /// Record facts that the lock file lacks
    Lock,
    /// Write Terraform files
    Terraform,
    /// Write CloudFormation templates
    #[serde(rename = "cloudformation")]
    CloudFormation,
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
            Self::CloudFormation => "cloudformation",
        })
    }
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It succeeded and never writes.
    Done,
    Changed,
    /// There was nothing to write.
    Unchanged,
    Skipped,
}

impl Outcome {
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

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    pub step: Step,
    pub outcome: Outcome,
    /// A description for the user.
    pub detail: String,
}

/// `store      changed    Cluster/demo.example.com`.
impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{:<10} {:<10} {}", self.step, self.outcome, self.detail);
        f.write_str(line.trim_end())
    }
}

/// What a sync reports while it runs.
#[derive(Debug)]
pub enum Event {
    Step(StepReport),
    Warning(String),
    Note(String),
}
