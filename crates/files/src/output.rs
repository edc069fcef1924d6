//! The files of an output directory, which a program writes again and again: how they differ from what would be written, which of
//! them are the program's, and what went wrong with one.

use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::read::{ReadError, TEXT_LIMIT, read_bounded};

/// How many files a message names.
const SHOWN: usize = 10;

/// What happens to files that another program or a user wrote or edited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignFiles {
    /// They are an error, before anything is written.
    #[default]
    Keep,
    /// As [`ForeignFiles::Keep`], for commands with a flag `--force`, which the error then names.
    KeepUnlessForced,
    /// They are replaced, and removed if an earlier run had written them.
    Overwrite,
}

/// How something differs from what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It does not exist.
    New,
    /// It has another content.
    Changed,
    /// It would be removed.
    Removed,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
        })
    }
}

/// A file or directory of an output that cannot be read, written or removed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct FileError {
    /// What was tried.
    pub action: &'static str,
    /// On what.
    pub path: PathBuf,
    /// What went wrong.
    #[source]
    pub source: io::Error,
}

/// For `map_err`: names what was tried, and on what.
pub fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { action, path, source }
}

/// Why the manifest of an output directory, the list of the program's files there, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("it is not a manifest: {0}")]
    Malformed(String),
    /// Another release wrote it.
    #[error("it has version {found}, and this release knows {}", versions(.known))]
    Version {
        /// The version of its format.
        found: u32,
        /// The versions that can be read.
        known: RangeInclusive<u32>,
    },
}

fn versions(known: &RangeInclusive<u32>) -> String {
    match (known.start(), known.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first} to {last}"),
    }
}

/// A manifest that cannot be used, so that it is unknown which files are the program's.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}", path.display())]
pub struct UnusableManifest {
    /// The manifest.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub source: ManifestError,
}

impl UnusableManifest {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self.source {
            ManifestError::Version { .. } => "use the release that wrote it, or a later one".to_owned(),
            ManifestError::Malformed(_) => {
                format!("remove {}; files of earlier runs then count as yours", self.path.display())
            }
        }
    }
}

/// Whether something is at a path, be it a link that leads nowhere.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a path is a symbolic link.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Whether an error says that there is no such file.
pub fn is_absent(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether a file has exactly this content. One that is larger is not read to its end; a link has none.
///
/// # Errors
/// When it is there and cannot be read.
pub fn holds(path: &Path, content: &[u8]) -> Result<bool, FileError> {
    if is_link(path) {
        return Ok(false);
    }
    Ok(read_up_to(path, content.len() as u64)?.is_some_and(|existing| existing == content))
}

/// The content of a file of at most `limit` bytes, also through a link; `None` if it is larger or there is none.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read_up_to(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    match read_bounded(path, limit) {
        Ok(content) => Ok(Some(content)),
        Err(ReadError::TooLarge { .. }) => Ok(None),
        Err(error) if is_absent(error.kind()) => Ok(None),
        Err(error) => Err(failed("read", path)(error.into())),
    }
}

/// The content of a file that an earlier run may have written; `None` for anything but a plain file of at most `limit` bytes.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read_plain(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    let is_plain = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    if is_plain { read_up_to(path, limit) } else { Ok(None) }
}

/// The manifest of an output directory; `None` if it has none.
///
/// # Errors
/// When it cannot be read or is larger than [`TEXT_LIMIT`], and with what `parse` finds.
pub fn read_manifest<M, E>(path: &Path, parse: impl FnOnce(&[u8]) -> Result<M, ManifestError>) -> Result<Option<M>, E>
where
    E: From<FileError> + From<UnusableManifest>,
{
    match read_bounded(path, TEXT_LIMIT) {
        Ok(content) => match parse(&content) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(source) => Err(UnusableManifest { path: path.to_owned(), source }.into()),
        },
        Err(error) if is_absent(error.kind()) => Ok(None),
        Err(error) => Err(failed("read", path)(error.into()).into()),
    }
}

/// The message about files that would be replaced or removed and are not the program's, or were edited since it wrote them.
pub fn describe_foreign(dir: &Path, foreign: &[String], edited: &[String]) -> String {
    let list = |files: &[String]| {
        let mut text = files.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if files.len() > SHOWN {
            text.push_str(&format!(" and {} more", files.len() - SHOWN));
        }
        text
    };
    let mut reasons = Vec::new();
    if !foreign.is_empty() {
        reasons.push(format!("not written by kopsform: {}", list(foreign)));
    }
    if !edited.is_empty() {
        reasons.push(format!("edited since kopsform wrote them: {}", list(edited)));
    }
    format!("refusing to overwrite files in {}: {}", dir.display(), reasons.join("; "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_holds_its_content_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        assert!(!holds(&path, b"a").unwrap() && read_plain(&path, 9).unwrap().is_none());
        fs::write(&path, "a").unwrap();
        assert!(holds(&path, b"a").unwrap());
        for other in [b"".as_slice(), b"b", b"ab"] {
            assert!(!holds(&path, other).unwrap(), "{other:?}");
        }
        assert_eq!(read_plain(&path, 1).unwrap().unwrap(), b"a");
        assert!(read_plain(&path, 0).unwrap().is_none(), "larger");
        assert!(!holds(dir.path(), b"a").unwrap_or_default(), "a directory");
        assert!(read_plain(dir.path(), 9).unwrap().is_none());
        assert!(!holds(&path.join("y"), b"a").unwrap(), "below a file");
        assert_eq!(read_up_to(&path.join("y"), 9).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("x"), dir.path().join("link"));
        fs::write(&path, "a").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(exists(&link) && is_link(&link) && !is_link(&path));
        assert!(!holds(&link, b"a").unwrap() && read_plain(&link, 9).unwrap().is_none());
    }

    #[test]
    fn messages_name_files_versions_and_what_to_do() {
        let files: Vec<String> = (0..12).map(|number| format!("f{number}")).collect();
        let text = describe_foreign(Path::new("out"), &files, &["g".to_owned()]);
        assert!(text.starts_with("refusing to overwrite files in out: not written by kopsform: f0, f1"), "{text}");
        assert!(text.ends_with("f9 and 2 more; edited since kopsform wrote them: g"), "{text}");
        let version = |known| ManifestError::Version { found: 9, known }.to_string();
        assert_eq!(version(1..=1), "it has version 9, and this release knows 1");
        assert_eq!(version(1..=3), "it has version 9, and this release knows 1 to 3");
        let malformed = ManifestError::Malformed("x".to_owned());
        let unusable = UnusableManifest { path: PathBuf::from("m.json"), source: malformed };
        assert!(unusable.hint().starts_with("remove m.json;"));
    }
}
