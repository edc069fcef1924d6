//! A state store that has nothing, for two revisions that are compared where the store cannot be reached.

use std::sync::Arc;

use kopsform_state::{Backends, MemoryStore, ObjectStorage, OpenError, StateStore, Store, StoreUrl};

/// Buckets without objects.
struct EmptyBuckets;

impl ObjectStorage for EmptyBuckets {
    fn open(&self, _: &str, _: &str) -> Arc<dyn Store> {
        Arc::new(MemoryStore::new())
    }

    fn open_public(&self, _: &str, _: &str) -> Arc<dyn Store> {
        Arc::new(MemoryStore::new())
    }
}

/// An empty store at a URL: addresses in specs and files are those of the real one.
///
/// # Errors
/// If the URL is malformed.
pub fn empty_store(url: &str) -> Result<StateStore, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::S3 { .. } => StateStore::open(url, Backends { s3: Some(Arc::new(EmptyBuckets)) }),
        url => Ok(StateStore::over(Arc::new(MemoryStore::new()), url)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn it_has_the_address_of_the_real_one_and_no_clusters() {
        for url in ["s3://bucket/prefix", "file:///srv/state"] {
            let state = empty_store(url).unwrap();
            assert_eq!(state.url().to_string(), url);
            assert!(state.cluster_names().await.unwrap().is_empty());
        }
    }
}
