//! Everything of one cluster in the state store, as typed objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};

use super::{
    ADDITIONAL_OBJECTS, CONCURRENCY, CONFIG, INSTANCE_GROUPS, KEY_STORE, KEYSETS, OpenError, SECRET_STORE, SSH_KEYS,
    StateStore, Store, StoreError, Stored, Version, decode, instance_group_key, keyset_key, read_all,
};
use kopsform_diagnostics::Explain;
use kopsform_pki::{self as pki, Keyset, Keysets};
use kopsform_spec::decode::ApiObject;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// The label that names the cluster of an instance group.
pub const CLUSTER_LABEL: &str = kopsform_spec::labels::CLUSTER;

/// Why something of a cluster could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spec names a store that cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The cluster does not exist.
    #[error("Cluster.kops.k8s.io {name:?} not found")]
    NoCluster {
        /// The name that was asked for.
        name: String,
        /// Where it was looked for.
        url: String,
    },
    /// An object in the store is malformed.
    #[error("cannot parse {url}: {reason}")]
    Malformed {
        /// The object.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Explain for ReadError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Store(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::NoCluster { url, .. } => {
                vec![format!("nothing is at {url}; `kopsform get clusters` lists what the state store holds")]
            }
            Self::Malformed { .. } => {
                vec!["repair the object, or restore an older version of it; nothing was changed".to_owned()]
            }
        }
    }
}

/// An object with the bytes it was read from.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// The object.
    pub object: T,
    /// What was read, for a conditional write.
    pub stored: Stored,
}

/// Where everything of one cluster lies.
#[derive(Clone)]
pub struct ClusterStore {
    name: String,
    state: StateStore,
    registry: Arc<dyn Store>,
    base: Arc<dyn Store>,
    keys: Arc<dyn Store>,
    secrets: Arc<dyn Store>,
    /// What a listing has shown of the registry.
    listing: Option<Arc<BTreeMap<String, Version>>>,
}

impl ClusterStore {
    /// A cluster's part of a state store, at its usual places below the cluster's name.
    pub(super) fn new(state: &StateStore, name: &str) -> Self {
        let registry = state.below(name);
        Self {
            name: name.to_owned(),
            state: state.clone(),
            base: registry.clone(),
            keys: state.below(&format!("{name}/{KEY_STORE}")),
            secrets: state.below(&format!("{name}/{SECRET_STORE}")),
            registry,
            listing: None,
        }
    }

    /// The same cluster after its registry was listed: specs that are not there are not asked for, and of those that are, only
    /// the ones that this machine has no copy of. One request per 1,000 objects, none where listings do not help or are not allowed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn listed(mut self) -> Result<Self, StoreError> {
        self.listing = match self.registry.list_versions("").await {
            Ok(versions) => versions.map(Arc::new),
            Err(error) if error.is_denied() => None,
            Err(error) => return Err(error),
        };
        Ok(self)
    }

    /// The same cluster with keys, secrets and the rest where its spec says (`keyStore`, `secretStore`, `configBase`).
    ///
    /// In a store of files everything stays in the store: there, those addresses are only where instances read.
    pub fn located(mut self, cluster: &Cluster) -> Result<Self, OpenError> {
        let spec = &cluster.spec;
        let follow = |url: &str| if url.is_empty() { Ok(None) } else { self.state.follow(url) };
        let below = |part: &str| follow(&format!("{}/{part}", spec.config_base.trim_end_matches('/')));
        let (base, keys, secrets) = if spec.config_base.is_empty() {
            (None, None, None)
        } else {
            (follow(&spec.config_base)?, below(KEY_STORE)?, below(SECRET_STORE)?)
        };
        let keys = follow(&spec.key_store)?.or(keys);
        let secrets = follow(&spec.secret_store)?.or(secrets);
        self.base = base.unwrap_or(self.base);
        self.keys = keys.unwrap_or(self.keys);
        self.secrets = secrets.unwrap_or(self.secrets);
        Ok(self)
    }

    /// Reads the cluster's spec and follows it to where the rest lies. One request.
    pub async fn load(state: &StateStore, name: &str) -> Result<(Self, Read<Cluster>), ReadError> {
        let store = state.cluster(name);
        let Some(cluster) = store.cluster().await? else {
            return Err(ReadError::NoCluster { name: name.to_owned(), url: store.registry.url(CONFIG) });
        };
        Ok((store.located(&cluster.object)?, cluster))
    }

    /// The cluster's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state store it is in.
    pub fn state(&self) -> &StateStore {
        &self.state
    }

    /// Where `config`, `instancegroup/…` and `clusteraddons/…` lie.
    pub fn registry(&self) -> &Arc<dyn Store> {
        &self.registry
    }

    /// Where everything lies that is made from the spec.
    pub fn base(&self) -> &Arc<dyn Store> {
        &self.base
    }

    /// Where keysets and SSH keys lie.
    pub fn keys(&self) -> &Arc<dyn Store> {
        &self.keys
    }

    /// Where secrets lie.
    pub fn secret_store(&self) -> &Arc<dyn Store> {
        &self.secrets
    }

    /// The spec as it is stored; `None` when there is no such cluster. A missing `configBase` is filled in with the usual
    /// place, and a missing name with the one it is stored under, as kops does. One request.
    pub async fn cluster(&self) -> Result<Option<Read<Cluster>>, ReadError> {
        let Some(mut read) = self.typed::<Cluster>(CONFIG).await? else { return Ok(None) };
        let cluster = &mut read.object;
        if cluster.metadata.name.is_empty() {
            cluster.metadata.name = self.name.clone();
        }
        if cluster.spec.config_base.is_empty() {
            cluster.spec.config_base = self.state.url().join(&self.name);
        }
        Ok(Some(read))
    }

    /// An instance group; `None` when there is no such group. One request.
    pub async fn instance_group(&self, name: &str) -> Result<Option<Read<InstanceGroup>>, ReadError> {
        let read = self.typed::<InstanceGroup>(&instance_group_key(name)).await?;
        Ok(read.map(|read| self.labelled(read)))
    }

    /// The names of the instance groups, sorted. One request, none after [`Self::listed`].
    pub async fn instance_group_names(&self) -> Result<Vec<String>, ReadError> {
        let keys: Vec<String> = match &self.listing {
            Some(listing) => listing.keys().cloned().collect(),
            None => self.registry.list(INSTANCE_GROUPS).await?,
        };
        Ok(keys.iter().filter_map(|key| key.strip_prefix(INSTANCE_GROUPS)).map(str::to_owned).collect())
    }

    /// All instance groups, sorted by name. One request to list them, then one for each that this machine has no copy of, side by
    /// side.
    pub async fn instance_groups(&self) -> Result<Vec<Read<InstanceGroup>>, ReadError> {
        let shown: Vec<(String, Option<Version>)> = match self.registry.list_versions(INSTANCE_GROUPS).await? {
            Some(versions) => versions.into_iter().map(|(key, version)| (key, Some(version))).collect(),
            None => self.registry.list(INSTANCE_GROUPS).await?.into_iter().map(|key| (key, None)).collect(),
        };
        let groups: Vec<Option<Read<InstanceGroup>>> = futures::stream::iter(&shown)
            .map(async |(key, version)| self.typed_at(key, version.as_ref()).await)
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(groups.into_iter().flatten().map(|read| self.labelled(read)).collect())
    }

    /// The objects that `create -f` stored to be applied to the cluster. One request.
    pub async fn additional_objects(&self) -> Result<Vec<serde_json::Value>, ReadError> {
        let Some(stored) = self.registry.read(ADDITIONAL_OBJECTS).await? else { return Ok(Vec::new()) };
        let url = self.registry.url(ADDITIONAL_OBJECTS);
        let parsed = kopsform_yaml::parse(&url, &String::from_utf8_lossy(&stored.bytes));
        if parsed.report.has_errors() {
            return Err(ReadError::Malformed { url, reason: parsed.report.to_string() });
        }
        let objects = parsed.documents.iter().map(|document| document.root.to_json());
        Ok(objects.filter(|object| !object.is_null()).collect())
    }

    /// A keyset; `None` when there is none, not even under the name older versions of kops used.
    pub async fn keyset(&self, name: &str) -> Result<Option<Read<Keyset>>, ReadError> {
        for candidate in std::iter::once(name).chain(pki::legacy_name(name)) {
            let key = keyset_key(candidate);
            if let Some(stored) = self.keys.read(&key).await? {
                let mut keyset = pki::parse_keyset(name, &stored.bytes)
                    .map_err(|error| ReadError::Malformed { url: self.keys.url(&key), reason: error.to_string() })?;
                keyset.legacy |= candidate != name;
                return Ok(Some(Read { object: keyset, stored }));
            }
        }
        Ok(None)
    }

    /// The keysets of the given names that exist, side by side.
    pub async fn keysets(&self, names: &[String]) -> Result<Keysets, ReadError> {
        let found: Vec<Option<Read<Keyset>>> = futures::stream::iter(names.iter().map(|name| self.keyset(name)))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().map(|read| (read.object.name.clone(), read.object)).collect())
    }

    /// The names of all keysets in the key store, sorted. One request.
    pub async fn keyset_names(&self) -> Result<Vec<String>, ReadError> {
        let keys = self.keys.list(KEYSETS).await?;
        let names = keys.iter().filter_map(|key| key.strip_prefix(KEYSETS)?.strip_suffix("/keyset.yaml"));
        Ok(names.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }

    /// A secret's value; `None` when there is none.
    pub async fn secret(&self, name: &str) -> Result<Option<pki::Secret>, ReadError> {
        let Some(stored) = self.secrets.read(name).await? else { return Ok(None) };
        let secret = pki::Secret::parse(&stored.bytes)
            .map_err(|reason| ReadError::Malformed { url: self.secrets.url(name), reason })?;
        Ok(Some(secret))
    }

    /// The names of all secrets, sorted. One request.
    pub async fn secret_names(&self) -> Result<Vec<String>, ReadError> {
        Ok(self.secrets.list("").await?)
    }

    /// The secrets of the given names that exist, side by side.
    pub async fn secrets(&self, names: &[&str]) -> Result<BTreeMap<String, pki::Secret>, ReadError> {
        let found: Vec<Option<pki::Secret>> = futures::stream::iter(names.iter().map(|name| self.secret(name)))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(names.iter().zip(found).filter_map(|(name, secret)| Some(((*name).to_owned(), secret?))).collect())
    }

    /// The SSH public keys by their MD5 fingerprints, in hex without colons; each as an `authorized_keys` line, trimmed.
    pub async fn ssh_keys(&self) -> Result<BTreeMap<String, String>, ReadError> {
        let keys = self.keys.list(SSH_KEYS).await?;
        let contents = read_all(&**self.keys(), &keys).await?;
        let named = keys.iter().filter_map(|key| key.strip_prefix(SSH_KEYS)).zip(contents);
        Ok(named
            .filter_map(|(name, stored)| {
                Some((name.to_owned(), String::from_utf8_lossy(&stored?.bytes).trim().to_owned()))
            })
            .collect())
    }

    async fn typed<T: ApiObject>(&self, key: &str) -> Result<Option<Read<T>>, ReadError> {
        match &self.listing {
            Some(listing) => match listing.get(key) {
                Some(version) => self.typed_at(key, Some(version)).await,
                None => Ok(None),
            },
            None => self.typed_at(key, None).await,
        }
    }

    /// An object, which a listing may have shown.
    async fn typed_at<T: ApiObject>(&self, key: &str, shown: Option<&Version>) -> Result<Option<Read<T>>, ReadError> {
        let stored = match shown {
            Some(version) => self.registry.read_at(key, version).await?,
            None => self.registry.read(key).await?,
        };
        let Some(stored) = stored else { return Ok(None) };
        let url = self.registry.url(key);
        let object =
            decode(&url, &stored.bytes).map_err(|report| ReadError::Malformed { url, reason: report.to_string() })?;
        Ok(Some(Read { object, stored }))
    }

    fn labelled(&self, mut read: Read<InstanceGroup>) -> Read<InstanceGroup> {
        read.object.metadata.labels.insert(CLUSTER_LABEL.to_owned(), self.name.clone());
        read
    }
}
