//! A store in this process's memory, for tests and for trying things out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Condition, Store, StoreError, Stored, Version};

/// Objects in memory; every write makes a new version.
#[derive(Default)]
pub struct MemoryStore {
    objects: Mutex<Objects>,
}

#[derive(Default)]
struct Objects {
    by_key: BTreeMap<String, Stored>,
    writes: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything in it, to compare stores in tests.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        self.lock().by_key.iter().map(|(k, v)| (k.clone(), v.bytes.to_vec())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Objects> {
        // A thread that panicked left whole objects behind: each write is one insertion.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self.lock().by_key.get(key).cloned())
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let mut objects = self.lock();
        let holds = match (&condition, objects.by_key.get(key)) {
            (Condition::None, _) | (Condition::Absent, None) => true,
            (Condition::Unchanged(version), Some(stored)) => *version == stored.version,
            (Condition::Absent, Some(_)) | (Condition::Unchanged(_), None) => false,
        };
        if !holds {
            return Err(StoreError::Conflict { url: self.url(key) });
        }
        objects.writes += 1;
        let version = Version(objects.writes.to_string());
        objects.by_key.insert(key.to_owned(), Stored::new(bytes.to_vec(), version.clone()));
        Ok(version)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.lock().by_key.remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.lock().by_key.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let objects = self.lock();
        let found = objects.by_key.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(Some(found.map(|(key, stored)| (key.clone(), stored.version.clone())).collect()))
    }

    fn url(&self, key: &str) -> String {
        format!("memfs:///{key}")
    }
}
