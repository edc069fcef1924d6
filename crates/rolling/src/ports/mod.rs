//! The world that a rolling update acts on, as traits: AWS, the Kubernetes API, the clock and the person.
//!
//! The planner and the executor know nothing else of it, so tests put a simulated one in its place.

mod cloud;
mod kubernetes;
mod system;

use std::time::Duration;

use async_trait::async_trait;

pub use cloud::*;
pub use kubernetes::*;
pub use system::SystemClock;

/// How an error of an API is to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retryability {
    /// It may go away by itself: a throttled call, a server error, a broken connection.
    Transient,
    /// The caller may not do this; asking again is of no use.
    AccessDenied,
    /// Anything else.
    Permanent,
}

/// Why a call to AWS or to the Kubernetes API failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {message}")]
pub struct ApiError {
    /// What was attempted, such as `list nodes` or `TerminateInstances i-0123`.
    pub action: String,
    /// What the API answered.
    pub message: String,
    /// Whether it may be tried again.
    pub retryability: Retryability,
}

impl ApiError {
    /// An error that may go away by itself.
    pub fn transient(action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { action: action.into(), message: message.into(), retryability: Retryability::Transient }
    }

    /// An error that stays.
    pub fn permanent(action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { action: action.into(), message: message.into(), retryability: Retryability::Permanent }
    }
}

/// Time, so that tests need not wait for it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Time since some start, which never goes back.
    fn now(&self) -> Duration;

    /// The time of day.
    fn wall(&self) -> jiff::Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// What a person answers between two instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on, and ask again after the next one.
    Yes,
    /// Stop here.
    No,
    /// Go on without asking.
    Always,
}

/// The person in front of `--interactive`.
#[async_trait]
pub trait Prompter: Send + Sync {
    /// Asks whether to go on after an instance was replaced.
    async fn ask(&self, instance: &str, node: Option<&str>) -> Answer;
}
