//! The lock on a cluster: who is writing to it now.
//!
//! It lies at `.kopsform/<cluster>/lock`, outside the cluster's own folder, where kops would refuse to delete what it does not
//! know. Conditional writes alone keep single objects whole; the lock keeps together those that belong together. kops knows
//! nothing of it, so each write stays conditional all the same.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Condition, OWN_FOLDER, StateStore, Store, StoreError, Stored, Version};
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};

/// How long the lock of a command holds when the command does not give it back: far longer than a command writes.
const LEASE: Duration = Duration::from_secs(300);
/// How long a command waits for another one to finish.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it sleeps between two looks at first; twice as long each time after.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// How long it sleeps between two looks at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Who holds a lock, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// What `state unlock --id` takes.
    pub id: String,
    /// The person's account.
    pub owner: String,
    /// The machine.
    pub host: String,
    /// The process on that machine.
    pub pid: u32,
    /// What the process does: `replace`, `state lock`.
    pub operation: String,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
    /// Until when at most; a lock taken by hand has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Who wants to write.
#[derive(Debug, Clone)]
pub struct Holder {
    /// What the lock will say, but for the times.
    pub owner: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// What it does.
    pub operation: String,
    /// A lock that was taken by hand before, under which this writes.
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
            pid: std::process::id(),
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

/// Why a lock could not be taken or given back.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Someone else holds it.
    #[error(
        "{cluster} is locked by {}@{} ({}, process {}) since {}",
        .lock.owner, .lock.host, .lock.operation, .lock.pid, .lock.since
    )]
    Held {
        /// The cluster.
        cluster: String,
        /// Who holds it.
        lock: Box<Lock>,
    },
    /// There is no lock to give back.
    #[error("{cluster} is not locked")]
    NotHeld {
        /// The cluster.
        cluster: String,
    },
    /// The lock is another one than was named.
    #[error("the lock on {cluster} has the id {found}, not {named}")]
    OtherId {
        /// The cluster.
        cluster: String,
        /// The id it has.
        found: String,
        /// The id that was given.
        named: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lock in the store cannot be understood.
    #[error("cannot understand the lock at {url}")]
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
                    "wait until it is done, or, if that process is gone: kopsform state unlock --name {cluster} --id {}",
                    lock.id
                ),
                format!("to work under this lock yourself, set KOPSFORM_LOCK_ID={}", lock.id),
            ],
            Self::OtherId { .. } => vec!["`kopsform state show` tells who holds it now".to_owned()],
            Self::Store(error) => error.hints(),
            Self::NotHeld { .. } => Vec::new(),
            Self::Malformed { url } => vec![format!("delete {url} if no command is running")],
        }
    }
}

/// A lock that is held until it is given back.
pub struct Guard {
    store: Arc<dyn Store>,
    key: String,
    /// The lock, and its version in the store; none where the person's lock is used, or locks cannot be written.
    held: Option<(Lock, Version)>,
}

impl Guard {
    /// Gives the lock back. A lock that was broken meanwhile is left alone.
    pub async fn release(self) -> Result<(), StoreError> {
        let Some((_, version)) = self.held else { return Ok(()) };
        match self.store.delete_unchanged(&self.key, &version).await {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }
}

fn lock_key(cluster: &str) -> String {
    format!("{OWN_FOLDER}/{cluster}/lock")
}

/// The lock on a cluster, if there is one.
pub async fn current_lock(state: &StateStore, cluster: &str) -> Result<Option<Lock>, LockError> {
    Ok(read_lock(state, cluster).await?.map(|(lock, _)| lock))
}

async fn read_lock(state: &StateStore, cluster: &str) -> Result<Option<(Lock, Stored)>, LockError> {
    let key = lock_key(cluster);
    let Some(stored) = state.store().read(&key).await? else { return Ok(None) };
    match serde_json::from_slice(&stored.bytes) {
        Ok(lock) => Ok(Some((lock, stored))),
        Err(_) => Err(LockError::Malformed { url: state.store().url(&key) }),
    }
}

/// Takes the lock for a command, waiting a little for others. A lock whose time is over, or whose process on this machine is
/// gone, is taken over.
///
/// Where the caller may not write locks, there is none: its writes are conditional still.
pub async fn acquire(state: &StateStore, cluster: &str, holder: &Holder) -> Result<Guard, LockError> {
    let unlocked = || Guard { store: state.store().clone(), key: lock_key(cluster), held: None };
    let began = std::time::Instant::now();
    let mut pause = SHORTEST_PAUSE;
    // Most often no one holds it, so the first request is the one that takes it.
    let mut condition = holder.held.is_none().then_some(Condition::Absent);
    loop {
        if let Some(condition) = condition.take() {
            match write_lock(state, cluster, holder, Some(LEASE), condition).await {
                Ok(held) => return Ok(Guard { held: Some(held), ..unlocked() }),
                Err(error) if error.is_conflict() => {}
                Err(error) if error.is_denied() => return Ok(unlocked()),
                Err(error) => return Err(error.into()),
            }
        }
        let current = match read_lock(state, cluster).await {
            Err(LockError::Store(error)) if error.is_denied() => return Ok(unlocked()),
            current => current?,
        };
        condition = match current {
            None => Some(Condition::Absent),
            Some((lock, _)) if holder.held.as_deref() == Some(&lock.id) => return Ok(unlocked()),
            Some((lock, stored)) if is_stale(&lock, holder, Timestamp::now()) => {
                Some(Condition::Unchanged(stored.version))
            }
            Some((lock, _)) if began.elapsed() >= holder.patience => {
                return Err(LockError::Held { cluster: cluster.to_owned(), lock: Box::new(lock) });
            }
            Some(_) => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                None
            }
        };
    }
}

/// Takes the lock by hand, until it is given back by hand.
pub async fn lock_by_hand(state: &StateStore, cluster: &str, holder: &Holder) -> Result<Lock, LockError> {
    match write_lock(state, cluster, holder, None, Condition::Absent).await {
        Ok((lock, _)) => Ok(lock),
        Err(error) if error.is_conflict() => match current_lock(state, cluster).await? {
            Some(lock) => Err(LockError::Held { cluster: cluster.to_owned(), lock: Box::new(lock) }),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Gives back, or breaks, the lock of the given id.
pub async fn unlock_by_hand(state: &StateStore, cluster: &str, id: &str) -> Result<Lock, LockError> {
    let Some((lock, stored)) = read_lock(state, cluster).await? else {
        return Err(LockError::NotHeld { cluster: cluster.to_owned() });
    };
    if lock.id != id {
        return Err(LockError::OtherId { cluster: cluster.to_owned(), found: lock.id, named: id.to_owned() });
    }
    state.store().delete_unchanged(&lock_key(cluster), &stored.version).await?;
    Ok(lock)
}

async fn write_lock(
    state: &StateStore,
    cluster: &str,
    holder: &Holder,
    lease: Option<Duration>,
    condition: Condition,
) -> Result<(Lock, Version), StoreError> {
    let key = lock_key(cluster);
    let failed = |reason: String| StoreError::Failed {
        action: super::Action::Write,
        url: state.store().url(&key),
        kind: super::Failure::Other,
        reason,
    };
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(|error| failed(error.to_string()))?;
    let since = Timestamp::now();
    let lock = Lock {
        id: random.iter().map(|byte| format!("{byte:02x}")).collect(),
        owner: holder.owner.clone(),
        host: holder.host.clone(),
        pid: holder.pid,
        operation: holder.operation.clone(),
        since: seconds(since),
        until: lease.and_then(|lease| since.checked_add(lease).ok()).map(seconds),
    };
    let text = serde_json::to_vec_pretty(&lock).map_err(|error| failed(error.to_string()))?;
    let version = state.store().write(&key, &text, condition).await?;
    Ok((lock, version))
}

/// Whether no one can be working under a lock any more.
fn is_stale(lock: &Lock, holder: &Holder, now: Timestamp) -> bool {
    let Some(until) = &lock.until else { return false };
    // A time that cannot be read is one that has not come: the lock is broken by hand then.
    until.parse::<Timestamp>().is_ok_and(|until| until < now)
        || (lock.host == holder.host && lock.pid != holder.pid && is_gone(lock.pid))
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Whether a process of this machine has ended, where the system tells.
fn is_gone(pid: u32) -> bool {
    let processes = std::path::Path::new("/proc");
    processes.join("self").exists() && !processes.join(pid.to_string()).exists()
}
