//! The state store of a golden test: keysets for tests, and nothing else. It cannot be written.

use std::sync::Arc;

use async_trait::async_trait;

use super::keysets::Stored as Keysets;
use kopsform_pki::{Secret, TOKENS};
use kopsform_state::{
    Action, Backends, Condition, Failure, ObjectStorage, SECRET_STORE, StateStore, Store, StoreError, StoreUrl, Stored,
    Version,
};

use super::GoldenError;

/// The address of the store of a project that names a directory or nothing.
const IN_MEMORY: &str = "memfs://golden";

/// The state store of a project: every cluster in it has the given keysets.
///
/// It has the address that the project names, if that is a bucket, because specs without one of their own get theirs from it.
pub(super) fn open(address: Option<&str>, keysets: Keysets) -> Result<StateStore, GoldenError> {
    let storage =
        |scheme| -> Option<Arc<dyn ObjectStorage>> { Some(Arc::new(Storage { scheme, keysets: keysets.clone() })) };
    let backends = Backends { s3: storage("s3"), gs: storage("gs"), ..Backends::default() };
    match address.map(StoreUrl::parse) {
        Some(Ok(url @ (StoreUrl::S3 { .. } | StoreUrl::Gs { .. }))) => {
            Ok(StateStore::open(&url.to_string(), backends)?)
        }
        Some(Err(error)) => Err(kopsform_state::OpenError::from(error).into()),
        _ => {
            let url = StoreUrl::parse(IN_MEMORY).map_err(kopsform_state::OpenError::from)?;
            Ok(StateStore::over(Arc::new(TestStore { base: IN_MEMORY.to_owned(), keysets }), url))
        }
    }
}

/// Buckets without objects.
struct Storage {
    /// The scheme of their addresses.
    scheme: &'static str,
    keysets: Keysets,
}

impl ObjectStorage for Storage {
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        let base = format!("{}://{bucket}/{prefix}", self.scheme).trim_end_matches('/').to_owned();
        Arc::new(TestStore { base, keysets: self.keysets.clone() })
    }

    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        self.open(bucket, prefix)
    }
}

struct TestStore {
    base: String,
    keysets: Keysets,
}

impl TestStore {
    fn refused(&self, action: Action, key: &str) -> StoreError {
        let reason = "golden tests write nothing to a store".to_owned();
        StoreError::Failed { action, url: self.url(key), kind: Failure::Other, reason, hint: None }
    }
}

#[async_trait]
impl Store for TestStore {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let url = self.url(key);
        let mut parts = url.rsplit('/');
        let (file, directory, above) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
        let version = Version("golden".to_owned());
        if file == Some("keyset.yaml") && above == Some("private") {
            return Ok(self.keysets.get(directory).map(|content| Stored::new(content.clone(), version)));
        }
        if directory == SECRET_STORE && file.is_some_and(|file| TOKENS.contains(&file)) {
            let token = Secret::new(b"for tests only".to_vec());
            return Ok(Some(Stored::new(token.to_stored().to_vec(), version)));
        }
        Ok(None)
    }

    async fn write(&self, key: &str, _bytes: &[u8], _condition: Condition) -> Result<Version, StoreError> {
        Err(self.refused(Action::Write, key))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        Err(self.refused(Action::Delete, key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let url = self.url(prefix);
        if !url.trim_end_matches('/').ends_with(&format!("/{SECRET_STORE}")) {
            return Ok(Vec::new());
        }
        let prefix = match prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(TOKENS.iter().map(|token| format!("{prefix}{token}")).collect())
    }

    fn url(&self, key: &str) -> String {
        format!("{}/{key}", self.base)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn every_cluster_has_the_keysets_and_nothing_is_written() {
        let keysets = Keysets::new([("kubernetes-ca".to_owned(), b"x".to_vec())].into());
        for address in [None, Some("s3://bucket/prefix"), Some("gs://bucket/prefix"), Some("file:///somewhere")] {
            let state = open(address, keysets.clone()).unwrap();
            let read = state.store().read("a.example.com/pki/private/kubernetes-ca/keyset.yaml").await.unwrap();
            assert_eq!(read.unwrap().bytes.as_slice(), b"x");
            assert!(state.store().read("a.example.com/config").await.unwrap().is_none());
            let tokens = state.store().list("a.example.com/secrets/").await.unwrap();
            assert_eq!(tokens.len(), TOKENS.len());
            assert!(state.store().write("k", b"", Condition::None).await.is_err());
        }
    }
}
