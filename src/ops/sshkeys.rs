//! SSH public keys of a cluster: `create|get|delete sshpublickey`.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use kopsform_diagnostics::Explain;
use kopsform_pki::{PkiError, ssh_fingerprint};
use kopsform_state::{
    ClusterStore, CommitError, Holder, ReadError, SSH_KEYS, StateStore, Store as _, Write, commit, read_all,
    ssh_key_key,
};

/// Why SSH keys could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum SshKeyError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("error adding SSH public key: {0}")]
    Key(#[from] PkiError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for SshKeyError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Key(error) => error.hints(),
            Self::Commit(error) => error.hints(),
        }
    }
}

/// A stored public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// In hex.
    pub fingerprint: String,
    /// Whether it was written, because it was not stored before.
    pub changed: bool,
}

/// The fingerprint of a public key in hex, which is its key in the store.
pub fn fingerprint(key: &[u8]) -> Result<String, SshKeyError> {
    Ok(ssh_fingerprint(&String::from_utf8_lossy(key))?)
}

/// A public key to store, unchanged, under its fingerprint.
pub struct KeyToAdd {
    /// In hex.
    pub fingerprint: String,
    pub write: Write,
}

/// Plans to store a public key. Nothing is written.
///
/// # Errors
/// If the key is malformed, or the store cannot be read.
pub async fn plan(state: &StateStore, cluster: &str, key: &[u8]) -> Result<KeyToAdd, SshKeyError> {
    let fingerprint = fingerprint(key)?;
    let (usual, place) = (state.cluster(cluster), ssh_key_key(&fingerprint));
    state.store().prepare_to_write();
    // The spec may name another place, and rarely does.
    let (loaded, before) = futures::join!(ClusterStore::load(state, cluster), usual.keys().read(&place));
    let (store, _) = loaded?;
    let before = match store.keys().url(&place) == usual.keys().url(&place) {
        true => before,
        false => store.keys().read(&place).await,
    };
    let before = before.map_err(ReadError::from)?;
    let write = Write {
        object: format!("SSHCredential/{fingerprint}"),
        store: store.keys().clone(),
        key: place,
        private: false,
        before,
        after: Some(Zeroizing::new(key.to_vec())),
    };
    Ok(KeyToAdd { fingerprint, write })
}

/// Stores a public key unchanged, under its fingerprint, unless it is stored already.
pub async fn add(state: &StateStore, cluster: &str, key: &[u8], holder: &Holder) -> Result<Added, SshKeyError> {
    let KeyToAdd { fingerprint, write } = plan(state, cluster, key).await?;
    let changed = write.is_change();
    commit(state, cluster, vec![write], holder).await?;
    Ok(Added { fingerprint, changed })
}

/// The public keys of a cluster by their fingerprint in hex.
pub async fn list(state: &StateStore, cluster: &str) -> Result<BTreeMap<String, String>, SshKeyError> {
    let (store, _) = ClusterStore::load(state, cluster).await?;
    Ok(store.ssh_keys().await?)
}

/// Deletes all keys of a cluster.
pub async fn delete(state: &StateStore, cluster: &str, holder: &Holder) -> Result<(), SshKeyError> {
    let (store, _) = ClusterStore::load(state, cluster).await?;
    let keys = store.keys().list(SSH_KEYS).await.map_err(ReadError::from)?;
    let stored = read_all(&**store.keys(), &keys).await.map_err(ReadError::from)?;
    let writes = keys.into_iter().zip(stored).map(|(key, before)| Write {
        object: format!("SSHCredential/{}", key.trim_start_matches(SSH_KEYS)),
        store: store.keys().clone(),
        key,
        private: false,
        before,
        after: None,
    });
    commit(state, cluster, writes.collect(), holder).await?;
    Ok(())
}
