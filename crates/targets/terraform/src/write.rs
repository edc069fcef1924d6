//! Puts files into the output directory: all of them or none, and nobody else's.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST_FILE, Manifest, stays_inside};
use super::render::Output;
use kopsform_diagnostics::Explain;

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
    /// The manifest is broken, so nobody knows which files are ours.
    #[error("cannot read {} as a manifest", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A name would lead out of the output directory.
    #[error("the file name {0:?} leads out of the output directory")]
    Outside(String),
}

impl Explain for WriteError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest { path, .. } => {
                vec![format!("remove {} to have the directory taken for one without files of ours", path.display())]
            }
            Self::Io { .. } | Self::Outside(_) => Vec::new(),
        }
    }
}

/// What a run changed in the directory. Paths lie below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteSummary {
    /// Files that are new or have other content now.
    pub written: Vec<String>,
    /// Files of earlier runs that are gone.
    pub removed: Vec<String>,
    /// How many files were right already.
    pub unchanged: usize,
}

/// Where files wait until all of them are written.
const STAGING: &str = ".kopsform-staging";

/// Writes files into a directory, which is made if need be.
///
/// New content is written beside the old first, so a full disk or a missing permission leaves everything as it was.
/// Files that earlier runs wrote and this one does not are removed; files that are not in the manifest never are.
/// Files that hold the right bytes already are left alone, with their times.
///
/// # Errors
/// When the manifest cannot be understood, or a file cannot be read or written.
pub fn write(output: &Output, dir: &Path) -> Result<WriteSummary, WriteError> {
    if let Some(path) = output.files.keys().find(|path| !stays_inside(path)) {
        return Err(WriteError::Outside(path.clone()));
    }
    fs::create_dir_all(dir).map_err(failed("create directory", dir))?;
    let before = read_manifest(dir)?;
    let mut summary = WriteSummary::default();
    let mut changed: BTreeMap<&String, &Vec<u8>> = BTreeMap::new();
    for (path, content) in &output.files {
        match read(&dir.join(path))? {
            Some(existing) if existing == *content => summary.unchanged += 1,
            _ => {
                changed.insert(path, content);
            }
        }
    }
    let stale: Vec<String> = before.files.iter().filter(|path| !output.files.contains_key(*path)).cloned().collect();

    let staging = dir.join(STAGING);
    let staged = stage(&staging, &changed);
    let result = staged.and_then(|()| {
        // Until all is in place the manifest lists old and new files, so that no crash leaves a file without an owner.
        let both = Manifest::of(before.files.iter().chain(output.files.keys()));
        write_manifest(dir, &staging, &both)?;
        for path in changed.keys() {
            publish(&staging, dir, path)?;
        }
        for path in &stale {
            if remove(dir, path)? {
                summary.removed.push(path.clone());
            }
        }
        write_manifest(dir, &staging, &Manifest::of(output.files.keys()))
    });
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound && result.is_ok() => {
            return Err(failed("remove directory", &staging)(error));
        }
        _ => {}
    }
    result?;
    summary.written = changed.into_keys().cloned().collect();
    Ok(summary)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { action, path, source }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn read_manifest(dir: &Path) -> Result<Manifest, WriteError> {
    let path = dir.join(MANIFEST_FILE);
    match read(&path)? {
        None => Ok(Manifest::default()),
        Some(text) => Manifest::parse(&text).map_err(|source| WriteError::Manifest { path, source }),
    }
}

fn write_manifest(dir: &Path, staging: &Path, manifest: &Manifest) -> Result<(), WriteError> {
    let text = manifest.to_text().into_bytes();
    if read(&dir.join(MANIFEST_FILE))?.as_deref() == Some(text.as_slice()) {
        return Ok(());
    }
    stage(staging, &BTreeMap::from([(&MANIFEST_FILE.to_owned(), &text)]))?;
    publish(staging, dir, MANIFEST_FILE)
}

/// Writes files below the staging directory.
fn stage(staging: &Path, files: &BTreeMap<&String, &Vec<u8>>) -> Result<(), WriteError> {
    for (path, content) in files {
        let target = staging.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed("create directory", parent))?;
        }
        fs::write(&target, content).map_err(failed("write", &target))?;
    }
    Ok(())
}

/// Moves a staged file to its place.
fn publish(staging: &Path, dir: &Path, path: &str) -> Result<(), WriteError> {
    let target = dir.join(path);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(failed("create directory", parent))?;
    }
    fs::rename(staging.join(path), &target).map_err(failed("write", &target))
}

/// Removes a file and the directories that are empty without it. Says whether it was there.
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
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Output { files, ..Output::default() }
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn stale_files_go_and_others_stay() {
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
    fn files_that_are_right_are_not_written_again() {
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
        fs::write(dir.path().join(STAGING), "in the way").unwrap();
        assert!(write(&output(&[("kubernetes.tf", "b"), ("data/x", "1")]), dir.path()).is_err());
        assert_eq!(fs::read_to_string(dir.path().join("kubernetes.tf")).unwrap(), "a");
        assert!(!dir.path().join("data").exists());
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(&output(&[("../x", "a")]), dir.path()).unwrap_err();
        assert!(matches!(error, WriteError::Outside(_)));
    }

    #[test]
    fn a_broken_manifest_stops_the_run() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MANIFEST_FILE), "{").unwrap();
        let error = write(&output(&[("a", "a")]), dir.path()).unwrap_err();
        assert!(!error.hints().is_empty());
        assert!(!dir.path().join("a").exists());
    }
}
