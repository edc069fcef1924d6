//! Renders a case in memory.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;

use super::{Case, GoldenError, Shared, store};
use crate::ops::sync::{self, Event, Rendered, Sync};
use crate::project::{self, FILE_NAME, Project};
use kopsform_compare::{Files, MANIFEST};
use kopsform_env::Environment;
use kopsform_files::{TEXT_LIMIT, read_bounded, read_text_bounded};
use kopsform_pki::{KeySource, PkiError, PrivateKey, SystemKeySource};
use kopsform_state::MissingKeys;
use kopsform_terraform::ForeignFiles;

/// The time in golden tests, in seconds since 1970: 2026-01-01T00:00:00Z. Templates and certificates have no other.
const NOW: i64 = 1_767_225_600;

/// The message of an operation that refuses to make keysets begins with this.
const MISSING_KEYSETS: &str = "missing in the state store: ";

/// The stack of a thread that renders: futures of builds without optimization are large.
const STACK: usize = 16 << 20;

/// A case, read.
pub(super) struct Opened<'c> {
    case: &'c Case,
    pub project: Project,
    /// The directory of the expected files.
    pub out: PathBuf,
}

/// Whether keysets that a case lacks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MakeKeysets {
    No,
    Yes,
}

/// Reads the project of a case.
pub(super) fn open(case: &Case) -> Result<Opened<'_>, GoldenError> {
    let file = case.dir.join(FILE_NAME);
    let text = read_text_bounded(&file, TEXT_LIMIT).map_err(|error| GoldenError::io("read", &file)(error.into()))?;
    let project = project::read(&file.display().to_string(), &text)?.object;
    let runs_command = project.outputs.as_ref().is_some_and(|outputs| outputs.file.is_empty());
    if runs_command {
        return Err(GoldenError::Outputs(file));
    }
    let out = project.out_in(&case.dir);
    let below = out.strip_prefix(&case.dir).unwrap_or(&out);
    let inside = below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside || !below.components().any(|part| matches!(part, Component::Normal(_))) {
        return Err(GoldenError::OutsideOfCase { project: file, out: out.display().to_string() });
    }
    Ok(Opened { case, project, out })
}

impl Opened<'_> {
    /// Renders the case. Nothing is written, and neither the network nor the environment is read.
    pub(super) async fn render(&self, shared: &Shared, keysets: MakeKeysets) -> Result<Rendered, GoldenError> {
        let environment = Environment::default();
        // The plan of an update checks that its directory can be written. This one is never made.
        let unused =
            tempfile::tempdir().map_err(GoldenError::io("make a temporary directory in", &std::env::temp_dir()))?;
        let mut project = self.project.clone();
        project.set_out(unused.path().join("out").display().to_string());
        let address = Some(project.store.as_str()).filter(|store| store.contains("://"));
        let state = store::open(address, shared.keysets.of_case(&self.case.dir)?)?;
        let missing_keys = match keysets {
            MakeKeysets::No => MissingKeys::Refuse,
            MakeKeysets::Yes => MissingKeys::Create,
        };
        let dir = absolute(&self.case.dir);
        let base = Sync::of_project(&project, dir, state, &environment, Arc::new(TestKeys), "golden");
        let sync = Sync { offline: true, missing_keys, foreign: ForeignFiles::Overwrite, ..base };
        // Warnings about specs are for `validate spec`.
        let mut quiet = |_: Event| {};
        sync::render(&sync, &mut quiet).await.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: sync::SyncError) -> GoldenError {
        let message = error.to_string();
        match message.strip_prefix(MISSING_KEYSETS) {
            Some(names) => GoldenError::MissingKeysets {
                dir: super::keysets::nearest(&self.case.dir).unwrap_or_else(|| self.case.dir.clone()),
                names: names.split(", ").map(str::to_owned).collect(),
            },
            None => error.into(),
        }
    }

    /// The expected files; `None` if there are none yet. What is hidden is Terraform's, or follows from the files.
    pub(super) fn expected(&self) -> Result<Option<Files>, GoldenError> {
        if !self.out.is_dir() {
            return Ok(None);
        }
        let mut files = Files::new();
        collect(&self.out, "", &mut files)?;
        Ok(Some(files))
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn collect(dir: &Path, prefix: &str, files: &mut Files) -> Result<(), GoldenError> {
    for entry in fs::read_dir(dir).map_err(GoldenError::io("read the directory", dir))? {
        let entry = entry.map_err(GoldenError::io("read the directory", dir))?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(GoldenError::io("read", &path))?;
        if kind.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            let content =
                read_bounded(&path, TEXT_LIMIT).map_err(|error| GoldenError::io("read", &path)(error.into()))?;
            files.insert(format!("{prefix}{name}"), content.to_vec());
        }
    }
    Ok(())
}

/// The rendered files that are compared.
pub(super) fn compared(rendered: &Rendered) -> Files {
    rendered.output.files.iter().filter(|(name, _)| *name != MANIFEST).map(|(n, c)| (n.clone(), c.clone())).collect()
}

/// Time that stands still, random numbers that are not random, and real keys.
struct TestKeys;

impl KeySource for TestKeys {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), PkiError> {
        // A sequence by Knuth (MMIX), the same in every run.
        let mut state = 1_u64;
        for byte in buffer {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        Ok(())
    }

    fn private_key(&self) -> Result<PrivateKey, PkiError> {
        SystemKeySource::from_environment(&Environment::default())?.private_key()
    }
}

/// Calls a function for each case on `jobs` threads; results are in the order of the cases. `done` is called with the number of
/// cases that are finished.
pub(super) fn each<R: Send>(
    cases: &[Case],
    jobs: usize,
    done: &(dyn Fn(usize) + std::marker::Sync),
    work: &(dyn Fn(&Case, &tokio::runtime::Runtime) -> R + std::marker::Sync),
) -> Result<Vec<R>, GoldenError> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let thread = || -> Result<Vec<(usize, R)>, GoldenError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(GoldenError::io("start a thread in", Path::new(".")))?;
        let mut results = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(at) else { return Ok(results) };
            results.push((at, work(case, &runtime)));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let threads = jobs.clamp(1, cases.len().max(1));
    let mut results = std::thread::scope(|scope| -> Result<Vec<(usize, R)>, GoldenError> {
        let mut running = Vec::new();
        for _ in 0..threads {
            let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, thread);
            running.push(spawned.map_err(GoldenError::io("start a thread in", Path::new(".")))?);
        }
        let mut all = Vec::new();
        for thread in running {
            match thread.join() {
                Ok(results) => all.extend(results?),
                // The hook has reported the panic.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })?;
    results.sort_by_key(|(at, _)| *at);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
