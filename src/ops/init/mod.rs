//! `init`: the directories of a new project, with Terraform for what a cluster requires, its template and a Makefile.
//!
//! - [`choices`]: what a user chooses, and what follows from it;
//! - [`scaffold`]: the files, from the templates in `templates/init/`;
//! - `preview`: stand-ins for what only exists once the prerequisites are applied.

pub mod choices;
mod preview;
pub mod scaffold;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use choices::{Answers, Choices};
use kopsform_diagnostics::Explain;
use kopsform_files::{Changes, Directory, create_directories, read_bounded};
use scaffold::{Files, ScaffoldError};

/// How many files an error names.
const NAMED: usize = 8;

/// Why no project was made. The directory is as it was.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error(transparent)]
    Scaffold(#[from] ScaffoldError),
    /// The directory has other files, or files that were edited.
    #[error("{} is not empty: it has {}", .dir.display(), named(.files))]
    Occupied { dir: PathBuf, files: Vec<String> },
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    #[error("cannot {action} {}: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl InitError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl Explain for InitError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Occupied { .. } => vec!["choose a new directory: files of yours are never overwritten".to_owned()],
            Self::NotADirectory(_) => vec!["choose a new directory".to_owned()],
            Self::Scaffold(_) | Self::Io { .. } => Vec::new(),
        }
    }
}

fn named(files: &[String]) -> String {
    let shown = files.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if files.len() > NAMED { format!("{shown} and more") } else { shown }
}

/// What `init` does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    New,
    /// It exists with this content.
    Unchanged,
}

/// The files of a project, and a directory in which they can be written.
#[derive(Debug)]
pub struct InitPlan {
    dir: PathBuf,
    files: Files,
    /// What is done with each file, sorted by path.
    pub states: Vec<(String, FileState)>,
}

/// Makes the files of a project. Nothing is written.
///
/// # Errors
/// If the directory has files that this project does not have, or that differ.
pub fn plan(dir: &Path, answers: &Answers) -> Result<InitPlan, InitError> {
    let files = scaffold::files(answers)?;
    let states = states(dir, &files)?;
    Ok(InitPlan { dir: dir.to_owned(), files, states })
}

impl InitPlan {
    /// Writes the files, all or none.
    ///
    /// # Errors
    /// If the directory has other files by now, or the system refuses.
    pub fn apply(self) -> Result<(), InitError> {
        let Self { dir, files, .. } = self;
        let existed = dir.exists();
        create_directories(&dir).map_err(InitError::io("create the directory", &dir))?;
        let written = write(&dir, files);
        if written.is_err() && !existed {
            // Fails if there is something in it, which is then not ours.
            let _ = fs::remove_dir(&dir);
        }
        written
    }
}

fn write(dir: &Path, files: Files) -> Result<(), InitError> {
    let directory = Directory::lock(dir).map_err(InitError::io("lock the directory", dir))?;
    let recovered = directory.recover(|path| files.contains_key(path));
    recovered.map_err(InitError::io("complete an interrupted run in", dir))?;
    let states = states(dir, &files)?;
    let is_new = |path: &str| states.iter().any(|(name, state)| name == path && *state == FileState::New);
    let files = files.into_iter().filter(|(path, _)| is_new(path)).collect();
    directory.change(&Changes { files, ..Changes::default() }).map_err(InitError::io("write to", dir))
}

/// What is to be done in a directory, which need not exist.
fn states(dir: &Path, files: &Files) -> Result<Vec<(String, FileState)>, InitError> {
    let mut occupied = Vec::new();
    match fs::metadata(dir) {
        Ok(found) if !found.is_dir() => return Err(InitError::NotADirectory(dir.to_owned())),
        Ok(_) => find_others(dir, "", files, &mut occupied)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(InitError::io("read", dir)(error)),
    }
    if !occupied.is_empty() {
        return Err(InitError::Occupied { dir: dir.to_owned(), files: occupied });
    }
    let state = |path: &String| if dir.join(path).exists() { FileState::Unchanged } else { FileState::New };
    Ok(files.keys().map(|path| (path.clone(), state(path))).collect())
}

/// Finds files that the project does not have or that differ, until there are enough for the error. A Git repository may be there,
/// and what an interrupted run has left.
fn find_others(dir: &Path, below: &str, files: &Files, found: &mut Vec<String>) -> Result<(), InitError> {
    let at = dir.join(below);
    let entries = fs::read_dir(&at).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = entries.map_err(InitError::io("read the directory", &at))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if found.len() > NAMED {
            return Ok(());
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if below.is_empty() && (name == ".git" || name.starts_with(".kopsform-staging")) {
            continue;
        }
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(InitError::io("read", &entry.path()))?;
        if kind.is_dir() {
            find_others(dir, &path, files, found)?;
            continue;
        }
        let is_ours = kind.is_file()
            && files.get(&path).is_some_and(|content| {
                read_bounded(&entry.path(), content.len() as u64 + 1).is_ok_and(|bytes| bytes == *content)
            });
        if !is_ours {
            let changed = if files.contains_key(&path) { " (with another content)" } else { "" };
            found.push(format!("{path}{changed}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
