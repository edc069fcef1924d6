//! Writes files into the output directory and removes those of earlier runs; files of others are never touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST_FILE, Manifest, stays_inside};
use super::render::Output;
use kopsform_diagnostics::Explain;
use kopsform_files::{ReadError, Staging, TEXT_LIMIT, read_bounded};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or directory cannot be read, written or removed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The manifest is malformed, so it is unknown which files are ours.
    #[error("cannot read {} as a manifest", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A file name leads out of the output directory.
    #[error("the file name {0:?} leads out of the output directory")]
    Outside(String),
}

impl Explain for WriteError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest { path, .. } => {
                vec![format!("remove {}; files of earlier runs then count as yours", path.display())]
            }
            Self::Io { .. } | Self::Outside(_) => Vec::new(),
        }
    }
}

/// What a run changed. Paths are relative to the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteSummary {
    /// New and changed files.
    pub written: Vec<String>,
    /// Removed files of earlier runs.
    pub removed: Vec<String>,
    /// The number of files that already had their content.
    pub unchanged: usize,
}

/// Writes files into a directory, which is created if it does not exist. Another run into the same directory waits.
///
/// All new content is staged before the first file changes, so a full disk or a missing permission leaves everything as it was.
/// Files of earlier runs that this one does not write are removed; files that are not in the manifest never are. Files that
/// already have their content are left alone, with their times.
///
/// # Errors
/// When the manifest is malformed, or a file cannot be read or written.
pub fn write(output: &Output, dir: &Path) -> Result<WriteSummary, WriteError> {
    if let Some(path) = output.files.keys().find(|path| !stays_inside(path)) {
        return Err(WriteError::Outside(path.clone()));
    }
    fs::create_dir_all(dir).map_err(failed("create directory", dir))?;
    let staging = Staging::new(dir).map_err(failed("write to", dir))?;
    let before = read_manifest(dir)?;
    let mut summary = WriteSummary::default();
    for (path, content) in &output.files {
        if holds(&dir.join(path), content)? {
            summary.unchanged += 1;
        } else {
            staging.write(path, content).map_err(failed("write", &dir.join(path)))?;
            summary.written.push(path.clone());
        }
    }
    let stale: Vec<String> = before.files.iter().filter(|path| !output.files.contains_key(*path)).cloned().collect();

    // Until all files are in place the manifest lists old and new ones, so that after a crash the next run knows all of them.
    write_manifest(dir, &staging, &Manifest::of(before.files.iter().chain(output.files.keys())))?;
    for path in &summary.written {
        staging.publish(path).map_err(failed("write", &dir.join(path)))?;
    }
    for path in &stale {
        if remove(dir, path)? {
            summary.removed.push(path.clone());
        }
    }
    write_manifest(dir, &staging, &Manifest::of(output.files.keys()))?;
    Ok(summary)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { action, path, source }
}

/// Whether a file has exactly this content. One that is larger is not read to its end.
fn holds(path: &Path, content: &[u8]) -> Result<bool, WriteError> {
    match read_bounded(path, content.len() as u64) {
        Ok(existing) => Ok(existing == content),
        Err(ReadError::TooLarge { .. }) => Ok(false),
        Err(error) if is_absent(error.kind()) => Ok(false),
        Err(error) => Err(failed("read", path)(error.into())),
    }
}

fn is_absent(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn read_manifest(dir: &Path) -> Result<Manifest, WriteError> {
    let path = dir.join(MANIFEST_FILE);
    match read_bounded(&path, TEXT_LIMIT) {
        Ok(text) => Manifest::parse(&text).map_err(|source| WriteError::Manifest { path, source }),
        Err(error) if is_absent(error.kind()) => Ok(Manifest::default()),
        Err(error) => Err(failed("read", &path)(error.into())),
    }
}

fn write_manifest(dir: &Path, staging: &Staging, manifest: &Manifest) -> Result<(), WriteError> {
    let path = dir.join(MANIFEST_FILE);
    let text = manifest.to_text().into_bytes();
    if holds(&path, &text)? {
        return Ok(());
    }
    staging.replace(MANIFEST_FILE, &text).map_err(failed("write", &path))
}

/// Removes a file and the directories that are empty without it. Returns whether the file existed.
fn remove(dir: &Path, path: &str) -> Result<bool, WriteError> {
    let target = dir.join(path);
    match fs::remove_file(&target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed("remove", &target)(error)),
    }
    let mut parent = target.parent();
    while let Some(empty) = parent.filter(|parent| *parent != dir && fs::remove_dir(parent).is_ok()) {
        parent = empty.parent();
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn output(files: &[(&str, &str)]) -> Output {
        Output { files: files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect() }
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn stale_files_are_removed_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&output(&[("kubernetes.tf", "a"), ("data/old", "1"), ("data/same", "2")]), &out).unwrap();
        fs::write(out.join("config.tf"), "mine").unwrap();
        fs::write(out.join("data/mine"), "mine").unwrap();
        let summary = write(&output(&[("kubernetes.tf", "b"), ("data/same", "2")]), &out).unwrap();
        assert_eq!(summary.written, ["kubernetes.tf"]);
        assert_eq!(summary.removed, ["data/old"]);
        assert_eq!(summary.unchanged, 1);
        assert_eq!(names(&out), [MANIFEST_FILE, "config.tf", "data", "kubernetes.tf"]);
        assert_eq!(names(&out.join("data")), ["mine", "same"]);
    }

    #[test]
    fn unchanged_files_are_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let files = output(&[("kubernetes.tf", "a"), ("data/x", "1")]);
        write(&files, dir.path()).unwrap();
        let times =
            || ["kubernetes.tf", MANIFEST_FILE].map(|f| fs::metadata(dir.path().join(f)).unwrap().modified().unwrap());
        let before = times();
        let summary = write(&files, dir.path()).unwrap();
        assert_eq!((summary.written.len(), summary.unchanged), (0, 2));
        assert_eq!(before, times());
    }

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        write(&output(&[("kubernetes.tf", "a")]), dir.path()).unwrap();
        // A file cannot lie below another one.
        assert!(write(&output(&[("data/x", "1"), ("data/x/y", "2"), ("kubernetes.tf", "b")]), dir.path()).is_err());
        assert_eq!(fs::read_to_string(dir.path().join("kubernetes.tf")).unwrap(), "a");
        assert_eq!(names(dir.path()), [MANIFEST_FILE, "kubernetes.tf"]);
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(&output(&[("../x", "a")]), dir.path()).unwrap_err();
        assert!(matches!(error, WriteError::Outside(_)));
    }

    #[test]
    fn a_malformed_manifest_stops_the_run() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MANIFEST_FILE), "{").unwrap();
        let error = write(&output(&[("a", "a")]), dir.path()).unwrap_err();
        assert!(!error.hints().is_empty());
        assert!(!dir.path().join("a").exists());
    }
}
