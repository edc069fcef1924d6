//! Opens what `--state` names.

use std::sync::Arc;

use super::{ClusterStore, FileStore, Folder, MemoryStore, Store, StoreError, StoreUrl, StoreUrlError};
use crate::diagnostics::Explain;
use crate::env::Environment;

/// Why a state store cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The address is missing or malformed.
    #[error(transparent)]
    Url(#[from] StoreUrlError),
    /// This program was built without what it takes to read the address.
    #[error("{0} cannot be read: this program was built without AWS support")]
    NotBuilt(String),
}

impl Explain for OpenError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Url(error) => error.hints(),
            Self::NotBuilt(_) => vec!["build it with the feature `aws`, or use a file:// store".to_owned()],
        }
    }
}

/// The store at an address, without asking it anything yet.
pub fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Store>, OpenError> {
    Ok(StateStore::open(url, environment)?.store)
}

/// A state store: the clusters in it, and how further stores that their specs name are reached.
#[derive(Clone)]
pub struct StateStore {
    url: StoreUrl,
    store: Arc<dyn Store>,
    opener: Opener,
}

/// How the addresses in a cluster's spec are opened.
#[derive(Clone)]
enum Opener {
    /// They are not: everything of a cluster lies in the state store itself. What a spec of such a cluster names is where its
    /// instances will read, not where this program writes.
    Local,
    #[cfg(feature = "aws")]
    S3(Arc<super::S3Access>),
}

impl StateStore {
    /// The state store at an address, without asking it anything yet.
    pub fn open(url: &str, environment: &Environment) -> Result<Self, OpenError> {
        let url = StoreUrl::parse(url)?;
        match &url {
            StoreUrl::File(path) => {
                let store = Arc::new(FileStore::new(path));
                Ok(Self { url, store, opener: Opener::Local })
            }
            StoreUrl::Memory(_) => Ok(Self { url, store: Arc::new(MemoryStore::new()), opener: Opener::Local }),
            #[cfg(feature = "aws")]
            StoreUrl::S3 { bucket, prefix } => {
                let access = super::S3Access::new(environment);
                let store = Arc::new(access.store(bucket, prefix));
                Ok(Self { url, store, opener: Opener::S3(access) })
            }
            #[cfg(not(feature = "aws"))]
            StoreUrl::S3 { .. } => {
                let _ = environment;
                Err(OpenError::NotBuilt(url.to_string()))
            }
        }
    }

    /// A state store over a store that is open already, for tests and wrappers. Everything of a cluster lies in it.
    pub fn over(store: Arc<dyn Store>, url: StoreUrl) -> Self {
        Self { url, store, opener: Opener::Local }
    }

    /// The address, as kops would write it into a spec.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// The store with every cluster's folder in it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Whether clusters can read this store when they boot: only those in a bucket can.
    pub fn is_readable_by_clusters(&self) -> bool {
        matches!(self.url, StoreUrl::S3 { .. })
    }

    /// A cluster's part of the store, at its usual places.
    pub fn cluster(&self, name: &str) -> ClusterStore {
        ClusterStore::new(self, name)
    }

    /// The names of the clusters in the store, sorted: every key that ends in `/config` is one, as kops has it.
    pub async fn cluster_names(&self) -> Result<Vec<String>, StoreError> {
        let keys = self.store.list("").await?;
        Ok(keys.iter().filter_map(|key| key.strip_suffix("/config")).map(str::to_owned).collect())
    }

    /// The store at an address in a cluster's spec; `None` where such addresses are not followed.
    pub fn follow(&self, url: &str) -> Result<Option<Arc<dyn Store>>, OpenError> {
        match &self.opener {
            Opener::Local => Ok(None),
            #[cfg(feature = "aws")]
            Opener::S3(access) => match StoreUrl::parse(url)? {
                StoreUrl::S3 { bucket, prefix } => Ok(Some(Arc::new(access.store(&bucket, &prefix)))),
                StoreUrl::File(path) => Ok(Some(Arc::new(FileStore::new(path)))),
                StoreUrl::Memory(_) => Ok(None),
            },
            #[allow(unreachable_patterns, reason = "which variants exist depends on the features")]
            _ => Err(OpenError::NotBuilt(url.to_owned())),
        }
    }

    /// The store at an address in a cluster's spec, where everyone may read what is written; `None` where that cannot be.
    pub fn follow_public(&self, url: &str) -> Result<Option<Arc<dyn Store>>, OpenError> {
        match (&self.opener, StoreUrl::parse(url)?) {
            #[cfg(feature = "aws")]
            (Opener::S3(access), StoreUrl::S3 { bucket, prefix }) => {
                Ok(Some(Arc::new(access.store(&bucket, &prefix).public())))
            }
            _ => Ok(None),
        }
    }

    /// A folder of this store as a store of its own.
    pub(super) fn folder(&self, name: &str) -> Arc<dyn Store> {
        Arc::new(Folder::new(self.store.clone(), name))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::state::Condition;

    #[tokio::test]
    async fn every_key_that_ends_in_config_is_a_cluster() {
        let state = StateStore::open("memfs://x", &Environment::default()).unwrap();
        for key in
            ["b.example.com/config", "a.example.com/config", "a.example.com/instancegroup/nodes", ".kopsform/a/lock"]
        {
            state.store().write(key, b"", Condition::None).await.unwrap();
        }
        assert_eq!(state.cluster_names().await.unwrap(), ["a.example.com", "b.example.com"]);
    }
}
