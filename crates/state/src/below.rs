//! A part of a store, used as a store of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Condition, Store, StoreError, Stored, Version};

/// The objects of another store whose keys begin with a prefix, under their keys without it.
pub struct Below {
    store: Arc<dyn Store>,
    /// Empty, or ends with a slash.
    prefix: String,
}

impl Below {
    /// What lies below a prefix; an empty one is the whole store.
    pub fn new(store: Arc<dyn Store>, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self { store, prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") } }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

#[async_trait]
impl Store for Below {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.store.read(&self.key(key)).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        self.store.write(&self.key(key), bytes, condition).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(&self.key(key)).await
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        self.store.delete_unchanged(&self.key(key), version).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let keys = self.store.list(&self.key(prefix)).await?;
        Ok(keys.into_iter().filter_map(|key| Some(key.strip_prefix(&self.prefix)?.to_owned())).collect())
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let Some(versions) = self.store.list_versions(&self.key(prefix)).await? else { return Ok(None) };
        let own = versions.into_iter().filter_map(|(key, v)| Some((key.strip_prefix(&self.prefix)?.to_owned(), v)));
        Ok(Some(own.collect()))
    }

    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let listed = self.store.list_versions_after(&self.key(prefix), &self.key(after)).await?;
        let own = |(key, version): (String, Version)| Some((key.strip_prefix(&self.prefix)?.to_owned(), version));
        Ok(listed.map(|versions| versions.into_iter().filter_map(own).collect()))
    }

    async fn read_at(&self, key: &str, version: &Version) -> Result<Option<Stored>, StoreError> {
        self.store.read_at(&self.key(key), version).await
    }

    fn listed_version(&self, key: &str) -> Option<Version> {
        self.store.listed_version(&self.key(key))
    }

    fn prepare_to_write(&self) {
        self.store.prepare_to_write();
    }

    fn url(&self, key: &str) -> String {
        self.store.url(&self.key(key)).trim_end_matches('/').to_owned()
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        let keys: Vec<String> = keys.iter().map(|key| self.key(key)).collect();
        self.store.delete_all(&keys).await
    }
}
