//! A cluster's part of a store as one listing shows it, for commands that read most of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Action, Condition, Failure, Store, StoreError, Stored, Version};

/// The directory of etcd's backups: they are many, and no command needs all of them.
const BACKUPS: &str = "backups/";
/// What sorts after every backup: the character after `/`.
const AFTER_BACKUPS: &str = "backups0";
/// The only directory that sorts before the backups.
const BEFORE_BACKUPS: &str = "addons/";

/// A store of which a cluster's objects were listed once: what is not there is not asked for, lists make no request, and each object
/// is read at most once, if this machine has no copy of it. It cannot be written.
pub struct Snapshot {
    store: Arc<dyn Store>,
    /// The cluster's name and a slash.
    root: String,
    versions: BTreeMap<String, Version>,
    reads: Mutex<BTreeMap<String, Option<Stored>>>,
}

impl Snapshot {
    /// Lists a cluster's objects. Two requests per 1,000 objects. `None` where listings are not allowed or show no versions.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(store: Arc<dyn Store>, cluster: &str) -> Result<Option<Self>, StoreError> {
        let root = format!("{cluster}/");
        let (before, after) = (format!("{root}{BEFORE_BACKUPS}"), format!("{root}{AFTER_BACKUPS}"));
        let lists = futures::try_join!(store.list_versions(&before), store.list_versions_after(&root, &after));
        let versions = match lists {
            Ok((Some(mut before), Some(after))) => {
                before.extend(after);
                before
            }
            Ok(_) => return Ok(None),
            Err(error) if error.is_denied() => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Self { store, root, versions, reads: Mutex::default() }))
    }

    /// Whether the listing has all keys that begin with a prefix.
    fn covers(&self, prefix: &str) -> bool {
        let own = prefix.strip_prefix(&self.root).filter(|own| !own.is_empty());
        own.is_some_and(|own| !own.starts_with(BACKUPS) && !BACKUPS.starts_with(own))
    }

    fn listed(&self, prefix: &str) -> BTreeMap<String, Version> {
        let listed = self.versions.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        listed.map(|(key, version)| (key.clone(), version.clone())).collect()
    }

    fn refused(&self, action: Action, key: &str) -> StoreError {
        let reason = "what was listed is only read".to_owned();
        StoreError::Failed { action, url: self.url(key), kind: Failure::Other, reason, hint: None }
    }
}

#[async_trait]
impl Store for Snapshot {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        if !self.covers(key) {
            return self.store.read(key).await;
        }
        let Some(version) = self.versions.get(key) else { return Ok(None) };
        if let Some(read) = self.reads.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(read.clone());
        }
        let read = self.store.read_at(key, version).await?;
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), read.clone());
        Ok(read)
    }

    async fn write(&self, key: &str, _bytes: &[u8], _condition: Condition) -> Result<Version, StoreError> {
        Err(self.refused(Action::Write, key))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        Err(self.refused(Action::Delete, key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        match self.covers(prefix) {
            true => Ok(self.listed(prefix).into_keys().collect()),
            false => self.store.list(prefix).await,
        }
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        match self.covers(prefix) {
            true => Ok(Some(self.listed(prefix))),
            false => self.store.list_versions(prefix).await,
        }
    }

    async fn read_at(&self, key: &str, _version: &Version) -> Result<Option<Stored>, StoreError> {
        self.read(key).await
    }

    fn listed_version(&self, key: &str) -> Option<Version> {
        self.versions.get(key).cloned()
    }

    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{StateStore, StoreUrl};

    /// A store that counts requests.
    struct Counting(crate::MemoryStore, Mutex<Vec<String>>);

    #[async_trait]
    impl Store for Counting {
        async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
            self.1.lock().unwrap().push(format!("read {key}"));
            self.0.read(key).await
        }
        async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
            self.0.write(key, bytes, condition).await
        }
        async fn delete(&self, key: &str) -> Result<(), StoreError> {
            self.0.delete(key).await
        }
        async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
            self.1.lock().unwrap().push(format!("list {prefix}"));
            self.0.list(prefix).await
        }
        async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
            self.1.lock().unwrap().push(format!("list {prefix}"));
            self.0.list_versions(prefix).await
        }
        fn url(&self, key: &str) -> String {
            self.0.url(key)
        }
    }

    #[tokio::test]
    async fn after_one_listing_only_what_exists_is_read_and_only_once() {
        let store = Arc::new(Counting(crate::MemoryStore::new(), Mutex::default()));
        for key in ["a/addons/x", "a/backups/etcd/1", "a/config", "a/instancegroup/nodes", "ab/config"] {
            store.write(key, key.as_bytes(), Condition::None).await.unwrap();
        }
        let state = StateStore::over(store.clone(), StoreUrl::parse("memfs://x").unwrap()).snapshot("a").await.unwrap();
        let listed = std::mem::take(&mut *store.1.lock().unwrap());
        assert_eq!(listed, ["list a/addons/", "list a/"]);
        assert_eq!(state.cluster("a").instance_group_names().await.unwrap(), ["nodes"]);
        for _ in 0..2 {
            assert_eq!(&state.store().read("a/config").await.unwrap().unwrap().bytes[..], b"a/config");
            assert!(state.store().read("a/kops-version.txt").await.unwrap().is_none());
        }
        assert_eq!(*store.1.lock().unwrap(), ["read a/config"]);
        // Backups and other clusters are as they are.
        assert!(state.store().read("a/backups/etcd/1").await.unwrap().is_some());
        assert!(state.store().read("ab/config").await.unwrap().is_some());
        assert_eq!(state.store().list("a/").await.unwrap().len(), 4);
        assert!(state.store().write("a/config", b"", Condition::None).await.is_err());
    }
}
