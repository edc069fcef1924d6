//! A store of files in a folder.
//!
//! A file is replaced by renaming a finished one over it, so that a reader, or a crash, meets the old content or the new
//! one and never a part. Unfinished files and the lock between processes lie below `.kopsform/`, which belongs to no cluster.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::{Action, Condition, Failure, Store, StoreError, Stored, Version, is_private};

/// Where unfinished files and the lock between processes lie.
const WORK_FOLDER: &str = ".kopsform";
/// The beginning of the names of unfinished files.
const UNFINISHED: &str = "unfinished-";

/// Files below a folder. The folder is made by the first write.
#[derive(Debug, Clone)]
pub struct FileStore {
    root: PathBuf,
}

impl FileStore {
    /// The store in a folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path of a key; keys that could leave the folder are refused.
    fn path(&self, action: Action, key: &str) -> Result<PathBuf, StoreError> {
        let plain = Path::new(key).components().all(|part| matches!(part, Component::Normal(_)));
        if key.is_empty() || key.ends_with('/') || !plain {
            return Err(self.failed(action, key, Failure::BadKey, "the name is not allowed in a store"));
        }
        Ok(self.root.join(key))
    }

    fn failed(&self, action: Action, key: &str, kind: Failure, reason: impl ToString) -> StoreError {
        StoreError::Failed { action, url: self.url(key), kind, reason: reason.to_string() }
    }

    fn io_failed(&self, action: Action, key: &str, error: &io::Error) -> StoreError {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Failure::Denied,
            _ => Failure::Other,
        };
        self.failed(action, key, kind, error)
    }

    fn read_blocking(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let path = self.path(Action::Read, key)?;
        match fs::read(&path) {
            Ok(bytes) => {
                let version = version_of(&bytes);
                Ok(Some(Stored::new(bytes, version)))
            }
            // A store that is a file holds nothing, but it is no store without the object either.
            Err(error) if is_absent(&error) && !self.root.is_file() => Ok(None),
            Err(error) => Err(self.io_failed(Action::Read, key, &error)),
        }
    }

    fn write_blocking(&self, key: &str, bytes: &[u8], condition: &Condition) -> Result<Version, StoreError> {
        let path = self.path(Action::Write, key)?;
        let outcome = self.exclusively(|| {
            let current = match fs::read(&path) {
                Ok(bytes) => Some(version_of(&bytes)),
                Err(error) if is_absent(&error) => None,
                Err(error) => return Err(error),
            };
            let holds = match condition {
                Condition::None => true,
                Condition::Absent => current.is_none(),
                Condition::Unchanged(version) => current.as_ref() == Some(version),
            };
            if holds {
                self.replace(&path, bytes, is_private(key))?;
            }
            Ok(holds)
        });
        match outcome {
            Ok(true) => Ok(version_of(bytes)),
            Ok(false) => Err(StoreError::Conflict { url: self.url(key) }),
            Err(error) => Err(self.io_failed(Action::Write, key, &error)),
        }
    }

    /// Does something while no other process writes to this store. The system gives the lock back when a process ends.
    fn exclusively<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let folder = self.root.join(WORK_FOLDER);
        fs::create_dir_all(&folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("writer"))?;
        lock.lock()?;
        work()
    }

    fn replace(&self, path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(if private { 0o600 } else { 0o644 }));
        }
        #[cfg(not(unix))]
        let _ = private;
        let work = self.root.join(WORK_FOLDER);
        // Only one process writes at a time, so what is unfinished now is of one that was ended. It may be a private key.
        for entry in fs::read_dir(&work)?.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let mut unfinished = builder.prefix(UNFINISHED).tempfile_in(work)?;
        unfinished.write_all(bytes)?;
        unfinished.as_file().sync_all()?;
        unfinished.persist(path).map_err(|error| error.error)?;
        // The rename itself must survive a power cut too; a file system that cannot do this is no reason to fail.
        if let Some(Ok(folder)) = path.parent().map(File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn delete_unchanged_blocking(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let path = self.path(Action::Delete, key)?;
        let outcome = self.exclusively(|| match fs::read(&path) {
            Ok(bytes) if version_of(&bytes) == *version => Ok(self.delete_blocking(key)),
            Ok(_) => Ok(Err(StoreError::Conflict { url: self.url(key) })),
            Err(error) if is_absent(&error) => Ok(Ok(())),
            Err(error) => Err(error),
        });
        outcome.unwrap_or_else(|error| Err(self.io_failed(Action::Delete, key, &error)))
    }

    fn delete_blocking(&self, key: &str) -> Result<(), StoreError> {
        let path = self.path(Action::Delete, key)?;
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(self.io_failed(Action::Delete, key, &error)),
        }
        // Objects leave no folders behind, as in a bucket. A folder that is not empty stays.
        let mut folder = path.parent();
        while let Some(path) = folder.filter(|path| *path != self.root) {
            if fs::remove_dir(path).is_err() {
                break;
            }
            folder = path.parent();
        }
        Ok(())
    }

    fn list_blocking(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        // Only the deepest whole folder of the prefix needs to be walked.
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut keys = Vec::new();
        self.walk(folder, &mut keys).map_err(|error| self.io_failed(Action::List, prefix, &error))?;
        keys.retain(|key| key.starts_with(prefix));
        keys.sort();
        Ok(keys)
    }

    fn walk(&self, folder: &str, keys: &mut Vec<String>) -> io::Result<()> {
        let path = if folder.is_empty() { self.root.clone() } else { self.root.join(folder) };
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if folder == WORK_FOLDER && (name == "writer" || name.starts_with(UNFINISHED)) {
                continue;
            }
            let key = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if fs::metadata(entry.path())?.is_dir() {
                self.walk(&key, keys)?;
            } else {
                keys.push(key);
            }
        }
        Ok(())
    }

    /// Runs file work where it holds up nothing else.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result,
            Err(error) => Err(self.failed(Action::Read, "", Failure::Other, error)),
        }
    }
}

/// Whether a path does not exist, also because a folder on the way is a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn version_of(bytes: &[u8]) -> Version {
    Version(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[async_trait]
impl Store for FileStore {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let key = key.to_owned();
        self.blocking(move |store| store.read_blocking(&key)).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let key = key.to_owned();
        let bytes = zeroize::Zeroizing::new(bytes.to_vec());
        self.blocking(move |store| store.write_blocking(&key, &bytes, &condition)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.blocking(move |store| store.delete_blocking(&key)).await
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let (key, version) = (key.to_owned(), version.clone());
        self.blocking(move |store| store.delete_unchanged_blocking(&key, &version)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let prefix = prefix.to_owned();
        self.blocking(move |store| store.list_blocking(&prefix)).await
    }

    fn url(&self, key: &str) -> String {
        super::StoreUrl::File(self.root.clone()).join(key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn store() -> (tempfile::TempDir, FileStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path().join("state"));
        (folder, store)
    }

    #[tokio::test]
    async fn a_write_happens_only_if_its_condition_holds() {
        let (_folder, store) = store();
        assert!(store.read("demo/config").await.unwrap().is_none());
        let first = store.write("demo/config", b"one", Condition::Absent).await.unwrap();
        assert!(store.write("demo/config", b"two", Condition::Absent).await.unwrap_err().is_conflict());
        let second = store.write("demo/config", b"two", Condition::Unchanged(first.clone())).await.unwrap();
        assert!(store.write("demo/config", b"three", Condition::Unchanged(first)).await.unwrap_err().is_conflict());
        let read = store.read("demo/config").await.unwrap().unwrap();
        assert_eq!((&read.bytes[..], &read.version), (&b"two"[..], &second));
        let third = store.write("demo/config", b"three", Condition::None).await.unwrap();
        assert!(store.delete_unchanged("demo/config", &second).await.unwrap_err().is_conflict());
        store.delete_unchanged("demo/config", &third).await.unwrap();
        store.delete_unchanged("demo/config", &third).await.unwrap();
        assert!(store.read("demo/config").await.unwrap().is_none());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn private_material_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        let mode = |key: &str| fs::metadata(store.root.join(key)).unwrap().permissions().mode() & 0o777;
        for key in ["demo/pki/private/ca/keyset.yaml", "demo/secrets/kube"] {
            store.write(key, b"x", Condition::None).await.unwrap();
            assert_eq!(mode(key), 0o600, "{key}");
        }
        store.write("demo/config", b"x", Condition::None).await.unwrap();
        assert_eq!(mode("demo/config") & 0o200, 0o200);
    }

    #[tokio::test]
    async fn listing_finds_keys_by_prefix_and_no_unfinished_files() {
        let (_folder, store) = store();
        for key in ["a/config", "a/instancegroup/x", "ab/config", ".kopsform/a/lock"] {
            store.write(key, b"x", Condition::None).await.unwrap();
        }
        fs::write(store.root.join(".kopsform/unfinished-1"), b"half").unwrap();
        assert_eq!(store.list("a/").await.unwrap(), ["a/config", "a/instancegroup/x"]);
        assert_eq!(store.list("a").await.unwrap().len(), 3);
        assert_eq!(store.list("").await.unwrap().len(), 4);
        store.delete("a/instancegroup/x").await.unwrap();
        store.delete("a/instancegroup/x").await.unwrap();
        assert!(!store.root.join("a/instancegroup").exists());
    }

    #[tokio::test]
    async fn keys_cannot_leave_the_folder() {
        let (_folder, store) = store();
        for key in ["../x", "/etc/x", "a/../../x", "", "a/", "./a"] {
            assert!(store.write(key, b"x", Condition::None).await.is_err(), "{key}");
            assert!(store.read(key).await.is_err(), "{key}");
            assert!(store.delete(key).await.is_err(), "{key}");
        }
    }
}
