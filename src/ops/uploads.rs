//! Managed files that an update writes itself, where Terraform shall not: `KOPS_FEATURE_FLAGS=-TerraformManagedFiles`.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use zeroize::Zeroizing;

use kopsform_diagnostics::Explain;
use kopsform_model::ManagedFile;
use kopsform_state::{CONCURRENCY, ClusterStore, CommitError, Holder, OpenError, Store, StoreError, Write, commit};

/// Why managed files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The place of a file cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The place of a file cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place of a file is not one that instances can read.
    #[error("managed file {name:?} lies in {base:?}, which instances cannot read")]
    Unreachable {
        /// The file.
        name: String,
        /// Where it lies.
        base: String,
    },
    /// A file that everyone must be able to read lies where that cannot be.
    #[error("managed file {name:?} must be public, and {base:?} holds no public files")]
    Public {
        /// The file.
        name: String,
        /// Where it lies.
        base: String,
    },
    /// The files could not be written, or not all of them.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for UploadError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Public { .. } => {
                vec!["set spec.serviceAccountIssuerDiscovery.discoveryStore to an s3:// address".to_owned()]
            }
            Self::Unreachable { .. } => vec!["set spec.configBase to an s3:// address".to_owned()],
            Self::Commit(error) => error.hints(),
            Self::Open(_) | Self::Store(_) => Vec::new(),
        }
    }
}

/// Writes what differs from what lies there; nothing at all when nothing does.
pub(super) async fn write(store: &ClusterStore, files: &[ManagedFile], holder: &Holder) -> Result<(), UploadError> {
    let writes: Vec<Write> = stream::iter(files)
        .map(|file| async move {
            let place = place(store, file)?;
            let before = place.read(&file.key).await?;
            let after = Some(Zeroizing::new(file.content.clone().into_bytes()));
            let (object, key) = (file.name.to_string(), file.key.clone());
            Ok::<_, UploadError>(Write { object, store: place, key, private: false, before, after })
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(commit(store.state(), store.name(), writes, holder).await?)
}

fn place(store: &ClusterStore, file: &ManagedFile) -> Result<Arc<dyn Store>, UploadError> {
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
    async fn what_cannot_be_put_where_it_belongs_is_refused() {
        assert_eq!(
            refused(true).await,
            "managed file \"keys.json\" must be public, and \"memfs://tests/state/a\" holds no public files"
        );
        assert!(refused(false).await.contains("which instances cannot read"));
    }
}
