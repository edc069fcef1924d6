//! Copies of specs on this machine, so that a command reads from a bucket only what changed since the last one.
//!
//! A copy counts only if a listing of the bucket, made by the same command, shows the object at the version of the copy: a cache
//! never hides a change. Only clusters' and instance groups' specs, SSH public keys and the version that a cluster was updated with
//! are kept, never private keys or secrets, in files that only their owner can read. A copy that cannot be read or written counts as absent.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use kopsform_env::{self as env, Environment};
use kopsform_files::{TEMPORARY_PREFIX, read_bounded};
use serde::{Deserialize, Serialize};

use super::codec::sha256_hex;
use super::{
    CONFIG, Condition, INSTANCE_GROUPS, KEY_STORE, KOPS_VERSION_FILE, OBJECT_LIMIT, SSH_KEYS, Store, StoreError,
    Stored, Version,
};

/// The value of `KOPSFORM_CACHE` without which there is a cache.
const OFF: &str = "off";
/// The directory of copies, below the one of the cache.
const OBJECTS: &str = "objects";
/// How much larger than an object a file with its header may be.
const HEADER_LIMIT: u64 = 64 << 10;

/// Where copies are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    directory: PathBuf,
}

/// The first line of a file.
#[derive(Serialize, Deserialize)]
struct Header {
    url: String,
    version: String,
    /// SHA-256 of the content in hex: files are not flushed, so a power cut may damage them.
    sha256: String,
}

impl Cache {
    /// The cache in a directory, which need not exist.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.join(OBJECTS) }
    }

    /// The user's cache: `$KOPSFORM_CACHE`, `$XDG_CACHE_HOME/kopsform` or `~/.cache/kopsform`. `None` if it is switched off.
    pub fn of_user(environment: &Environment) -> Option<Self> {
        let named = environment.get(env::KOPSFORM_CACHE).filter(|named| !named.is_empty());
        let usual = || {
            let caches = environment.get(env::XDG_CACHE_HOME).map(PathBuf::from).filter(|path| path.is_absolute());
            let home = || Some(Path::new(environment.get(env::HOME).filter(|home| !home.is_empty())?).join(".cache"));
            Some(caches.or_else(home)?.join("kopsform"))
        };
        match named {
            Some(OFF) => None,
            Some(directory) => Some(Self::new(Path::new(directory))),
            None => usual().map(|directory| Self::new(&directory)),
        }
    }

    /// The copy of an object, if it is of this version.
    pub fn get(&self, url: &str, version: &Version) -> Option<Stored> {
        let content = read_bounded(&self.file(url), OBJECT_LIMIT + HEADER_LIMIT).ok()?;
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let header: Header = serde_json::from_slice(&content[..end]).ok()?;
        let bytes = &content[end + 1..];
        let is_copy = header.url == url && header.version == version.0 && header.sha256 == sha256_hex(bytes);
        is_copy.then(|| Stored::new(bytes.to_vec(), version.clone()))
    }

    /// Keeps a copy of an object. One without a version cannot be recognized later.
    pub fn put(&self, url: &str, version: &Version, bytes: &[u8]) {
        if !version.0.is_empty()
            && let Err(error) = self.try_put(url, version, bytes)
        {
            tracing::debug!(target: "kopsform::store", %error, "no copy was kept of {url}");
        }
    }

    fn try_put(&self, url: &str, version: &Version, bytes: &[u8]) -> std::io::Result<()> {
        let header = Header { url: url.to_owned(), version: version.0.clone(), sha256: sha256_hex(bytes) };
        fs::create_dir_all(&self.directory)?;
        // Temporary files are readable by their owner only.
        let mut file = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(&self.directory)?;
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        file.write_all(bytes)?;
        file.persist(self.file(url)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes the copy of an object.
    pub fn remove(&self, url: &str) {
        let _ = fs::remove_file(self.file(url));
    }

    fn file(&self, url: &str) -> PathBuf {
        self.directory.join(sha256_hex(url.as_bytes()))
    }
}

/// Another store, of which copies of specs are kept.
pub(super) struct Cached<S> {
    store: S,
    cache: Option<Cache>,
}

impl<S: Store> Cached<S> {
    pub(super) fn new(store: S, cache: Option<Cache>) -> Self {
        Self { store, cache }
    }

    /// The cache, for the key of a spec, of an SSH public key or of the version that a cluster was updated with.
    fn cache_of(&self, key: &str) -> Option<&Cache> {
        let (_, own) = key.split_once('/')?;
        let is_spec = own == CONFIG || own.strip_prefix(INSTANCE_GROUPS).is_some_and(|name| !name.contains('/'));
        let is_public = own == KOPS_VERSION_FILE
            || own.strip_prefix(KEY_STORE).is_some_and(|key| key.trim_start_matches('/').starts_with(SSH_KEYS));
        self.cache.as_ref().filter(|_| is_spec || is_public)
    }

    fn forget(&self, key: &str) {
        if let Some(cache) = self.cache_of(key) {
            cache.remove(&self.store.url(key));
        }
    }
}

#[async_trait]
impl<S: Store> Store for Cached<S> {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let stored = self.store.read(key).await?;
        if let (Some(cache), Some(stored)) = (self.cache_of(key), &stored) {
            cache.put(&self.store.url(key), &stored.version, &stored.bytes);
        }
        Ok(stored)
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let version = self.store.write(key, bytes, condition).await?;
        if let Some(cache) = self.cache_of(key) {
            cache.put(&self.store.url(key), &version, bytes);
        }
        Ok(version)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.forget(key);
        self.store.delete(key).await
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        self.forget(key);
        self.store.delete_unchanged(key, version).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(prefix).await
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        self.store.list_versions(prefix).await
    }

    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        self.store.list_versions_after(prefix, after).await
    }

    async fn read_at(&self, key: &str, version: &Version) -> Result<Option<Stored>, StoreError> {
        match self.cache_of(key).and_then(|cache| cache.get(&self.store.url(key), version)) {
            Some(stored) => Ok(Some(stored)),
            None => self.read(key).await,
        }
    }

    fn prepare_to_write(&self) {
        self.store.prepare_to_write();
    }

    fn url(&self, key: &str) -> String {
        self.store.url(key)
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        keys.iter().for_each(|key| self.forget(key));
        self.store.delete_all(keys).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::MemoryStore;

    const GROUP: &str = "demo.example.com/instancegroup/nodes";

    fn cached(store: &Arc<MemoryStore>, directory: &Path) -> Cached<Arc<MemoryStore>> {
        Cached::new(store.clone(), Some(Cache::new(directory)))
    }

    async fn version(store: &dyn Store, key: &str) -> Version {
        store.list_versions(key).await.unwrap().unwrap()[key].clone()
    }

    #[tokio::test]
    async fn a_copy_counts_only_at_the_version_of_the_store() {
        let (store, directory) = (Arc::new(MemoryStore::new()), tempfile::tempdir().unwrap());
        let cached = cached(&store, directory.path());
        cached.write(GROUP, b"old", Condition::Absent).await.unwrap();
        let old = version(&cached, GROUP).await;
        assert!(Cache::new(directory.path()).get(&store.url(GROUP), &old).is_some());
        // Another program writes.
        store.write(GROUP, b"new", Condition::None).await.unwrap();
        let new = version(&cached, GROUP).await;
        assert_eq!(&cached.read_at(GROUP, &new).await.unwrap().unwrap().bytes[..], b"new");
        assert!(Cache::new(directory.path()).get(&store.url(GROUP), &old).is_none());
        cached.delete(GROUP).await.unwrap();
        assert!(cached.read_at(GROUP, &new).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn copies_that_are_damaged_or_of_other_objects_do_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let (cache, version) = (Cache::new(directory.path()), Version("1".to_owned()));
        cache.put("s3://b/a", &version, b"spec");
        assert_eq!(&cache.get("s3://b/a", &version).unwrap().bytes[..], b"spec");
        assert!(cache.get("s3://b/other", &version).is_none());
        let file = cache.file("s3://b/a");
        let whole = fs::read(&file).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[..3], b"", b"\n", b"{}\nspec"] {
            fs::write(&file, damaged).unwrap();
            assert!(cache.get("s3://b/a", &version).is_none());
        }
    }

    #[tokio::test]
    async fn keys_and_secrets_are_never_kept() {
        let (store, directory) = (Arc::new(MemoryStore::new()), tempfile::tempdir().unwrap());
        let cached = cached(&store, directory.path());
        for key in ["demo/pki/private/kubernetes-ca/keyset.yaml", "demo/secrets/config", "demo/secrets/instancegroup/x"]
        {
            cached.write(key, b"s3cret", Condition::Absent).await.unwrap();
            cached.read(key).await.unwrap();
        }
        assert!(!directory.path().join(OBJECTS).exists());
    }

    #[cfg(unix)]
    #[test]
    fn copies_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(directory.path());
        cache.put("s3://b/a", &Version("1".to_owned()), b"spec");
        let mode = fs::metadata(cache.file("s3://b/a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_user_decides_where_copies_are() {
        let of = |variables: &[(&str, &str)]| {
            let set = |environment: Environment, (name, value): &(&str, &str)| environment.with(name, value);
            Cache::of_user(&variables.iter().fold(Environment::default(), set)).map(|cache| cache.directory)
        };
        assert_eq!(of(&[("HOME", "/home/jane")]), Some("/home/jane/.cache/kopsform/objects".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), Some("/c/kopsform/objects".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")]), Some("/h/.cache/kopsform/objects".into()));
        assert_eq!(of(&[("HOME", "/h"), ("KOPSFORM_CACHE", "/mine")]), Some("/mine/objects".into()));
        assert_eq!(of(&[("HOME", "/h"), ("KOPSFORM_CACHE", "off")]), None);
        assert_eq!(of(&[]), None);
    }
}
