//! Writes that belong together.
//!
//! A plan holds each object as it was read and as it will be. [`commit`] takes the cluster's lock, checks that no object changed
//! since, and then writes one after the other. A crash in between leaves each object old or new as a whole, and running the same
//! command again does the rest.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;

use super::lock::{self, Holder, LockError};
use super::{CONCURRENCY, Condition, StateStore, Store, StoreError, Stored};
use kopsform_compare::changes::{Change, changes_of_text};
use kopsform_diagnostics::Explain;

/// One object's write, or its deletion.
#[derive(Clone)]
pub struct Write {
    /// Its name in messages: `InstanceGroup/nodes`.
    pub object: String,
    /// The store it is in.
    pub store: Arc<dyn Store>,
    /// Its key there.
    pub key: String,
    /// Whether its content is private, so that no message shows it.
    pub private: bool,
    /// As it was read; `None` when there was none.
    pub before: Option<Stored>,
    /// The new content; `None` to delete it.
    pub after: Option<Zeroizing<Vec<u8>>>,
}

impl Write {
    /// Whether it changes anything.
    pub fn is_change(&self) -> bool {
        self.before.as_ref().map(|stored| &stored.bytes[..]) != self.after.as_ref().map(|bytes| &bytes[..])
    }
}

/// Why a plan was not carried out, or only partly.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another process is writing.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An object changed after it was read.
    #[error("{object} has been modified by another writer{}", describe(.changes))]
    Conflict {
        /// The object, `InstanceGroup/nodes`.
        object: String,
        /// What they changed.
        changes: Vec<Change>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for CommitError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Lock(error) => error.hints(),
            Self::Conflict { .. } => {
                vec!["merge their changes into your files and run the command again".to_owned()]
            }
            Self::Store(error) => error.hints(),
        }
    }
}

/// The changes on a line each, or nothing.
fn describe(changes: &[Change]) -> String {
    const SHOWN: usize = 10;
    if changes.is_empty() {
        return String::new();
    }
    let mut text = String::from("; their changes:");
    for change in changes.iter().take(SHOWN) {
        text.push_str(&format!("\n  {change}"));
    }
    if changes.len() > SHOWN {
        text.push_str(&format!("\n  and {} more", changes.len() - SHOWN));
    }
    text
}

/// Carries out writes in their order, then deletions. Without any change there is no request, not even for the lock.
pub async fn commit(state: &StateStore, cluster: &str, writes: Vec<Write>, holder: &Holder) -> Result<(), CommitError> {
    let (deletions, writes): (Vec<Write>, Vec<Write>) =
        writes.into_iter().filter(Write::is_change).partition(|write| write.after.is_none());
    if writes.is_empty() && deletions.is_empty() {
        return Ok(());
    }
    let guard = lock::acquire(state, cluster, holder).await?;
    let outcome = write_all(&writes, &deletions).await;
    guard.release().await;
    outcome
}

async fn write_all(writes: &[Write], deletions: &[Write]) -> Result<(), CommitError> {
    // A conflict that is found before the first write leaves everything as it was.
    futures::stream::iter(writes.iter().chain(deletions))
        .map(|write| async move {
            let now = write.store.read(&write.key).await?;
            if now == write.before { Ok(()) } else { Err(conflict(write, now.as_ref())) }
        })
        .buffered(CONCURRENCY)
        .try_collect::<Vec<()>>()
        .await?;
    for write in writes {
        let Some(bytes) = &write.after else { continue };
        let condition = Condition::as_read(write.before.as_ref());
        match write.store.write(&write.key, bytes, condition).await {
            Ok(_) => {}
            Err(error) if error.is_conflict() => {
                let now = write.store.read(&write.key).await?;
                return Err(conflict(write, now.as_ref()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    for write in deletions {
        let Some(before) = &write.before else { continue };
        match write.store.delete_unchanged(&write.key, &before.version).await {
            Ok(()) => {}
            Err(error) if error.is_conflict() => {
                let now = write.store.read(&write.key).await?;
                return Err(conflict(write, now.as_ref()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What another writer did to an object since it was read.
fn conflict(write: &Write, now: Option<&Stored>) -> CommitError {
    let changes = if write.private {
        Vec::new()
    } else {
        let text = |stored: Option<&Stored>| stored.map(|s| String::from_utf8_lossy(&s.bytes).into_owned());
        changes_of_text(text(write.before.as_ref()).as_deref(), text(now).as_deref())
    };
    CommitError::Conflict { object: write.object.clone(), changes }
}
