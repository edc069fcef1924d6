//! A store as it will be once planned writes are made.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{Action, Condition, Failure, Store, StoreError, Stored, Version, Write};

/// What objects will hold, by their addresses; `None` for those that will be deleted.
pub type PlannedContents = BTreeMap<String, Option<Zeroizing<Vec<u8>>>>;

impl Write {
    /// The address of the object and what it will hold.
    pub fn planned(&self) -> (String, Option<Zeroizing<Vec<u8>>>) {
        (self.store.url(&self.key), self.after.clone())
    }
}

/// The version of planned objects.
const PLANNED: &str = "planned";

/// Reads what another store will hold, so that everything that follows from a plan can be checked before its first write. It
/// refuses to write.
pub struct Preview {
    store: Arc<dyn Store>,
    planned: Arc<PlannedContents>,
}

impl Preview {
    /// A store as it will be.
    pub fn new(store: Arc<dyn Store>, planned: Arc<PlannedContents>) -> Self {
        Self { store, planned }
    }

    /// What the address of every object begins with.
    fn root(&self) -> String {
        let (key, mut url) = ("key", self.store.url("key"));
        url.truncate(url.len().saturating_sub(key.len()));
        url
    }

    fn refused(&self, action: Action, key: &str) -> StoreError {
        let reason = "a plan is only checked, not carried out".to_owned();
        StoreError::Failed { action, url: self.url(key), kind: Failure::Other, reason, hint: None }
    }
}

#[async_trait]
impl Store for Preview {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        match self.planned.get(&self.store.url(key)) {
            Some(content) => Ok(content.as_ref().map(|bytes| Stored::new(bytes.to_vec(), Version(PLANNED.to_owned())))),
            None => self.store.read(key).await,
        }
    }

    async fn write(&self, key: &str, _bytes: &[u8], _condition: Condition) -> Result<Version, StoreError> {
        Err(self.refused(Action::Write, key))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        Err(self.refused(Action::Delete, key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = self.store.list(prefix).await?;
        keys.retain(|key| !matches!(self.planned.get(&self.store.url(key)), Some(None)));
        let root = self.root();
        for (url, _) in self.planned.iter().filter(|(_, content)| content.is_some()) {
            if let Some(key) = url.strip_prefix(root.as_str()).filter(|key| key.starts_with(prefix)) {
                keys.push(key.to_owned());
            }
        }
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    /// Of planned objects, a version that no store gives: they are never read from copies.
    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let Some(mut versions) = self.store.list_versions(prefix).await? else { return Ok(None) };
        let root = self.root();
        for (url, content) in self.planned.iter() {
            let Some(key) = url.strip_prefix(root.as_str()).filter(|key| key.starts_with(prefix)) else { continue };
            match content {
                Some(_) => versions.insert(key.to_owned(), Version(PLANNED.to_owned())),
                None => versions.remove(key),
            };
        }
        Ok(Some(versions))
    }

    async fn read_at(&self, key: &str, version: &Version) -> Result<Option<Stored>, StoreError> {
        match self.planned.contains_key(&self.store.url(key)) {
            true => self.read(key).await,
            false => self.store.read_at(key, version).await,
        }
    }

    fn listed_version(&self, key: &str) -> Option<Version> {
        match self.planned.contains_key(&self.store.url(key)) {
            true => None,
            false => self.store.listed_version(key),
        }
    }

    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Backends, StateStore};

    #[tokio::test]
    async fn plans_are_read_as_if_they_were_carried_out() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateStore::open(&format!("file://{}", directory.path().display()), Backends::default()).unwrap();
        for key in ["a/config", "a/instancegroup/gone", "a/instancegroup/kept"] {
            state.store().write(key, b"old", Condition::None).await.unwrap();
        }
        let write = |key: &str, after: Option<&[u8]>| Write {
            object: key.to_owned(),
            store: state.cluster("a").registry().clone(),
            key: key.to_owned(),
            private: false,
            before: None,
            after: after.map(|bytes| Zeroizing::new(bytes.to_vec())),
        };
        let writes = [
            write("config", Some(b"new")),
            write("instancegroup/gone", None),
            write("instancegroup/added", Some(b"new")),
        ];
        let preview = state.preview(writes.iter().map(Write::planned));
        let groups = preview.cluster("a").instance_group_names().await.unwrap();
        assert_eq!(groups, ["added", "kept"]);
        assert_eq!(&preview.store().read("a/config").await.unwrap().unwrap().bytes[..], b"new");
        assert!(preview.store().read("a/instancegroup/gone").await.unwrap().is_none());
        assert!(preview.store().write("a/x", b"", Condition::None).await.is_err());
        assert!(preview.store().delete("a/config").await.is_err());
        assert_eq!(&state.store().read("a/config").await.unwrap().unwrap().bytes[..], b"old");
    }
}
