//! `sync`: the whole loop of a project, from Terraform's outputs to the Terraform of the cluster.
//!
//! Each step is the operation of a single command: rendering, checking, storing, recording, writing. Outputs, templates, spec,
//! SSH key and state store are read and checked before the first write, so that a mistake in any of them leaves everything as
//! it was. What is right already is not written again, and each step says which it was.

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

use super::facts::{FactFinder, LookupOptions};
use super::replace::{self, ReplaceDeps, ReplaceOptions, ReplacePlan};
use super::running_instances::AutoscalingCounter;
use super::specs::Existing;
use super::template::expand;
use super::update_cluster::{self, UpdateOptions};
use super::{lock, sshkeys, version_skew};
use crate::project::{Project, resolve};
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};
use kopsform_files::Mode;
use kopsform_model::facts;
use kopsform_pki::{KeySource, with_colons};
use kopsform_state::MissingKeys;
use kopsform_state::{Holder, StateStore};
use spec::Spec;

/// What a sync works on.
pub struct Sync<'a> {
    /// The project.
    pub project: &'a Project,
    /// The folder it lies in.
    pub dir: PathBuf,
    /// The state store.
    pub state: StateStore,
    /// The cluster's name where it is given beside the project.
    pub name: Option<String>,
    /// Steps that are not taken.
    pub skip: Vec<Step>,
    /// Use nothing but recorded facts.
    pub offline: bool,
    /// Whether missing keysets and secrets are made.
    pub missing_keys: MissingKeys,
    /// The environment at the start.
    pub environment: &'a Environment,
    /// Where new keys, random numbers and the time come from.
    pub keys: Arc<dyn KeySource>,
    /// This process, as the lock on the cluster names it.
    pub holder: Holder,
}

/// What a sync did.
#[derive(Debug, Clone, Default)]
pub struct Synced {
    /// The steps, in their order.
    pub steps: Vec<StepReport>,
    /// Where the Terraform files are.
    pub out: PathBuf,
}

impl Synced {
    /// Whether anything was written.
    pub fn changed(&self) -> bool {
        self.steps.iter().any(|step| step.outcome == Outcome::Changed)
    }
}

/// Takes all steps; `tell` hears about each when it is over.
///
/// # Errors
/// The first step that fails. Without sensitive values.
pub async fn run(sync: &Sync<'_>, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Synced, SyncError> {
    let mut run = Run { sync, tell, steps: Vec::new(), secrets: Secrets::default() };
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
    tell: &'t mut (dyn FnMut(Event) + Send),
    steps: Vec<StepReport>,
    secrets: Secrets,
}

impl Run<'_, '_> {
    fn skips(&self, step: Step) -> bool {
        self.sync.skip.contains(&step)
    }

    fn end(&mut self, step: Step, outcome: Outcome, detail: impl Into<String>) {
        let report = StepReport { step, outcome, detail: self.secrets.clean(&detail.into()) };
        (self.tell)(Event::Step(report.clone()));
        self.steps.push(report);
    }

    fn skip(&mut self, step: Step, why: &str) {
        self.end(step, Outcome::Skipped, why);
    }

    fn warn(&mut self, text: &str) {
        let text = self.secrets.clean(text);
        (self.tell)(Event::Warning(text));
    }

    fn failed<E: Explain>(&self, step: Step) -> impl Fn(E) -> SyncError {
        let secrets = self.secrets.clone();
        move |error| SyncError::of(step, &error, &secrets)
    }

    /// The lock file that is read: the project's, else that of the environment, else the one beside the project.
    fn lock_file(&self) -> Option<PathBuf> {
        let Sync { project, dir, environment, .. } = self.sync;
        if !project.lock.is_empty() {
            return Some(resolve(dir, &project.lock));
        }
        let beside = || Some(resolve(dir, facts::lock::FILE_NAME)).filter(|path| path.exists());
        environment.get(env::KOPSFORM_LOCK).map(PathBuf::from).or_else(beside)
    }

    /// Where facts come from. A lock file that does not exist yet is one without facts.
    fn lookup(&self) -> LookupOptions {
        let lock = self.lock_file().filter(|path| self.sync.offline || path.exists());
        LookupOptions { lock, offline: self.sync.offline }
    }

    /// What would change in the state store; nothing is written yet.
    async fn plan(&mut self, spec: &Spec) -> Result<Option<ReplacePlan>, SyncError> {
        if self.skips(Step::Store) {
            return Ok(None);
        }
        let Sync { project, state, environment, offline, keys, .. } = self.sync;
        let mut facts = FactFinder::open(&self.lookup(), environment).map_err(self.failed(Step::Store))?;
        let instances = AutoscalingCounter { environment, offline: *offline };
        let around = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: keys.now() };
        let options =
            ReplaceOptions { existing: Existing::Optional, force_prune: false, prune: project.prune, strict: false };
        let plan = replace::plan(state, std::slice::from_ref(&spec.text), options, around).await;
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

    /// The SSH key of the project, once it is sure that it will be the only one.
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
            SyncError::message(Step::SshKey, message, "name the file as sshKey, or leave that out")
        })?;
        let fingerprint = sshkeys::fingerprint(&key).map_err(self.failed(Step::SshKey))?;
        // A cluster that is not stored yet has no keys.
        let is_new = plan.is_some_and(|plan| plan.creates_cluster(name));
        let stored = if is_new {
            Default::default()
        } else {
            sshkeys::list(state, name).await.map_err(self.failed(Step::SshKey))?
        };
        if let Some(other) = stored.keys().find(|other| **other != fingerprint) {
            let message = format!(
                "the state store has another SSH key, {}, than {}, {}; a cluster has one",
                with_colons(other),
                path.display(),
                with_colons(&fingerprint)
            );
            let hint = format!("to change keys, first `kopsform delete sshpublickey {name}`");
            return Err(SyncError::message(Step::SshKey, message, &hint));
        }
        Ok(Some(key))
    }

    async fn store_ssh_key(&mut self, name: &str, key: Option<Vec<u8>>) -> Result<(), SyncError> {
        let Some(key) = key else {
            let why = if self.sync.project.ssh_key.is_empty() { "the project names none" } else { "" };
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
                let why =
                    if self.sync.offline { format!("offline: {} is only read", path.display()) } else { String::new() };
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
            ..UpdateOptions::new(out.clone(), self.lookup())
        };
        let updated = update_cluster::run(state, name, &options, environment, keys.clone()).await;
        let updated = updated.map_err(self.failed(Step::Terraform))?;
        for warning in &updated.warnings {
            self.warn(warning);
        }
        for keyset in &updated.created_keysets {
            (self.tell)(Event::Note(format!("made keyset {keyset}")));
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

    /// What the control plane runs now: workers wait for it. That it cannot be asked is no error, nothing may run yet.
    async fn running_version(&mut self, name: &str) -> Option<String> {
        if self.sync.offline {
            return None;
        }
        version_skew::running_version(name, self.sync.environment).await.unwrap_or_else(|reason| {
            let text =
                format!("the version of the running control plane is not known, so that of the spec counts: {reason}");
            (self.tell)(Event::Note(text));
            None
        })
    }

    /// Keeps the rendered spec, where the project wants that.
    fn write_rendered(&mut self, spec: &Spec) -> Result<(), SyncError> {
        if self.skips(Step::Template) {
            return Ok(());
        }
        let Sync { project, dir, .. } = self.sync;
        if project.rendered.is_empty() {
            let templates = count(project.templates.len(), "template");
            self.end(Step::Template, Outcome::Done, format!("{templates}, {} bytes", spec.text.content.len()));
            return Ok(());
        }
        let path = resolve(dir, &project.rendered);
        let changed = std::fs::read(&path).ok().as_deref() != Some(spec.text.content.as_bytes());
        if changed {
            let content = &spec.text.content;
            // Sensitive outputs are for the owner only; any other spec keeps the mode it has.
            let is_sensitive = self.secrets.clean(content) != *content;
            let mode = if is_sensitive { Mode::Private } else { Mode::Keep(0o660) };
            kopsform_files::replace(&path, content.as_bytes(), mode).map_err(|error| {
                let message = format!("cannot write the rendered spec {}: {error}", path.display());
                SyncError::message(Step::Template, message, "name another file as rendered, or leave that out")
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
