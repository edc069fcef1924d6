//! Copies of the public parts of keysets on this machine: certificates and ids, never private keys. What a cluster is made of
//! depends on nothing else, so a preview reads only the keysets that changed since the last one.

use kopsform_pki::{Keyset, KeysetItem};
use serde::{Deserialize, Serialize};

use crate::{ClusterStore, Version, keyset_key};

/// What sets the address of a copy apart from that of the keyset.
const PUBLIC: &str = "#public";

/// The public part of a keyset.
#[derive(Serialize, Deserialize)]
struct PublicKeyset {
    primary: String,
    items: Vec<PublicItem>,
}

/// The public part of a generation.
#[derive(Serialize, Deserialize)]
struct PublicItem {
    id: String,
    certificate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    distrusted: Option<String>,
}

impl ClusterStore {
    /// The public part of a keyset, if this machine has a copy of the version that the store's listing shows. No request is made,
    /// and without a listing there is none.
    pub(super) fn public_copy(&self, name: &str) -> Option<Keyset> {
        let key = keyset_key(name);
        let version = self.keys().listed_version(&key)?;
        let stored = self.state().cache()?.get(&self.public_address(&key), &version)?;
        let copy: PublicKeyset = serde_json::from_slice(&stored.bytes).ok()?;
        let items = copy.items.into_iter().map(|item| KeysetItem {
            id: item.id,
            certificate: Some(item.certificate),
            private_key: None,
            distrusted: item.distrusted,
        });
        Some(Keyset { name: name.to_owned(), primary_id: copy.primary, items: items.collect(), legacy: false })
    }

    /// Keeps the public part of a keyset that was just read and can sign. A keyset with a key that has no certificate is not kept.
    pub(super) fn keep_public_copy(&self, keyset: &Keyset, version: &Version) {
        let key = keyset_key(&keyset.name);
        // Without a listing, a copy would never be used.
        let Some(cache) = self.state().cache().filter(|_| self.keys().listed_version(&key).is_some()) else { return };
        let public = |item: &KeysetItem| {
            let (id, distrusted) = (item.id.clone(), item.distrusted.clone());
            Some(PublicItem { id, certificate: item.certificate.clone()?, distrusted })
        };
        let Some(items) = keyset.items.iter().map(public).collect() else { return };
        if let Ok(text) = serde_json::to_vec(&PublicKeyset { primary: keyset.primary_id.clone(), items }) {
            cache.put(&self.public_address(&key), version, &text);
        }
    }

    fn public_address(&self, key: &str) -> String {
        format!("{}{PUBLIC}", self.keys().url(key))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use kopsform_pki::SystemKeySource;

    use super::*;
    use crate::{Backends, Cache, Condition, MissingKeys, StateStore, plan_keys};

    #[tokio::test]
    async fn certificates_are_kept_at_their_version_and_private_keys_never() {
        let directory = tempfile::tempdir().unwrap();
        let backends = Backends { cache: Some(Cache::new(directory.path())), ..Backends::default() };
        let state = StateStore::open("memfs://x", backends).unwrap();
        let source = Arc::new(SystemKeySource::from_environment(&kopsform_env::Environment::default()).unwrap());
        let keyset = Keyset::create("kubernetes-ca", &*source).unwrap();
        let key = format!("a/pki/{}", keyset_key("kubernetes-ca"));
        let text = kopsform_pki::print_keyset(&keyset).unwrap();
        state.store().write(&key, &text, Condition::Absent).await.unwrap();

        let names = ["kubernetes-ca".to_owned()];
        let plan = async || {
            let listed = state.snapshot("a").await.unwrap().cluster("a");
            let plan = plan_keys(&listed, &names, MissingKeys::Create, source.clone()).await.unwrap();
            plan.keysets()["kubernetes-ca"].clone()
        };
        assert!(plan().await.items[0].private_key.is_some(), "read");
        let copy = plan().await;
        assert!(copy.items[0].private_key.is_none(), "copied");
        assert_eq!(copy.items[0].certificate, keyset.items[0].certificate);
        assert_eq!(copy.primary_id, keyset.primary_id);
        for file in walk(directory.path()) {
            assert!(!std::fs::read_to_string(file).unwrap().contains("PRIVATE KEY"));
        }
        // Another keyset is read.
        let other = Keyset::create("kubernetes-ca", &*source).unwrap();
        let text = kopsform_pki::print_keyset(&other).unwrap();
        state.store().write(&key, &text, Condition::None).await.unwrap();
        assert_eq!(plan().await.items[0].certificate, other.items[0].certificate);
    }

    fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
    }
}
