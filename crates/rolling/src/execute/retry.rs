//! Retries of calls to the Kubernetes API that fail with a transient error.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::ports::{ApiError, Budget, Clock, Eviction, Kubernetes, Node, NodeChange, Patched, Pod, Retryability};

/// How many times a call is attempted before its error counts. Clients of clouds have their own retries.
const ATTEMPTS: u32 = 5;

/// The pause after the first attempt; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How long a first attempt may take before its error is shown. That of a later one always is.
const NOTICEABLE: Duration = Duration::from_secs(3);

/// A Kubernetes API that repeats calls after transient errors: up to five attempts within 7.5 seconds.
pub struct RetryingKubernetes<'a> {
    inner: &'a dyn Kubernetes,
    clock: &'a dyn Clock,
    /// Whether the server has answered, so that its name is known.
    reached: AtomicBool,
}

impl<'a> RetryingKubernetes<'a> {
    /// Wraps an API.
    pub fn new(inner: &'a dyn Kubernetes, clock: &'a dyn Clock) -> Self {
        Self { inner, clock, reached: AtomicBool::new(false) }
    }

    fn is_worth_repeating(&self, error: &ApiError) -> bool {
        match error.retryability {
            Retryability::Transient => true,
            // A command that cannot reach a cluster at all says so at once, as kops does.
            Retryability::Unresolved => self.reached.load(Ordering::Relaxed),
            _ => false,
        }
    }

    async fn attempt<T, F>(&self, call: impl Fn() -> F + Send) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>> + Send,
    {
        let mut pause = FIRST_PAUSE;
        let began = self.clock.now();
        for attempt in 1..ATTEMPTS {
            let outcome = call().await;
            match &outcome {
                Err(error) if self.is_worth_repeating(error) => {
                    if attempt > 1 || self.clock.now().saturating_sub(began) >= NOTICEABLE {
                        let next = attempt + 1;
                        tracing::warn!(target: "kopsform::kube", "{error}; trying again (attempt {next} of {ATTEMPTS})");
                    } else {
                        tracing::debug!(target: "kopsform::kube", %error, ?pause, "trying again");
                    }
                    self.clock.sleep(pause).await;
                }
                _ => {
                    self.reached.fetch_or(outcome.is_ok(), Ordering::Relaxed);
                    return outcome;
                }
            }
            pause *= 2;
        }
        call().await
    }
}

#[async_trait]
impl Kubernetes for RetryingKubernetes<'_> {
    async fn nodes(&self) -> Result<Vec<Arc<Node>>, ApiError> {
        self.attempt(|| self.inner.nodes()).await
    }

    async fn node(&self, name: &str) -> Result<Option<Node>, ApiError> {
        self.attempt(|| self.inner.node(name)).await
    }

    async fn delete_node(&self, name: &str) -> Result<(), ApiError> {
        self.attempt(|| self.inner.delete_node(name)).await
    }

    async fn patch_node(&self, node: &Node, change: NodeChange) -> Result<Patched, ApiError> {
        self.attempt(|| self.inner.patch_node(node, change)).await
    }

    async fn system_pods(&self) -> Result<Vec<Pod>, ApiError> {
        self.attempt(|| self.inner.system_pods()).await
    }

    async fn pods_on(&self, node: &str) -> Result<Vec<Pod>, ApiError> {
        self.attempt(|| self.inner.pods_on(node)).await
    }

    async fn pods_in(&self, namespace: &str) -> Result<Vec<Pod>, ApiError> {
        self.attempt(|| self.inner.pods_in(namespace)).await
    }

    async fn budgets(&self) -> Result<Vec<Budget>, ApiError> {
        self.attempt(|| self.inner.budgets()).await
    }

    async fn evict(&self, pod: &Pod) -> Result<Eviction, ApiError> {
        self.attempt(|| self.inner.evict(pod)).await
    }

    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError> {
        self.attempt(|| self.inner.delete_pod(pod, grace)).await
    }

    async fn failing_checks(&self) -> Result<Vec<String>, ApiError> {
        self.attempt(|| self.inner.failing_checks()).await
    }

    async fn api_addresses(&self) -> Result<Vec<IpAddr>, ApiError> {
        self.attempt(|| self.inner.api_addresses()).await
    }
}
