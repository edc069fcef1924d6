//! `kopsform.lock`: the recorded facts of a run, so that the next one needs no network and writes the same bytes.

use std::path::{Path, PathBuf};

use super::{Facts, Needs};
use kopsform_diagnostics::{Explain, shortened};
use kopsform_files::{Mode, TEXT_LIMIT, read_text_bounded, replace};

/// The default name of the file.
pub const FILE_NAME: &str = "kopsform.lock";

/// Why facts are not available.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The lock file cannot be read.
    #[error("cannot read the lock file {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a lock file.
    #[error("{path}:{line}:{column}: not a lock file: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The message of the parser.
        reason: String,
    },
    /// The lock file was written by a later release.
    #[error("{path} has version {version}, this release reads version 1")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it has.
        version: u32,
    },
    /// The lock file cannot be written.
    #[error("cannot write the lock file {path}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Facts are missing and must not, or cannot, be looked up.
    #[error("{} not recorded in the lock file{}", list(.missing), .lock.as_ref().map(|l| format!(" {}", l.display())).unwrap_or_default())]
    Missing {
        /// What is missing, as `kind name`.
        missing: Vec<String>,
        /// The lock file that was read, if any.
        lock: Option<PathBuf>,
        /// Whether the run is offline; else the build lacks the cloud.
        offline: bool,
    },
    /// A subnet is in a zone that its region does not have.
    #[error("subnet {subnet}: {zone} is not an availability zone of {region}")]
    NoSuchZone {
        /// The subnet.
        subnet: String,
        /// Its zone.
        zone: String,
        /// The region.
        region: String,
        /// The zones it has.
        known: Vec<String>,
    },
    /// A request to the cloud or a download server failed.
    #[error("cannot look up {what}: {reason}")]
    Failed {
        /// What was asked for.
        what: String,
        /// What went wrong.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

fn list(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

impl Explain for LookupError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing { offline: true, .. } => {
                vec!["run `kopsform lock` where the cloud can be reached, or leave out --offline".to_owned()]
            }
            Self::Missing { offline: false, .. } => {
                vec!["this build cannot look them up: install with the feature of the cloud, `aws` or `gce`, or record them with `kopsform lock`".to_owned()]
            }
            Self::Malformed { .. } => vec!["regenerate it with `kopsform lock`".to_owned()],
            Self::Version { .. } => vec!["use a newer kopsform".to_owned()],
            Self::NoSuchZone { region, known, .. } => vec![format!("zones of {region} are {}", known.join(", "))],
            Self::Failed { hint, .. } => hint.iter().cloned().collect(),
            Self::Unreadable { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                vec![format!("correct the path, or write the file with `kopsform lock --lock {}`", path.display())]
            }
            Self::Unreadable { .. } | Self::Unwritable { .. } => Vec::new(),
        }
    }
}

/// Reads a lock file.
pub fn read(path: &Path) -> Result<Facts, LookupError> {
    let text = read_text_bounded(path, TEXT_LIMIT)
        .map_err(|error| LookupError::Unreadable { path: path.to_owned(), source: error.into() })?;
    let facts: Facts = serde_json::from_str(&text).map_err(|error| LookupError::Malformed {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
        reason: shortened(
            error.to_string().rsplit_once(" at line ").map_or_else(String::new, |(reason, _)| reason.to_owned()),
        ),
    })?;
    match facts.version {
        0 | 1 => Ok(facts),
        version => Err(LookupError::Version { path: path.to_owned(), version }),
    }
}

/// Writes a lock file atomically; keys are sorted, so that a diff shows what changed.
pub fn write(path: &Path, facts: &Facts) -> Result<(), LookupError> {
    let unwritable = |source| LookupError::Unwritable { path: path.to_owned(), source };
    let facts = Facts { version: 1, ..facts.clone() };
    let mut text = serde_json::to_string_pretty(&facts).map_err(|e| unwritable(e.into()))?;
    text.push('\n');
    replace(path, text.as_bytes(), Mode::PUBLIC).map_err(unwritable)
}

/// An error that lists the needs that the facts do not meet.
pub fn require(needs: &Needs, facts: &Facts, lock: Option<&Path>, offline: bool) -> Result<(), LookupError> {
    let missing: Vec<String> = needs.missing(facts).names().collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(LookupError::Missing { missing, lock: lock.map(Path::to_owned), offline })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::ImageFact;

    #[test]
    fn a_written_lock_reads_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE_NAME);
        let mut facts = Facts { version: 1, ..Facts::default() };
        facts.images.insert("ami-1".into(), ImageFact { id: "ami-1".into(), ..ImageFact::default() });
        write(&path, &facts).unwrap();
        assert_eq!(read(&path).unwrap(), facts);
    }

    #[test]
    fn a_broken_lock_is_named_with_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE_NAME);
        std::fs::write(&path, "{\n \"version\": 1,\n oops\n}").unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("kopsform.lock:3:"), "{message}");
        std::fs::write(&path, "{\"version\": 9}").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("version 9"));
    }

    #[test]
    fn what_is_missing_offline_is_named() {
        let needs = Needs { images: ["ami-1".to_owned()].into(), ..Needs::default() };
        let error = require(&needs, &Facts::default(), None, true).unwrap_err();
        assert_eq!(error.to_string(), "image ami-1 is not recorded in the lock file");
        assert!(error.hints()[0].contains("kopsform lock"));
    }
}
