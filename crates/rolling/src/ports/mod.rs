//! What a rolling update acts on, as traits: the cloud, the Kubernetes API, the clock and the user's answers.
//!
//! The planner and the executor use nothing else, so tests replace all of it with a simulation.

mod cloud;
mod kubernetes;
mod system;

use std::time::Duration;

use async_trait::async_trait;

pub use cloud::*;
pub use kubernetes::*;
pub use system::SystemClock;

/// Whether a failed call is worth repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retryability {
    /// It may go away by itself: a throttled call, a server error, a broken connection.
    Transient,
    /// The name of the server is not known, which waiting may change for a new cluster. A command that has reached the server before
    /// repeats the call.
    Unresolved,
    /// The credentials are not accepted, or have expired: no call succeeds until there are others.
    Unauthenticated,
    /// The caller lacks permission: repeating the call does not help.
    AccessDenied,
    /// Anything else.
    Permanent,
}

/// Why a call to a cloud or to the Kubernetes API failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {message}")]
pub struct ApiError {
    /// What was attempted, such as `list nodes` or `TerminateInstances i-0123`.
    pub action: String,
    /// What the API answered.
    pub message: String,
    /// Whether it may be repeated.
    pub retryability: Retryability,
}

impl ApiError {
    /// An error that may go away by itself.
    pub fn transient(action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { action: action.into(), message: message.into(), retryability: Retryability::Transient }
    }

    /// Whether only a change of the caller's credentials or permissions helps, so that waiting is useless.
    pub fn is_denied(&self) -> bool {
        matches!(self.retryability, Retryability::Unauthenticated | Retryability::AccessDenied)
    }

    /// An error that repeating the call does not fix.
    pub fn permanent(action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { action: action.into(), message: message.into(), retryability: Retryability::Permanent }
    }
}

impl kopsform_diagnostics::Explain for ApiError {
    fn hints(&self) -> Vec<String> {
        let hint = match self.retryability {
            Retryability::Unauthenticated => {
                "the credentials were not accepted or have expired, which waiting does not change: renew them"
            }
            Retryability::AccessDenied => "the credentials lack this permission, which waiting does not change",
            Retryability::Transient | Retryability::Unresolved | Retryability::Permanent => {
                return Vec::new();
            }
        };
        vec![hint.to_owned()]
    }
}

/// Time, so that tests need not wait for it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Time since some start; it never goes back.
    fn now(&self) -> Duration;

    /// The time of day.
    fn wall(&self) -> jiff::Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// The user's answer between two instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on, and ask again after the next one.
    Yes,
    /// Stop here.
    No,
    /// Go on without asking.
    Always,
}

/// Asks the user of `--interactive`.
#[async_trait]
pub trait Prompter: Send + Sync {
    /// Asks whether to continue after an instance was replaced.
    async fn ask(&self, instance: &str, node: Option<&str>) -> Answer;
}
