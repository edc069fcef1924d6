//! Managed files that an update writes itself, where Terraform shall not: `KOPS_FEATURE_FLAGS=-TerraformManagedFiles`.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use zeroize::Zeroizing;

use crate::diagnostics::Explain;
use crate::model::ManagedFile;
use crate::state::{CONCURRENCY, ClusterStore, CommitError, Holder, OpenError, Store, StoreError, Write, commit};

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
    /// A file that everyone must be able to read.
    #[error("managed file {name:?} must be public, and only Terraform makes single files public")]
    Public {
        /// The file.
        name: String,
    },
    /// The files could not be written, or not all of them.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for UploadError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Public { .. } => {
                vec!["make the bucket public, or leave -TerraformManagedFiles out of KOPS_FEATURE_FLAGS".to_owned()]
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
            let (object, key) = (file.name.clone(), file.key.clone());
            Ok::<_, UploadError>(Write { object, store: place, key, private: false, before, after })
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    Ok(commit(store.state(), store.name(), writes, holder).await?)
}

fn place(store: &ClusterStore, file: &ManagedFile) -> Result<Arc<dyn Store>, UploadError> {
    if file.public {
        return Err(UploadError::Public { name: file.name.clone() });
    }
    let unreachable = || UploadError::Unreachable { name: file.name.clone(), base: file.base.clone() };
    store.state().follow(&file.base)?.ok_or_else(unreachable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::env::Environment;
    use crate::state::{MemoryStore, StateStore, StoreUrl};

    fn store() -> ClusterStore {
        let url = StoreUrl::parse("memfs://tests/state").unwrap();
        StateStore::over(Arc::new(MemoryStore::new()), url).cluster("a.example.com")
    }

    async fn refused(public: bool) -> String {
        let file = ManagedFile {
            name: "keys.json".to_owned(),
            base: "memfs://tests/state/a".to_owned(),
            key: "k".to_owned(),
            content: String::new(),
            public,
        };
        let holder = Holder::of_process(&Environment::default(), "test");
        write(&store(), &[file], &holder).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn what_cannot_be_put_where_it_belongs_is_refused() {
        assert_eq!(
            refused(true).await,
            "managed file \"keys.json\" must be public, and only Terraform makes single files public"
        );
        assert!(refused(false).await.contains("which instances cannot read"));
    }
}
