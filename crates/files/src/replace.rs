//! Replacing files as a whole.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::injection;

/// How many symbolic links are followed before a loop is assumed, as in Linux.
const MAX_LINKS: usize = 40;

/// How old a temporary file is that no process writes any more.
const ABANDONED: Duration = Duration::from_secs(600);

/// The beginning of the names of temporary files.
pub const TEMPORARY_PREFIX: &str = ".kopsform-";

/// Who may read and write a file after its replacement. On systems other than Unix it has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The owner only, 0600, regardless of the mode before and of the umask. For keys, secrets and tokens.
    Private,
    /// What the file has now; a new file gets these permission bits less the umask.
    Keep(u32),
}

impl Mode {
    /// For content without secrets: new files get 0666 less the umask, as files written by other programs do.
    pub const PUBLIC: Self = Self::Keep(0o666);
}

/// Replaces the content of a file as a whole, through a temporary file in its directory, which must exist.
///
/// Of a symbolic link, the file it leads to is replaced and the link stays. What is not a regular file, such as a pipe or
/// `/dev/stdout`, is written to directly.
///
/// # Errors
/// The error of the system; the file then has its old content.
pub fn replace(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    if is_stream(path) {
        return OpenOptions::new().write(true).truncate(true).open(path)?.write_all(bytes);
    }
    let path = follow_links(path)?;
    let directory = directory_of(&path);
    remove_abandoned(directory);
    replace_through(directory, &path, bytes, mode)
}

/// Removes temporary files that killed processes left: they may hold secrets. Writing takes moments, so old ones are abandoned.
fn remove_abandoned(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_temporary = entry.file_name().to_str().is_some_and(is_temporary_name);
        let found = entry.metadata().ok().filter(|found| is_temporary && found.is_file());
        let age = found.and_then(|found| found.modified().ok()?.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one that temporary files get: the prefix and six letters and digits.
fn is_temporary_name(name: &str) -> bool {
    let random = name.strip_prefix(TEMPORARY_PREFIX);
    random.is_some_and(|random| random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Replaces the content of a file as a whole, through a temporary file in a directory of the same file system.
/// Both directories must exist. A symbolic link at `path` is itself replaced.
///
/// # Errors
/// The error of the system; the file then has its old content.
pub fn replace_through(temporary_in: &Path, path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    let kept = match mode {
        Mode::Private => None,
        Mode::Keep(new) => match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_file() => Some(metadata.permissions()),
            _ => {
                // The system takes the umask off permissions that a file is created with.
                if let Some(permissions) = permissions(new) {
                    builder.permissions(permissions);
                }
                None
            }
        },
    };
    injection::step()?;
    let temporary = builder.tempfile_in(temporary_in)?;
    injection::write_all(temporary.as_file(), bytes)?;
    match (mode, kept) {
        (Mode::Private, _) => restrict(temporary.as_file())?,
        (Mode::Keep(_), Some(permissions)) => temporary.as_file().set_permissions(permissions)?,
        (Mode::Keep(_), None) => {}
    }
    // Without this, a power cut after the rename can leave an empty file.
    injection::step()?;
    temporary.as_file().sync_all()?;
    injection::step()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_directory(directory_of(path));
    Ok(())
}

/// Fails if nothing can be written to a directory, without leaving a trace. One that does not exist is created in the nearest one
/// that does.
///
/// # Errors
/// The error of the system.
pub fn check_writable(directory: &Path) -> io::Result<()> {
    let mut nearest = directory;
    loop {
        match fs::metadata(nearest) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && nearest != directory_of(nearest) => {
                nearest = directory_of(nearest);
            }
            Err(error) => return Err(error),
        }
    }
    tempfile::tempfile_in(nearest).map(|_| ())
}

/// Moves a file to another name in the same file system; a file of that name is replaced.
///
/// # Errors
/// The error of the system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    injection::step()?;
    fs::rename(from, to)
}

/// Removes a file or link.
///
/// # Errors
/// The error of the system, also when there is none.
pub fn remove_file(path: &Path) -> io::Result<()> {
    injection::step()?;
    fs::remove_file(path)
}

/// Removes an empty directory.
///
/// # Errors
/// The error of the system, also when it is not empty.
pub fn remove_directory(path: &Path) -> io::Result<()> {
    injection::step()?;
    fs::remove_dir(path)
}

/// Creates a directory and those above it, unless they exist.
///
/// # Errors
/// The error of the system.
pub fn create_directories(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    injection::step()?;
    fs::create_dir_all(path)
}

/// Makes renames and deletions in a directory survive a power cut. Some file systems cannot do this, which is not an error.
pub fn sync_directory(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a path leads to something that has no content to replace.
fn is_stream(path: &Path) -> bool {
    // `/dev/stdout` leads to what the shell opened, which other output goes to as well.
    let by_descriptor =
        ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|descriptors| path.starts_with(descriptors));
    by_descriptor || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The file that a path leads to. It need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            // Not a link, or nothing there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many levels of symbolic links"))
}

#[cfg(unix)]
fn permissions(mode: u32) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn permissions(_mode: u32) -> Option<Permissions> {
    None
}

/// Temporary files are created for their owner only already; this also undoes what an unusual umask took off.
fn restrict(file: &File) -> io::Result<()> {
    permissions(0o600).map_or(Ok(()), |permissions| file.set_permissions(permissions))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(directory: &Path) -> Vec<String> {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_replaced_file_keeps_its_mode_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        for kept in [0o600, 0o640, 0o444, 0o664] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(kept)).unwrap();
            replace(&path, b"new", Mode::PUBLIC).unwrap();
            assert_eq!((mode(&path), &fs::read(&path).unwrap()[..]), (kept, &b"new"[..]));
            fs::remove_file(&path).unwrap();
        }
        replace(&path, b"new", Mode::PUBLIC).unwrap();
        assert_eq!(mode(&path) & 0o600, 0o600);
        assert_eq!(names(directory.path()), ["x"]);
    }

    #[test]
    fn what_killed_processes_left_goes_after_a_while() {
        let directory = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * ABANDONED;
        for (name, is_old) in [(".kopsform-aB3xYz", true), (".kopsform-aB3xY0", false), (".kopsform-mine.yaml", true)] {
            let file = File::create(directory.path().join(name)).unwrap();
            if is_old {
                file.set_modified(long_ago).unwrap();
            }
        }
        replace(&directory.path().join("x"), b"new", Mode::PUBLIC).unwrap();
        let mut left = names(directory.path());
        left.sort();
        assert_eq!(left, [".kopsform-aB3xY0", ".kopsform-mine.yaml", "x"]);
    }

    #[test]
    fn private_files_are_for_their_owner_whatever_they_were_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"new", Mode::Private).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn links_stay_links_even_to_files_that_are_not_there_yet() {
        let directory = tempfile::tempdir().unwrap();
        let [link, between, real] = ["link", "between", "real"].map(|name| directory.path().join(name));
        symlink("between", &link).unwrap();
        symlink("real", &between).unwrap();
        for content in ["one", "two"] {
            replace(&link, content.as_bytes(), Mode::PUBLIC).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&real).unwrap(), content);
        }
        symlink("loop", directory.path().join("loop")).unwrap();
        assert!(replace(&directory.path().join("loop"), b"x", Mode::PUBLIC).is_err());
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        replace(Path::new("/dev/null"), b"x", Mode::PUBLIC).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_failure_leaves_the_old_content_and_no_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "old").unwrap();
        assert!(replace(&path, b"new", Mode::PUBLIC).is_err());
        assert_eq!(names(directory.path()), ["x"]);
        assert_eq!(names(&path), ["inside"]);
    }
}
