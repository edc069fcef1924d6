//! Writes that belong together.
//!
//! A plan holds each object as it was read and as it will be. [`commit`] takes the cluster's lock, checks that no object changed
//! since, and then writes all of them, each under the condition that it is still as it was read. A crash in between leaves each object
//! old or new as a whole, and running the same command again does the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::{StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;

use super::lock::{self, Holder, LockError};
use super::{CONCURRENCY, Condition, StateStore, Store, StoreError, Stored, Version};
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
            Self::Conflict { .. } => vec!["review the change and run the command again".to_owned()],
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

/// Carries out writes, then deletions. Without any change there is no request, not even for the lock.
///
/// Writes are sent side by side. Objects that are all new are claimed by the first of them, which is written alone: of several
/// commands that make the same objects, one succeeds and the others change nothing.
///
/// # Errors
/// When another process holds the lock, an object changed since it was read, or the store fails. Objects that were written before
/// stay written, and running the command again does the rest.
pub async fn commit(state: &StateStore, cluster: &str, writes: Vec<Write>, holder: &Holder) -> Result<(), CommitError> {
    let (deletions, writes): (Vec<Write>, Vec<Write>) =
        writes.into_iter().filter(Write::is_change).partition(|write| write.after.is_none());
    let all = || writes.iter().chain(&deletions);
    let is_claimed = all().all(|write| write.before.is_none());
    // Of objects that exist, a conflict that is found before the first write leaves everything as it was. Every write has its
    // condition, so one alone needs no other check, and neither does a claim.
    let is_checked = all().count() > 1 && !is_claimed;
    if all().next().is_none() {
        return Ok(());
    }
    let check = async { if is_checked { check_unchanged(all()).await } else { Ok(()) } };
    let (guard, mut check) = futures::join!(lock::acquire(state, cluster, holder), check);
    let guard = guard?;
    if guard.waited() {
        check = check_unchanged(all()).await;
    }
    let outcome = match check {
        Ok(()) => write_all(&writes, &deletions, is_claimed).await,
        Err(error) => Err(error),
    };
    guard.release().await;
    outcome
}

/// The versions of objects that a store has shown.
type Listing<'a> = (&'a Arc<dyn Store>, BTreeMap<String, Version>);

/// Fails if an object is not as it was read.
async fn check_unchanged(writes: impl Iterator<Item = &Write> + Clone) -> Result<(), CommitError> {
    let mut listings: Vec<Listing<'_>> = Vec::new();
    for (store, prefix) in places(writes.clone()) {
        match store.list_versions(&prefix).await {
            Ok(Some(versions)) => listings.push((store, versions)),
            Ok(None) => {}
            // Who may read and write objects may not always list them.
            Err(error) if error.is_denied() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let is_as_read = |write: &Write| {
        let listing = listings.iter().find(|(store, _)| Arc::ptr_eq(store, &write.store));
        listing.is_some_and(|(_, found)| found.get(&write.key) == write.before.as_ref().map(|stored| &stored.version))
    };
    // The rest is read: a listing may write versions in another form than a response with the object.
    futures::stream::iter(writes.filter(|write| !is_as_read(write)))
        .map(|write| async move {
            let now = write.store.read(&write.key).await?;
            if now == write.before { Ok(()) } else { Err(conflict(write, now.as_ref())) }
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await
}

/// The stores of writes, each with the longest prefix that all its keys have.
fn places<'a>(writes: impl Iterator<Item = &'a Write>) -> Vec<(&'a Arc<dyn Store>, String)> {
    let mut places: Vec<(&Arc<dyn Store>, String)> = Vec::new();
    for write in writes {
        match places.iter_mut().find(|(store, _)| Arc::ptr_eq(store, &write.store)) {
            Some((_, prefix)) => {
                let common = prefix.char_indices().zip(write.key.chars()).find(|((_, a), b)| a != b);
                let length = common.map_or(prefix.len().min(write.key.len()), |((at, _), _)| at);
                prefix.truncate(length);
            }
            None => places.push((&write.store, write.key.clone())),
        }
    }
    places
}

async fn write_all(writes: &[Write], deletions: &[Write], is_claimed: bool) -> Result<(), CommitError> {
    let (claim, rest) = writes.split_at(usize::from(is_claimed).min(writes.len()));
    for wave in [claim, rest, deletions] {
        carry_out(wave).await?;
    }
    Ok(())
}

/// Carries out writes side by side. After a failure no further one begins, and those that did are waited for, so that it is known
/// what became of them.
async fn carry_out(writes: &[Write]) -> Result<(), CommitError> {
    let failed = AtomicBool::new(false);
    let outcomes: Vec<Result<(), CommitError>> = futures::stream::iter(writes)
        .map(|write| async {
            if failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let outcome = write.carry_out().await;
            failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
            outcome
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    outcomes.into_iter().collect()
}

impl Write {
    async fn carry_out(&self) -> Result<(), CommitError> {
        let outcome = match (&self.after, &self.before) {
            (Some(bytes), before) => {
                self.store.write(&self.key, bytes, Condition::as_read(before.as_ref())).await.map(|_| ())
            }
            (None, Some(before)) => self.store.delete_unchanged(&self.key, &before.version).await,
            (None, None) => Ok(()),
        };
        match outcome {
            Err(error) if error.is_conflict() => Err(conflict(self, self.store.read(&self.key).await?.as_ref())),
            outcome => Ok(outcome?),
        }
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{MemoryStore, StoreUrl};
    use kopsform_env::Environment;

    const CLUSTER: &str = "demo.example.com";

    struct Fixture {
        store: Arc<MemoryStore>,
        state: StateStore,
    }

    impl Fixture {
        fn new() -> Self {
            let store = Arc::new(MemoryStore::new());
            Self { state: StateStore::over(store.clone(), StoreUrl::Memory(String::new())), store }
        }

        async fn holds(&self, key: &str, text: &str) {
            self.store.write(&format!("{CLUSTER}/{key}"), text.as_bytes(), Condition::None).await.unwrap();
        }

        /// A write over what the store holds now.
        async fn write(&self, key: &str, after: Option<&str>) -> Write {
            let store = self.state.cluster(CLUSTER).registry().clone();
            let before = store.read(key).await.unwrap();
            let after = after.map(|text| Zeroizing::new(text.as_bytes().to_vec()));
            Write { object: key.to_owned(), store, key: key.to_owned(), private: false, before, after }
        }

        async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
            commit(&self.state, CLUSTER, writes, &Holder::of_process(&Environment::default(), "test")).await
        }

        fn text(&self, key: &str) -> Option<String> {
            Some(String::from_utf8(self.store.contents().remove(&format!("{CLUSTER}/{key}"))?).unwrap())
        }
    }

    #[tokio::test]
    async fn objects_are_written_and_deleted_together() {
        let fixture = Fixture::new();
        fixture.holds("config", "old").await;
        fixture.holds("instancegroup/gone", "old").await;
        let writes = vec![
            fixture.write("instancegroup/gone", None).await,
            fixture.write("config", Some("new")).await,
            fixture.write("instancegroup/added", Some("new")).await,
        ];
        fixture.commit(writes).await.unwrap();
        let found = ["config", "instancegroup/added", "instancegroup/gone"].map(|key| fixture.text(key));
        assert_eq!(found, [Some("new".to_owned()), Some("new".to_owned()), None]);
        assert_eq!(fixture.store.contents().len(), 2, "the lock is released");
    }

    #[tokio::test]
    async fn a_change_by_another_writer_leaves_all_objects_as_they_were() {
        let fixture = Fixture::new();
        for key in ["config", "instancegroup/a", "instancegroup/b"] {
            fixture.holds(key, "old").await;
        }
        for (key, theirs) in [("instancegroup/b", "theirs"), ("instancegroup/new", "theirs")] {
            let mut writes = vec![fixture.write("config", Some("new")).await];
            for key in ["instancegroup/a", "instancegroup/b", "instancegroup/new"] {
                writes.push(fixture.write(key, Some("new")).await);
            }
            fixture.holds(key, theirs).await;
            let error = fixture.commit(writes).await.unwrap_err();
            assert!(matches!(&error, CommitError::Conflict { object, .. } if object == key), "{error}");
            assert_eq!(fixture.text("config").as_deref(), Some("old"));
            assert_eq!(fixture.text("instancegroup/a").as_deref(), Some("old"));
        }
    }

    #[tokio::test]
    async fn new_objects_are_claimed_by_the_first() {
        let fixture = Fixture::new();
        let writes =
            vec![fixture.write("config", Some("ours")).await, fixture.write("instancegroup/nodes", Some("ours")).await];
        fixture.holds("config", "theirs").await;
        assert!(matches!(fixture.commit(writes).await, Err(CommitError::Conflict { .. })));
        assert_eq!(fixture.text("instancegroup/nodes"), None);
    }

    #[tokio::test]
    async fn places_have_the_longest_common_prefix() {
        let fixture = Fixture::new();
        let mut writes = Vec::new();
        for key in ["instancegroup/nodes-a", "instancegroup/nodes-ä", "instancegroup/né"] {
            writes.push(Write { store: fixture.state.store().clone(), ..fixture.write(key, Some("x")).await });
        }
        let prefixes =
            |writes: &[Write]| places(writes.iter()).into_iter().map(|(_, prefix)| prefix).collect::<Vec<_>>();
        assert_eq!(prefixes(&writes[..2]), ["instancegroup/nodes-"]);
        assert_eq!(prefixes(&writes), ["instancegroup/n"]);
    }
}
