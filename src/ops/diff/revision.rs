//! The files of a project at a revision of its Git repository.
//!
//! Git is asked for the objects of the revision: `ls-tree` for the paths that the project file names, `cat-file` for their contents.
//! Neither the working tree nor the index of the user is touched. The files are written to a temporary directory, with the
//! same paths below it as in the repository, so that relative paths lead to files of the revision.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::error::DiffError;
use super::git::{Entry, Git, GitError, Repository, inside};
use crate::ops::sync::fetch_outputs;
use crate::project::{self, FILE_NAME, Outputs, Project, resolve};
use kopsform_model::facts::lock;

/// How often links are followed to files that the project does not name.
const LINKS: usize = 8;

/// A project at a revision.
pub(super) struct Revision {
    /// Removed when this is dropped.
    root: tempfile::TempDir,
    pub project: Project,
    /// The directory of the project file below the temporary directory.
    pub dir: PathBuf,
    /// `main:demo/kopsform.yaml`.
    pub name: String,
    revision: String,
}

impl Revision {
    /// Reads the project in the directory `dir` at a revision.
    ///
    /// # Errors
    /// With what Git reports, or if the project file of the revision is invalid.
    pub async fn read(revision: &str, dir: &Path) -> Result<Self, DiffError> {
        if revision.is_empty() || revision.starts_with('-') {
            return Err(GitError::Revision(revision.to_owned()).into());
        }
        let here = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        let git = Git { dir: here.canonicalize().map_err(GitError::Start)? };
        let top = git.line(&["rev-parse", "--show-toplevel"]).await?;
        let prefix = git.line(&["rev-parse", "--show-prefix"]).await?;
        let commit = git.line(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).await;
        let commit = match commit {
            // Quiet, so that the message is the same in every version.
            Err(GitError::Failed { command, message }) if message.is_empty() => {
                let message = format!("{revision:?} is not a commit of the repository in {top}");
                return Err(GitError::Failed { command, message }.into());
            }
            other => other?,
        };
        let repository = Repository { git, top: PathBuf::from(top), commit };
        let root = tempfile::Builder::new().prefix("kopsform-diff-").tempdir();
        let failed = |source| GitError::Write { revision: revision.to_owned(), source };
        let root = root.map_err(failed)?;
        let file = format!("{prefix}{FILE_NAME}");
        let shown = format!("{revision}:{file}");
        let content = repository.git.run(&["cat-file", "blob", &format!("{}:{file}", repository.commit)], &[]).await?;
        let text = String::from_utf8(content).map_err(|_| GitError::Format(format!("cat-file blob {shown}")))?;
        let side = format!("the project at {revision}");
        let project = project::read(&shown, &text).map_err(|report| super::error::of_side(&side, &[], &report))?;
        let mut this = Self {
            dir: root.path().join(&prefix),
            root,
            project: project.object,
            name: shown,
            revision: revision.to_owned(),
        };
        std::fs::create_dir_all(&this.dir).map_err(failed)?;
        this.extract(&repository, Path::new(&prefix)).await?;
        this.outputs_of(dir).await?;
        Ok(this)
    }

    /// What messages say instead of paths below the temporary directory.
    pub fn names(&self) -> Vec<(String, String)> {
        let root = self.root.path().display().to_string();
        vec![(format!("{root}/"), format!("{}:", self.revision)), (root, self.revision.clone())]
    }

    /// Writes the files that the project names, and changes paths out of the repository to absolute ones.
    async fn extract(&mut self, repository: &Repository, prefix: &Path) -> Result<(), GitError> {
        let mut wanted = BTreeSet::new();
        if self.project.lock.is_empty() {
            wanted.insert(inside(prefix, lock::FILE_NAME).unwrap_or_default());
        }
        let top = &repository.top;
        let mut note = |path: &mut String| {
            if !is_relative(path) {
                return;
            }
            match inside(prefix, path) {
                Some(inside) => _ = wanted.insert(inside),
                None => *path = top.join(prefix).join(&*path).display().to_string(),
            }
        };
        let Project { templates, snippets, values, channel, rendered, ssh_key, lock, outputs, .. } = &mut self.project;
        let root = self.root.path();
        for path in templates.iter_mut().chain(snippets).chain(values) {
            note(path);
            if let Some(inside) = inside(prefix, path).filter(|_| is_relative(path)) {
                *path = root.join(inside).display().to_string();
            }
        }
        [channel, rendered, ssh_key, lock].into_iter().for_each(&mut note);
        if let Some(outputs) = outputs {
            note(&mut outputs.file);
        }
        let mut written = BTreeSet::new();
        for _ in 0..LINKS {
            let new: Vec<String> = wanted.difference(&written).cloned().collect();
            if new.is_empty() {
                break;
            }
            let entries = repository.entries(&new).await?;
            let contents = repository.contents(&entries).await?;
            for (entry, content) in entries.iter().zip(contents) {
                wanted.extend(self.write(entry, &content)?);
            }
            written.extend(new);
        }
        Ok(())
    }

    /// Writes a file. Returns what a link leads to.
    fn write(&self, entry: &Entry, content: &[u8]) -> Result<Option<String>, GitError> {
        let failed = |source| GitError::Write { revision: self.revision.clone(), source };
        let path = self.root.path().join(&entry.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        if !entry.is_link {
            std::fs::write(&path, content).map_err(failed)?;
            return Ok(None);
        }
        let target = String::from_utf8_lossy(content).into_owned();
        let directory = Path::new(&entry.path).parent().unwrap_or(Path::new(""));
        let Some(inside) = inside(directory, &target) else { return Ok(None) };
        link(&target, &path).map_err(failed)?;
        Ok(Some(inside))
    }

    /// Files that the revision does not have, and outputs that Terraform or a command prints, are the same on both sides.
    async fn outputs_of(&mut self, dir: &Path) -> Result<(), DiffError> {
        let Self { root, project, dir: own, .. } = self;
        let here = |path: &str| std::path::absolute(resolve(dir, path)).ok().filter(|path| path.exists());
        for path in [&mut project.ssh_key, &mut project.lock] {
            if !path.is_empty() && !resolve(own, path).exists() {
                // Not in the repository: the present one is the only one there is.
                *path = here(path).map_or_else(|| path.clone(), |path| path.display().to_string());
            }
        }
        if project.lock.is_empty() && !own.join(lock::FILE_NAME).exists() {
            project.lock = here(lock::FILE_NAME).map_or_else(String::new, |path| path.display().to_string());
        }
        let Some(outputs) = &mut project.outputs else { return Ok(()) };
        if !outputs.file.is_empty() {
            if !resolve(own, &outputs.file).exists() {
                outputs.file =
                    here(&outputs.file).map_or_else(|| outputs.file.clone(), |path| path.display().to_string());
            }
            return Ok(());
        }
        let values = fetch_outputs(outputs, dir).await?;
        let file = root.path().join("outputs.json");
        let text = serde_json::to_vec(&values).map_err(io::Error::from);
        let written = text.and_then(|text| std::fs::write(&file, text));
        written.map_err(|source| GitError::Write { revision: self.revision.clone(), source })?;
        *outputs = Outputs { file: file.display().to_string(), ..Outputs::default() };
        Ok(())
    }
}

/// Whether a path of a project is relative to its directory.
fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('~') && !path.contains("://") && !Path::new(path).is_absolute()
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> io::Result<()> {
    Ok(())
}
