//! A state store that has nothing, for two revisions that are compared where the store cannot be reached.

use std::sync::Arc;

use async_trait::async_trait;

use kopsform_state::{
    Action, Backends, Condition, Failure, ObjectStorage, OpenError, StateStore, Store, StoreError, StoreUrl, Stored,
    Version,
};

/// A store without objects, which refuses to write.
struct Empty {
    /// The URL of the store that it stands for, without a slash at its end.
    url: String,
}

impl Empty {
    fn refused(&self, action: Action, key: &str) -> StoreError {
        let reason = "it is compared without the state store".to_owned();
        StoreError::Failed { action, url: self.url(key), kind: Failure::Other, reason, hint: None }
    }
}

#[async_trait]
impl Store for Empty {
    async fn read(&self, _: &str) -> Result<Option<Stored>, StoreError> {
        Ok(None)
    }

    async fn write(&self, key: &str, _: &[u8], _: Condition) -> Result<Version, StoreError> {
        Err(self.refused(Action::Write, key))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        Err(self.refused(Action::Delete, key))
    }

    async fn list(&self, _: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn url(&self, key: &str) -> String {
        format!("{}/{key}", self.url)
    }
}

/// Buckets without objects, with the scheme of their addresses.
struct EmptyBuckets(&'static str);

impl ObjectStorage for EmptyBuckets {
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        let url = format!("{}://{bucket}/{prefix}", self.0);
        Arc::new(Empty { url: url.trim_end_matches('/').to_owned() })
    }

    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        self.open(bucket, prefix)
    }
}

/// An empty store at a URL: addresses in specs and files are those of the real one.
///
/// # Errors
/// If the URL is malformed.
pub fn empty_store(url: &str) -> Result<StateStore, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::S3 { .. } | StoreUrl::Gs { .. } => {
            let buckets = |scheme| Some(Arc::new(EmptyBuckets(scheme)) as Arc<dyn ObjectStorage>);
            StateStore::open(url, Backends { s3: buckets("s3"), gs: buckets("gs"), cache: None })
        }
        parsed => Ok(StateStore::over(Arc::new(Empty { url: url.trim_end_matches('/').to_owned() }), parsed)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn it_has_the_address_of_the_real_one_and_no_clusters() {
        for url in ["s3://bucket/prefix", "gs://bucket/prefix", "file:///srv/state"] {
            let state = empty_store(url).unwrap();
            assert_eq!(state.url().to_string(), url);
            assert!(state.cluster_names().await.unwrap().is_empty());
            assert_eq!(state.store().url("a/config"), format!("{url}/a/config"));
            assert!(state.store().write("a/config", b"", Condition::None).await.is_err());
        }
    }
}
