//! The journal's store in the simulation.

use async_trait::async_trait;
use kopsform_state::{Condition, Store, StoreError, Stored, Version};

use super::Simulation;

/// The journal's store: a write is a change like any other, before which the process may be killed.
#[async_trait]
impl Store for Simulation {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.store.read(key).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let _ = self.call("journal", true).await;
        self.store.write(key, bytes, condition).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let _ = self.call("journal", true).await;
        self.store.delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(prefix).await
    }

    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }
}
