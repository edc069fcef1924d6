//! `sync`: renders, validates, stores and writes Terraform for a project.
//!
//! Each step is the operation of a single command: render, validate, store, lock, write. Outputs, templates, spec, SSH key and
//! state store are read and validated before the first write, so an error in any of them changes nothing. Only changes are
//! written, and each step reports whether it changed something.

mod error;
mod outputs;
mod secrets;
mod spec;
mod steps;

pub use error::SyncError;
pub use secrets::Secrets;
pub use steps::{Event, Outcome, Step, StepReport};

use std::path::PathBuf;
use std::sync::Arc;

use super::replace::{self, ReplaceDeps, ReplaceOptions, ReplacePlan};
use super::running_instances::AutoscalingCounter;
use super::support::facts::{FactFinder, LookupOptions};
use super::support::specs::Existing;
use super::template::expand;
use super::update_cluster::{self, UpdateOptions};
use super::{lock, sshkeys, version_skew};
use crate::project::{Project, resolve};
use kopsform_diagnostics::{Allowed, Explain};
use kopsform_env::{self as env, Environment};
use kopsform_files::Mode;
use kopsform_model::facts;
use kopsform_pki::{KeySource, with_colons};
use kopsform_state::MissingKeys;
use kopsform_state::{Holder, StateStore};
use spec::Spec;

/// The inputs of a sync.
pub struct Sync<'a> {
    pub project: &'a Project,
    /// The directory of the project file.
    pub dir: PathBuf,
    pub state: StateStore,
    /// The cluster's name from a flag or the environment, which takes precedence over the project's.
    pub name: Option<String>,
    pub skip: Vec<Step>,
    /// Use only recorded facts.
    pub offline: bool,
    /// Rules that are switched off, those of the project included.
    pub allowed: Allowed,
    pub missing_keys: MissingKeys,
    /// The environment at the start.
    pub environment: &'a Environment,
    /// The source of new keys, random numbers and the time.
    pub keys: Arc<dyn KeySource>,
    /// This process as the holder of the cluster's lock.
    pub holder: Holder,
}

/// The result of a sync.
#[derive(Debug, Clone, Default)]
pub struct Synced {
    /// In their order.
    pub steps: Vec<StepReport>,
    /// The directory of the Terraform files.
    pub out: PathBuf,
}

impl Synced {
    /// Whether anything was written.
    pub fn changed(&self) -> bool {
        self.steps.iter().any(|step| step.outcome == Outcome::Changed)
    }
}

/// Performs all steps; `report` is called as each of them ends.
///
/// # Errors
/// The first step that fails, without sensitive values.
pub async fn run(sync: &Sync<'_>, report: &mut (dyn FnMut(Event) + Send)) -> Result<Synced, SyncError> {
    let mut run = Run { sync, report, steps: Vec::new(), secrets: Secrets::default() };
    let spec = run.spec().await?;
    let name = run.cluster(&spec)?;
    let plan = run.plan(&spec).await?;
    let key = run.ssh_key(&name, plan.as_ref()).await?;

    run.write_rendered(&spec)?;
    run.store(plan).await?;
    run.store_ssh_key(&name, key).await?;
    run.lock(&name).await?;
    run.terraform(&name).await?;
    Ok(Synced { steps: run.steps, out: sync.project.out_in(&sync.dir) })
}

struct Run<'a, 't> {
    sync: &'a Sync<'a>,
    report: &'t mut (dyn FnMut(Event) + Send),
    steps: Vec<StepReport>,
    secrets: Secrets,
}

impl Run<'_, '_> {
    fn skips(&self, step: Step) -> bool {
        self.sync.skip.contains(&step)
    }

    fn end(&mut self, step: Step, outcome: Outcome, detail: impl Into<String>) {
        let report = StepReport { step, outcome, detail: self.secrets.clean(&detail.into()) };
        (self.report)(Event::Step(report.clone()));
        self.steps.push(report);
    }

    fn skip(&mut self, step: Step, why: &str) {
        self.end(step, Outcome::Skipped, why);
    }

    fn warn(&mut self, warning: &str) {
        let warning = self.secrets.clean(warning);
        (self.report)(Event::Warning(warning));
    }

    fn failed<E: Explain>(&self, step: Step) -> impl Fn(E) -> SyncError {
        let secrets = self.secrets.clone();
        move |error| SyncError::of(step, &error, &secrets)
    }

    /// The lock file: the project's, else the environment's, else the one next to the project file.
    fn lock_file(&self) -> Option<PathBuf> {
        let Sync { project, dir, environment, .. } = self.sync;
        if !project.lock.is_empty() {
            return Some(resolve(dir, &project.lock));
        }
        let default = || Some(resolve(dir, facts::lock::FILE_NAME)).filter(|path| path.exists());
        environment.get(env::KOPSFORM_LOCK).map(PathBuf::from).or_else(default)
    }

    /// Where facts come from. A lock file that does not exist yet has no facts.
    fn lookup(&self) -> LookupOptions {
        let lock = self.lock_file().filter(|path| self.sync.offline || path.exists());
        LookupOptions { lock, offline: self.sync.offline }
    }

    /// Plans the changes of the state store; nothing is written yet.
    async fn plan(&mut self, spec: &Spec) -> Result<Option<ReplacePlan>, SyncError> {
        if self.skips(Step::Store) {
            return Ok(None);
        }
        let Sync { project, state, environment, offline, keys, .. } = self.sync;
        let mut facts = FactFinder::open(&self.lookup(), environment).map_err(self.failed(Step::Store))?;
        let instances = AutoscalingCounter { environment, offline: *offline };
        let deps = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: keys.now() };
        let options = ReplaceOptions {
            existing: Existing::Optional,
            force_prune: false,
            prune: project.prune,
            strict: false,
            allowed: self.sync.allowed,
        };
        let plan = replace::plan(state, std::slice::from_ref(&spec.file), options, deps).await;
        let mut plan = plan.map_err(|error| match error {
            replace::ReplaceError::Documents(mut report) => {
                spec.trace(&mut report);
                SyncError::report(Step::Store, report, &self.secrets)
            }
            other => SyncError::of(Step::Store, &other, &self.secrets),
        })?;
        if self.skips(Step::Validate) {
            self.warnings(spec, &mut plan.warnings);
        }
        Ok(Some(plan))
    }

    async fn store(&mut self, plan: Option<ReplacePlan>) -> Result<(), SyncError> {
        let Some(plan) = plan else {
            self.skip(Step::Store, "");
            return Ok(());
        };
        let changed: Vec<String> = plan.changed().map(|planned| planned.write.object.clone()).collect();
        let total = plan.objects.len();
        let applied = replace::apply(&self.sync.state, plan, &self.sync.holder).await;
        applied.map_err(self.failed(Step::Store))?;
        let url = self.sync.state.url().to_string();
        let detail = if changed.is_empty() {
            format!("{url}: {}", count(total, "object"))
        } else {
            format!("{url}: {}", changed.join(", "))
        };
        self.end(Step::Store, Outcome::of_change(!changed.is_empty()), detail);
        Ok(())
    }

    /// The SSH key of the project, after checking that the cluster has no other one.
    async fn ssh_key(&mut self, name: &str, plan: Option<&ReplacePlan>) -> Result<Option<Vec<u8>>, SyncError> {
        let Sync { project, dir, state, environment, .. } = self.sync;
        if project.ssh_key.is_empty() || self.skips(Step::SshKey) {
            return Ok(None);
        }
        let path = resolve(dir, &project.ssh_key).display().to_string();
        let path = expand(&[path], "SSH public key", environment).map_err(self.failed(Step::SshKey))?;
        let path = path.into_iter().next().unwrap_or_default();
        let key = std::fs::read(&path).map_err(|error| {
            let message = format!("cannot read the SSH public key {}: {error}", path.display());
            SyncError::message(Step::SshKey, message, "set sshKey to the file, or remove it")
        })?;
        let fingerprint = sshkeys::fingerprint(&key).map_err(self.failed(Step::SshKey))?;
        // A new cluster has no keys.
        let is_new = plan.is_some_and(|plan| plan.creates_cluster(name));
        let stored = if is_new {
            Default::default()
        } else {
            sshkeys::list(state, name).await.map_err(self.failed(Step::SshKey))?
        };
        if let Some(other) = stored.keys().find(|other| **other != fingerprint) {
            let message = format!(
                "the state store has the SSH key {}, which is not {}, {}; a cluster has only one",
                with_colons(other),
                path.display(),
                with_colons(&fingerprint)
            );
            let hint = format!("to replace it, first run `kopsform delete sshpublickey {name}`");
            return Err(SyncError::message(Step::SshKey, message, &hint));
        }
        Ok(Some(key))
    }

    async fn store_ssh_key(&mut self, name: &str, key: Option<Vec<u8>>) -> Result<(), SyncError> {
        let Some(key) = key else {
            let why = if self.sync.project.ssh_key.is_empty() { "the project has none" } else { "" };
            self.skip(Step::SshKey, why);
            return Ok(());
        };
        let added = sshkeys::add(&self.sync.state, name, &key, &self.sync.holder).await;
        let added = added.map_err(self.failed(Step::SshKey))?;
        self.end(Step::SshKey, Outcome::of_change(added.changed), with_colons(&added.fingerprint));
        Ok(())
    }

    async fn lock(&mut self, name: &str) -> Result<(), SyncError> {
        let path = match self.lock_file() {
            Some(path) if !self.sync.offline && !self.skips(Step::Lock) => path,
            Some(path) => {
                let why = if self.sync.offline {
                    format!("offline: {} is not updated", path.display())
                } else {
                    String::new()
                };
                self.skip(Step::Lock, &why);
                return Ok(());
            }
            None => {
                self.skip(Step::Lock, "the project has no lock file");
                return Ok(());
            }
        };
        let environment = self.sync.environment;
        let finder = FactFinder::open(&self.lookup(), environment).map_err(self.failed(Step::Lock))?;
        let locked = lock::run(&self.sync.state, name, &path, finder, environment).await;
        let locked = locked.map_err(self.failed(Step::Lock))?;
        locked.warnings.iter().for_each(|warning| self.warn(warning));
        self.end(Step::Lock, Outcome::of_change(locked.changed), path.display().to_string());
        Ok(())
    }

    async fn terraform(&mut self, name: &str) -> Result<(), SyncError> {
        if self.skips(Step::Terraform) {
            self.skip(Step::Terraform, "");
            return Ok(());
        }
        let Sync { project, dir, state, environment, keys, missing_keys, .. } = self.sync;
        let out = project.out_in(dir);
        let options = UpdateOptions {
            terraform: project.terraform_options(),
            missing_keys: *missing_keys,
            worker_version: self.running_version(name).await,
            allowed: self.sync.allowed,
            ..UpdateOptions::new(out.clone(), self.lookup())
        };
        let updated = update_cluster::run(state, name, &options, environment, keys.clone()).await;
        let updated = updated.map_err(self.failed(Step::Terraform))?;
        for warning in &updated.warnings {
            self.warn(warning);
        }
        for keyset in &updated.created_keysets {
            (self.report)(Event::Note(format!("created keyset {keyset}")));
        }
        let files = &updated.files;
        let changed = !files.written.is_empty() || !files.removed.is_empty() || !updated.created_keysets.is_empty();
        let detail = format!(
            "{}: {} written, {} removed, {} unchanged",
            out.display(),
            count(files.written.len(), "file"),
            files.removed.len(),
            files.unchanged
        );
        self.end(Step::Terraform, Outcome::of_change(changed), detail);
        Ok(())
    }

    /// The version that the control plane runs now, which limits that of workers. An unreachable control plane is not an error:
    /// it may not exist yet.
    async fn running_version(&mut self, name: &str) -> Option<String> {
        if self.sync.offline {
            return None;
        }
        version_skew::running_version(name, self.sync.environment).await.unwrap_or_else(|reason| {
            let note =
                format!("cannot determine the version of the running control plane, using that of the spec: {reason}");
            (self.report)(Event::Note(note));
            None
        })
    }

    /// Writes the rendered spec, if the project names a file for it.
    fn write_rendered(&mut self, spec: &Spec) -> Result<(), SyncError> {
        if self.skips(Step::Template) {
            return Ok(());
        }
        let Sync { project, dir, .. } = self.sync;
        if project.rendered.is_empty() {
            let templates = count(project.templates.len(), "template");
            self.end(Step::Template, Outcome::Done, format!("{templates}, {} bytes", spec.file.content.len()));
            return Ok(());
        }
        let path = resolve(dir, &project.rendered);
        let changed = std::fs::read(&path).ok().as_deref() != Some(spec.file.content.as_bytes());
        if changed {
            let content = &spec.file.content;
            // Sensitive outputs are for the owner only; any other spec keeps the mode it has.
            let is_sensitive = self.secrets.clean(content) != *content;
            let mode = if is_sensitive { Mode::Private } else { Mode::Keep(0o660) };
            kopsform_files::replace(&path, content.as_bytes(), mode).map_err(|error| {
                let message = format!("cannot write the rendered spec {}: {error}", path.display());
                SyncError::message(Step::Template, message, "set rendered to another file, or remove it")
            })?;
        }
        self.end(Step::Template, Outcome::of_change(changed), path.display().to_string());
        Ok(())
    }
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
