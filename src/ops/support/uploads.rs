//! Writes managed files without Terraform: `KOPS_FEATURE_FLAGS=-TerraformManagedFiles`.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use zeroize::Zeroizing;

use kopsform_diagnostics::Explain;
use kopsform_model::ManagedFile;
use kopsform_state::{CONCURRENCY, ClusterStore, CommitError, Holder, OpenError, Store, StoreError, Write, commit};

/// Why managed files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("managed file {name:?} is in {base:?}, which instances cannot read")]
    Unreachable { name: String, base: String },
    /// A file must be public, and its store does not support that.
    #[error("managed file {name:?} must be public, and {base:?} does not support public files")]
    Public { name: String, base: String },
    /// Not all files could be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for UploadError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Public { .. } => {
                vec!["set spec.serviceAccountIssuerDiscovery.discoveryStore to an s3:// URL".to_owned()]
            }
            Self::Unreachable { .. } => vec!["set spec.configBase to an s3:// URL".to_owned()],
            Self::Commit(error) => error.hints(),
            Self::Open(_) | Self::Store(_) => Vec::new(),
        }
    }
}

/// Writes the files whose content differs.
pub(in crate::ops) async fn write(
    store: &ClusterStore,
    files: &[ManagedFile],
    holder: &Holder,
) -> Result<(), UploadError> {
    let writes = plan(store, files).await?;
    Ok(commit(store.state(), store.name(), writes, holder).await?)
}

/// The writes of the files. Nothing is written.
pub(in crate::ops) async fn plan(store: &ClusterStore, files: &[ManagedFile]) -> Result<Vec<Write>, UploadError> {
    stream::iter(files)
        .map(|file| async move {
            let location = location(store, file)?;
            let before = location.read(&file.key).await?;
            let after = Some(Zeroizing::new(file.content.clone().into_bytes()));
            let (object, key) = (file.name.to_string(), file.key.clone());
            Ok::<_, UploadError>(Write { object, store: location, key, private: false, before, after })
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await
}

pub(in crate::ops) fn location(store: &ClusterStore, file: &ManagedFile) -> Result<Arc<dyn Store>, UploadError> {
    let (name, base) = (file.name.to_string(), file.base.clone());
    if file.public {
        return store.state().follow_public(&file.base)?.ok_or(UploadError::Public { name, base });
    }
    store.state().follow(&file.base)?.ok_or(UploadError::Unreachable { name, base })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_env::Environment;
    use kopsform_state::{MemoryStore, StateStore, StoreUrl};

    fn store() -> ClusterStore {
        let url = StoreUrl::parse("memfs://tests/state").unwrap();
        StateStore::over(Arc::new(MemoryStore::new()), url).cluster("a.example.com")
    }

    async fn refused(public: bool) -> String {
        let file = ManagedFile {
            name: "keys.json".into(),
            base: "memfs://tests/state/a".to_owned(),
            key: "k".to_owned(),
            content: String::new(),
            public,
            ..ManagedFile::default()
        };
        let holder = Holder::of_process(&Environment::default(), "test");
        write(&store(), &[file], &holder).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn files_that_instances_or_the_public_cannot_read_are_refused() {
        assert_eq!(
            refused(true).await,
            "managed file \"keys.json\" must be public, and \"memfs://tests/state/a\" does not support public files"
        );
        assert!(refused(false).await.contains("which instances cannot read"));
    }
}
