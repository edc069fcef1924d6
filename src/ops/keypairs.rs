//! `create|promote|distrust|trust keypair`, and the rotation of keysets in stages.
//!
//! A rotation goes: add a new generation that everyone comes to trust, promote it so that it signs, distrust what was before.
//! After each stage the cluster is updated and its instances replaced. Each stage looks at what is there, so repeating one
//! changes nothing.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;

use kopsform_diagnostics::Explain;
use kopsform_pki::{Certificate, KeySource, Keyset, PkiError, PrivateKey, is_rotatable, print_keyset};
use kopsform_state::{
    CONCURRENCY, ClusterStore, CommitError, Holder, Read, ReadError, StateStore, Store as _, Write, commit, keyset_key,
};

/// Why key pairs could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum KeypairError {
    /// What is stored could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keyset does not allow it.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// Writing failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A keyset whose keys cannot be replaced one after the other.
    #[error("{action} {keyset:?} is not supported")]
    NotRotatable {
        /// `adding keypair to`, `promoting keypairs for`.
        action: &'static str,
        /// The keyset.
        keyset: String,
    },
    /// A keyset that is not there.
    #[error("keyset {0:?} not found")]
    NoKeyset(String),
    /// A key and a certificate of different keys.
    #[error("the private key does not belong to the certificate")]
    OtherKey,
    /// A keyset that is to be rotated has no key yet.
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
            Self::NoKeyset(_) => vec!["`kopsform get keypairs` lists what there is".to_owned()],
            Self::FirstMustBePrimary => vec!["add --primary".to_owned()],
            Self::OtherKey => Vec::new(),
        }
    }
}

/// A key pair that a command acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acted {
    /// The keyset.
    pub keyset: String,
    /// The id of the key pair.
    pub id: String,
    /// Whether something changed.
    pub changed: bool,
}

/// What `create keypair` shall add.
#[derive(Debug, Default)]
pub struct NewKeypair {
    /// A certificate a person gives; else one is made.
    pub certificate: Option<Certificate>,
    /// A key a person gives; else one is made, unless a certificate is given.
    pub key: Option<PrivateKey>,
    /// Whether it shall sign at once.
    pub primary: bool,
}

/// The keysets of one cluster that a command is about, each as it was read.
struct Selection {
    store: ClusterStore,
    keysets: Vec<(String, Option<Read<Keyset>>)>,
}

impl Selection {
    /// The keyset of a name, or with `all` every rotatable one there is.
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

    /// The same, when all of them must exist.
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

/// The write that brings a keyset from how it was read to how it is now.
async fn write_of(store: &ClusterStore, keyset: &Keyset, before: Option<&Read<Keyset>>) -> Result<Write, KeypairError> {
    let key = keyset_key(&keyset.name);
    // One found under its old name is stored under the new one, where nothing is yet.
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

/// Adds a key pair to a keyset, or a new secondary one to all.
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
        return Err(KeypairError::OtherKey);
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

/// Makes a key pair the one that signs: the given one, or in one or all keysets the newest that can.
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

/// Distrusts key pairs: the given ones, or in one or all keysets those older than the primary.
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

/// Trusts key pairs again.
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

/// Writes what changed, each keyset once, and gives what was done.
async fn finish(
    state: &StateStore,
    cluster: &str,
    done: Vec<(Write, Acted)>,
    holder: &Holder,
) -> Result<Vec<Acted>, KeypairError> {
    let (mut writes, mut acted) = (Vec::<Write>::new(), Vec::new());
    for (write, what) in done {
        if what.changed && writes.iter().all(|known| known.key != write.key) {
            writes.push(write);
        }
        acted.push(what);
    }
    commit(state, cluster, writes, holder).await?;
    Ok(acted)
}

/// How far the rotation of a keyset has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// One generation is trusted; a rotation begins with adding another.
    Settled,
    /// A newer generation is there and does not sign yet: promote it once every instance trusts it.
    Added,
    /// The newest generation signs, and older ones are trusted still: distrust them once nothing uses them.
    Promoted,
}

/// How far the rotation of a keyset has come.
pub fn stage_of(keyset: &Keyset) -> Result<Stage, PkiError> {
    let mut copy = keyset.clone();
    if copy.promote(None)?.is_some() {
        return Ok(Stage::Added);
    }
    Ok(if keyset.older_than_primary()?.is_empty() { Stage::Settled } else { Stage::Promoted })
}

/// The stages of all rotatable keysets, or of one.
pub async fn stages(state: &StateStore, cluster: &str, keyset: &str) -> Result<Vec<(String, Stage)>, KeypairError> {
    let (_, keysets) = Selection::existing(state, cluster, keyset).await?;
    keysets.iter().map(|read| Ok((read.object.name.clone(), stage_of(&read.object)?))).collect()
}

/// Adds a new generation to those keysets that have none newer than their primary. A repetition, also after a crash in the
/// middle, adds none twice.
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
