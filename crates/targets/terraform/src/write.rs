//! Writes files into the output directory and removes those of earlier runs; files of others are never touched.
//!
//! The manifest says which files are ours and what we wrote into them. A file that it does not list has another owner, and
//! one whose content differs was edited since: both are replaced only if the caller says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST_FILE, Manifest, Resources, condensed, hash, is_ours};
use super::moves::Addresses;
use super::previous::files_of_kops;
use super::render::Output;
use kopsform_diagnostics::Explain;
use kopsform_files::{
    Changes, Directory, FileError, ForeignFiles, UnusableManifest, check_writable, create_directories,
    describe_foreign, exists, failed, holds, is_link, read_plain, stays_inside,
};

/// A file that exists only while others are replaced. Terraform refuses a directory in which it was left.
pub(super) const MARKER_FILE: &str = "kopsform_unfinished.tf";
const MARKER: &str = "\
# kopsform was interrupted while it replaced files in this directory: some are new, others are old.
# Run the same kopsform command again. It completes the change and removes this file.
kopsform_was_interrupted_run_it_again
";

/// Files larger than this are not ours, and are not read to find out.
pub(crate) const LARGEST: u64 = 64 << 20;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The manifest cannot be used, so it is unknown which files are ours.
    #[error(transparent)]
    Manifest(#[from] UnusableManifest),
    /// A file name leads out of the output directory.
    #[error("the file name {0:?} leads out of the output directory")]
    Outside(String),
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
            // Commands without --force have no --layout, either.
            Self::Foreign { foreign, has_force, .. } => vec![
                match (foreign.is_empty(), has_force) {
                    (true, true) => "move your changes to files of your own; --force overwrites them",
                    (true, false) => "move your changes to files of your own",
                    (false, true) => {
                        "move them, or write to another directory or in another layout; --force overwrites them"
                    }
                    (false, false) => "move them, or write to another directory",
                }
                .to_owned(),
            ],
            Self::Io(FileError { source, path, .. }) if source.kind() == io::ErrorKind::InvalidData => {
                vec![format!("check where {} comes from; nothing was written", path.display())]
            }
            Self::Io(_) | Self::Outside(_) => Vec::new(),
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
    let may_change = |path: &str| path == MANIFEST_FILE || path == MARKER_FILE || is_ours(path);
    let unfinished = directory.recover(may_change).map_err(failed("complete the interrupted change of", dir))?;
    Ok((directory, unfinished))
}

/// Checks whether [`write()`] could write, without writing anything.
///
/// # Errors
/// As for [`write()`].
pub fn check(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<(), WriteError> {
    if dir.is_dir() {
        let summary = plan(output, dir, foreign)?;
        if summary.written.is_empty() && summary.removed.is_empty() {
            return Ok(());
        }
    }
    Ok(check_writable(dir).map_err(failed("write to", dir))?)
}

/// Writes files into a directory, which is created if it does not exist. Another run into the same directory waits.
///
/// All files change or none: also after a crash, when the next run completes the change and Terraform refuses the directory until
/// then. Files of earlier runs that this one does not write are removed; files that are not in the manifest never are. Files that
/// already have their content are left alone, with their times.
///
/// # Errors
/// When files of others would be overwritten, the manifest cannot be used, or a file cannot be read or written.
pub fn write(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<WriteSummary, WriteError> {
    create_directories(dir).map_err(failed("create directory", dir))?;
    let (directory, _) = recovered(dir)?;
    let summary = plan(output, dir, foreign)?;
    let manifest = Manifest::of(&output.files, resources(output)).to_text().into_bytes();
    let is_listed = holds(&dir.join(MANIFEST_FILE), &manifest)?;
    if summary.written.is_empty() && summary.removed.is_empty() {
        if !is_listed {
            directory.replace(MANIFEST_FILE, &manifest).map_err(failed("write", &dir.join(MANIFEST_FILE)))?;
        }
        return Ok(summary);
    }
    let content = |path: &String| Some((path.clone(), output.files.get(path)?.clone()));
    let mut files: BTreeMap<String, Vec<u8>> = summary.written.iter().filter_map(content).collect();
    if !is_listed {
        files.insert(MANIFEST_FILE.to_owned(), manifest);
    }
    let marker = Some((MARKER_FILE.to_owned(), MARKER.as_bytes().to_vec()));
    let changes = Changes { files, removed: summary.removed.clone(), marker };
    directory.change(&changes).map_err(failed("write to", dir))?;
    Ok(summary)
}

/// The resources of an output, as the manifest records them.
pub(crate) fn resources(output: &Output) -> Resources {
    let addresses = output
        .record
        .clone()
        .unwrap_or_else(|| Addresses { current: output.addresses.clone(), ..Addresses::default() });
    Resources { layout: output.layout, addresses }
}

/// What would change. An error if a file of another owner would be replaced.
fn plan(output: &Output, dir: &Path, foreign: ForeignFiles) -> Result<WriteSummary, WriteError> {
    let manifest = read_manifest(dir)?;
    // This program's files replace those of kops for the same cluster.
    let of_kops = if manifest.is_none() { files_of_kops(dir, &output.cluster) } else { BTreeSet::new() };
    let adopted = !of_kops.is_empty();
    let before = manifest.unwrap_or_else(|| Manifest {
        files: of_kops.into_iter().map(|path| (path, None)).collect(),
        ..Manifest::default()
    });
    let mut summary = WriteSummary::default();
    let (mut strange, mut edited) = (Vec::new(), Vec::new());
    for (path, content) in &output.files {
        if !stays_inside(path) {
            return Err(WriteError::Outside(path.clone()));
        }
        let target = dir.join(path);
        if let Some(link) = link_before(dir, path) {
            let source = io::Error::new(io::ErrorKind::InvalidData, "it is a symbolic link");
            return Err(failed("write to", &link)(source).into());
        }
        if holds(&target, content)? {
            summary.unchanged += 1;
            continue;
        }
        summary.written.push(path.clone());
        match before.files.get(path) {
            _ if !exists(&target) => {}
            Some(_) if is_as_written(&target, path, &before)? => {}
            Some(_) => edited.push(path.clone()),
            // kops leaves data files of earlier runs behind.
            None if adopted && !is_link(&target) => {}
            None => strange.push(path.clone()),
        }
    }
    for path in before.files.keys().filter(|path| !output.files.contains_key(*path)) {
        let target = dir.join(path);
        // What is behind a link was not written by us.
        if !exists(&target) || link_before(dir, path).is_some() {
            continue;
        }
        summary.removed.push(path.clone());
        if !is_as_written(&target, path, &before)? {
            edited.push(path.clone());
        }
    }
    if foreign != ForeignFiles::Overwrite && !(strange.is_empty() && edited.is_empty()) {
        let has_force = foreign == ForeignFiles::KeepUnlessForced;
        return Err(WriteError::Foreign { dir: dir.to_owned(), foreign: strange, edited, has_force });
    }
    Ok(summary)
}

/// The first directory on the way to a file that is a link.
pub(crate) fn link_before(dir: &Path, path: &str) -> Option<PathBuf> {
    let (parents, _) = path.rsplit_once('/')?;
    let mut directory = dir.to_owned();
    parents.split('/').find_map(|part| {
        directory.push(part);
        is_link(&directory).then(|| directory.clone())
    })
}

/// Whether a file is what an earlier run wrote, or that without its `provider` and `terraform` blocks. An earlier release recorded
/// no hash, and then its name is enough.
fn is_as_written(target: &Path, path: &str, before: &Manifest) -> Result<bool, FileError> {
    let Some(Some(recorded)) = before.files.get(path) else { return Ok(target.is_file() && !is_link(target)) };
    let Some(content) = read_plain(target, LARGEST)? else { return Ok(false) };
    let is_shorter = || before.without_blocks.get(path).is_some_and(|shorter| *shorter == hash(&condensed(&content)));
    Ok(hash(&content) == *recorded || is_shorter())
}

/// The manifest of a directory; `None` if it has none.
pub(crate) fn read_manifest(dir: &Path) -> Result<Option<Manifest>, WriteError> {
    kopsform_files::read_manifest(&dir.join(MANIFEST_FILE), Manifest::parse)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    fn output(files: &[(&str, &str)]) -> Output {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Output { files, cluster: "a.example.com".to_owned(), ..Output::default() }
    }

    fn written(files: &[(&str, &str)], dir: &Path) -> Result<WriteSummary, WriteError> {
        let output = output(files);
        let checked = check(&output, dir, ForeignFiles::Keep);
        let written = write(&output, dir, ForeignFiles::Keep);
        assert_eq!(checked.is_ok(), written.is_ok(), "{checked:?}, {written:?}");
        written
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn blocks_that_a_script_cut_out_are_not_an_edit() {
        let dir = tempfile::tempdir().unwrap();
        let full = "locals {\n  a = 1\n}\n\nprovider \"aws\" {\n  region = \"x\"\n}\n\nresource \"a\" \"b\" {\n}\n\nterraform {\n}\n";
        written(&[("kubernetes.tf", full)], dir.path()).unwrap();
        let file = dir.path().join("kubernetes.tf");
        let cut = "locals {\n  a = 1\n}\n\n\nresource \"a\" \"b\" {\n}\n\n";
        fs::write(&file, cut).unwrap();
        written(&[("kubernetes.tf", &full.replace("a = 1", "a = 2"))], dir.path()).unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("a = 2"));
        // Anything else is an edit: in the rest of the file, or in a block that is still there.
        for edited in [cut.replace("a = 1", "a = 3"), full.replace("a = 1", "a = 2").replace("\"x\"", "\"y\"")] {
            fs::write(&file, &edited).unwrap();
            let refused = written(&[("kubernetes.tf", full)], dir.path());
            assert!(matches!(refused, Err(WriteError::Foreign { .. })), "{edited}");
        }
    }

    #[test]
    fn stale_files_are_removed_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        written(&[("kubernetes.tf", "a"), ("data/old", "1"), ("data/same", "2")], &out).unwrap();
        fs::write(out.join("config.tf"), "mine").unwrap();
        fs::write(out.join("data/mine"), "mine").unwrap();
        let summary = written(&[("kubernetes.tf", "b"), ("data/same", "2")], &out).unwrap();
        assert_eq!(summary.written, ["kubernetes.tf"]);
        assert_eq!(summary.removed, ["data/old"]);
        assert_eq!(summary.unchanged, 1);
        assert_eq!(names(&out), [MANIFEST_FILE, "config.tf", "data", "kubernetes.tf"]);
        assert_eq!(names(&out.join("data")), ["mine", "same"]);
    }

    #[test]
    fn unchanged_files_are_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let files = [("kubernetes.tf", "a"), ("data/x", "1")];
        written(&files, dir.path()).unwrap();
        let times =
            || ["kubernetes.tf", MANIFEST_FILE].map(|f| fs::metadata(dir.path().join(f)).unwrap().modified().unwrap());
        let before = times();
        let summary = written(&files, dir.path()).unwrap();
        assert_eq!((summary.written.len(), summary.unchanged), (0, 2));
        assert_eq!(before, times());
    }

    #[test]
    fn files_of_others_are_an_error_that_names_them_and_nothing_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let own = "# written by a user";
        for name in ["network.tf", "outputs.tf"] {
            fs::write(dir.path().join(name), own).unwrap();
        }
        let files = [("etcd.tf", "new"), ("network.tf", "new"), ("outputs.tf", "new")];
        let error = written(&files, dir.path()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "refusing to overwrite files in {}: not written by kopsform: network.tf, outputs.tf",
                dir.path().display()
            )
        );
        assert_eq!(error.hints(), ["move them, or write to another directory"]);
        let error = check(&output(&files), dir.path(), ForeignFiles::KeepUnlessForced).unwrap_err();
        assert!(error.hints()[0].ends_with("--force overwrites them"), "{:?}", error.hints());
        assert_eq!(names(dir.path()), ["network.tf", "outputs.tf"]);
        assert_eq!(fs::read_to_string(dir.path().join("network.tf")).unwrap(), own);
        // Another layout leaves them alone, and later runs do not take them for theirs.
        written(&[("kubernetes.tf", "new")], dir.path()).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("network.tf")).unwrap(), own);
        write(&output(&files), dir.path(), ForeignFiles::Overwrite).unwrap();
        assert_eq!(names(dir.path()), [MANIFEST_FILE, "etcd.tf", "network.tf", "outputs.tf"]);
    }

    #[test]
    fn edited_files_are_neither_replaced_nor_removed() {
        let dir = tempfile::tempdir().unwrap();
        written(&[("kubernetes.tf", "a"), ("data/x", "1"), ("data/y", "1")], dir.path()).unwrap();
        fs::write(dir.path().join("kubernetes.tf"), "a, edited").unwrap();
        fs::write(dir.path().join("data/y"), "1, edited").unwrap();
        let next = [("kubernetes.tf", "b"), ("data/x", "1")];
        let error = written(&next, dir.path()).unwrap_err();
        assert!(
            matches!(&error, WriteError::Foreign { edited, .. } if *edited == ["kubernetes.tf", "data/y"]),
            "{error}"
        );
        assert_eq!(fs::read_to_string(dir.path().join("kubernetes.tf")).unwrap(), "a, edited");
        // What was edited to what it will be is fine.
        fs::write(dir.path().join("kubernetes.tf"), "b").unwrap();
        fs::write(dir.path().join("data/y"), "1").unwrap();
        assert_eq!(written(&next, dir.path()).unwrap().removed, ["data/y"]);
        fs::write(dir.path().join("data/x"), "2, edited").unwrap();
        let forced = write(&output(&[("kubernetes.tf", "b")]), dir.path(), ForeignFiles::Overwrite).unwrap();
        assert_eq!(
            (forced.removed, names(dir.path())),
            (vec!["data/x".to_owned()], vec![MANIFEST_FILE.to_owned(), "kubernetes.tf".to_owned()])
        );
    }

    #[test]
    fn output_of_kops_for_the_same_cluster_is_replaced() {
        let of = |cluster: &str, more: &str| {
            format!("locals {{\n  cluster_name = \"{cluster}\"\n  region = \"x\"\n}}\n{more}")
        };
        let read = "x = file(\"${path.module}/data/stale\")";
        for (there, replaced) in [
            (of("a.example.com", "output \"x\" {}"), true),
            (of("b.example.com", ""), false),
            ("# mine".to_owned(), false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("data")).unwrap();
            fs::write(dir.path().join("kubernetes.tf"), &there).unwrap();
            fs::write(dir.path().join("data/policy"), "old").unwrap();
            let new = of("a.example.com", "");
            let outcome = written(&[("kubernetes.tf", new.as_str()), ("data/policy", "new")], dir.path());
            assert_eq!(outcome.is_ok(), replaced, "{there}");
        }
        // In another layout, nothing of kops' configuration stays next to it.
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        for name in ["data/stale", "data/other"] {
            fs::write(dir.path().join(name), "old").unwrap();
        }
        fs::write(dir.path().join("kubernetes.tf"), of("a.example.com", read)).unwrap();
        let summary = written(&[("network.tf", "new")], dir.path()).unwrap();
        assert_eq!(summary.removed, ["data/stale", "kubernetes.tf"]);
        assert!(dir.path().join("data/other").exists());
    }

    #[test]
    fn a_manifest_removes_nothing_that_is_not_what_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let files = [("kubernetes.tf", "a")];
        written(&files, dir.path()).unwrap();
        for name in ["terraform.tfstate", "config.tf", "network.tf"] {
            fs::write(dir.path().join(name), "theirs").unwrap();
        }
        let listed = |names: &[&str]| {
            let files: BTreeMap<_, _> = names.iter().map(|name| (*name, hash(b"theirs"))).collect();
            let manifest = serde_json::json!({ "version": 2, "files": files });
            fs::write(dir.path().join(MANIFEST_FILE), manifest.to_string()).unwrap();
        };
        listed(&["kubernetes.tf", "terraform.tfstate", "config.tf"]);
        assert!(written(&files, dir.path()).unwrap().removed.is_empty());
        let manifest =
            serde_json::json!({ "version": 2, "files": {"kubernetes.tf": hash(b"a"), "network.tf": hash(b"x")} });
        fs::write(dir.path().join(MANIFEST_FILE), manifest.to_string()).unwrap();
        assert!(matches!(written(&files, dir.path()), Err(WriteError::Foreign { .. })), "the hash does not fit");
        fs::write(dir.path().join(MANIFEST_FILE), r#"{"version": 99}"#).unwrap();
        assert!(written(&files, dir.path()).unwrap_err().hints()[0].contains("release that wrote it"));
        for name in ["terraform.tfstate", "config.tf", "network.tf"] {
            assert!(dir.path().join(name).exists());
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_removed_through_links() {
        use std::os::unix::fs::symlink;
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let theirs = elsewhere.path().join("x");
        fs::write(&theirs, "1").unwrap();
        written(&[("kubernetes.tf", "a"), ("data/x", "1")], dir.path()).unwrap();
        fs::remove_dir_all(dir.path().join("data")).unwrap();
        symlink(elsewhere.path(), dir.path().join("data")).unwrap();
        assert!(written(&[("kubernetes.tf", "a")], dir.path()).unwrap().removed.is_empty());
        assert!(written(&[("kubernetes.tf", "a"), ("data/x", "2")], dir.path()).is_err());
        fs::remove_file(dir.path().join("kubernetes.tf")).unwrap();
        symlink(&theirs, dir.path().join("kubernetes.tf")).unwrap();
        assert!(matches!(written(&[("kubernetes.tf", "b")], dir.path()), Err(WriteError::Foreign { .. })));
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "1");
        write(&output(&[("kubernetes.tf", "b")]), dir.path(), ForeignFiles::Overwrite).unwrap();
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "1");
    }

    #[test]
    fn an_interrupted_change_is_reported_once_it_is_completed() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!recover(&dir.path().join("none")).unwrap());
        let staging = dir.path().join(".kopsform-staging");
        fs::create_dir_all(staging.join("new")).unwrap();
        fs::write(staging.join("new/kubernetes.tf"), "new").unwrap();
        fs::write(dir.path().join(MARKER_FILE), MARKER).unwrap();
        fs::write(staging.join("journal"), format!("kopsform journal 1\n! {MARKER_FILE}\n+ kubernetes.tf\n")).unwrap();
        assert!(recover(dir.path()).unwrap());
        assert!(!recover(dir.path()).unwrap());
        assert_eq!(names(dir.path()), ["kubernetes.tf"]);
    }

    #[test]
    fn the_marker_is_not_hcl() {
        assert!(hcl::parse(MARKER).is_err(), "Terraform must refuse it");
    }

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        written(&[("kubernetes.tf", "a")], dir.path()).unwrap();
        // A file cannot lie below another one.
        let files = output(&[("data/x", "1"), ("data/x/y", "2"), ("kubernetes.tf", "b")]);
        assert!(write(&files, dir.path(), ForeignFiles::Keep).is_err());
        assert_eq!(fs::read_to_string(dir.path().join("kubernetes.tf")).unwrap(), "a");
        assert_eq!(names(dir.path()), [MANIFEST_FILE, "kubernetes.tf"]);
        let error = check(&files, &dir.path().join("kubernetes.tf"), ForeignFiles::Keep).unwrap_err();
        assert!(error.to_string().starts_with("cannot write to "), "{error}");
    }

    #[test]
    fn names_that_lead_outside_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(written(&[("../x", "a")], dir.path()), Err(WriteError::Outside(_))));
    }

    #[test]
    fn a_malformed_manifest_stops_the_run() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MANIFEST_FILE), "{").unwrap();
        let error = written(&[("a", "a")], dir.path()).unwrap_err();
        assert!(!error.hints().is_empty());
        assert!(!dir.path().join("a").exists());
    }
}
