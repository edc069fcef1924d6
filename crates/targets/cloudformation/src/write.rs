//! Writes files into the output directory and removes those of earlier runs; files of others are never touched.

use std::path::{Path, PathBuf};

use crate::manifest::{MANIFEST_FILE, Manifest, hash, is_ours};
use crate::render::Output;
use kopsform_diagnostics::Explain;
use kopsform_files::{
    Change, Changes, Directory, FileError, ForeignFiles, UnusableManifest, check_writable, create_directories,
    describe_foreign, exists, failed, holds, read_plain,
};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The manifest cannot be used, so it is unknown which files are ours.
    #[error(transparent)]
    Manifest(#[from] UnusableManifest),
    /// Files that would be replaced or removed are not ours, or no longer what we wrote.
    #[error("{}", describe_foreign(.dir, .foreign, .edited))]
    Foreign {
        /// The output directory.
        dir: PathBuf,
        /// Files that no earlier run wrote.
        foreign: Vec<String>,
        /// Files that were edited since.
        edited: Vec<String>,
        /// Whether the command has `--force`.
        has_force: bool,
    },
}

impl Explain for WriteError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest(unusable) => vec![unusable.hint()],
            Self::Foreign { has_force, .. } => {
                let force = if *has_force { "; --force overwrites them" } else { "" };
                vec![format!("move them, or write to another directory{force}")]
            }
            Self::Io(_) => Vec::new(),
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
    /// Whether an earlier run had spread the resources over other stacks: they would move between stacks.
    pub moves_between_stacks: bool,
}

/// Completes the change of a directory that an earlier run began and could not end. Returns whether there was one.
///
/// # Errors
/// When it cannot be completed.
pub fn recover(dir: &Path) -> Result<bool, WriteError> {
    if !dir.is_dir() {
        return Ok(false);
    }
    Ok(recovered(dir)?.1)
}

fn recovered(dir: &Path) -> Result<(Directory, bool), FileError> {
    let directory = Directory::lock(dir).map_err(failed("lock", dir))?;
    let unfinished = directory
        .recover(|path| path == MANIFEST_FILE || is_ours(path))
        .map_err(failed("complete the interrupted change of", dir))?;
    Ok((directory, unfinished))
}

/// Checks whether [`write()`] could write, without writing anything.
///
/// # Errors
/// As for [`write()`].
pub fn check(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<WriteSummary, WriteError> {
    let summary = if dir.is_dir() { plan(output, dir, foreign)? } else { WriteSummary::default() };
    let is_up_to_date = dir.is_dir() && summary.written.is_empty() && summary.removed.is_empty();
    if !is_up_to_date {
        check_writable(dir).map_err(failed("write to", dir))?;
    }
    Ok(summary)
}

/// Writes files into a directory, which is created if it does not exist. Another run into the same directory waits.
///
/// All files change or none, also after a crash, when the next run completes the change. Files of earlier runs that this one does
/// not write are removed; files that are not in the manifest never are. Files that already have their content are left alone.
///
/// # Errors
/// When files of others would be overwritten, the manifest cannot be used, or a file cannot be read or written.
pub fn write(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<WriteSummary, WriteError> {
    create_directories(dir).map_err(failed("create directory", dir))?;
    let (directory, _) = recovered(dir)?;
    let summary = plan(output, dir, foreign)?;
    let manifest = Manifest::of(&output.files, output.is_nested).to_text().into_bytes();
    let content = |name: &String| Some((name.clone(), output.files.get(name)?.clone()));
    let mut changes = Changes { files: summary.written.iter().filter_map(content).collect(), ..Changes::default() };
    changes.removed.clone_from(&summary.removed);
    if !holds(&dir.join(MANIFEST_FILE), &manifest)? {
        changes.files.insert(MANIFEST_FILE.to_owned(), manifest);
    }
    if !changes.files.is_empty() || !changes.removed.is_empty() {
        directory.change(&changes).map_err(failed("write to", dir))?;
    }
    Ok(summary)
}

/// The files of a directory that [`write()`] would create, change or remove.
///
/// # Errors
/// When the directory or its manifest cannot be read.
pub fn differences(output: &Output, dir: &Path) -> Result<Vec<(String, Change)>, WriteError> {
    let manifest = Manifest::of(&output.files, output.is_nested).to_text().into_bytes();
    let files = output.files.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    let mut found = Vec::new();
    for (name, content) in files.chain([(MANIFEST_FILE, manifest.as_slice())]) {
        let path = dir.join(name);
        if !holds(&path, content)? {
            found.push((name.to_owned(), if exists(&path) { Change::Changed } else { Change::New }));
        }
    }
    let before = read_manifest(dir)?.unwrap_or_default();
    let stale = before.files.into_keys().filter(|name| !output.files.contains_key(name) && exists(&dir.join(name)));
    found.extend(stale.map(|name| (name, Change::Removed)));
    found.sort();
    Ok(found)
}

/// What would change. An error if a file of another owner would be replaced.
fn plan(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<WriteSummary, WriteError> {
    let before = read_manifest(dir)?;
    let moves_between_stacks = before.as_ref().is_some_and(|before| before.nested != output.is_nested);
    let before = before.unwrap_or_default();
    let mut summary = WriteSummary { moves_between_stacks, ..WriteSummary::default() };
    let (mut strange, mut edited) = (Vec::new(), Vec::new());
    for (name, content) in &output.files {
        let path = dir.join(name);
        if holds(&path, content)? {
            summary.unchanged += 1;
            continue;
        }
        summary.written.push(name.clone());
        match before.files.get(name) {
            _ if !exists(&path) => {}
            Some(recorded) if is_as_written(&path, recorded)? => {}
            Some(_) => edited.push(name.clone()),
            None => strange.push(name.clone()),
        }
    }
    for (name, recorded) in before.files.iter().filter(|(name, _)| !output.files.contains_key(*name)) {
        let path = dir.join(name);
        if exists(&path) {
            summary.removed.push(name.clone());
            if !is_as_written(&path, recorded)? {
                edited.push(name.clone());
            }
        }
    }
    if foreign != ForeignFiles::Overwrite && !(strange.is_empty() && edited.is_empty()) {
        let has_force = foreign == ForeignFiles::KeepUnlessForced;
        return Err(WriteError::Foreign { dir: dir.to_owned(), foreign: strange, edited, has_force });
    }
    Ok(summary)
}

/// Files larger than this are not ours, and are not read to find out.
const LARGEST: u64 = 4 << 20;

/// Whether a file is what an earlier run wrote.
fn is_as_written(path: &Path, recorded: &str) -> Result<bool, FileError> {
    Ok(read_plain(path, LARGEST)?.is_some_and(|content| hash(&content) == recorded))
}

/// The manifest of a directory; `None` if it has none.
fn read_manifest(dir: &Path) -> Result<Option<Manifest>, WriteError> {
    kopsform_files::read_manifest(&dir.join(MANIFEST_FILE), Manifest::parse)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::render::ROOT_FILE;
    use std::fs;

    fn output(files: &[(&str, &str)], is_nested: bool) -> Output {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        Output { files, is_nested, ..Output::default() }
    }

    #[test]
    fn files_of_earlier_runs_are_replaced_and_removed_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let first = output(&[(ROOT_FILE, "a"), ("network.template.yaml", "b")], true);
        assert_eq!(differences(&first, dir.path()).unwrap().len(), 3);
        assert_eq!(write(&first, dir.path(), ForeignFiles::Keep).unwrap().written.len(), 2);
        assert!(differences(&first, dir.path()).unwrap().is_empty());
        fs::write(dir.path().join("mine.template.yaml"), "x").unwrap();
        let second = output(&[(ROOT_FILE, "c")], false);
        let summary = write(&second, dir.path(), ForeignFiles::Keep).unwrap();
        assert_eq!(
            (summary.written, summary.removed),
            (vec![ROOT_FILE.to_owned()], vec!["network.template.yaml".to_owned()])
        );
        assert!(summary.moves_between_stacks);
        assert!(dir.path().join("mine.template.yaml").exists() && !dir.path().join("network.template.yaml").exists());
    }

    #[test]
    fn what_a_user_wrote_or_edited_is_an_error_before_anything_is_written() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(ROOT_FILE), "mine").unwrap();
        let new = output(&[(ROOT_FILE, "a")], false);
        let error = write(&new, dir.path(), ForeignFiles::Keep).unwrap_err().to_string();
        assert!(error.ends_with("not written by kopsform: kubernetes.template.yaml"), "{error}");
        write(&new, dir.path(), ForeignFiles::Overwrite).unwrap();
        fs::write(dir.path().join(ROOT_FILE), "edited").unwrap();
        let error = check(&output(&[(ROOT_FILE, "b")], false), dir.path(), ForeignFiles::Keep).unwrap_err().to_string();
        assert!(error.ends_with("edited since kopsform wrote them: kubernetes.template.yaml"), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join(ROOT_FILE)).unwrap(), "edited");
    }
}
