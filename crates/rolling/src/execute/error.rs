//! Errors of an update.

use std::time::Duration;

use crate::events::Blocker;
use crate::journal::JournalError;
use crate::observe::ObserveError;
use crate::ports::{ApiError, Retryability};
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_spec::meta;

/// When the cluster is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Before anything was changed.
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
    /// Pods were still there after the timeout.
    #[error("still there after {}: {}", text(*.after), list(.blockers))]
    Timeout {
        /// The timeout.
        after: Duration,
        /// The pods with what keeps each.
        blockers: Vec<Blocker>,
    },
    /// Several budgets cover a pod, so that the API evicts it under no circumstances.
    #[error("evict pod {pod}: {message}{}", in_parentheses(.budgets))]
    SeveralBudgets {
        /// The pod.
        pod: String,
        /// The API's answer.
        message: String,
        /// The budgets, where they may be listed.
        budgets: Vec<String>,
    },
    /// The node could not be cordoned, or its pods could not be listed or evicted.
    #[error(transparent)]
    Api(#[from] ApiError),
}

fn list(blockers: &[Blocker]) -> String {
    blockers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn after_colon(error: &Option<ApiError>) -> String {
    error.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
}

fn in_parentheses(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

impl DrainError {
    /// Whether the credentials were not accepted.
    pub(super) fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Api(error) if error.retryability == Retryability::Unauthenticated)
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Timeout { blockers, .. } => {
                let mut hints = Vec::new();
                if blockers.iter().any(|b| b.finalizers.is_empty()) {
                    hints.push(
                        "check whether the evictions can be allowed and the pods stop, or use --on-drain-timeout=skip or \
                         =force, or a longer --drain-timeout"
                            .to_owned(),
                    );
                }
                if blockers.iter().any(|b| !b.finalizers.is_empty()) {
                    hints.push(
                        "a pod with a finalizer stays until the finalizer's controller removes it, even with \
                         --on-drain-timeout=force: check that controller"
                            .to_owned(),
                    );
                }
                hints
            }
            Self::SeveralBudgets { budgets, .. } => {
                let which = if budgets.is_empty() { "them".to_owned() } else { budgets.join(" and ") };
                vec![format!(
                    "the pod cannot be evicted while several disruption budgets cover it: delete all but one of {which}"
                )]
            }
            Self::Api(_) => Vec::new(),
        }
    }
}

/// Why the update of a group ended.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// The cluster did not get healthy.
    #[error("error validating cluster{occasion}: cluster did not validate within a duration of \"{}\"", text(*.after))]
    Validation {
        /// When it was validated.
        occasion: Occasion,
        /// The timeout.
        after: Duration,
        /// The failures of the last validation.
        failures: Vec<String>,
    },
    /// The cluster could not be validated, because an API denies access.
    #[error("error validating cluster{occasion}")]
    Denied {
        /// When it was validated.
        occasion: Occasion,
        /// The denial.
        source: ObserveError,
    },
    /// The group starts no instances, so nothing would replace those that are terminated.
    #[error("the process {process} of {cloud_name} is suspended: no instance would replace the terminated ones")]
    Suspended {
        /// The name of the group in the cloud.
        cloud_name: String,
        /// The process.
        process: String,
    },
    /// Checks of the API server failed for too long.
    #[error("the control plane is not healthy enough to replace an instance after {}: {}", text(*.after), .checks.join(", "))]
    ControlPlaneUnhealthy {
        /// The timeout.
        after: Duration,
        /// The names of the failing checks.
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
    /// No instance could be detached, and none may be missing.
    #[error("no instance of the group could be detached, and maxUnavailable is 0{}", after_colon(.last))]
    NoSurge {
        /// Why the last one could not be detached, if any was tried.
        last: Option<ApiError>,
    },
    /// An instance could not be deregistered from a load balancer.
    #[error("error deregistering instance {instance:?}, node {node:?}: {reason}")]
    Deregister {
        /// The instance.
        instance: String,
        /// Its node.
        node: String,
        /// Why.
        reason: String,
        /// The call that failed last, if one failed.
        cause: Option<Box<ApiError>>,
    },
    /// A node could not be drained.
    #[error("failed to drain node {node:?}")]
    Drain {
        /// The node.
        node: String,
        /// Why.
        source: DrainError,
    },
    /// A node's object could not be deleted.
    #[error("error deleting node {node:?}")]
    DeleteNode {
        /// The node.
        node: String,
        /// Why.
        source: ApiError,
    },
    /// An instance could not be terminated.
    #[error("error deleting instance {instance:?}")]
    Terminate {
        /// The instance.
        instance: String,
        /// Why.
        source: ApiError,
    },
    /// Drains timed out, and their instances were skipped.
    #[error("{} not replaced because of their drains: {}", .instances.len(), .instances.join(", "))]
    Skipped {
        /// The instances.
        instances: Vec<String>,
    },
    /// The journal belongs to another run now, or cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The user or a signal requested a stop.
    #[error("stopped")]
    Stopped,
}

impl GroupError {
    /// Whether continuing with other groups would fail too or be dangerous.
    pub fn ends_everything(&self) -> bool {
        if self.api_error().is_some_and(|error| error.retryability == Retryability::Unauthenticated) {
            return true;
        }
        match self {
            Self::Validation { .. }
            | Self::Denied { .. }
            | Self::ControlPlaneUnhealthy { .. }
            | Self::Deregister { .. }
            | Self::Journal(_)
            | Self::Stopped => true,
            Self::Suspended { .. }
            | Self::Taint { .. }
            | Self::Detach { .. }
            | Self::NoSurge { .. }
            | Self::Drain { .. }
            | Self::DeleteNode { .. }
            | Self::Terminate { .. }
            | Self::Skipped { .. } => false,
        }
    }

    /// The failed call behind the error, if one failed.
    fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Denied { source, .. } => source.api_error(),
            Self::Deregister { cause, .. } => cause.as_deref(),
            Self::Taint { source, .. }
            | Self::Detach { source, .. }
            | Self::DeleteNode { source, .. }
            | Self::Terminate { source, .. }
            | Self::NoSurge { last: Some(source) }
            | Self::Drain { source: DrainError::Api(source), .. } => Some(source),
            _ => None,
        }
    }

    fn hints(&self) -> Vec<String> {
        let mut hints = self.api_error().map(Explain::hints).unwrap_or_default();
        let hint: &str = match self {
            Self::Validation { failures, .. } => {
                hints.extend(failures.iter().map(|f| format!("last validation: {f}")));
                return hints;
            }
            Self::Suspended { cloud_name, process } => {
                hints.push(format!(
                    "find out why it is suspended, then resume it: aws autoscaling resume-processes \
                     --auto-scaling-group-name {cloud_name} --scaling-processes {process}"
                ));
                return hints;
            }
            Self::ControlPlaneUnhealthy { .. } => "check /readyz?verbose and the logs of etcd",
            Self::NoSurge { .. } => {
                "set spec.rollingUpdate.maxUnavailable to allow it, or find out why instances cannot be detached"
            }
            Self::Drain { source, .. } => {
                hints.extend(source.hints());
                return hints;
            }
            Self::Deregister { .. } => "the instance was not terminated, because it may still get traffic",
            Self::Journal(error) => return error.hints(),
            _ => return hints,
        };
        hints.push(hint.to_owned());
        hints
    }
}

/// Why an update ended early.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// A bastion group failed; no other group was started.
    #[error("bastion not healthy after update, stopping rolling-update: group {group}")]
    Bastion {
        /// The group.
        group: String,
        /// Why.
        source: Box<GroupError>,
    },
    /// A control-plane group failed; no other group was started.
    #[error("control-plane node not healthy after update, stopping rolling-update: group {group}")]
    ControlPlane {
        /// The group.
        group: String,
        /// Why.
        source: Box<GroupError>,
    },
    /// A group failed in a way that concerns the others, which were not started.
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
    /// The user or a signal requested a stop.
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
            Self::Stopped => Vec::new(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Stopped => ExitCode::Stopped,
            _ => ExitCode::Error,
        }
    }
}
