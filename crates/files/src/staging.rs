//! Files that are published together.

use std::cell::OnceCell;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::lock::lock_file;
use crate::replace::{Mode, replace_through, sync_directory};

/// The beginning of the names of staging directories.
const PREFIX: &str = ".kopsform-staging";

/// Files that wait in their destination, in a directory of their own, until all of them are written.
///
/// A full disk or a missing permission shows before the first file of the destination changes. While a staging exists, the
/// destination is locked: another process that stages into it waits. The staging directory goes when this is dropped, and one
/// that a killed process left behind goes when the next is made.
#[derive(Debug)]
pub struct Staging {
    destination: PathBuf,
    /// Made when the first file needs it, so that a run without changes does not touch the destination.
    directory: OnceCell<TempDir>,
    /// The lock on the destination, which the system releases when the process ends.
    _lock: File,
}

impl Staging {
    /// Locks a directory, which must exist.
    ///
    /// # Errors
    /// The error of the system.
    pub fn new(destination: &Path) -> io::Result<Self> {
        let lock = lock_file(File::open(destination)?)?;
        for entry in fs::read_dir(destination)? {
            let entry = entry?;
            // No other process is staging now, so what is here was left behind.
            if entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self { destination: destination.to_owned(), directory: OnceCell::new(), _lock: lock })
    }

    fn directory(&self) -> io::Result<&Path> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory.path());
        }
        let new = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&self.destination)?;
        Ok(self.directory.get_or_init(|| new).path())
    }

    /// Writes a file that [`Staging::publish`] will move. The path is relative to the destination and must stay below it.
    ///
    /// # Errors
    /// The error of the system.
    pub fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let staged = self.directory()?.join(path);
        if let Some(parent) = staged.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&staged)?;
        file.write_all(bytes)?;
        // A file that is replaced keeps its mode.
        if let Ok(metadata) = fs::symlink_metadata(self.destination.join(path))
            && metadata.is_file()
        {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    }

    /// Moves a staged file to its path in the destination.
    ///
    /// # Errors
    /// The error of the system.
    pub fn publish(&self, path: &str) -> io::Result<()> {
        let target = self.destination.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(self.directory()?.join(path), &target)?;
        if let Some(parent) = target.parent() {
            sync_directory(parent);
        }
        Ok(())
    }

    /// Replaces one file of the destination at once, before or after staged files are published.
    ///
    /// # Errors
    /// The error of the system.
    pub fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        replace_through(self.directory()?, &self.destination.join(path), bytes, Mode::PUBLIC)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn staged_files_appear_when_published_and_the_rest_goes() {
        let directory = tempfile::tempdir().unwrap();
        let staging = Staging::new(directory.path()).unwrap();
        staging.write("data/a", b"1").unwrap();
        staging.write("b", b"2").unwrap();
        assert!(!directory.path().join("data").exists());
        staging.publish("data/a").unwrap();
        staging.replace("c", b"3").unwrap();
        drop(staging);
        assert_eq!(names(directory.path()), ["c", "data"]);
        assert_eq!(fs::read(directory.path().join("data/a")).unwrap(), b"1");
    }

    #[test]
    fn what_a_killed_process_staged_goes_with_the_next_staging() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join(".kopsform-staging/data")).unwrap();
        drop(Staging::new(directory.path()).unwrap());
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_second_staging_waits_for_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let first = Staging::new(directory.path()).unwrap();
        let path = directory.path().to_owned();
        let second = std::thread::spawn(move || Staging::new(&path).map(|staging| staging.replace("x", b"second")));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!second.is_finished());
        first.replace("x", b"first").unwrap();
        drop(first);
        second.join().unwrap().unwrap().unwrap();
        assert_eq!(fs::read(directory.path().join("x")).unwrap(), b"second");
    }

    #[cfg(unix)]
    #[test]
    fn replaced_files_keep_their_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kubernetes.tf");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let staging = Staging::new(directory.path()).unwrap();
        staging.write("kubernetes.tf", b"new").unwrap();
        staging.publish("kubernetes.tf").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
