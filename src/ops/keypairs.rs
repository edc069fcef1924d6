//! `create|promote|distrust|trust keypair`, and the rotation of keysets in stages.
//!
//! A rotation adds a new keypair, which is trusted by all instances once they are replaced, promotes it so that it signs, and
//! distrusts the older ones. After each stage the cluster is updated and its instances are replaced. Each stage depends only on
//! the stored keysets, so repeating one changes nothing.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;

use kopsform_diagnostics::Explain;
use kopsform_pki::{Certificate, KeySource, Keyset, PkiError, PrivateKey, is_rotatable, print_keyset};
use kopsform_state::{
    CONCURRENCY, ClusterStore, CommitError, Holder, Read, ReadError, StateStore, Store as _, Write, commit, keyset_key,
};

/// Why keypairs could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum KeypairError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Pki(#[from] PkiError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The keyset does not support several keypairs.
    #[error("{action} {keyset:?} is not supported")]
    NotRotatable {
        /// `adding keypair to`, `promoting keypairs for`.
        action: &'static str,
        keyset: String,
    },
    #[error("keyset {0:?} not found")]
    NoKeyset(String),
    #[error("the private key does not match the certificate")]
    KeyMismatch,
    #[error("the first keypair added to a keyset must be primary")]
    FirstMustBePrimary,
}

impl Explain for KeypairError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Pki(error) => error.hints(),
            Self::Commit(error) => error.hints(),
            Self::NotRotatable { .. } => vec!["use `all`, `service-account`, or a name with -ca in it".to_owned()],
            Self::NoKeyset(_) => vec!["`kopsform get keypairs` lists the keysets".to_owned()],
            Self::FirstMustBePrimary => vec!["add --primary".to_owned()],
            Self::KeyMismatch => Vec::new(),
        }
    }
}

/// A keypair that a command acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acted {
    pub keyset: String,
    pub id: String,
    /// Whether something changed.
    pub changed: bool,
}

/// What `create keypair` adds.
#[derive(Debug, Default)]
pub struct NewKeypair {
    /// Created if absent.
    pub certificate: Option<Certificate>,
    /// Created if absent, unless a certificate is given.
    pub key: Option<PrivateKey>,
    /// Whether it becomes the primary, which signs.
    pub primary: bool,
}

/// The keysets that a command acts on.
struct Selection {
    store: ClusterStore,
    keysets: Vec<(String, Option<Read<Keyset>>)>,
}

impl Selection {
    /// The named keyset, or every rotatable one for `all`.
    async fn load(state: &StateStore, cluster: &str, keyset: &str) -> Result<Self, KeypairError> {
        let (store, _) = ClusterStore::load(state, cluster).await?;
        let mut names = vec![keyset.to_owned()];
        if keyset == "all" {
            names = store.keyset_names().await?;
            names.retain(|name| is_rotatable(name));
        }
        let keysets = futures::stream::iter(names)
            .map(|name| {
                let store = &store;
                async move { Ok::<_, KeypairError>((name.clone(), store.keyset(&name).await?)) }
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(Self { store, keysets })
    }

    /// As [`Self::load`], but all keysets must exist.
    async fn existing(
        state: &StateStore,
        cluster: &str,
        keyset: &str,
    ) -> Result<(ClusterStore, Vec<Read<Keyset>>), KeypairError> {
        let selection = Self::load(state, cluster, keyset).await?;
        let existing = selection
            .keysets
            .into_iter()
            .map(|(name, read)| read.ok_or(KeypairError::NoKeyset(name)))
            .collect::<Result<_, _>>()?;
        Ok((selection.store, existing))
    }
}

/// The write that stores a changed keyset.
async fn write_of(store: &ClusterStore, keyset: &Keyset, before: Option<&Read<Keyset>>) -> Result<Write, KeypairError> {
    let key = keyset_key(&keyset.name);
    // A keyset at its legacy location is stored at the current one, where nothing is yet.
    let current = match before {
        Some(read) if read.object.legacy => store.keys().read(&key).await.map_err(ReadError::from)?,
        before => before.map(|read| read.stored.clone()),
    };
    Ok(Write {
        object: format!("Keyset/{}", keyset.name),
        store: store.keys().clone(),
        key,
        private: true,
        before: current,
        after: Some(print_keyset(keyset)?),
    })
}

/// Adds a keypair to a keyset, or a new secondary one to all.
pub async fn create(
    state: &StateStore,
    cluster: &str,
    keyset: &str,
    new: NewKeypair,
    source: Arc<dyn KeySource>,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    if !is_rotatable(keyset) {
        return Err(KeypairError::NotRotatable { action: "adding keypair to", keyset: keyset.to_owned() });
    }
    if let (Some(certificate), Some(key)) = (&new.certificate, &new.key)
        && !key.belongs_to(certificate)?
    {
        return Err(KeypairError::KeyMismatch);
    }
    let Selection { store, keysets } = Selection::load(state, cluster, keyset).await?;
    let new = Arc::new(new);
    let added: Vec<(Write, Acted)> = futures::stream::iter(keysets)
        .map(|(name, read)| {
            let (store, new, source) = (&store, new.clone(), source.clone());
            async move {
                if read.is_none() && !new.primary {
                    return Err(KeypairError::FirstMustBePrimary);
                }
                let fresh = || Keyset { name: name.clone(), ..Keyset::default() };
                let keyset = read.as_ref().map_or_else(fresh, |read| read.object.clone());
                let (keyset, id) = kopsform_state::computing(keyset, move |mut keyset| {
                    let id = match &new.certificate {
                        Some(certificate) => keyset.add(certificate, new.key.as_ref(), new.primary, &*source)?,
                        None => keyset.add_generated(new.key.as_ref(), new.primary, &*source)?,
                    };
                    Ok((keyset, id))
                })
                .await?;
                let write = write_of(store, &keyset, read.as_ref()).await?;
                Ok((write, Acted { keyset: name, id, changed: true }))
            }
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    finish(state, cluster, added, holder).await
}

/// Promotes a keypair to primary: the given one, or the newest of one or all keysets.
pub async fn promote(
    state: &StateStore,
    cluster: &str,
    keyset: &str,
    id: Option<&str>,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    if !is_rotatable(keyset) {
        return Err(KeypairError::NotRotatable { action: "promoting keypairs for", keyset: keyset.to_owned() });
    }
    let (store, keysets) = Selection::existing(state, cluster, keyset).await?;
    let mut promoted = Vec::new();
    for read in keysets {
        let mut keyset = read.object.clone();
        let changed = keyset.promote(id)?.is_some();
        let acted = Acted { keyset: keyset.name.clone(), id: keyset.primary_id.clone(), changed };
        promoted.push((write_of(&store, &keyset, Some(&read)).await?, acted));
    }
    finish(state, cluster, promoted, holder).await
}

/// Distrusts keypairs: the given ones, or those older than the primary of one or all keysets.
pub async fn distrust(
    state: &StateStore,
    cluster: &str,
    keyset: &str,
    ids: &[String],
    now: Timestamp,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    let (store, keysets) = Selection::existing(state, cluster, keyset).await?;
    let mut distrusted = Vec::new();
    for read in keysets {
        let mut keyset = read.object.clone();
        let ids = if ids.is_empty() { keyset.older_than_primary()? } else { ids.to_vec() };
        let mut acted = Vec::new();
        for id in ids {
            let changed = keyset.distrust(&id, now)?;
            acted.push(Acted { keyset: keyset.name.clone(), id, changed });
        }
        let write = write_of(&store, &keyset, Some(&read)).await?;
        distrusted.extend(acted.into_iter().map(|acted| (write.clone(), acted)));
    }
    finish(state, cluster, distrusted, holder).await
}

/// Trusts distrusted keypairs.
pub async fn trust(
    state: &StateStore,
    cluster: &str,
    keyset: &str,
    ids: &[String],
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    let (store, keysets) = Selection::existing(state, cluster, keyset).await?;
    let mut trusted = Vec::new();
    for read in keysets {
        let mut keyset = read.object.clone();
        let mut acted = Vec::new();
        for id in ids {
            let changed = keyset.trust(id)?;
            acted.push(Acted { keyset: keyset.name.clone(), id: id.clone(), changed });
        }
        let write = write_of(&store, &keyset, Some(&read)).await?;
        trusted.extend(acted.into_iter().map(|acted| (write.clone(), acted)));
    }
    finish(state, cluster, trusted, holder).await
}

/// Writes the changed keysets, each once.
async fn finish(
    state: &StateStore,
    cluster: &str,
    changes: Vec<(Write, Acted)>,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    let (mut writes, mut acted) = (Vec::<Write>::new(), Vec::new());
    for (write, keypair) in changes {
        if keypair.changed && writes.iter().all(|known| known.key != write.key) {
            writes.push(write);
        }
        acted.push(keypair);
    }
    commit(state, cluster, writes, holder).await?;
    Ok(acted)
}

/// The stage of a keyset's rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Only the primary is trusted; a rotation starts by adding another keypair.
    Settled,
    /// There is a newer keypair that does not sign yet: promote it once every instance trusts it.
    Added,
    /// The newest keypair signs and older ones are still trusted: distrust them once nothing uses them.
    Promoted,
}

/// The stage of a keyset's rotation.
pub fn stage_of(keyset: &Keyset) -> Result<Stage, PkiError> {
    let mut copy = keyset.clone();
    if copy.promote(None)?.is_some() {
        return Ok(Stage::Added);
    }
    Ok(if keyset.older_than_primary()?.is_empty() { Stage::Settled } else { Stage::Promoted })
}

/// The stages of one keyset, or of all that are rotatable.
pub async fn stages(state: &StateStore, cluster: &str, keyset: &str) -> Result<Vec<(String, Stage)>, KeypairError> {
    let (_, keysets) = Selection::existing(state, cluster, keyset).await?;
    keysets.iter().map(|read| Ok((read.object.name.clone(), stage_of(&read.object)?))).collect()
}

/// Adds a keypair to the keysets that have none newer than their primary. Repeating it, for example after a crash, does not add
/// a second one.
pub async fn add_where_settled(
    state: &StateStore,
    cluster: &str,
    keyset: &str,
    source: Arc<dyn KeySource>,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    let stages = stages(state, cluster, keyset).await?;
    let mut acted = Vec::new();
    for (name, stage) in stages {
        if stage == Stage::Settled {
            let added = create(state, cluster, &name, NewKeypair::default(), source.clone(), holder).await?;
            acted.extend(added);
        }
    }
    Ok(acted)
}
