//! Writes what cases render to as their expected files.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use super::render::{self, MakeKeysets, Opened};
use super::{Case, GoldenError, Shared, keysets};
use crate::ops::sync::Rendered;
use kopsform_compare::{Files, Finding};
use kopsform_pki::Keyset;
use kopsform_terraform::{ForeignFiles, WriteSummary};

/// What an update of a case did.
#[derive(Debug)]
pub struct Updated {
    pub name: String,
    /// The directory of the expected files.
    pub out: PathBuf,
    /// The differences from the files before to those that were written. All are new if there were none.
    pub findings: Vec<Finding>,
    /// Whether there were no expected files.
    pub is_new: bool,
    pub files: WriteSummary,
    /// Files in the directory that were not written by this program.
    pub foreign: Vec<String>,
    /// Keysets that were made.
    pub created_keysets: Vec<String>,
}

/// The name of a case, and what became of it.
pub type UpdatedCase = (String, Result<Updated, GoldenError>);

/// Renders cases below a directory on `jobs` threads and writes their expected files: all files of a case or none. Keysets that a
/// case lacks are made. Nothing outside of `root` is written.
///
/// # Errors
/// If no thread can be started. What is wrong with a case is in its result.
pub fn update(
    root: &Path,
    cases: &[Case],
    jobs: usize,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<UpdatedCase>, GoldenError> {
    let run = Run { root, shared: Shared::default(), making: Mutex::new(()) };
    render::each(cases, jobs, done, &|case, runtime| (case.name.clone(), run.case(case, runtime)))
}

struct Run<'r> {
    root: &'r Path,
    shared: Shared,
    /// Cases share keysets, so one makes them at a time.
    making: Mutex<()>,
}

impl Run<'_> {
    fn case(&self, case: &Case, runtime: &tokio::runtime::Runtime) -> Result<Updated, GoldenError> {
        let opened = render::open(case)?;
        let before = opened.expected()?;
        let (rendered, created_keysets) = self.render(case, &opened, runtime)?;
        let after = render::compared(&rendered);
        let is_new = before.is_none();
        let before = before.unwrap_or_default();
        let findings = if is_new { Vec::new() } else { kopsform_compare::compare(&before, &after) };
        let files = write(&rendered, &opened.out)?;
        let foreign = foreign(&before, &after, &files);
        Ok(Updated { name: case.name.clone(), out: opened.out, findings, is_new, files, foreign, created_keysets })
    }

    fn render(
        &self,
        case: &Case,
        opened: &Opened<'_>,
        runtime: &tokio::runtime::Runtime,
    ) -> Result<(Rendered, Vec<String>), GoldenError> {
        match runtime.block_on(opened.render(&self.shared, MakeKeysets::No)) {
            Err(GoldenError::MissingKeysets { .. }) => {}
            other => return other.map(|rendered| (rendered, Vec::new())),
        }
        let _alone = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // Another case may have made them meanwhile.
        match runtime.block_on(opened.render(&self.shared, MakeKeysets::No)) {
            Err(GoldenError::MissingKeysets { .. }) => {}
            other => return other.map(|rendered| (rendered, Vec::new())),
        }
        let known = self.shared.keysets.of_case(&case.dir)?;
        let rendered = runtime.block_on(opened.render(&self.shared, MakeKeysets::Yes))?;
        let made: Vec<&Keyset> =
            rendered.keysets.iter().filter(|(name, _)| !known.contains_key(*name)).map(|(_, keyset)| keyset).collect();
        keysets::write(&self.keyset_directory(case), &made)?;
        let names = made.iter().map(|keyset| keyset.name.clone()).collect();
        self.shared.keysets.forget();
        Ok((rendered, names))
    }

    /// The directory of keysets that is used already, if it is within the root; else one that all cases of the root share.
    fn keyset_directory(&self, case: &Case) -> PathBuf {
        let root = std::path::absolute(self.root).unwrap_or_else(|_| self.root.to_owned());
        let used = keysets::nearest(&case.dir).filter(|dir| dir.starts_with(&root));
        used.unwrap_or_else(|| root.join(keysets::DIRECTORY))
    }
}

/// Writes the files of a case as its target does.
fn write(rendered: &Rendered, out: &Path) -> Result<WriteSummary, GoldenError> {
    let Some(templates) = &rendered.templates else {
        return Ok(kopsform_terraform::write(&rendered.output, out, ForeignFiles::Overwrite)?);
    };
    let summary = kopsform_cloudformation::write(templates, out, ForeignFiles::Overwrite)?;
    let kopsform_cloudformation::WriteSummary { written, removed, unchanged, .. } = summary;
    Ok(WriteSummary { written, removed, unchanged })
}

/// Files that were there before, are not rendered and were not removed.
fn foreign(before: &Files, after: &Files, files: &WriteSummary) -> Vec<String> {
    let gone = |name: &String| after.contains_key(name) || files.removed.contains(name);
    before.keys().filter(|name| !gone(name)).cloned().collect()
}
