//! `delete`: deletes clusters and instance groups from the state store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::support::ownership::{self, OwnershipError};
use super::support::warnings::log_warnings;
use kopsform_diagnostics::Explain;
use kopsform_spec::v1alpha2::{Cluster, EtcdCluster, InstanceGroup};
use kopsform_state::{
    self, CONFIG, ClusterStore, CommitError, Holder, LockError, OpenError, Read, ReadError, StateStore, Store,
    StoreError, Write, commit, instance_group_key, is_known_key, lock_key,
};

/// Why something could not be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A key below the cluster that kops does not know, and that may be the user's.
    #[error("refusing to delete: unknown file found: {0}")]
    UnknownKey(String),
    /// A part of the state is where another cluster has its own.
    #[error("refusing to delete: {0}")]
    Foreign(#[from] OwnershipError),
    #[error("InstanceGroup {0:?} not found")]
    NoGroup(String),
    #[error("cannot delete the only control plane instance group")]
    OnlyControlPlane,
}

impl Explain for DeleteError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::Store(error) => error.hints(),
            Self::Lock(error) => error.hints(),
            Self::Commit(error) => error.hints(),
            Self::Foreign(error) => error.hints(),
            Self::UnknownKey(_) => vec!["nothing was deleted; move the file if it is not needed".to_owned()],
            Self::NoGroup(_) => vec!["`kopsform get instancegroups` lists them".to_owned()],
            Self::OnlyControlPlane => vec!["delete the whole cluster instead".to_owned()],
        }
    }
}

/// The state of a cluster that can be deleted.
pub struct DeletionTarget {
    store: ClusterStore,
    /// Keys to delete with their stores, in the order of deletion.
    parts: Vec<(Arc<dyn Store>, Vec<String>)>,
    /// Resources that are not cleaned up.
    pub warnings: Vec<String>,
}

impl DeletionTarget {
    /// The directories that lose objects, with the number of objects.
    pub fn directories(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for (store, keys) in self.parts.iter().filter(|(_, keys)| !keys.is_empty()) {
            *found.entry(address(&**store)).or_default() += keys.len();
        }
        found
    }
}

/// The address of everything in a store, with a slash at its end.
fn address(store: &dyn Store) -> String {
    format!("{}/", store.url("").trim_end_matches('/'))
}

/// Finds all of a cluster's state.
///
/// # Errors
/// If there are keys that kops does not know, which may be the user's, or some of it is where another cluster has its state.
pub async fn find(state: &StateStore, name: &str) -> Result<DeletionTarget, DeleteError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let spec = &cluster.object.spec;
    let (mut parts, mut warnings) = (Vec::new(), Vec::new());
    if let Err(error) = ownership::check(state, &store, &cluster.object, &mut warnings).await {
        log_warnings(&warnings);
        return Err(error.into());
    }
    let discovery = spec.service_account_issuer_discovery.as_ref();
    if discovery
        .and_then(|discovery| discovery.discovery_service.as_ref())
        .is_some_and(|service| !service.url.is_empty())
    {
        warnings.push("automatic cleanup of discovery service resources not yet implemented".to_owned());
    }
    if let Some(url) = discovery.map(|discovery| discovery.discovery_store.as_str()).filter(|url| !url.is_empty())
        && let Some(documents) = state.follow(url)?
    {
        parts.push((documents, vec!["openid/v1/jwks".to_owned(), ".well-known/openid-configuration".to_owned()]));
    }
    // A store outside the cluster's directory belongs to the cluster as a whole.
    let is_secret = |key: &str| !key.contains('/');
    let is_of_key_store = |key: &str| ["private/", "issued/", "ssh/"].iter().any(|prefix| key.starts_with(prefix));
    if !spec.secret_store.is_empty() {
        let shared = spec.secret_store == spec.key_store;
        let known = |key: &str| is_secret(key) || (shared && is_of_key_store(key));
        parts.push((store.secret_store().clone(), known_keys(&**store.secret_store(), known).await?));
    }
    if !spec.key_store.is_empty() && spec.key_store != spec.secret_store {
        parts.push((store.keys().clone(), known_keys(&**store.keys(), is_of_key_store).await?));
    }
    let base = known_keys(&**store.base(), is_known_key).await?;
    let mut registry = known_keys(&**store.registry(), is_known_key).await?;
    if store.base().url("") != store.registry().url("") {
        parts.push((store.base().clone(), base));
    }
    // The spec is deleted last: until then the cluster exists, so an interrupted deletion can be repeated.
    registry.retain(|key| key != CONFIG);
    parts.push((store.registry().clone(), registry));
    parts.push((store.registry().clone(), vec![CONFIG.to_owned()]));
    Ok(DeletionTarget { store, parts, warnings })
}

/// All keys of a store.
///
/// # Errors
/// If there are others than the known ones.
async fn known_keys(store: &dyn Store, is_known: impl Fn(&str) -> bool) -> Result<Vec<String>, DeleteError> {
    let keys = store.list("").await?;
    match keys.iter().find(|key| !is_known(key)) {
        Some(unknown) => Err(DeleteError::UnknownKey(store.url(unknown))),
        None => Ok(keys),
    }
}

/// Deletes the state, and the journals of the cluster. The caller holds its lock.
///
/// # Errors
/// When the store fails. Running it again continues.
pub async fn unregister(state: &StateStore, target: &DeletionTarget) -> Result<(), DeleteError> {
    for (store, keys) in &target.parts {
        store.delete_all(keys).await?;
    }
    delete_own(state, target.store.name()).await
}

/// Deletes the lock on a cluster that was deleted, if the user took it: it guards nothing any more.
///
/// # Errors
/// When the store fails.
pub async fn remove_lock_by_hand(state: &StateStore, name: &str, holder: &Holder) -> Result<(), DeleteError> {
    if holder.held.is_some() {
        state.store().delete_all(&[lock_key(name)]).await?;
    }
    Ok(())
}

/// Deletes what this program keeps about a cluster besides its state, except for the lock.
async fn delete_own(state: &StateStore, name: &str) -> Result<(), DeleteError> {
    let mut own = state.store().list(&own_prefix(name)).await?;
    own.retain(|key| *key != lock_key(name));
    Ok(state.store().delete_all(&own).await?)
}

fn own_prefix(name: &str) -> String {
    format!("{}/{name}/", kopsform_state::OWN_PREFIX)
}

/// Completes a deletion that was interrupted after the cluster itself was gone: its lock and what this program keeps besides the
/// state are left. Returns whether anything was; not if another process holds the lock, or the cluster exists by now.
///
/// # Errors
/// When the store fails.
pub async fn remove_residues(state: &StateStore, name: &str, holder: &Holder) -> Result<bool, DeleteError> {
    if state.store().list(&own_prefix(name)).await?.is_empty() {
        return Ok(false);
    }
    let holder = Holder { patience: Duration::ZERO, ..holder.clone() };
    let guard = match kopsform_state::acquire(state, name, &holder).await {
        Err(LockError::Held { .. }) => return Ok(false),
        guard => guard?,
    };
    let outcome = async {
        if state.cluster(name).cluster().await?.is_some() {
            return Ok(false);
        }
        delete_own(state, name).await.map(|()| true)
    };
    let outcome = outcome.await;
    guard.release().await;
    outcome
}

/// An instance group that can be deleted.
pub struct GroupDeletionTarget {
    store: ClusterStore,
    pub cluster: Cluster,
    pub group: Read<InstanceGroup>,
}

impl GroupDeletionTarget {
    /// The etcd clusters that still have a member in the group.
    pub fn etcd_members(&self) -> Vec<&str> {
        let name = Some(self.group.object.metadata.name.as_str());
        let etcd = self.cluster.spec.etcd_clusters.iter();
        let has = |etcd: &&EtcdCluster| etcd.etcd_members.iter().any(|m| m.instance_group.as_deref() == name);
        etcd.filter(has).map(|etcd| etcd.name.as_str()).collect()
    }
}

/// Finds an instance group to delete.
///
/// # Errors
/// If it is the last one of the control plane.
pub async fn find_group(state: &StateStore, cluster: &str, name: &str) -> Result<GroupDeletionTarget, DeleteError> {
    let (store, read) = ClusterStore::load(state, cluster).await?;
    let groups = store.instance_groups().await?;
    let control_planes = groups.iter().filter(|group| group.object.is_control_plane()).count();
    let group = groups.into_iter().find(|group| group.object.metadata.name == name);
    let group = group.ok_or_else(|| DeleteError::NoGroup(name.to_owned()))?;
    if group.object.is_control_plane() && control_planes == 1 {
        return Err(DeleteError::OnlyControlPlane);
    }
    Ok(GroupDeletionTarget { store, cluster: read.object, group })
}

/// Deletes an instance group from the store.
pub async fn instance_group(
    state: &StateStore,
    target: GroupDeletionTarget,
    holder: &Holder,
) -> Result<(), DeleteError> {
    let name = &target.group.object.metadata.name;
    let write = Write {
        object: format!("InstanceGroup/{name}"),
        store: target.store.registry().clone(),
        key: instance_group_key(name),
        private: false,
        before: Some(target.group.stored),
        after: None,
    };
    Ok(commit(state, target.store.name(), vec![write], holder).await?)
}
