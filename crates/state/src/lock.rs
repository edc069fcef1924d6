//! The lock on a cluster: which process is writing to it.
//!
//! It is at `.kopsform/<cluster>/lock`, outside the cluster's own prefix, where kops would refuse to delete an object that it
//! does not know. Conditional writes alone keep single objects whole; the lock keeps together those that belong together. kops
//! does not know the lock, so each write stays conditional all the same.
//!
//! A lock ends when its command releases it, when its time is over, or when its process is known to have ended. The clocks of
//! two machines may differ by [`CLOCK_SKEW`].

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, OWN_PREFIX, Process, StateStore, Store, StoreError, Stored, Version};
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};

/// How long the lock of a command holds when the command neither releases nor renews it.
const LEASE: Duration = Duration::from_secs(300);
/// How often a lock is renewed during long work: twice may fail before it ends.
const RENEWAL: Duration = Duration::from_secs(90);
/// How soon a renewal that failed is tried again.
const RETRY_RENEWAL: Duration = Duration::from_secs(10);
/// By how much the clocks of two machines may differ: a lock is expired that much after its end.
const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// The end of a lock that was released where the caller may write but not delete. It is over for every release of this program.
const RELEASED: &str = "1970-01-01T00:00:00Z";
/// How long a command waits for another one to finish.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a command tries to take a lock that seems to be free before its patience counts.
const MIN_ATTEMPTS: usize = 3;
/// How long it sleeps between two reads at first; twice as long each time after.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// How long it sleeps between two reads at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Who holds a lock, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// A random id, which `state unlock --id` takes.
    pub id: String,
    /// The user's account.
    pub owner: String,
    /// The machine's host name.
    pub host: String,
    /// The process on that machine.
    #[serde(flatten)]
    pub process: Process,
    /// What the process does: `replace`, `state lock`.
    pub operation: String,
    /// When it was taken, RFC 3339 in UTC.
    pub since: String,
    /// When it ends at the latest; a lock taken by `state lock` has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Lock {
    fn is_released(&self) -> bool {
        self.until.as_deref() == Some(RELEASED)
    }
}

/// Who wants to write.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The user's account.
    pub owner: String,
    /// The machine's host name.
    pub host: String,
    /// The process.
    pub process: Process,
    /// What it does.
    pub operation: String,
    /// The id of a lock that was taken by `state lock`, under which this writes.
    pub held: Option<String>,
    /// How long to wait for others.
    pub patience: Duration,
}

impl Holder {
    /// This process.
    pub fn of_process(environment: &Environment, operation: &str) -> Self {
        Self {
            owner: environment.get(env::USER).or_else(|| environment.get("LOGNAME")).unwrap_or("unknown").to_owned(),
            host: host_name(environment),
            process: Process::current(),
            operation: operation.to_owned(),
            held: environment.get(env::KOPSFORM_LOCK_ID).map(str::to_owned),
            patience: PATIENCE,
        }
    }
}

fn host_name(environment: &Environment) -> String {
    let of_kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = of_kernel.trim();
    if name.is_empty() { environment.get(env::HOSTNAME).unwrap_or("unknown").to_owned() } else { name.to_owned() }
}

/// Why a lock could not be taken or released.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error(
        "{cluster} is locked by {}@{} ({}, process {}) since {}",
        .lock.owner, .lock.host, .lock.operation, .lock.process.pid, .lock.since
    )]
    Held {
        /// The cluster.
        cluster: String,
        /// Who holds it.
        lock: Box<Lock>,
    },
    /// There is no lock to release.
    #[error("{cluster} is not locked")]
    NotHeld {
        /// The cluster.
        cluster: String,
    },
    /// The lock has another id than the one given.
    #[error("the lock on {cluster} has the id {found}, not {named}")]
    OtherId {
        /// The cluster.
        cluster: String,
        /// The id it has.
        found: String,
        /// The id that was given.
        named: String,
    },
    /// The store says that the lock exists or changed whenever it is written, but has none to read.
    #[error("cannot lock {cluster}: the store refuses to write {url} as if it existed, and finds nothing there")]
    Contradictory {
        /// The cluster.
        cluster: String,
        /// The lock.
        url: String,
    },
    /// It was held, and no longer is.
    #[error("stopped: {reason}")]
    Lost {
        /// What happened to it.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lock in the store is malformed.
    #[error("cannot parse the lock at {url}")]
    Malformed {
        /// Where it lies.
        url: String,
    },
}

impl Explain for LockError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Held { cluster, lock } => vec![
                format!(
                    "wait until it is done, or, if that process has ended: kopsform state unlock --name {cluster} --id {}",
                    lock.id
                ),
                format!("to work under this lock yourself, set KOPSFORM_LOCK_ID={}", lock.id),
            ],
            Self::OtherId { .. } => vec!["`kopsform state show` shows who holds it now".to_owned()],
            Self::Contradictory { .. } => {
                vec!["check the proxy or server between this machine and the store: it answers conditional writes wrongly".to_owned()]
            }
            Self::Lost { .. } => vec!["run the command again: it continues with what is left".to_owned()],
            Self::Store(error) => error.hints(),
            Self::NotHeld { .. } => Vec::new(),
            Self::Malformed { url } => vec![format!("delete {url} if no command is running")],
        }
    }
}

/// A lock that is held until it is released.
pub struct Guard {
    store: Arc<dyn Store>,
    key: String,
    /// The lock, and its version in the store; none under a lock of `state lock`, or where locks cannot be written.
    held: Option<(Lock, Version)>,
    /// Whether another command held the lock first.
    waited: bool,
    /// How often it is renewed.
    renewal: Duration,
    /// Whether a renewal may have been written whose version is not known.
    renewing: bool,
}

impl Guard {
    /// Works under the lock for as long as it takes: the lock is renewed meanwhile. If another process has broken it, or it has
    /// ended because the store could not be reached, `lost` is called once with the reason; the work should then stop at its
    /// next safe point.
    pub async fn during<T>(&mut self, lost: impl FnOnce(String), work: impl Future<Output = T>) -> T {
        let work = pin!(work);
        let renewal = pin!(async {
            lost(self.renew_until_lost().await);
            std::future::pending::<T>().await
        });
        select(work, renewal).await.factor_first().0
    }

    /// See [`locked`].
    async fn held_during<T>(mut self, wanted: &Holder, work: impl AsyncFnOnce(&Holder) -> T) -> Result<T, LockError> {
        let holder = self.holder(wanted);
        let (lose, lost) = oneshot::channel();
        let lost = async {
            match lost.await {
                Ok(reason) => reason,
                Err(oneshot::Canceled) => std::future::pending().await,
            }
        };
        let work = async {
            match select(pin!(work(&holder)), pin!(lost)).await {
                Either::Left((done, _)) => Ok(done),
                Either::Right((reason, _)) => Err(LockError::Lost { reason }),
            }
        };
        let outcome = self.during(|reason| drop(lose.send(reason)), work).await;
        self.release().await;
        outcome
    }

    /// The holder of the lock, for writes while it is held.
    fn holder(&self, wanted: &Holder) -> Holder {
        match &self.held {
            Some((lock, _)) => Holder { held: Some(lock.id.clone()), ..wanted.clone() },
            None => wanted.clone(),
        }
    }

    /// Renews the lock again and again; returns why it is lost.
    async fn renew_until_lost(&mut self) -> String {
        let Some((mut lock, mut version)) = self.held.clone() else { return std::future::pending().await };
        let mut pause = self.renewal;
        loop {
            tokio::time::sleep(pause).await;
            let end = lock.until.clone();
            lock.until = end_of_lease(Timestamp::now());
            self.renewing = true;
            match self.renew(&lock, &version).await {
                Ok(renewed) => {
                    version = renewed;
                    self.held = Some((lock.clone(), version.clone()));
                    self.renewing = false;
                    pause = self.renewal;
                }
                Err(error) if error.is_conflict() => {
                    self.held = None;
                    return format!("the lock {} was broken or taken over by another process", lock.id);
                }
                Err(error) => {
                    lock.until = end;
                    if has_passed(&lock, Timestamp::now()) {
                        return format!("the lock {} ended, because it could not be renewed: {error}", lock.id);
                    }
                    tracing::warn!(target: "kopsform::store", "the lock could not be renewed yet: {error}");
                    pause = RETRY_RENEWAL.min(self.renewal);
                }
            }
        }
    }

    /// Writes the lock with its new end. An answer may be lost on the way: then the store already has what is written.
    async fn renew(&self, lock: &Lock, version: &Version) -> Result<Version, StoreError> {
        let text = encode(&*self.store, &self.key, lock)?;
        match self.store.write(&self.key, &text, Condition::Unchanged(version.clone())).await {
            Err(error) if error.is_conflict() => match self.store.read(&self.key).await? {
                Some(stored) if id_of(&stored).as_deref() == Some(lock.id.as_str()) => {
                    self.store.write(&self.key, &text, Condition::Unchanged(stored.version)).await
                }
                _ => Err(error),
            },
            outcome => outcome,
        }
    }

    /// Whether another command held the lock first: what was read before may have changed.
    pub fn waited(&self) -> bool {
        self.waited
    }

    /// Releases the lock. A lock that another process took over meanwhile is left alone.
    ///
    /// What was written under the lock is done, so a lock that cannot be released is a warning and not an error: it ends by itself.
    pub async fn release(self) {
        let Some((lock, version)) = self.held else { return };
        let version = match self.renewing {
            true => match self.store.read(&self.key).await {
                Ok(Some(stored)) if id_of(&stored).as_deref() == Some(lock.id.as_str()) => stored.version,
                _ => version,
            },
            false => version,
        };
        if let Err(error) = remove(&*self.store, &self.key, &lock, &version).await {
            let until = lock.until.as_deref().unwrap_or_default();
            tracing::warn!(target: "kopsform::store", "the lock could not be released and ends at {until}: {error}");
        }
    }
}

/// Deletes a lock of a version, or marks it as released where the caller may write but not delete, as CI roles of buckets that
/// keep every version may. A conflict means that the lock is another one by now, and is not an error.
async fn remove(store: &dyn Store, key: &str, lock: &Lock, version: &Version) -> Result<(), StoreError> {
    let outcome = match store.delete_unchanged(key, version).await {
        Err(error) if error.is_denied() => {
            let released = Lock { until: Some(RELEASED.to_owned()), ..lock.clone() };
            let text = encode(store, key, &released)?;
            store.write(key, &text, Condition::Unchanged(version.clone())).await.map(|_| ())
        }
        outcome => outcome,
    };
    match outcome {
        Err(error) if !error.is_conflict() => Err(error),
        _ => Ok(()),
    }
}

/// Where the lock on a cluster is.
pub fn lock_key(cluster: &str) -> String {
    format!("{OWN_PREFIX}/{cluster}/lock")
}

/// The lock on a cluster, if there is one that was not released.
///
/// # Errors
/// When the store fails, or the lock cannot be understood.
pub async fn current_lock(state: &StateStore, cluster: &str) -> Result<Option<Lock>, LockError> {
    Ok(read_lock(state, cluster).await?.map(|(lock, _)| lock).filter(|lock| !lock.is_released()))
}

async fn read_lock(state: &StateStore, cluster: &str) -> Result<Option<(Lock, Stored)>, LockError> {
    let key = lock_key(cluster);
    let Some(stored) = state.store().read(&key).await? else { return Ok(None) };
    match serde_json::from_slice(&stored.bytes) {
        Ok(lock) => Ok(Some((lock, stored))),
        Err(_) => Err(LockError::Malformed { url: state.store().url(&key) }),
    }
}

/// Takes the lock for a command, waiting a little for others. A lock that is over, or whose process has ended, is taken over.
///
/// Where the caller may not write locks, there is none: its writes are conditional still.
///
/// # Errors
/// [`LockError::Held`] when another one still holds it after the holder's patience; when the store fails.
pub async fn acquire(state: &StateStore, cluster: &str, holder: &Holder) -> Result<Guard, LockError> {
    let (store, key) = (state.store(), lock_key(cluster));
    let guard = |held, waited| Guard {
        store: store.clone(),
        key: key.clone(),
        held,
        waited,
        renewal: RENEWAL,
        renewing: false,
    };
    let mut waited = false;
    let began = std::time::Instant::now();
    let (mut pause, mut attempts) = (SHORTEST_PAUSE, 0);
    // Most often no one holds it, so the first request is the one that takes it.
    let mut condition = holder.held.is_none().then_some(Condition::Absent);
    loop {
        if let Some(condition) = condition.take() {
            attempts += 1;
            match write_lock(state, cluster, holder, Some(LEASE), condition).await {
                Ok(held) => return Ok(guard(Some(held), waited)),
                Err(error) if error.is_conflict() => waited = true,
                Err(error) if error.is_denied() => return Ok(guard(None, waited)),
                Err(error) => return Err(error.into()),
            }
        }
        let current = match read_lock(state, cluster).await {
            Err(LockError::Store(error)) if error.is_denied() => return Ok(guard(None, waited)),
            current => current?,
        };
        let is_patience_over = began.elapsed() >= holder.patience;
        condition = match current {
            None if attempts >= MIN_ATTEMPTS && is_patience_over => {
                let url = state.store().url(&lock_key(cluster));
                return Err(LockError::Contradictory { cluster: cluster.to_owned(), url });
            }
            None => Some(Condition::Absent),
            Some((lock, _)) if holder.held.as_deref() == Some(&lock.id) => return Ok(guard(None, waited)),
            Some((lock, stored))
                if (attempts < MIN_ATTEMPTS || !is_patience_over) && is_over(&lock, holder, Timestamp::now()) =>
            {
                Some(Condition::Unchanged(stored.version))
            }
            Some((lock, _)) if is_patience_over => {
                return Err(LockError::Held { cluster: cluster.to_owned(), lock: Box::new(lock) });
            }
            Some(_) => None,
        };
        if condition.is_none() || attempts >= MIN_ATTEMPTS {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Works under the lock, for as long as it takes. `work` gets the holder that writes meanwhile.
///
/// # Errors
/// Those of [`acquire`]; [`LockError::Lost`] when another process has broken the lock, or it could not be renewed: then the work ends
/// at the next request it waits for.
pub async fn locked<T>(
    state: &StateStore,
    cluster: &str,
    holder: &Holder,
    work: impl AsyncFnOnce(&Holder) -> T,
) -> Result<T, LockError> {
    acquire(state, cluster, holder).await?.held_during(holder, work).await
}

/// Removes the lock of a command that was killed. Any other lock stays. A failure does not matter: the next command that writes takes
/// the lock over.
pub async fn remove_abandoned_lock(state: &StateStore, cluster: &str, holder: &Holder) {
    let is_abandoned = |lock: &Lock| is_over(lock, holder, Timestamp::now());
    if let Ok(Some(lock)) = current_lock(state, cluster).await
        && is_abandoned(&lock)
        && let Ok(guard) = acquire(state, cluster, holder).await
    {
        guard.release().await;
    }
}

/// Takes the lock until `state unlock`.
///
/// # Errors
/// [`LockError::Held`] when another one holds it; when the store fails.
pub async fn lock_by_hand(state: &StateStore, cluster: &str, holder: &Holder) -> Result<Lock, LockError> {
    let error = match write_lock(state, cluster, holder, None, Condition::Absent).await {
        Ok((lock, _)) => return Ok(lock),
        Err(error) if error.is_conflict() => error,
        Err(error) => return Err(error.into()),
    };
    match read_lock(state, cluster).await? {
        Some((lock, stored)) if is_over(&lock, holder, Timestamp::now()) => {
            let condition = Condition::Unchanged(stored.version);
            Ok(write_lock(state, cluster, holder, None, condition).await?.0)
        }
        Some((lock, _)) => Err(LockError::Held { cluster: cluster.to_owned(), lock: Box::new(lock) }),
        None => Err(error.into()),
    }
}

/// Releases, or breaks, the lock of the given id.
///
/// # Errors
/// When there is no lock, it has another id, or the store fails.
pub async fn unlock_by_hand(state: &StateStore, cluster: &str, id: &str) -> Result<Lock, LockError> {
    let Some((lock, stored)) = read_lock(state, cluster).await?.filter(|(lock, _)| !lock.is_released()) else {
        return Err(LockError::NotHeld { cluster: cluster.to_owned() });
    };
    if lock.id != id {
        return Err(LockError::OtherId { cluster: cluster.to_owned(), found: lock.id, named: id.to_owned() });
    }
    remove(&**state.store(), &lock_key(cluster), &lock, &stored.version).await?;
    Ok(lock)
}

fn encode(store: &dyn Store, key: &str, lock: &Lock) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec_pretty(lock).map_err(|error| not_made(store, key, error))
}

/// The error of a lock that could not be written because it could not be made.
fn not_made(store: &dyn Store, key: &str, reason: impl ToString) -> StoreError {
    StoreError::Failed {
        action: super::Action::Write,
        url: store.url(key),
        kind: super::Failure::Other,
        reason: reason.to_string(),
        hint: None,
    }
}

async fn write_lock(
    state: &StateStore,
    cluster: &str,
    holder: &Holder,
    lease: Option<Duration>,
    condition: Condition,
) -> Result<(Lock, Version), StoreError> {
    let key = lock_key(cluster);
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(|error| not_made(&**state.store(), &key, error))?;
    let since = Timestamp::now();
    let lock = Lock {
        id: random.iter().map(|byte| format!("{byte:02x}")).collect(),
        owner: holder.owner.clone(),
        host: holder.host.clone(),
        process: holder.process.clone(),
        operation: holder.operation.clone(),
        since: seconds(since),
        until: lease.and_then(|lease| since.checked_add(lease).ok()).map(seconds),
    };
    let text = encode(&**state.store(), &key, &lock)?;
    let version = state.store().write(&key, &text, condition).await?;
    Ok((lock, version))
}

/// Whether no one can be working under a lock any more.
fn is_over(lock: &Lock, holder: &Holder, now: Timestamp) -> bool {
    let Some(until) = &lock.until else { return false };
    // A time that cannot be read is one that has not come: such a lock is broken by `state unlock`.
    let end = until.parse::<Timestamp>().ok().and_then(|until| until.checked_add(CLOCK_SKEW).ok());
    end.is_some_and(|end| end < now) || lock.process.has_ended(&holder.process)
}

/// The end of a lease that begins now.
fn end_of_lease(now: Timestamp) -> Option<String> {
    now.checked_add(LEASE).ok().map(seconds)
}

/// Whether a lock's own time is over, by this machine's clock.
fn has_passed(lock: &Lock, now: Timestamp) -> bool {
    lock.until.as_ref().and_then(|until| until.parse::<Timestamp>().ok()).is_some_and(|until| until < now)
}

/// The id of a stored lock.
fn id_of(stored: &Stored) -> Option<String> {
    serde_json::from_slice::<Lock>(&stored.bytes).ok().map(|lock| lock.id)
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use async_trait::async_trait;

    use super::*;
    use crate::{Action, Failure, MemoryStore, StoreUrl};

    const CLUSTER: &str = "demo.example.com";

    /// A store in which some actions on locks are refused.
    #[derive(Default)]
    struct Refusing {
        inner: MemoryStore,
        deletions: bool,
        /// Every conditional write is answered as if something else were there.
        conditions: bool,
    }

    #[async_trait]
    impl Store for Refusing {
        async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
            self.inner.read(key).await
        }

        async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
            if self.conditions && condition != Condition::None {
                return Err(StoreError::Conflict { url: self.url(key) });
            }
            self.inner.write(key, bytes, condition).await
        }

        async fn delete(&self, key: &str) -> Result<(), StoreError> {
            if self.deletions {
                let (url, reason) = (self.url(key), "Access Denied".to_owned());
                return Err(StoreError::Failed {
                    action: Action::Delete,
                    url,
                    kind: Failure::Denied,
                    reason,
                    hint: None,
                });
            }
            self.inner.delete(key).await
        }

        async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
            self.inner.list(prefix).await
        }

        fn url(&self, key: &str) -> String {
            self.inner.url(key)
        }
    }

    fn state(store: Refusing) -> StateStore {
        StateStore::over(Arc::new(store), StoreUrl::Memory(String::new()))
    }

    fn holder() -> Holder {
        Holder { patience: Duration::ZERO, ..Holder::of_process(&Environment::default(), "test") }
    }

    fn lock(until: Option<&str>) -> Lock {
        Lock {
            id: "1".to_owned(),
            owner: "jane".to_owned(),
            host: "elsewhere".to_owned(),
            process: Process { pid: 1, ..Process::default() },
            operation: "replace".to_owned(),
            since: "2026-01-02T03:00:00Z".to_owned(),
            until: until.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn a_lock_that_may_not_be_deleted_is_released_by_a_write() {
        let state = state(Refusing { deletions: true, ..Refusing::default() });
        for _ in 0..3 {
            let guard = acquire(&state, CLUSTER, &holder()).await.unwrap();
            assert!(current_lock(&state, CLUSTER).await.unwrap().is_some());
            guard.release().await;
            assert_eq!(current_lock(&state, CLUSTER).await.unwrap(), None);
        }
        let by_hand = lock_by_hand(&state, CLUSTER, &holder()).await.unwrap();
        assert!(matches!(acquire(&state, CLUSTER, &holder()).await, Err(LockError::Held { .. })));
        unlock_by_hand(&state, CLUSTER, &by_hand.id).await.unwrap();
        assert!(matches!(unlock_by_hand(&state, CLUSTER, &by_hand.id).await, Err(LockError::NotHeld { .. })));
        acquire(&state, CLUSTER, &holder()).await.unwrap();
    }

    /// Works for a while under a lock that is renewed often; returns what `lost` was called with.
    async fn work_under(guard: &mut Guard, millis: u64) -> Option<String> {
        guard.renewal = Duration::from_millis(5);
        let mut reason = None;
        guard.during(|lost| reason = Some(lost), tokio::time::sleep(Duration::from_millis(millis))).await;
        reason
    }

    #[tokio::test]
    async fn a_lock_is_renewed_during_work_and_released_after_it() {
        let state = state(Refusing::default());
        let mut guard = acquire(&state, CLUSTER, &holder()).await.unwrap();
        let (lock, first) = guard.held.clone().unwrap();
        assert_eq!(work_under(&mut guard, 60).await, None);
        let (renewed, version) = guard.held.clone().unwrap();
        assert!(version != first, "it was not renewed");
        assert_eq!((&renewed.id, &renewed.since), (&lock.id, &lock.since));
        assert!(matches!(acquire(&state, CLUSTER, &holder()).await, Err(LockError::Held { .. })));
        guard.release().await;
        assert_eq!(current_lock(&state, CLUSTER).await.unwrap(), None);
    }

    #[tokio::test]
    async fn work_learns_that_its_lock_was_broken_and_leaves_the_next_one_alone() {
        let state = state(Refusing::default());
        let mut guard = acquire(&state, CLUSTER, &holder()).await.unwrap();
        let id = guard.held.clone().unwrap().0.id;
        unlock_by_hand(&state, CLUSTER, &id).await.unwrap();
        let next = lock_by_hand(&state, CLUSTER, &holder()).await.unwrap();
        let reason = work_under(&mut guard, 60).await.unwrap();
        assert!(reason.contains(&id) && reason.contains("broken"), "{reason}");
        guard.release().await;
        assert_eq!(current_lock(&state, CLUSTER).await.unwrap(), Some(next));
    }

    #[tokio::test]
    async fn work_under_a_lock_writes_with_it_and_ends_when_it_is_broken() {
        let state = state(Refusing::default());
        let holder = holder();
        let written = locked(&state, CLUSTER, &holder, async |inner: &Holder| {
            assert!(matches!(acquire(&state, CLUSTER, &holder).await, Err(LockError::Held { .. })));
            acquire(&state, CLUSTER, inner).await.unwrap().release().await;
            current_lock(&state, CLUSTER).await.unwrap().is_some()
        });
        assert!(written.await.unwrap(), "a write under the lock does not release it");
        assert_eq!(current_lock(&state, CLUSTER).await.unwrap(), None);

        let mut guard = acquire(&state, CLUSTER, &holder).await.unwrap();
        guard.renewal = Duration::from_millis(5);
        let outcome = guard.held_during(&holder, async |inner: &Holder| {
            unlock_by_hand(&state, CLUSTER, inner.held.as_deref().unwrap()).await.unwrap();
            std::future::pending::<()>().await;
        });
        assert!(matches!(outcome.await, Err(LockError::Lost { .. })));
    }

    #[tokio::test]
    async fn a_renewal_that_was_cut_off_does_not_keep_the_lock() {
        let state = state(Refusing::default());
        let mut guard = acquire(&state, CLUSTER, &holder()).await.unwrap();
        // As if the answer to a renewal had not come before the work ended.
        let (lock, version) = guard.held.clone().unwrap();
        guard.renew(&lock, &version).await.unwrap();
        guard.renewing = true;
        guard.release().await;
        assert_eq!(current_lock(&state, CLUSTER).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_store_that_contradicts_itself_is_not_asked_without_end() {
        let state = state(Refusing { conditions: true, ..Refusing::default() });
        let patience = Duration::from_millis(300);
        let began = std::time::Instant::now();
        let outcome = acquire(&state, CLUSTER, &Holder { patience, ..holder() }).await;
        assert!(matches!(outcome, Err(LockError::Contradictory { .. })));
        assert!((patience..patience * 10).contains(&began.elapsed()));
    }

    #[test]
    fn a_lock_is_over_when_its_end_has_passed_on_every_clock() {
        let over = |until, now: &str| is_over(&lock(until), &holder(), now.parse().unwrap());
        let until = Some("2026-01-02T03:05:00Z");
        assert!(!over(until, "2026-01-02T03:04:59Z"));
        assert!(!over(until, "2026-01-02T03:05:59Z"), "the clocks may differ");
        assert!(over(until, "2026-01-02T03:06:01Z"));
        assert!(over(Some(RELEASED), "2026-01-02T03:00:00Z"));
        assert!(!over(None, "2036-01-02T03:00:00Z"), "a lock taken by hand has no end");
        assert!(!over(Some("soon"), "2036-01-02T03:00:00Z"));
    }

    #[test]
    fn locks_of_earlier_releases_are_read_and_those_releases_read_ours() {
        let earlier = r#"{"id":"27eb0cc8d269","owner":"jane","host":"vm","pid":42,"operation":"replace",
            "since":"2026-01-02T03:00:00Z","until":"2026-01-02T03:05:00Z"}"#;
        let lock: Lock = serde_json::from_str(earlier).unwrap();
        assert_eq!(lock.process, Process { pid: 42, ..Process::default() });
        assert!(!is_over(&lock, &holder(), "2026-01-02T03:01:00Z".parse().unwrap()), "its process may be anywhere");
        let ours = serde_json::to_value(Lock { process: Process::current(), ..lock }).unwrap();
        for field in ["id", "owner", "host", "operation", "since", "until"] {
            assert!(ours[field].is_string(), "{field}");
        }
        assert_eq!(ours["pid"], std::process::id());
    }
}
