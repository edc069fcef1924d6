//! Makes the keysets and secrets a cluster lacks.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};

use kopsform_diagnostics::Explain;
use kopsform_pki::{Certificate, KeySource, Keyset, Keysets, PkiError, Secret, TOKENS, print_keyset};
use zeroize::Zeroizing;

use crate::{
    CONCURRENCY, ClusterStore, Condition, Holder, LockError, PlannedContents, Read, ReadError, Store as _, StoreError,
    Stored, acquire, keyset_key,
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
    /// A private key signs for another certificate than the one that clients trust.
    #[error("the private key of keyset {0} does not belong to its certificate")]
    ForeignKey(String),
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
            Self::ForeignKey(name) => {
                vec![format!(
                    "restore the private key, or create another keypair: `kopsform create keypair {name} --primary`"
                )]
            }
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

/// The keysets that a cluster needs, with what must be stored so that it has them.
pub struct KeyPlan {
    keysets: Keysets,
    writes: Vec<KeyWrite>,
    report: EnsureReport,
    /// What is wrong with certificates that exist.
    pub warnings: Vec<String>,
}

/// A keyset or token to store.
struct KeyWrite {
    object: KeyObject,
    text: Zeroizing<Vec<u8>>,
    /// What is stored under its key now.
    before: Option<Stored>,
}

enum KeyObject {
    Keyset(String),
    Token(String),
}

/// The keysets of the given names. Missing keysets and tokens are made concurrently, in memory: [`KeyPlan::store`] stores them.
///
/// # Errors
/// When the store cannot be read, a keyset cannot sign, or something is missing that must not be made.
pub async fn plan_keys(
    store: &ClusterStore,
    names: &[String],
    missing: MissingKeys,
    source: Arc<dyn KeySource>,
) -> Result<KeyPlan, EnsureError> {
    let keysets = futures::stream::iter(names.iter().map(|name| async move {
        Ok::<_, ReadError>(match store.public_copy(name) {
            Some(copy) => Some(Known::Copy(copy)),
            None => store.keyset(name).await?.map(Known::Read),
        })
    }));
    let keysets = keysets.buffered(CONCURRENCY).try_collect::<Vec<Option<Known>>>();
    let (found, present) = futures::try_join!(keysets, store.secret_names())?;
    let absent = names.iter().zip(&found).filter(|(_, keyset)| keyset.is_none());
    let absent: Vec<String> = absent.map(|(name, _)| name.clone()).collect();
    let tokens: Vec<&str> = TOKENS.iter().copied().filter(|token| !present.iter().any(|name| name == token)).collect();
    // A keyset that cannot sign is an error under either policy.
    let mut warnings = Vec::new();
    let now = source.now().as_second();
    for known in found.iter().flatten() {
        match known {
            Known::Read(read) => warnings.extend(check(&read.object, now, missing)?),
            Known::Copy(copy) => {
                let certificate = copy.primary().map(|item| item.parsed_certificate()).transpose()?.flatten();
                warnings.extend(certificate.and_then(|certificate| out_of_date(&copy.name, &certificate, now)));
            }
        }
    }
    if missing == MissingKeys::Refuse {
        let tokens = tokens.iter().map(|name| format!("secret {name}"));
        let all: Vec<String> = absent.into_iter().chain(tokens).collect();
        if !all.is_empty() {
            return Err(EnsureError::MissingKeys(all));
        }
        let keysets = found.into_iter().flatten().map(Known::keyset);
        let keysets = keysets.map(|keyset| (keyset.name.clone(), keyset)).collect();
        return Ok(KeyPlan { keysets, writes: Vec::new(), report: EnsureReport::default(), warnings });
    }
    let made: Vec<(Keyset, Option<KeyWrite>)> = futures::stream::iter(names.iter().zip(found))
        .map(|(name, found)| {
            let source = source.clone();
            async move {
                match found {
                    None => create(name, source).await,
                    Some(Known::Copy(copy)) => Ok((copy, None)),
                    Some(Known::Read(read)) => {
                        let version = read.stored.version.clone();
                        let (keyset, write) = update(store, read, source).await?;
                        if write.is_none() {
                            store.keep_public_copy(&keyset, &version);
                        }
                        Ok((keyset, write))
                    }
                }
            }
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let (mut keysets, mut writes, mut converted) = (Keysets::new(), Vec::new(), Vec::new());
    for (keyset, write) in made {
        if write.is_some() && !absent.contains(&keyset.name) {
            converted.push(keyset.name.clone());
        }
        keysets.insert(keyset.name.clone(), keyset);
        writes.extend(write);
    }
    for name in &tokens {
        let text = Secret::token(&*source)?.to_stored();
        writes.push(KeyWrite { object: KeyObject::Token((*name).to_owned()), text, before: None });
    }
    let tokens = tokens.into_iter().map(str::to_owned).collect();
    Ok(KeyPlan { keysets, writes, report: EnsureReport { created: absent, converted, tokens }, warnings })
}

impl KeyPlan {
    /// All keysets, as they will be stored.
    pub fn keysets(&self) -> &Keysets {
        &self.keysets
    }

    /// What is missing, by the addresses under which it will be stored.
    pub fn planned(&self, store: &ClusterStore) -> PlannedContents {
        let planned = self.writes.iter().map(|write| {
            let url = match &write.object {
                KeyObject::Token(name) => store.secret_store().url(name),
                KeyObject::Keyset(name) => store.keys().url(&keyset_key(name)),
            };
            (url, Some(write.text.clone()))
        });
        planned.collect()
    }

    /// Whether [`Self::store`] would write anything.
    pub fn is_pending(&self) -> bool {
        !self.writes.is_empty()
    }

    /// The addresses of the objects that [`Self::store`] would write, with whether each is new.
    pub fn pending(&self, store: &ClusterStore) -> Vec<(String, bool)> {
        let address = |write: &KeyWrite| match &write.object {
            KeyObject::Keyset(name) => store.keys().url(&keyset_key(name)),
            KeyObject::Token(name) => store.secret_store().url(name),
        };
        self.writes.iter().map(|write| (address(write), write.before.is_none())).collect()
    }

    /// What [`KeyPlan::store`] will make.
    pub fn report(&self) -> &EnsureReport {
        &self.report
    }

    /// Stores what is missing, under the cluster's lock, and returns the keysets that are stored now. Without anything to store,
    /// no lock is taken.
    ///
    /// When another process made the same keyset meanwhile, that one is returned: replacing it would break what it signed.
    ///
    /// # Errors
    /// When another process holds the lock or changed a keyset, or the store fails.
    pub async fn store(self, store: &ClusterStore, holder: &Holder) -> Result<(Keysets, EnsureReport), EnsureError> {
        if self.writes.is_empty() {
            return Ok((self.keysets, self.report));
        }
        let guard = acquire(store.state(), store.name(), holder).await?;
        let stored = self.store_locked(store).await;
        guard.release().await;
        stored
    }

    /// As [`KeyPlan::store`], for a caller that holds the lock.
    ///
    /// # Errors
    /// When another process changed a keyset, or the store fails.
    pub async fn store_locked(self, store: &ClusterStore) -> Result<(Keysets, EnsureReport), EnsureError> {
        let Self { mut keysets, writes, report, .. } = self;
        let stored: Vec<Option<Keyset>> = futures::stream::iter(writes.iter().map(|write| write.store(store)))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        for theirs in stored.into_iter().flatten() {
            keysets.insert(theirs.name.clone(), theirs);
        }
        Ok((keysets, report))
    }
}

impl KeyWrite {
    /// Stores it. Returns the keyset of another process that was stored meanwhile instead of a new one.
    async fn store(&self, store: &ClusterStore) -> Result<Option<Keyset>, EnsureError> {
        let condition = Condition::as_read(self.before.as_ref());
        let is_new = self.before.is_none();
        let (outcome, name) = match &self.object {
            KeyObject::Token(name) => (store.secret_store().write(name, &self.text, condition).await, None),
            KeyObject::Keyset(name) => (store.keys().write(&keyset_key(name), &self.text, condition).await, Some(name)),
        };
        match (outcome, name) {
            (Ok(_), _) => Ok(None),
            // The token of the other process serves as well.
            (Err(error), None) if error.is_conflict() => Ok(None),
            (Err(error), Some(name)) if error.is_conflict() && is_new => match store.keyset(name).await? {
                Some(theirs) => Ok(Some(theirs.object)),
                None => Err(error.into()),
            },
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// A keyset that exists.
enum Known {
    /// As it is stored.
    Read(Read<Keyset>),
    /// Its certificates, which were checked before.
    Copy(Keyset),
}

impl Known {
    fn keyset(self) -> Keyset {
        match self {
            Self::Read(read) => read.object,
            Self::Copy(copy) => copy,
        }
    }
}

/// Fails if the primary of a keyset cannot sign; warns if what it signs is not accepted now.
fn check(keyset: &Keyset, now: i64, missing: MissingKeys) -> Result<Vec<String>, EnsureError> {
    let (certificate, key) = keyset.signer()?;
    if !key.belongs_to(&certificate)? {
        return Err(EnsureError::ForeignKey(keyset.name.clone()));
    }
    let named = format!("the certificate of keyset {}", keyset.name);
    if !certificate.is_plain_ca() {
        // As kops does.
        let then = if missing == MissingKeys::Create { ", so another one is issued for its key" } else { "" };
        return Ok(vec![format!("{named} is not a certificate of an authority{then}")]);
    }
    Ok(out_of_date(&keyset.name, &certificate, now).into_iter().collect())
}

/// The warning about a certificate that is not accepted now.
fn out_of_date(keyset: &str, certificate: &Certificate, now: i64) -> Option<String> {
    let named = format!("the certificate of keyset {keyset}");
    let time = |seconds| jiff::Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |time| time.to_string());
    match (certificate.not_before, certificate.not_after) {
        (_, end) if end < now => Some(format!("{named} expired at {}: nodes refuse what it signs", time(end))),
        (begin, _) if begin > now => Some(format!("{named} is not valid before {}", time(begin))),
        _ => None,
    }
}

/// Whether an older kops wrote a keyset, or its certificate is of another kind than authorities have.
fn is_outdated(keyset: &Keyset) -> Result<bool, PkiError> {
    Ok(keyset.legacy || !keyset.signer()?.0.is_plain_ca())
}

async fn create(name: &str, source: Arc<dyn KeySource>) -> Result<(Keyset, Option<KeyWrite>), EnsureError> {
    let keyset = computing(name.to_owned(), move |name| Keyset::create(&name, &*source)).await?;
    let text = print_keyset(&keyset)?;
    let write = KeyWrite { object: KeyObject::Keyset(name.to_owned()), text, before: None };
    Ok((keyset, Some(write)))
}

/// Updates a keyset that an older kops wrote. The object under an older name stays.
async fn update(
    store: &ClusterStore,
    read: Read<Keyset>,
    source: Arc<dyn KeySource>,
) -> Result<(Keyset, Option<KeyWrite>), EnsureError> {
    let Read { object: mut keyset, stored } = read;
    if !is_outdated(&keyset)? {
        return Ok((keyset, None));
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
    let before = store.keys().read(&keyset_key(&name)).await?;
    if before.as_ref().is_some_and(|now| *now != stored) {
        return Err(StoreError::Conflict { url: store.keys().url(&keyset_key(&name)) }.into());
    }
    keyset.legacy = false;
    let write = KeyWrite { object: KeyObject::Keyset(name), text: print_keyset(&keyset)?, before };
    Ok((keyset, Some(write)))
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

    use kopsform_pki::{PrivateKey, Subject, SystemKeySource, issue_client};

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
        plan_keys(store, names, missing, source).await?.store(store, &holder).await
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
        let pending = plan_keys(&store, &names, MissingKeys::Create, source.clone()).await.unwrap().pending(&store);
        assert_eq!(pending.len(), names.len() + TOKENS.len());
        assert!(
            pending.iter().all(|(address, is_new)| address.contains("demo.example.com/") && *is_new),
            "{pending:?}"
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

    /// The keys of this machine at another time.
    struct At(SystemKeySource, jiff::Timestamp);

    impl KeySource for At {
        fn now(&self) -> jiff::Timestamp {
            self.1
        }

        fn random(&self, buffer: &mut [u8]) -> Result<(), PkiError> {
            self.0.random(buffer)
        }

        fn private_key(&self) -> Result<PrivateKey, PkiError> {
            self.0.private_key()
        }
    }

    /// What is planned for a cluster that has this keyset.
    async fn planned(keyset: &Keyset) -> Result<KeyPlan, EnsureError> {
        let (_, store) = cluster_store();
        let text = print_keyset(keyset).unwrap();
        store.keys().write(&keyset_key(&keyset.name), &text, Condition::Absent).await.unwrap();
        plan_keys(&store, std::slice::from_ref(&keyset.name), MissingKeys::Create, Arc::new(source())).await
    }

    #[tokio::test]
    async fn a_private_key_of_another_certificate_is_refused() {
        let mut keyset = Keyset::create("kubernetes-ca", &source()).unwrap();
        let other = Keyset::create("kubernetes-ca", &source()).unwrap();
        keyset.items[0].private_key = other.items[0].private_key.clone();
        let error = planned(&keyset).await.err().unwrap();
        assert_eq!(error.to_string(), "the private key of keyset kubernetes-ca does not belong to its certificate");
        assert!(error.hints()[0].contains("kopsform create keypair kubernetes-ca --primary"), "{:?}", error.hints());
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_valid_now_is_reported() {
        let made = |at: &str| Keyset::create("kubernetes-ca", &At(source(), at.parse().unwrap())).unwrap();
        // Authorities are valid for ten years.
        let expired = planned(&made("2011-05-01T00:00:00Z")).await.unwrap().warnings;
        let [warning] = expired.as_slice() else { panic!("{expired:?}") };
        assert!(warning.starts_with("the certificate of keyset kubernetes-ca expired at 2021-"), "{warning}");
        let early = planned(&made("2200-05-01T00:00:00Z")).await.unwrap().warnings;
        let [warning] = early.as_slice() else { panic!("{early:?}") };
        assert!(warning.contains("kubernetes-ca is not valid before 2200-"), "{warning}");
        assert!(planned(&Keyset::create("kubernetes-ca", &source()).unwrap()).await.unwrap().warnings.is_empty());
    }

    #[tokio::test]
    async fn a_certificate_that_cannot_sign_is_issued_again_for_the_same_key() {
        let mut keyset = Keyset::create("kubernetes-ca", &source()).unwrap();
        let (authority, key) = keyset.signer().unwrap();
        let day = std::time::Duration::from_secs(24 * 3600);
        let (leaf, of_leaf) = issue_client(&source(), &Subject::named("kubelet"), day, (&authority, &key)).unwrap();
        keyset.items[0].certificate = Some(leaf.pem());
        keyset.items[0].private_key = Some(of_leaf.pem().clone());
        let plan = planned(&keyset).await.unwrap();
        assert_eq!(plan.report.converted, ["kubernetes-ca"]);
        assert_eq!(
            plan.warnings,
            [
                "the certificate of keyset kubernetes-ca is not a certificate of an authority, so another one is issued for its key"
            ]
        );
        let (certificate, key) = plan.keysets()["kubernetes-ca"].signer().unwrap();
        assert!(certificate.is_plain_ca());
        assert_eq!(key.pem(), of_leaf.pem());
    }

    #[tokio::test]
    async fn a_keyset_that_another_process_stored_meanwhile_is_used() {
        let (_, store) = cluster_store();
        let names = ["kubernetes-ca".to_owned()];
        let plan = plan_keys(&store, &names, MissingKeys::Create, Arc::new(source())).await.unwrap();
        let ours = plan.keysets()["kubernetes-ca"].clone();
        let (theirs, _) = ensured(&store, &names, MissingKeys::Create, Arc::new(source())).await.unwrap();
        let holder = crate::Holder::of_process(&kopsform_env::Environment::default(), "test");
        let (stored, _) = plan.store(&store, &holder).await.unwrap();
        assert!(stored == theirs && stored["kubernetes-ca"] != ours);
    }

    #[tokio::test]
    async fn planned_keys_are_read_in_a_preview_as_if_they_were_stored() {
        let (_, store) = cluster_store();
        let names = ["kubernetes-ca".to_owned()];
        let plan = plan_keys(&store, &names, MissingKeys::Create, Arc::new(source())).await.unwrap();
        let preview = store.state().preview(plan.planned(&store)).cluster(store.name());
        let again = plan_keys(&preview, &names, MissingKeys::Refuse, Arc::new(source())).await.unwrap();
        assert_eq!(again.keysets(), plan.keysets());
    }

    #[tokio::test]
    async fn nothing_is_made_while_someone_holds_the_lock() {
        let (memory, store) = cluster_store();
        let environment = kopsform_env::Environment::default();
        let mut holder = crate::Holder::of_process(&environment, "state lock");
        crate::lock_by_hand(store.state(), store.name(), &holder).await.unwrap();
        let before = memory.contents();
        holder.patience = std::time::Duration::ZERO;
        let plan = plan_keys(&store, &[], MissingKeys::Create, Arc::new(source())).await.unwrap();
        let outcome = plan.store(&store, &holder).await;
        assert!(matches!(outcome, Err(EnsureError::Lock(_))), "{outcome:?}");
        assert_eq!(memory.contents(), before);
    }
}
