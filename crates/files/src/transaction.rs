//! Files of a directory that change together.
//!
//! A file can be replaced at once, several cannot. So that a directory is never left half old and half new:
//!
//! 1. All new content is written to a staging directory, with links to what it will replace. Until here, a failure or a crash
//!    changes nothing.
//! 2. The journal is written. From here on, the change is carried out: after an error by undoing it, after a crash by
//!    [`Directory::recover`], which completes it.
//! 3. The marker is written, which lets other programs refuse the directory. Then files are replaced and removed, and the marker
//!    goes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::injection;
use crate::lock::lock_file;
use crate::read::{TEXT_LIMIT, read_text_bounded};
use crate::replace::{create_directories, remove_directory, remove_file, rename, sync_directory};

/// The staging directory. Names that begin like it were used by earlier releases, for directories without a journal.
const STAGING: &str = ".kopsform-staging";
/// What will be in the destination.
const NEW: &str = "new";
/// What was in the destination.
const OLD: &str = "old";
/// The list of changes, which is carried out once it is there.
const JOURNAL: &str = "journal";
/// The same list while it is being undone.
const UNDO: &str = "undo";
/// The first line of a journal.
const FORMAT: &str = "kopsform journal 1";

/// A change of a directory. Paths are relative to it, with slashes.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files to remove, with the directories that are empty without them.
    pub removed: Vec<String>,
    /// A file that exists while the directory is neither old nor new, and its content.
    pub marker: Option<(String, Vec<u8>)>,
}

/// A directory that no other process changes by this means.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// The system releases the lock when the process ends.
    _lock: File,
}

/// One line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A file that did not exist.
    Create,
    Replace,
    Remove,
    /// The marker.
    Mark,
}

impl Step {
    const ALL: [(Self, char); 4] = [(Self::Create, '+'), (Self::Replace, '='), (Self::Remove, '-'), (Self::Mark, '!')];

    fn sign(self) -> char {
        Self::ALL.iter().find(|(step, _)| *step == self).map_or('?', |(_, sign)| *sign)
    }
}

/// The steps of a change in their order.
type Steps = Vec<(Step, String)>;

impl Directory {
    /// Locks a directory, which must exist; waits while another process has it.
    ///
    /// # Errors
    /// The error of the system.
    pub fn lock(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), _lock: lock_file(File::open(path)?)? })
    }

    /// Completes, or undoes, a change that another process began and did not end. Returns whether there was one.
    ///
    /// `may_change` says which files a change can be about: a directory that was copied may have a journal of other
    /// files.
    ///
    /// # Errors
    /// When the change cannot be completed, or its journal is malformed or about other files.
    pub fn recover(&self, may_change: impl Fn(&str) -> bool) -> io::Result<bool> {
        let staging = self.staging();
        match fs::symlink_metadata(&staging) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(found) if !found.is_dir() => return Err(invalid(format!("{STAGING} is not a directory"))),
            Ok(_) => {
                for (name, undo) in [(UNDO, true), (JOURNAL, false)] {
                    let Some(steps) = read_journal(&staging.join(name))? else { continue };
                    if let Some((_, path)) = steps.iter().find(|(_, path)| !stays_inside(path) || !may_change(path)) {
                        return Err(invalid(format!(
                            "{STAGING}/{name} names {path:?}, which is not a file of this program"
                        )));
                    }
                    for (_, path) in &steps {
                        self.refuse_links(path)?;
                    }
                    if undo {
                        self.undo(&steps)?
                    } else {
                        self.carry_out(&steps)?
                    }
                    self.clean(name);
                    return Ok(true);
                }
            }
        }
        // Without a journal, nothing was changed.
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(STAGING) && entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(false)
    }

    /// Changes files, all or none. Changes that were left unfinished must have been recovered.
    ///
    /// # Errors
    /// When a path leads out of the directory or through a link, or the system refuses. The directory is then as it was; if even
    /// that cannot be restored, the marker stays and [`Directory::recover`] does the rest.
    pub fn change(&self, changes: &Changes) -> io::Result<()> {
        let steps = self.stage(changes).inspect_err(|_| {
            let _ = fs::remove_dir_all(self.staging());
        })?;
        if let Err(error) = self.carry_out(&steps) {
            let undo = self.staging().join(UNDO);
            // A crash from here on must not complete the change: some of the new files are gone by then.
            if rename(&self.staging().join(JOURNAL), &undo).is_ok() && self.undo(&steps).is_ok() {
                self.clean(UNDO);
            }
            return Err(error);
        }
        self.clean(JOURNAL);
        Ok(())
    }

    /// Replaces one file, which is a change by itself.
    ///
    /// # Errors
    /// The error of the system.
    pub fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.refuse_links(path)?;
        crate::replace(&self.path.join(path), bytes, crate::Mode::PUBLIC)
    }

    fn staging(&self) -> PathBuf {
        self.path.join(STAGING)
    }

    /// Fails if a directory on the way to a file is a link: what is behind it may belong to others.
    ///
    /// # Errors
    /// Names the link.
    pub fn refuse_links(&self, path: &str) -> io::Result<()> {
        let mut directory = self.path.clone();
        let Some((parents, _)) = path.rsplit_once('/') else { return Ok(()) };
        for part in parents.split('/') {
            directory.push(part);
            if fs::symlink_metadata(&directory).is_ok_and(|found| found.is_symlink()) {
                return Err(invalid(format!("{} is a symbolic link", directory.display())));
            }
        }
        Ok(())
    }

    /// Writes everything that the change needs, and at last the journal.
    fn stage(&self, changes: &Changes) -> io::Result<Steps> {
        let staging = self.staging();
        let mut steps = Steps::new();
        if let Some((path, _)) = &changes.marker {
            steps.push((Step::Mark, path.clone()));
        }
        for path in changes.files.keys() {
            let exists = fs::symlink_metadata(self.path.join(path)).is_ok();
            steps.push((if exists { Step::Replace } else { Step::Create }, path.clone()));
        }
        steps.extend(changes.removed.iter().map(|path| (Step::Remove, path.clone())));
        if let Some((_, path)) = steps.iter().find(|(_, path)| !stays_inside(path)) {
            return Err(invalid(format!("{path:?} leads out of the directory")));
        }
        create_directories(&staging)?;
        for (step, path) in &steps {
            self.refuse_links(path)?;
            let content = match step {
                Step::Mark => changes.marker.as_ref().map(|(_, content)| content),
                _ => changes.files.get(path),
            };
            if let Some(content) = content {
                self.stage_new(path, content)?;
            }
            if matches!(step, Step::Replace | Step::Remove) {
                self.stage_old(path)?;
            }
        }
        let journal = staging.join(JOURNAL);
        let draft = staging.join(format!("{JOURNAL}-draft"));
        write_new(&draft, print_journal(&steps).as_bytes(), None)?;
        sync_directories(&staging);
        rename(&draft, &journal)?;
        sync_directory(&staging);
        Ok(steps)
    }

    fn stage_new(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let staged = self.staging().join(NEW).join(path);
        create_directories(directory_of(&staged))?;
        // A file that is replaced keeps its mode.
        let kept = fs::symlink_metadata(self.path.join(path)).ok().filter(fs::Metadata::is_file);
        write_new(&staged, content, kept.map(|kept| kept.permissions()))
    }

    /// Keeps the existing file: as a hard link, or as a copy where the file system has no links.
    fn stage_old(&self, path: &str) -> io::Result<()> {
        let (from, kept) = (self.path.join(path), self.staging().join(OLD).join(path));
        create_directories(directory_of(&kept))?;
        injection::step()?;
        if fs::symlink_metadata(&from)?.is_symlink() || fs::hard_link(&from, &kept).is_err() {
            fs::copy(&from, &kept)?;
            File::open(&kept)?.sync_all()?;
        }
        Ok(())
    }

    /// Replaces and removes files. What was done before is not done again.
    fn carry_out(&self, steps: &Steps) -> io::Result<()> {
        for (step, path) in steps {
            let (target, staged) = (self.path.join(path), self.staging().join(NEW).join(path));
            if *step == Step::Remove {
                self.remove(path)?;
            } else if fs::symlink_metadata(&staged).is_ok() {
                create_directories(directory_of(&target))?;
                rename(&staged, &target)?;
                sync_directory(directory_of(&target));
            }
        }
        self.unmark(steps)
    }

    fn undo(&self, steps: &Steps) -> io::Result<()> {
        for (step, path) in steps {
            let (target, kept) = (self.path.join(path), self.staging().join(OLD).join(path));
            match step {
                Step::Create => self.remove(path)?,
                Step::Replace | Step::Remove if fs::symlink_metadata(&kept).is_ok() => {
                    create_directories(directory_of(&target))?;
                    rename(&kept, &target)?;
                    sync_directory(directory_of(&target));
                }
                Step::Replace | Step::Remove | Step::Mark => {}
            }
        }
        self.unmark(steps)
    }

    fn unmark(&self, steps: &Steps) -> io::Result<()> {
        steps.iter().filter(|(step, _)| *step == Step::Mark).try_for_each(|(_, path)| self.remove(path))
    }

    /// Removes a file, if it exists, and the directories that are empty without it.
    fn remove(&self, path: &str) -> io::Result<()> {
        let target = self.path.join(path);
        match remove_file(&target) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let mut parent = directory_of(&target);
        while parent != self.path && remove_directory(parent).is_ok() {
            parent = directory_of(parent);
        }
        sync_directory(parent);
        Ok(())
    }

    /// Ends a change. It is made, so what cannot be removed is not an error: the next change removes it.
    fn clean(&self, journal: &str) {
        let staging = self.staging();
        // The journal first: without it, what is left is rubbish.
        if remove_file(&staging.join(journal)).is_ok() {
            sync_directory(&staging);
            let _ = fs::remove_dir_all(&staging);
        }
    }
}

/// Whether a path is a plain one below its directory.
pub fn stays_inside(path: &str) -> bool {
    let plain = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    !path.is_empty() && !path.contains(['\n', '\0']) && plain(path)
}

fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn write_new(path: &Path, content: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    injection::step()?;
    let file = File::create_new(path)?;
    injection::write_all(&file, content)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    injection::step()?;
    file.sync_all()
}

/// Makes the entries of a directory and of all directories below survive a power cut.
fn sync_directories(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sync_directories(&entry.path());
        }
    }
    sync_directory(directory);
}

fn print_journal(steps: &Steps) -> String {
    let mut text = format!("{FORMAT}\n");
    for (step, path) in steps {
        text.push_str(&format!("{} {path}\n", step.sign()));
    }
    text
}

/// The steps of a journal; `None` when there is none.
fn read_journal(path: &Path) -> io::Result<Option<Steps>> {
    match read_text_bounded(path, TEXT_LIMIT) {
        Ok(text) => {
            Ok(Some(parse_journal(&text).ok_or_else(|| invalid(format!("{} is not a journal", path.display())))?))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn parse_journal(text: &str) -> Option<Steps> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next() != Some(FORMAT) {
        return None;
    }
    lines
        .map(|line| {
            let (sign, path) = line.split_once(' ')?;
            let (step, _) = Step::ALL.iter().find(|(_, known)| sign.chars().eq([*known]))?;
            Some((*step, path.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn changes(files: &[(&str, &str)], removed: &[&str]) -> Changes {
        Changes {
            files: files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect(),
            removed: removed.iter().map(|path| (*path).to_owned()).collect(),
            marker: Some(("marker.tf".to_owned(), b"unfinished".to_vec())),
        }
    }

    fn content(directory: &Path) -> BTreeMap<String, String> {
        fn collect(root: &Path, directory: &Path, found: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
                if entry.path().is_dir() {
                    collect(root, &entry.path(), found);
                } else {
                    let name = entry.path().strip_prefix(root).unwrap().display().to_string();
                    found.insert(name, fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        let mut found = BTreeMap::new();
        collect(directory, directory, &mut found);
        found
    }

    fn expected(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    fn any(_: &str) -> bool {
        true
    }

    #[test]
    fn a_change_is_made_as_a_whole_and_leaves_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::lock(root.path()).unwrap();
        directory.change(&changes(&[("a", "1"), ("data/old", "2"), ("data/b", "3")], &[])).unwrap();
        directory.change(&changes(&[("a", "new"), ("data/deep/c", "4")], &["data/old", "never-there"])).unwrap_err();
        assert_eq!(content(root.path()), expected(&[("a", "1"), ("data/old", "2"), ("data/b", "3")]));
        directory.change(&changes(&[("a", "new"), ("data/deep/c", "4")], &["data/old", "data/b"])).unwrap();
        assert_eq!(content(root.path()), expected(&[("a", "new"), ("data/deep/c", "4")]));
        directory.change(&changes(&[], &["data/deep/c"])).unwrap();
        assert!(!root.path().join("data").exists());
    }

    #[test]
    fn a_failure_in_the_middle_is_undone() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::lock(root.path()).unwrap();
        directory.change(&changes(&[("a", "1"), ("b", "1")], &[])).unwrap();
        // `c` cannot be replaced by a file, which shows only after `a` and `b` were.
        fs::create_dir_all(root.path().join("c/full")).unwrap();
        fs::write(root.path().join("c/full/x"), "x").unwrap();
        let before = content(root.path());
        assert!(directory.change(&changes(&[("a", "2"), ("b", "2"), ("c", "2")], &[])).is_err());
        assert_eq!(content(root.path()), before);
    }

    /// What a process that was killed after some steps leaves behind.
    fn interrupted(root: &Path, changes: &Changes, done: usize, undone: Option<usize>) -> Directory {
        let directory = Directory::lock(root).unwrap();
        let steps = directory.stage(changes).unwrap();
        for (step, path) in &steps[..done] {
            let (target, staged) = (root.join(path), directory.staging().join(NEW).join(path));
            if *step == Step::Remove {
                directory.remove(path).unwrap();
            } else {
                create_directories(directory_of(&target)).unwrap();
                rename(&staged, &target).unwrap();
            }
        }
        if let Some(undone) = undone {
            rename(&directory.staging().join(JOURNAL), &directory.staging().join(UNDO)).unwrap();
            directory.undo(&steps[..undone].to_vec()).unwrap();
        }
        directory
    }

    #[test]
    fn an_interrupted_change_is_completed_and_one_that_was_being_undone_is_undone() {
        let old = [("a", "1"), ("data/x", "1"), ("stale", "1")];
        let change = changes(&[("a", "2"), ("data/x", "2"), ("new/y", "2")], &["stale"]);
        let new = [("a", "2"), ("data/x", "2"), ("new/y", "2")];
        for done in 0..=5 {
            for undone in [None, Some(0), Some(2), Some(5)] {
                let root = tempfile::tempdir().unwrap();
                let first = Directory::lock(root.path()).unwrap();
                first.change(&changes(&old, &[])).unwrap();
                drop(first);
                let directory = interrupted(root.path(), &change, done, undone);
                if done > 0 && undone.is_none() {
                    assert!(root.path().join("marker.tf").exists(), "no other program may use it now");
                }
                assert!(directory.recover(any).unwrap());
                let wanted = if undone.is_some() { expected(&old) } else { expected(&new) };
                assert_eq!(content(root.path()), wanted, "{done} steps done, {undone:?} undone");
                assert!(!directory.recover(any).unwrap());
            }
        }
    }

    #[test]
    fn without_a_journal_nothing_was_changed() {
        let root = tempfile::tempdir().unwrap();
        for name in [".kopsform-staging/new", ".kopsform-stagingX1/data"] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        assert!(!Directory::lock(root.path()).unwrap().recover(any).unwrap());
        assert!(content(root.path()).is_empty() && fs::read_dir(root.path()).unwrap().next().is_none());
    }

    #[test]
    fn a_journal_of_someone_else_is_refused() {
        for line in ["- terraform.tfstate", "- ../x", "= /etc/passwd", "? a", "- "] {
            let root = tempfile::tempdir().unwrap();
            fs::write(root.path().join("terraform.tfstate"), "state").unwrap();
            fs::create_dir(root.path().join(STAGING)).unwrap();
            fs::write(root.path().join(STAGING).join(JOURNAL), format!("{FORMAT}\n{line}\n")).unwrap();
            let directory = Directory::lock(root.path()).unwrap();
            assert!(directory.recover(|path| path == "a").is_err(), "{line}");
            assert!(root.path().join("terraform.tfstate").exists());
        }
    }

    #[test]
    fn journals_read_back() {
        let steps =
            vec![(Step::Mark, "m".to_owned()), (Step::Replace, "a b".to_owned()), (Step::Remove, "c/d".to_owned())];
        assert_eq!(parse_journal(&print_journal(&steps)).unwrap(), steps);
        assert_eq!(parse_journal("kopsform journal 2\n"), None);
        assert_eq!(parse_journal("kopsform journal 1\n= a"), None, "a line that was cut");
    }

    #[test]
    fn a_second_process_waits_for_the_first() {
        let root = tempfile::tempdir().unwrap();
        let first = Directory::lock(root.path()).unwrap();
        let path = root.path().to_owned();
        let second = std::thread::spawn(move || Directory::lock(&path).unwrap().replace("x", b"second"));
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!second.is_finished());
        first.replace("x", b"first").unwrap();
        drop(first);
        second.join().unwrap().unwrap();
        assert_eq!(content(root.path()), expected(&[("x", "second")]));
    }

    #[cfg(unix)]
    #[test]
    fn replaced_files_keep_their_mode_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::lock(root.path()).unwrap();
        directory.change(&changes(&[("kubernetes.tf", "old")], &[])).unwrap();
        let path = root.path().join("kubernetes.tf");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        directory.change(&changes(&[("kubernetes.tf", "new")], &[])).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("x"), "theirs").unwrap();
        symlink(elsewhere.path(), root.path().join("data")).unwrap();
        assert!(directory.change(&changes(&[("data/x", "ours")], &[])).is_err());
        assert!(directory.change(&changes(&[], &["data/x"])).is_err());
        assert_eq!(fs::read_to_string(elsewhere.path().join("x")).unwrap(), "theirs");
    }
}
