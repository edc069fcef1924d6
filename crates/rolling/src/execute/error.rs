//! Why an update ended early.

use std::time::Duration;

use crate::events::Blocker;
use crate::journal::JournalError;
use crate::ports::ApiError;
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_spec::meta;

/// When the cluster was validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Before anything was touched.
    Start,
    /// After an instance was detached.
    Detached,
    /// After an instance was terminated.
    Terminated,
}

impl std::fmt::Display for Occasion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Start => "",
            Self::Detached => " after detaching instance",
            Self::Terminated => " after terminating instance",
        })
    }
}

/// As kops prints durations.
fn text(duration: Duration) -> String {
    meta::Duration(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)).to_string()
}

/// Why a node could not be drained.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// Pods were still there when the time was up.
    #[error("still there after {}: {}", text(*.after), list(.blockers))]
    Timeout {
        /// The time it had.
        after: Duration,
        /// The pods, and why each stays.
        blockers: Vec<Blocker>,
    },
    /// The node could not be cordoned, or its pods not be listed or evicted.
    #[error(transparent)]
    Api(#[from] ApiError),
}

fn list(blockers: &[Blocker]) -> String {
    blockers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Why the update of a group ended.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// The cluster did not get healthy.
    #[error("error validating cluster{occasion}: cluster did not validate within a duration of \"{}\"", text(*.after))]
    Validation {
        /// When it was validated.
        occasion: Occasion,
        /// The time it had.
        after: Duration,
        /// What was wrong at the end.
        failures: Vec<String>,
    },
    /// The API server or etcd was not well for too long.
    #[error("the control plane is not well enough to lose an instance after {}: {}", text(*.after), .checks.join(", "))]
    ControlPlaneUnwell {
        /// The time it had.
        after: Duration,
        /// The checks that fail.
        checks: Vec<String>,
    },
    /// A node could not be tainted.
    #[error("failed to taint node {node:?}")]
    Taint {
        /// The node.
        node: String,
        /// Why.
        source: ApiError,
    },
    /// An instance could not be detached.
    #[error("failed to detach instance {instance:?}")]
    Detach {
        /// The instance.
        instance: String,
        /// Why.
        source: ApiError,
    },
    /// Too few instances could be detached, and no more may be missing.
    #[error("no instance of the group could be detached, and maxUnavailable is 0")]
    NoSurge,
    /// A load balancer kept an instance.
    #[error("error deregistering instance {instance:?}, node {node:?}: {reason}")]
    Deregister {
        /// The instance.
        instance: String,
        /// Its node.
        node: String,
        /// Why.
        reason: String,
    },
    /// A node could not be drained.
    #[error("failed to drain node {node:?}")]
    Drain {
        /// The node.
        node: String,
        /// Why.
        source: DrainError,
    },
    /// An instance could not be terminated.
    #[error("error deleting instance {instance:?}")]
    Terminate {
        /// The instance.
        instance: String,
        /// Why.
        source: ApiError,
    },
    /// Drains took too long, and their instances were left alone.
    #[error("{} not replaced because of their drains: {}", .instances.len(), .instances.join(", "))]
    Skipped {
        /// The instances.
        instances: Vec<String>,
    },
    /// The journal belongs to another run now.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The person or the system asked to stop.
    #[error("stopped")]
    Stopped,
}

impl GroupError {
    /// Whether going on with other groups makes no sense or is dangerous.
    pub fn ends_everything(&self) -> bool {
        match self {
            Self::Validation { .. }
            | Self::ControlPlaneUnwell { .. }
            | Self::Deregister { .. }
            | Self::Journal(_)
            | Self::Stopped => true,
            Self::Taint { .. }
            | Self::Detach { .. }
            | Self::NoSurge
            | Self::Drain { .. }
            | Self::Terminate { .. }
            | Self::Skipped { .. } => false,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint: &str = match self {
            Self::Validation { failures, .. } => {
                let mut hints: Vec<_> = failures.iter().map(|f| format!("at the end: {f}")).collect();
                hints.push("the update continues with the next run, once the cluster is healthy".to_owned());
                return hints;
            }
            Self::ControlPlaneUnwell { .. } => "see what /readyz?verbose says, and the logs of etcd",
            Self::NoSurge => "allow it with spec.rollingUpdate.maxUnavailable, or see why it can't be detached",
            Self::Drain { source: DrainError::Timeout { .. }, .. } => {
                "see whether the budget can be met, or use --on-drain-timeout=skip or =force, or a longer --drain-timeout"
            }
            Self::Deregister { .. } => "the instance was not terminated, since it may still get traffic",
            Self::Journal(error) => return error.hints(),
            _ => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}

/// Why an update ended early.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// A bastion's group failed; nothing else was begun.
    #[error("bastion not healthy after update, stopping rolling-update: group {group}")]
    Bastion {
        /// The group.
        group: String,
        /// Why.
        source: Box<GroupError>,
    },
    /// A control-plane group failed; nothing else was begun.
    #[error("control-plane node not healthy after update, stopping rolling-update: group {group}")]
    ControlPlane {
        /// The group.
        group: String,
        /// Why.
        source: Box<GroupError>,
    },
    /// A group failed in a way that concerns the others, which were not begun.
    #[error("stopping rolling-update in group {group}")]
    Ended {
        /// The group.
        group: String,
        /// Why.
        source: Box<GroupError>,
    },
    /// Groups failed; the others were updated.
    #[error("{}", groups_text(.0))]
    Groups(Vec<(String, GroupError)>),
    /// The journal can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The person or the system asked to stop.
    #[error("the rolling update was stopped before it was done")]
    Stopped,
}

fn groups_text(groups: &[(String, GroupError)]) -> String {
    let one = |(group, error): &(String, GroupError)| {
        let mut line = format!("group {group}: {error}");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            line = format!("{line}: {cause}");
            source = cause.source();
        }
        line
    };
    format!("failed to roll {}", groups.iter().map(one).collect::<Vec<_>>().join("; "))
}

impl Explain for RollError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Bastion { source, .. } | Self::ControlPlane { source, .. } | Self::Ended { source, .. } => {
                source.hints()
            }
            Self::Groups(groups) => groups.iter().flat_map(|(_, error)| error.hints()).collect(),
            Self::Journal(error) => error.hints(),
            Self::Stopped => {
                vec![
                    "run the same command again to continue, or with --abort to take back taints and cordons"
                        .to_owned(),
                ]
            }
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Stopped => ExitCode::Stopped,
            _ => ExitCode::Error,
        }
    }
}
