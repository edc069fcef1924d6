//! Opens what `--state` names.

use std::sync::Arc;

use super::cache::{Cache, Cached};
use super::logged::Logged;
use super::snapshot::Snapshot;
use super::{
    Below, ClusterStore, FileStore, MemoryStore, PlannedContents, Preview, Store, StoreError, StoreUrl, StoreUrlError,
};
use kopsform_diagnostics::Explain;
use zeroize::Zeroizing;

/// Why a state store cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The address is missing or malformed.
    #[error(transparent)]
    Url(#[from] StoreUrlError),
    /// This program was built without what it takes to read the address.
    #[error("{url} cannot be read: this program was built without support for {cloud}")]
    NotBuilt {
        /// The address.
        url: String,
        /// The cloud whose storage it is.
        cloud: &'static str,
        /// The feature of this program that adds it.
        feature: &'static str,
    },
    /// The address is of a store that ends with the process.
    #[error("{0} is kept in memory only: it would be lost when this command ends")]
    InMemory(String),
}

impl Explain for OpenError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Url(error) => error.hints(),
            Self::NotBuilt { feature, .. } => {
                vec![format!("build it with the feature `{feature}`, or use a file:// store")]
            }
            Self::InMemory(_) => vec!["use s3://BUCKET, gs://BUCKET or file:///DIRECTORY".to_owned()],
        }
    }
}

/// Object storage of a cloud, which the crate of that cloud brings: `state` itself knows files and memory only.
pub trait ObjectStorage: Send + Sync {
    /// The store in a bucket, below a prefix without slashes at its ends. Nothing is asked yet.
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store>;

    /// The same, with objects that everyone may read.
    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store>;
}

/// The object storage this program was built with, by scheme.
#[derive(Clone, Default)]
pub struct Backends {
    /// `s3://`.
    pub s3: Option<Arc<dyn ObjectStorage>>,
    /// `gs://`.
    pub gs: Option<Arc<dyn ObjectStorage>>,
    /// Where copies of specs in object storage are kept, if they are.
    pub cache: Option<Cache>,
}

impl Backends {
    /// The store at an address, without asking it anything yet.
    ///
    /// # Errors
    /// When the address has the scheme of a cloud that this program was built without.
    pub fn store(&self, url: &StoreUrl) -> Result<Arc<dyn Store>, OpenError> {
        match url {
            StoreUrl::File(path) => Ok(Arc::new(Logged(FileStore::new(path)))),
            StoreUrl::Memory(_) => Ok(Arc::new(Logged(MemoryStore::new()))),
            StoreUrl::S3 { bucket, prefix } | StoreUrl::Gs { bucket, prefix } => {
                let store = Logged(self.objects(url)?.open(bucket, prefix));
                // Tags of S3 are made from the content. Generations of Cloud Storage are not: those of an emulator begin again
                // with each start.
                let cache = self.cache.clone().filter(|_| matches!(url, StoreUrl::S3 { .. }));
                Ok(Arc::new(Cached::new(store, cache)))
            }
        }
    }

    /// The object storage of an address in a bucket.
    fn objects(&self, url: &StoreUrl) -> Result<&Arc<dyn ObjectStorage>, OpenError> {
        let (storage, cloud, feature) = match url {
            StoreUrl::Gs { .. } => (&self.gs, "Google Cloud", "gce"),
            _ => (&self.s3, "AWS", "aws"),
        };
        storage.as_ref().ok_or_else(|| OpenError::NotBuilt { url: url.to_string(), cloud, feature })
    }
}

/// A state store: the clusters in it, and how further stores that their specs name are reached.
#[derive(Clone)]
pub struct StateStore {
    url: StoreUrl,
    store: Arc<dyn Store>,
    backends: Backends,
    /// Of a preview, what will be written.
    planned: Option<Arc<PlannedContents>>,
}

impl StateStore {
    /// The state store at an address, without asking it anything yet.
    ///
    /// # Errors
    /// When the address is malformed, or this program was built without what it takes to read it.
    pub fn open(url: &str, backends: Backends) -> Result<Self, OpenError> {
        let url = StoreUrl::parse(url)?;
        Ok(Self { store: backends.store(&url)?, url, backends, planned: None })
    }

    /// A state store over a store that is open already, for tests and wrappers. It does not follow other addresses.
    pub fn over(store: Arc<dyn Store>, url: StoreUrl) -> Self {
        Self { url, store, backends: Backends::default(), planned: None }
    }

    /// The state store as it will be once objects hold what is planned for them. It cannot be written.
    #[must_use]
    pub fn preview(&self, planned: impl IntoIterator<Item = (String, Option<Zeroizing<Vec<u8>>>)>) -> Self {
        let planned = Arc::new(planned.into_iter().collect::<PlannedContents>());
        let store: Arc<dyn Store> = Arc::new(Preview::new(self.store.clone(), planned.clone()));
        Self { url: self.url.clone(), store, backends: self.backends.clone(), planned: Some(planned) }
    }

    /// The same state store after a cluster's objects were listed, for commands that read most of them and write none. Two
    /// requests per 1,000 objects; the store itself where listings do not help.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn snapshot(&self, cluster: &str) -> Result<Self, StoreError> {
        let snapshot = Snapshot::of(self.store.clone(), cluster).await?;
        let store = snapshot.map_or_else(|| self.store.clone(), |snapshot| Arc::new(snapshot) as Arc<dyn Store>);
        Ok(Self { store, ..self.clone() })
    }

    /// The address, as kops would write it into a spec.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    /// The store that holds all clusters, each below its name.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The copies on this machine.
    pub(super) fn cache(&self) -> Option<&Cache> {
        self.backends.cache.as_ref()
    }

    /// Whether clusters can read this store when they boot: only those in a bucket can.
    pub fn is_readable_by_clusters(&self) -> bool {
        matches!(self.url, StoreUrl::S3 { .. } | StoreUrl::Gs { .. })
    }

    /// A cluster's part of the store, at its usual places.
    pub fn cluster(&self, name: &str) -> ClusterStore {
        ClusterStore::new(self, name)
    }

    /// The names of the clusters in the store, sorted. As in kops, every key that ends in `/config` is a cluster.
    pub async fn cluster_names(&self) -> Result<Vec<String>, StoreError> {
        let keys = self.store.list("").await?;
        Ok(keys.iter().filter_map(|key| key.strip_suffix("/config")).map(str::to_owned).collect())
    }

    /// The store at an address in a cluster's spec. `None` for a state store of files or in memory: everything of its clusters
    /// is in the state store itself, and their specs name where instances will read.
    pub fn follow(&self, url: &str) -> Result<Option<Arc<dyn Store>>, OpenError> {
        if !self.is_readable_by_clusters() {
            return Ok(None);
        }
        match StoreUrl::parse(url)? {
            StoreUrl::Memory(_) => Ok(None),
            url => {
                if let Some(prefix) = self.prefix_of(&url) {
                    return Ok(Some(self.below(&prefix)));
                }
                let store = self.backends.store(&url)?;
                Ok(Some(match &self.planned {
                    Some(planned) => Arc::new(Preview::new(store, planned.clone())),
                    None => store,
                }))
            }
        }
    }

    /// Where in this store an address is; `None` for those outside.
    fn prefix_of(&self, url: &StoreUrl) -> Option<String> {
        let (own, other) = match (&self.url, url) {
            (StoreUrl::S3 { bucket, prefix }, StoreUrl::S3 { bucket: other, prefix: inner })
            | (StoreUrl::Gs { bucket, prefix }, StoreUrl::Gs { bucket: other, prefix: inner }) => {
                (Some(prefix).filter(|_| bucket == other)?, inner)
            }
            _ => return None,
        };
        let own = own.trim_matches('/');
        let other = other.trim_matches('/');
        if own.is_empty() {
            return Some(other.to_owned());
        }
        Some(other.strip_prefix(own)?.strip_prefix('/')?.to_owned())
    }

    /// The store at an address in a cluster's spec, with objects that everyone may read; `None` where a store has no such
    /// objects.
    pub fn follow_public(&self, url: &str) -> Result<Option<Arc<dyn Store>>, OpenError> {
        let url = StoreUrl::parse(url)?;
        match &url {
            StoreUrl::S3 { bucket, prefix } | StoreUrl::Gs { bucket, prefix } if self.is_readable_by_clusters() => {
                // A program that was built without the storage of the address writes what it can.
                let Ok(storage) = self.backends.objects(&url) else { return Ok(None) };
                Ok(Some(Arc::new(Logged(storage.open_public(bucket, prefix)))))
            }
            _ => Ok(None),
        }
    }

    /// What lies below a prefix of this store, as a store of its own.
    pub(super) fn below(&self, prefix: &str) -> Arc<dyn Store> {
        Arc::new(Below::new(self.store.clone(), prefix))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::Condition;

    #[tokio::test]
    async fn every_key_that_ends_in_config_is_a_cluster() {
        let state = StateStore::open("memfs://x", Backends::default()).unwrap();
        for key in
            ["b.example.com/config", "a.example.com/config", "a.example.com/instancegroup/nodes", ".kopsform/a/lock"]
        {
            state.store().write(key, b"", Condition::None).await.unwrap();
        }
        assert_eq!(state.cluster_names().await.unwrap(), ["a.example.com", "b.example.com"]);
    }
}
