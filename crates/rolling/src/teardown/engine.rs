//! Deletes resources in passes until none is left.
//!
//! In a pass, each resource is tried at most once, as soon as all resources it waits for are deleted. Failures are tried again
//! in the next pass: many deletions only succeed once an earlier one has taken effect.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;

use super::order::Order;
use super::resource::{Key, Resource, Resources};
use crate::ports::{ApiError, Clock};
use kopsform_diagnostics::Explain;

/// How many deletions run concurrently.
const CONCURRENT_DELETIONS: usize = 16;

/// Why a resource could not be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoveError {
    /// Another resource still uses it.
    InUse,
    /// The caller may not delete it; with the cloud's answer.
    Denied(String),
    /// Anything else; with the cloud's answer.
    Failed(String),
}

/// Deletes resources.
#[async_trait]
pub trait Remover: Send + Sync {
    /// Deletes resources of one batch. A resource that no longer exists is not an error.
    async fn remove(&self, batch: &[&Resource]) -> Result<(), RemoveError>;
}

/// The resources of a cluster that were found.
#[derive(Debug, Default)]
pub struct Found {
    /// The resources, including shared ones.
    pub resources: Resources,
    /// What could not be read, for the user.
    pub warnings: Vec<String>,
}

/// The resources of one cluster in a cloud.
#[async_trait]
pub trait Inventory: Remover {
    /// Lists the cluster's resources; with `dns`, also its DNS records.
    ///
    /// # Errors
    /// The first call that fails, so that nothing is overlooked.
    async fn list(&self, dns: bool) -> Result<Found, ApiError>;

    /// Removes the cluster's own tags from what it shares with others; returns the ids of those resources. Tags that others may
    /// use remain.
    ///
    /// # Errors
    /// The first call that fails.
    async fn untag_shared(&self) -> Result<Vec<String>, ApiError> {
        Ok(Vec::new())
    }
}

/// When deletion ends without success.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The time all of it may take; zero means no limit.
    pub wait: Duration,
    /// How many passes in a row may delete nothing; zero means no limit.
    pub count: u32,
    /// The pause between two passes.
    pub interval: Duration,
}

/// Progress, for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A batch was deleted, named by its first resource.
    Removed(Key),
    /// A batch could not be deleted yet.
    Failed(Key, RemoveError),
    /// A pass has ended and these resources are left.
    Left(Vec<Key>),
}

/// Why resources are left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeardownError {
    /// It took too long.
    #[error("wait time exceeded during resources deletion")]
    OutOfTime,
    /// Passes deleted nothing.
    #[error("not making progress deleting resources; giving up")]
    NoProgress,
    /// The caller may delete none of the remaining resources.
    #[error("not allowed to delete what is left: {0}")]
    Denied(String),
}

impl Explain for TeardownError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::OutOfTime => vec!["run the command again to continue; --wait sets a longer limit".to_owned()],
            Self::NoProgress => {
                vec!["find out what uses the remaining resources, then run the command again".to_owned()]
            }
            Self::Denied(_) => {
                vec!["use credentials with permission to delete them; the state store was not changed".to_owned()]
            }
        }
    }
}

/// Deletes all resources, in their order.
pub async fn remove_all(
    resources: &Resources,
    remover: &dyn Remover,
    clock: &dyn Clock,
    limits: Limits,
    observe: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), TeardownError> {
    let order = Order::of(resources);
    let (mut gone, mut idle, began) = (BTreeSet::new(), 0, clock.now());
    loop {
        if !limits.wait.is_zero() && clock.now() > began + limits.wait {
            return Err(TeardownError::OutOfTime);
        }
        let before = gone.len();
        let failures = pass(resources, &order, &mut gone, remover, observe).await;
        if gone.len() == resources.len() {
            return Ok(());
        }
        observe(Event::Left(resources.keys().filter(|key| !gone.contains(*key)).cloned().collect()));
        idle = if gone.len() > before { 0 } else { idle + 1 };
        if limits.count != 0 && idle > limits.count {
            return Err(TeardownError::NoProgress);
        }
        // Permissions do not change by waiting.
        let all_denied = failures.iter().all(|error| matches!(error, RemoveError::Denied(_)));
        if let (true, true, Some(RemoveError::Denied(reason))) = (idle > 0, all_denied, failures.last()) {
            return Err(TeardownError::Denied(reason.clone()));
        }
        clock.sleep(limits.interval).await;
    }
}

/// Tries each resource once and returns the errors.
async fn pass(
    resources: &Resources,
    order: &Order,
    gone: &mut BTreeSet<Key>,
    remover: &dyn Remover,
    observe: &(dyn Fn(Event) + Send + Sync),
) -> Vec<RemoveError> {
    let (mut tried, mut failures) = (BTreeSet::new(), Vec::new());
    loop {
        let free: Vec<&Resource> = (resources.values())
            .filter(|r| !gone.contains(&r.key) && !tried.contains(&r.key) && order.is_free(&r.key, gone))
            .collect();
        if free.is_empty() {
            return failures;
        }
        tried.extend(free.iter().map(|resource| resource.key.clone()));
        let mut outcomes = futures::stream::iter(batches(free))
            .map(|batch| async move {
                let outcome = remover.remove(&batch).await;
                (batch, outcome)
            })
            .buffer_unordered(CONCURRENT_DELETIONS);
        while let Some((batch, outcome)) = outcomes.next().await {
            let Some(first) = batch.first() else { continue };
            match outcome {
                Ok(()) => {
                    gone.extend(batch.iter().map(|resource| resource.key.clone()));
                    observe(Event::Removed(first.key.clone()));
                }
                Err(error) => {
                    observe(Event::Failed(first.key.clone(), error.clone()));
                    failures.push(error);
                }
            }
        }
    }
}

/// Groups resources that are deleted in one call.
fn batches(resources: Vec<&Resource>) -> Vec<Vec<&Resource>> {
    let mut batches: Vec<Vec<&Resource>> = Vec::new();
    for resource in resources {
        let same = |batch: &&mut Vec<&Resource>| {
            batch.first().is_some_and(|first| {
                first.key.kind == resource.key.kind && !first.batch.is_empty() && first.batch == resource.batch
            })
        };
        match batches.iter_mut().find(same) {
            Some(batch) => batch.push(resource),
            None => batches.push(vec![resource]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashMap;
    use std::sync::Mutex;

    use super::*;
    use crate::teardown::Kind;

    /// A clock that advances only in sleep.
    #[derive(Default)]
    struct FakeClock(Mutex<Duration>);

    #[async_trait]
    impl Clock for FakeClock {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        fn wall(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }

        async fn sleep(&self, duration: Duration) {
            *self.0.lock().unwrap() += duration;
        }
    }

    /// Fails some resources a number of times.
    #[derive(Default)]
    struct Scripted {
        failures: Mutex<HashMap<String, Vec<RemoveError>>>,
        done: Mutex<Vec<String>>,
    }

    impl Scripted {
        fn failing(id: &str, errors: Vec<RemoveError>) -> Self {
            Self { failures: Mutex::new(HashMap::from([(id.to_owned(), errors)])), ..Self::default() }
        }
    }

    #[async_trait]
    impl Remover for Scripted {
        async fn remove(&self, batch: &[&Resource]) -> Result<(), RemoveError> {
            for resource in batch {
                if let Some(error) = self.failures.lock().unwrap().get_mut(&resource.key.id).and_then(Vec::pop) {
                    return Err(error);
                }
            }
            let ids: Vec<&str> = batch.iter().map(|resource| resource.key.id.as_str()).collect();
            self.done.lock().unwrap().push(ids.join("+"));
            Ok(())
        }
    }

    fn network() -> Resources {
        [
            Resource::new(Kind::Instance, "i-1").in_batch("subnet-1").before(Kind::Subnet, ["subnet-1"]),
            Resource::new(Kind::Instance, "i-2").in_batch("subnet-1").before(Kind::Subnet, ["subnet-1"]),
            Resource::new(Kind::Subnet, "subnet-1").before(Kind::Vpc, ["vpc-1"]),
            Resource::new(Kind::Vpc, "vpc-1"),
        ]
        .into_iter()
        .map(|resource| (resource.key.clone(), resource))
        .collect()
    }

    const LIMITS: Limits = Limits { wait: Duration::from_secs(600), count: 0, interval: Duration::from_secs(10) };

    async fn run(remover: &Scripted, limits: Limits) -> (Result<(), TeardownError>, Vec<Event>) {
        let events = Mutex::new(Vec::new());
        let observe = |event| events.lock().unwrap().push(event);
        let outcome = remove_all(&network(), remover, &FakeClock::default(), limits, &observe).await;
        (outcome, events.into_inner().unwrap())
    }

    #[tokio::test]
    async fn resources_are_deleted_in_order() {
        let remover = Scripted::default();
        let (outcome, _) = run(&remover, LIMITS).await;
        assert_eq!(outcome, Ok(()));
        assert_eq!(*remover.done.lock().unwrap(), ["i-1+i-2", "subnet-1", "vpc-1"]);
    }

    #[tokio::test]
    async fn resources_in_use_are_tried_again() {
        let remover = Scripted::failing("subnet-1", vec![RemoveError::InUse]);
        let (outcome, events) = run(&remover, LIMITS).await;
        assert_eq!(outcome, Ok(()));
        let left = [Key::new(Kind::Vpc, "vpc-1"), Key::new(Kind::Subnet, "subnet-1")];
        assert!(events.contains(&Event::Left(left.to_vec())), "{events:?}");
        assert_eq!(*remover.done.lock().unwrap(), ["i-1+i-2", "subnet-1", "vpc-1"]);
    }

    #[tokio::test]
    async fn it_ends_at_its_limits() {
        let stuck = || Scripted::failing("subnet-1", vec![RemoveError::InUse; 1000]);
        assert_eq!(run(&stuck(), LIMITS).await.0, Err(TeardownError::OutOfTime));
        assert_eq!(run(&stuck(), Limits { count: 3, ..LIMITS }).await.0, Err(TeardownError::NoProgress));
        let denied = Scripted::failing("subnet-1", vec![RemoveError::Denied("no".to_owned()); 1000]);
        assert_eq!(run(&denied, LIMITS).await.0, Err(TeardownError::Denied("no".to_owned())));
    }
}
