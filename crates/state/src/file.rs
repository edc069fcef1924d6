//! A store of files in a directory.
//!
//! Files are replaced as a whole. Temporary files and the lock between processes are below `.kopsform/`, which belongs to no
//! cluster.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};

use async_trait::async_trait;
use kopsform_files::{
    Mode, TEMPORARY_PREFIX, create_directories, lock_file, read_bounded, remove_directory, remove_file,
    replace_through, sync_directory,
};

use super::codec::sha256_hex;
use super::{Action, Condition, Failure, OBJECT_LIMIT, Store, StoreError, Stored, Version, is_private};

/// The directory of temporary files and of the lock between processes.
const WORK_DIRECTORY: &str = ".kopsform";
/// The lock file between processes, in the work directory.
const WRITER: &str = "writer";
/// The beginnings of the names of temporary files: of this release and of earlier ones.
const TEMPORARY: [&str; 2] = [TEMPORARY_PREFIX, "unfinished-"];
/// The permissions of what is not private, less the umask.
const PUBLIC: Mode = Mode::Keep(0o644);

/// Files below a directory, which the first write creates.
#[derive(Debug, Clone)]
pub struct FileStore {
    root: PathBuf,
}

impl FileStore {
    /// The store in a directory, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path of a key; keys that could leave the directory are refused.
    fn path(&self, action: Action, key: &str) -> Result<PathBuf, StoreError> {
        let plain = Path::new(key).components().all(|part| matches!(part, Component::Normal(_)));
        if key.is_empty() || key.ends_with('/') || !plain {
            return Err(self.failed(action, key, Failure::BadKey, "the key is not allowed in a store"));
        }
        Ok(self.root.join(key))
    }

    fn failed(&self, action: Action, key: &str, kind: Failure, reason: impl ToString) -> StoreError {
        StoreError::Failed { action, url: self.url(key), kind, reason: reason.to_string(), hint: None }
    }

    fn io_failed(&self, action: Action, key: &str, error: &io::Error) -> StoreError {
        let (kind, hint) = match error.kind() {
            io::ErrorKind::PermissionDenied => (
                Failure::Denied,
                Some(format!("check the owner and the permissions of {} and what is in it", self.root.display())),
            ),
            io::ErrorKind::ReadOnlyFilesystem => {
                (Failure::Denied, Some(format!("mount the file system of {} writable", self.root.display())))
            }
            _ => (Failure::Other, None),
        };
        StoreError::Failed { action, url: self.url(key), kind, reason: error.to_string(), hint }
    }

    fn read_blocking(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let path = self.path(Action::Read, key)?;
        match read(&path) {
            Ok(bytes) => {
                let version = version_of(&bytes);
                Ok(Some(Stored::new(bytes, version)))
            }
            // Where the store itself is a file, a missing object must not be reported: there is no store.
            Err(error) if is_absent(&error) && !self.root.is_file() => Ok(None),
            Err(error) => Err(self.io_failed(Action::Read, key, &error)),
        }
    }

    fn write_blocking(&self, key: &str, bytes: &[u8], condition: &Condition) -> Result<Version, StoreError> {
        let path = self.path(Action::Write, key)?;
        let outcome = self.exclusively(|| {
            let current = match read(&path) {
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

    /// Does something while no other process writes to this store.
    fn exclusively<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let directory = self.root.join(WORK_DIRECTORY);
        create_directories(&directory)?;
        let writer = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(WRITER))?;
        let _lock = lock_file(writer)?;
        work()
    }

    fn replace(&self, path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
        if let Some(directory) = path.parent() {
            create_directories(directory)?;
        }
        let work = self.root.join(WORK_DIRECTORY);
        // Only one process writes at a time, so a temporary file here was left by one that was killed. It may be a private key.
        for entry in fs::read_dir(&work)?.filter_map(Result::ok) {
            if is_temporary(&entry.file_name().to_string_lossy()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        replace_through(&work, path, bytes, if private { Mode::Private } else { PUBLIC })
    }

    fn delete_unchanged_blocking(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let path = self.path(Action::Delete, key)?;
        let outcome = self.exclusively(|| match read(&path) {
            Ok(bytes) if version_of(&bytes) == *version => self.remove(&path).map(|()| true),
            Ok(_) => Ok(false),
            Err(error) if is_absent(&error) => Ok(true),
            Err(error) => Err(error),
        });
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Conflict { url: self.url(key) }),
            Err(error) => Err(self.io_failed(Action::Delete, key, &error)),
        }
    }

    fn delete_blocking(&self, key: &str) -> Result<(), StoreError> {
        let path = self.path(Action::Delete, key)?;
        if !self.root.exists() {
            return Ok(());
        }
        // A writer must not lose the directory that it has just made for its file.
        self.exclusively(|| self.remove(&path)).map_err(|error| self.io_failed(Action::Delete, key, &error))
    }

    /// Removes a file and the directories that are empty without it.
    fn remove(&self, path: &Path) -> io::Result<()> {
        match remove_file(path) {
            Ok(()) => {}
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
        // As in a bucket, no empty directories stay behind. One that is not empty cannot be removed.
        let mut directory = path.parent();
        while let Some(path) = directory.filter(|path| *path != self.root) {
            if remove_directory(path).is_err() {
                break;
            }
            directory = path.parent();
        }
        // A deletion must survive a power cut too; the nearest directory that is left records it.
        if let Some(directory) = directory {
            sync_directory(directory);
        }
        Ok(())
    }

    fn list_blocking(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        // Only the deepest whole directory of the prefix needs to be walked.
        let directory = prefix.rsplit_once('/').map_or("", |(directory, _)| directory);
        let mut keys = Vec::new();
        self.walk(directory, &mut keys).map_err(|error| self.io_failed(Action::List, prefix, &error))?;
        keys.retain(|key| key.starts_with(prefix));
        keys.sort();
        Ok(keys)
    }

    fn walk(&self, directory: &str, keys: &mut Vec<String>) -> io::Result<()> {
        let path = if directory.is_empty() { self.root.clone() } else { self.root.join(directory) };
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if directory == WORK_DIRECTORY && (name == WRITER || is_temporary(&name)) {
                continue;
            }
            let key = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            if fs::metadata(entry.path())?.is_dir() {
                self.walk(&key, keys)?;
            } else {
                keys.push(key);
            }
        }
        Ok(())
    }

    /// Runs blocking work off the async threads.
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

fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_bounded(path, OBJECT_LIMIT).map_err(io::Error::from)
}

fn is_temporary(name: &str) -> bool {
    TEMPORARY.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a path does not exist, also because a part of it is a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn version_of(bytes: &[u8]) -> Version {
    Version(sha256_hex(bytes))
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
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::new(directory.path().join("state"));
        (directory, store)
    }

    #[test]
    fn hints_are_about_files() {
        let store = FileStore::new("/srv/state");
        let hints = |kind: io::ErrorKind| {
            kopsform_diagnostics::Explain::hints(&store.io_failed(Action::Write, "a/config", &kind.into()))
        };
        assert_eq!(
            hints(io::ErrorKind::PermissionDenied),
            ["check the owner and the permissions of /srv/state and what is in it"]
        );
        assert_eq!(hints(io::ErrorKind::ReadOnlyFilesystem), ["mount the file system of /srv/state writable"]);
        assert!(hints(io::ErrorKind::StorageFull).is_empty());
    }

    #[tokio::test]
    async fn a_write_happens_only_if_its_condition_holds() {
        let (_directory, store) = store();
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
        let (_directory, store) = store();
        let mode = |key: &str| fs::metadata(store.root.join(key)).unwrap().permissions().mode() & 0o777;
        for key in ["demo/pki/private/ca/keyset.yaml", "demo/secrets/kube"] {
            store.write(key, b"x", Condition::None).await.unwrap();
            assert_eq!(mode(key), 0o600, "{key}");
        }
        store.write("demo/config", b"x", Condition::None).await.unwrap();
        assert_eq!(mode("demo/config") & 0o200, 0o200);
    }

    #[tokio::test]
    async fn listing_finds_keys_by_prefix_and_no_temporary_files() {
        let (_directory, store) = store();
        for key in ["a/config", "a/instancegroup/x", "ab/config", ".kopsform/a/lock"] {
            store.write(key, b"x", Condition::None).await.unwrap();
        }
        for temporary in [".kopsform/unfinished-1", ".kopsform/.kopsform-1"] {
            fs::write(store.root.join(temporary), b"half").unwrap();
        }
        assert_eq!(store.list("a/").await.unwrap(), ["a/config", "a/instancegroup/x"]);
        assert_eq!(store.list("a").await.unwrap().len(), 3);
        assert_eq!(store.list("").await.unwrap().len(), 4);
        store.delete("a/instancegroup/x").await.unwrap();
        store.delete("a/instancegroup/x").await.unwrap();
        assert!(!store.root.join("a/instancegroup").exists());
    }

    #[tokio::test]
    async fn keys_cannot_leave_the_directory() {
        let (_directory, store) = store();
        for key in ["../x", "/etc/x", "a/../../x", "", "a/", "./a"] {
            assert!(store.write(key, b"x", Condition::None).await.is_err(), "{key}");
            assert!(store.read(key).await.is_err(), "{key}");
            assert!(store.delete(key).await.is_err(), "{key}");
        }
    }
}
