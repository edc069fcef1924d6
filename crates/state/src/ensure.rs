//! Makes the keysets and secrets a cluster lacks.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};

use kopsform_diagnostics::Explain;
use kopsform_pki::{KeySource, Keyset, Keysets, PkiError, Secret, TOKENS, print_keyset};

use crate::{
    CONCURRENCY, ClusterStore, Condition, Holder, LockError, Read, ReadError, Store as _, StoreError, acquire,
    keyset_key,
};

/// Why keysets or secrets could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EnsureError {
    /// Existing ones could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A new one could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A new one could not be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// Another process is writing.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Some are missing and must not be made.
    #[error("missing in the state store: {}", .0.join(", "))]
    MissingKeys(Vec<String>),
}

impl Explain for EnsureError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Store(error) => error.hints(),
            Self::Pki(error) => error.hints(),
            Self::Lock(error) => error.hints(),
            Self::MissingKeys(_) => vec!["run once without --no-create-keys to make them".to_owned()],
        }
    }
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnsureReport {
    /// The keysets that are new.
    pub created: Vec<String>,
    /// The keysets that were brought to the current name or form, or got a new certificate.
    pub converted: Vec<String>,
    /// The tokens that are new.
    pub tokens: Vec<String>,
}

/// Whether missing things may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingKeys {
    /// They are made.
    Create,
    /// They are an error that names all of them; nothing is written.
    Refuse,
}

/// The keysets of the given names. Missing keysets and tokens are made concurrently, under the cluster's lock; when none is
/// missing, nothing is written and no lock is taken.
///
/// When another process makes the same keyset at the same time, that one is used: replacing it would break what it signed.
pub async fn ensure(
    store: &ClusterStore,
    names: &[String],
    missing: MissingKeys,
    source: Arc<dyn KeySource>,
    holder: &Holder,
) -> Result<(Keysets, EnsureReport), EnsureError> {
    let keysets = futures::stream::iter(names.iter().map(|name| store.keyset(name)));
    let keysets = keysets.buffered(CONCURRENCY).try_collect::<Vec<Option<Read<Keyset>>>>();
    let (found, present) = futures::try_join!(keysets, store.secret_names())?;
    let absent = names.iter().zip(&found).filter(|(_, keyset)| keyset.is_none());
    let absent: Vec<String> = absent.map(|(name, _)| name.clone()).collect();
    let tokens: Vec<&str> = TOKENS.iter().copied().filter(|token| !present.iter().any(|name| name == token)).collect();
    // A keyset that cannot sign is an error under either policy.
    let mut outdated = false;
    for read in found.iter().flatten() {
        outdated |= is_outdated(&read.object)?;
    }
    if missing == MissingKeys::Refuse {
        let tokens = tokens.iter().map(|name| format!("secret {name}"));
        let all: Vec<String> = absent.into_iter().chain(tokens).collect();
        let found = found.into_iter().flatten().map(|read| (read.object.name.clone(), read.object));
        return if all.is_empty() {
            Ok((found.collect(), EnsureReport::default()))
        } else {
            Err(EnsureError::MissingKeys(all))
        };
    }
    if absent.is_empty() && tokens.is_empty() && !outdated {
        let keysets = found.into_iter().flatten().map(|read| (read.object.name.clone(), read.object));
        return Ok((keysets.collect(), EnsureReport::default()));
    }
    let guard = acquire(store.state(), store.name(), holder).await?;
    let outcome =
        futures::try_join!(make_keysets(store, names, found, source.clone()), make_tokens(store, &tokens, &*source));
    guard.release().await;
    let (keysets, ()) = outcome?;
    let converted = keysets.iter().filter(|(_, converted)| *converted).map(|(k, _)| k.name.clone()).collect();
    let made = EnsureReport { created: absent, converted, tokens: tokens.into_iter().map(str::to_owned).collect() };
    Ok((keysets.into_iter().map(|(keyset, _)| (keyset.name.clone(), keyset)).collect(), made))
}

/// All keysets, each with whether it was updated.
async fn make_keysets(
    store: &ClusterStore,
    names: &[String],
    found: Vec<Option<Read<Keyset>>>,
    source: Arc<dyn KeySource>,
) -> Result<Vec<(Keyset, bool)>, EnsureError> {
    futures::stream::iter(names.iter().zip(found))
        .map(|(name, found)| {
            let source = source.clone();
            async move {
                match found {
                    None => create(store, name, source).await.map(|keyset| (keyset, false)),
                    Some(read) => update(store, read, source).await,
                }
            }
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await
}

async fn make_tokens(store: &ClusterStore, names: &[&str], source: &dyn KeySource) -> Result<(), EnsureError> {
    futures::stream::iter(names)
        .map(|name| async move {
            let stored = Secret::token(source)?.to_stored();
            match store.secret_store().write(name, &stored, Condition::Absent).await {
                Err(error) if !error.is_conflict() => Err(EnsureError::from(error)),
                // The token of the other process serves as well.
                _ => Ok(()),
            }
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}

/// Whether an older kops wrote a keyset, or its certificate is of another kind than authorities have.
fn is_outdated(keyset: &Keyset) -> Result<bool, PkiError> {
    Ok(keyset.legacy || !keyset.signer()?.0.is_plain_ca())
}

async fn create(store: &ClusterStore, name: &str, source: Arc<dyn KeySource>) -> Result<Keyset, EnsureError> {
    let keyset = computing(name.to_owned(), move |name| Keyset::create(&name, &*source)).await?;
    let text = print_keyset(&keyset)?;
    match store.keys().write(&keyset_key(name), &text, Condition::Absent).await {
        Ok(_) => Ok(keyset),
        Err(error) if error.is_conflict() => match store.keyset(name).await? {
            Some(theirs) => Ok(theirs.object),
            None => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Updates a keyset that an older kops wrote. The object under an older name stays.
async fn update(
    store: &ClusterStore,
    read: Read<Keyset>,
    source: Arc<dyn KeySource>,
) -> Result<(Keyset, bool), EnsureError> {
    let Read { object: mut keyset, stored } = read;
    if !is_outdated(&keyset)? {
        return Ok((keyset, false));
    }
    let (certificate, key) = keyset.signer()?;
    if !certificate.is_plain_ca() {
        // The key stays, so that what it signed stays valid; only the certificate's kind was wrong.
        keyset = computing(keyset, move |mut keyset| {
            keyset.reissue(&key, &*source)?;
            Ok(keyset)
        })
        .await?;
    }
    let name = keyset.name.clone();
    let key = keyset_key(&name);
    let current = store.keys().read(&key).await?;
    let condition = match &current {
        Some(current) if *current != stored => return Err(StoreError::Conflict { url: store.keys().url(&key) }.into()),
        current => Condition::as_read(current.as_ref()),
    };
    keyset.legacy = false;
    store.keys().write(&key, &print_keyset(&keyset)?, condition).await?;
    Ok((keyset, true))
}

/// Runs work that takes long to compute off the async threads.
pub async fn computing<I, T>(
    input: I,
    work: impl FnOnce(I) -> Result<T, PkiError> + Send + 'static,
) -> Result<T, PkiError>
where
    I: Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(move || work(input))
        .await
        .map_err(|error| PkiError::Making { what: "a keyset", reason: error.to_string() })?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use kopsform_pki::SystemKeySource;

    use super::*;
    use crate::{MemoryStore, StateStore, StoreUrl};

    fn source() -> SystemKeySource {
        SystemKeySource::from_environment(&kopsform_env::Environment::default()).unwrap()
    }

    fn cluster_store() -> (Arc<MemoryStore>, ClusterStore) {
        let memory = Arc::new(MemoryStore::new());
        let state = StateStore::over(memory.clone(), StoreUrl::Memory(String::new()));
        let store = state.cluster("demo.example.com");
        (memory, store)
    }

    async fn ensured(
        store: &ClusterStore,
        names: &[String],
        missing: MissingKeys,
        source: Arc<dyn KeySource>,
    ) -> Result<(Keysets, EnsureReport), EnsureError> {
        let holder = crate::Holder::of_process(&kopsform_env::Environment::default(), "test");
        ensure(store, names, missing, source, &holder).await
    }

    #[tokio::test]
    async fn what_is_missing_is_made_once() {
        let (memory, store) = cluster_store();
        let names = ["kubernetes-ca".to_owned(), "service-account".to_owned()];
        let source: Arc<dyn KeySource> = Arc::new(source());
        let empty = memory.contents();
        let refused = ensured(&store, &names, MissingKeys::Refuse, source.clone()).await.unwrap_err();
        assert!(
            matches!(refused, EnsureError::MissingKeys(missing) if missing.starts_with(&names) && missing.len() == 11)
        );
        assert_eq!(memory.contents(), empty);
        let (first, made) = ensured(&store, &names, MissingKeys::Create, source.clone()).await.unwrap();
        assert_eq!((made.created.as_slice(), made.tokens.as_slice()), (&names[..], &TOKENS.map(str::to_owned)[..]));
        assert_eq!(store.secret("system:dns").await.unwrap().unwrap().value().len(), 32);
        let before = memory.contents();
        let (second, made) = ensured(&store, &names, MissingKeys::Create, source).await.unwrap();
        assert_eq!((first, made), (second, EnsureReport::default()));
        assert_eq!(memory.contents(), before, "no lock is left, and nothing was written");
    }

    #[tokio::test]
    async fn a_keyset_under_its_old_name_is_stored_under_the_new_one() {
        let (_, store) = cluster_store();
        let keyset = Keyset::create("ca", &source()).unwrap();
        store.keys().write(&keyset_key("ca"), &print_keyset(&keyset).unwrap(), Condition::Absent).await.unwrap();
        let names = ["kubernetes-ca".to_owned()];
        let (keysets, made) = ensured(&store, &names, MissingKeys::Create, Arc::new(source())).await.unwrap();
        assert_eq!(made.converted, names);
        assert_eq!(keysets["kubernetes-ca"].items, keyset.items);
        assert_eq!(store.keyset_names().await.unwrap(), ["ca", "kubernetes-ca"]);
    }

    #[tokio::test]
    async fn nothing_is_made_while_someone_holds_the_lock() {
        let (memory, store) = cluster_store();
        let environment = kopsform_env::Environment::default();
        let mut holder = crate::Holder::of_process(&environment, "state lock");
        crate::lock_by_hand(store.state(), store.name(), &holder).await.unwrap();
        let before = memory.contents();
        holder.patience = std::time::Duration::ZERO;
        let outcome = ensure(&store, &[], MissingKeys::Create, Arc::new(source()), &holder).await;
        assert!(matches!(outcome, Err(EnsureError::Lock(_))), "{outcome:?}");
        assert_eq!(memory.contents(), before);
    }
}
