//! `sync`: renders, validates, stores and writes Terraform for a project.
//!
//! Each step is the operation of a single command: render, validate, store, lock, write. All of them are first planned, each on a
//! preview of what the ones before it will store: outputs, templates, spec, SSH key, state store, facts, keys and the Terraform
//! files are read, made and validated before the first write, so an error in any of them changes nothing. Only changes are
//! written, and each step reports whether it changed something.

mod check;
mod error;
mod output;
mod outputs;
mod render;
mod secrets;
mod sensitive;
mod spec;
mod steps;

pub use error::SyncError;
pub(in crate::ops) use outputs::OutputsError;
pub use render::{Rendered, render};
pub use secrets::Secrets;
pub use steps::{Event, Outcome, Step, StepReport};

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::lock::{self, LockPlan};
use super::replace::{self, ReplaceDeps, ReplaceOptions, ReplacePlan};
use super::running_instances::AutoscalingCounter;
use super::support::differences::Difference;
use super::support::facts::{FactFinder, LookupOptions};
use super::support::planned_write::PlannedAction;
use super::support::specs::Existing;
use super::template::expand;
use super::update_cluster::{self, UpdateDeps, UpdateOptions};
use super::{sshkeys, version_skew};
use crate::project::{Project, resolve};
use check::Plans;
use kopsform_diagnostics::{Allowed, Explain};
use kopsform_env::{self as env, Environment};
use kopsform_files::{Mode, TEXT_LIMIT, read_bounded};
use kopsform_model::facts;
use kopsform_pki::{KeySource, with_colons};
use kopsform_state::{Holder, MissingKeys, PlannedContents, StateStore};
use kopsform_terraform::{ForeignFiles, Moves};
use output::PlannedOutput;
use spec::Spec;

/// The inputs of a sync.
pub struct Sync<'a> {
    pub project: &'a Project,
    /// The directory of the project file.
    pub dir: PathBuf,
    /// How Terraform is written: as the project says, except for what flags say.
    pub terraform: kopsform_terraform::Options,
    pub state: StateStore,
    /// The cluster's name from a flag or the environment, which takes precedence over the project's.
    pub name: Option<String>,
    pub skip: Vec<Step>,
    /// Use only recorded facts.
    pub offline: bool,
    /// Rules that are switched off, those of the project included.
    pub allowed: Allowed,
    pub missing_keys: MissingKeys,
    /// What happens to files in the output directory that are not ours.
    pub foreign: ForeignFiles,
    /// How the state of existing resources follows to new addresses; that of the project if not given.
    pub moves: Option<Moves>,
    /// Whether files may be written whose plan replaces resources that must not be replaced unnoticed.
    pub allow_replace: bool,
    /// Whether files that mean the same as new ones are left as they are, even if the project does not say so.
    pub keep_equivalent: bool,
    /// Whether nothing is written, and what would be is reported.
    pub check: bool,
    /// The environment at the start.
    pub environment: &'a Environment,
    /// The source of new keys, random numbers and the time.
    pub keys: Arc<dyn KeySource>,
    /// This process as the holder of the cluster's lock.
    pub holder: Holder,
}

impl<'a> Sync<'a> {
    /// What a project says, without flags.
    pub fn of_project(
        project: &'a Project,
        dir: PathBuf,
        state: StateStore,
        environment: &'a Environment,
        keys: Arc<dyn KeySource>,
        operation: &str,
    ) -> Self {
        Self {
            project,
            dir,
            terraform: project.terraform_options(),
            state,
            name: None,
            skip: Vec::new(),
            offline: false,
            allowed: project.allowed(),
            missing_keys: MissingKeys::Create,
            foreign: ForeignFiles::Keep,
            moves: None,
            allow_replace: false,
            keep_equivalent: false,
            check: false,
            environment,
            keys,
            holder: Holder::of_process(environment, operation),
        }
    }
}

/// The result of a sync.
#[derive(Debug, Clone, Default)]
pub struct Synced {
    /// In their order.
    pub steps: Vec<StepReport>,
    /// The directory of the Terraform files.
    pub out: PathBuf,
    /// What would be written; with [`Sync::check`] only.
    pub differences: Vec<Difference>,
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
    if !sync.check {
        run.recover()?;
    }
    let spec = run.spec().await?;
    let name = run.cluster(&spec)?;
    let plan = run.plan(&spec).await?;
    let preview = sync.state.preview(plan.iter().flat_map(|plan| &plan.objects).map(|planned| planned.write.planned()));
    let key = run.ssh_key(&preview, &name).await?;
    let added = match &key {
        Some(key) => Some(sshkeys::plan(&preview, &name, key).await.map_err(run.failed(Step::SshKey))?),
        None => None,
    };
    let all = plan.iter().flat_map(|plan| &plan.objects).map(|planned| planned.write.planned());
    let all = all.chain(added.as_ref().map(|key| key.write.planned()));
    let preview = sync.state.preview(all);
    let mut finder = FactFinder::open(&run.lookup(), sync.environment).map_err(run.failed(Step::Lock))?;
    let lock = run.plan_lock(&preview, &name, &mut finder).await?;
    let options = run.update_options(&name).await;
    let update = run.plan_output(&preview, &name, &options, finder).await?;

    if sync.check {
        let (store, ssh_key, lock, output) = (plan.as_ref(), added.as_ref(), lock.as_ref(), update.as_ref());
        let differences = run.differences(&preview, Plans { spec: &spec, store, ssh_key, lock, output }).await?;
        return Ok(Synced { steps: run.steps, out: options.out.clone(), differences });
    }
    run.write_rendered(&spec)?;
    run.store(plan).await?;
    run.store_ssh_key(&name, key).await?;
    run.lock(lock)?;
    run.write_output(update).await?;
    Ok(Synced { steps: run.steps, out: options.out, differences: Vec::new() })
}

/// What a sync would store and render, without the last step.
pub struct Rehearsal {
    /// The name of the cluster.
    pub cluster: String,
    /// What the stores would hold.
    pub planned: PlannedContents,
    /// How Terraform would be written.
    pub options: UpdateOptions,
    /// Facts that were found on the way.
    pub finder: FactFinder,
    /// Instance groups that are stored and no longer in the spec; they stay, because the project does not prune.
    pub kept_groups: Vec<String>,
    /// Sensitive outputs, which must not be shown.
    pub secrets: Secrets,
}

/// Renders and validates the spec, and plans what would be stored. Nothing is written, and `terraform.out` is not looked at.
///
/// # Errors
/// The first step that fails, without sensitive values.
pub async fn rehearse(sync: &Sync<'_>, report: &mut (dyn FnMut(Event) + Send)) -> Result<Rehearsal, SyncError> {
    let mut run = Run { sync, report, steps: Vec::new(), secrets: Secrets::default() };
    let spec = run.spec().await?;
    let name = run.cluster(&spec)?;
    let plan = run.plan_with(&spec, true).await?;
    let objects: Vec<_> = plan.iter().flat_map(|plan| &plan.objects).collect();
    let preview = sync.state.preview(objects.iter().map(|planned| planned.write.planned()));
    let key = run.ssh_key(&preview, &name).await?;
    let added = match &key {
        Some(key) => Some(sshkeys::plan(&preview, &name, key).await.map_err(run.failed(Step::SshKey))?.write.planned()),
        None => None,
    };
    let named =
        |group: &String| objects.iter().any(|planned| planned.kind == "InstanceGroup" && planned.name == *group);
    let mut kept_groups = preview.cluster(&name).instance_group_names().await.map_err(run.failed(Step::Store))?;
    kept_groups.retain(|group| !named(group));
    let planned = objects.iter().map(|planned| planned.write.planned()).chain(added).collect();
    let finder = FactFinder::open(&run.lookup(), sync.environment).map_err(run.failed(Step::Lock))?;
    let options = UpdateOptions {
        terraform: sync.project.terraform_options(),
        allowed: sync.allowed,
        ..UpdateOptions::new(sync.project.out_in(&sync.dir), run.lookup())
    };
    Ok(Rehearsal { cluster: name, planned, options, finder, kept_groups, secrets: run.secrets })
}

struct Run<'s, 't> {
    sync: &'s Sync<'s>,
    report: &'t mut (dyn FnMut(Event) + Send),
    steps: Vec<StepReport>,
    secrets: Secrets,
}

impl<'s> Run<'s, '_> {
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

    /// The step that writes the files of the project's target.
    fn output_step(&self) -> Step {
        output::step(self.sync.project.files())
    }

    /// The lock file: the environment's, else the project's, else the one next to the project file.
    fn lock_file(&self) -> Option<PathBuf> {
        let Sync { project, dir, environment, .. } = self.sync;
        if let Some(path) = environment.get(env::KOPSFORM_LOCK) {
            return Some(PathBuf::from(path));
        }
        if !project.lock.is_empty() {
            return Some(resolve(dir, &project.lock));
        }
        Some(resolve(dir, facts::lock::FILE_NAME)).filter(|path| path.exists())
    }

    /// Completes the change of the output directory in which an earlier run was interrupted, before anything else can fail.
    fn recover(&mut self) -> Result<(), SyncError> {
        let out = self.sync.project.out_in(&self.sync.dir);
        let recovered = || output::recover(self.sync.project.files(), &out).map_err(self.failed(self.output_step()));
        if !self.skips(self.output_step()) && recovered()? {
            self.warn(&update_cluster::recovered(&out));
        }
        Ok(())
    }

    /// Where facts come from. A lock file that does not exist yet has no facts.
    fn lookup(&self) -> LookupOptions {
        let lock = self.lock_file().filter(|path| self.sync.offline || path.exists());
        LookupOptions { lock, offline: self.sync.offline }
    }

    /// Plans the changes of the state store; nothing is written yet.
    async fn plan(&mut self, spec: &Spec) -> Result<Option<ReplacePlan>, SyncError> {
        self.plan_with(spec, false).await
    }

    /// [`Run::plan`]; `force_prune` deletes groups that may have instances.
    async fn plan_with(&mut self, spec: &Spec, force_prune: bool) -> Result<Option<ReplacePlan>, SyncError> {
        if self.skips(Step::Store) {
            return Ok(None);
        }
        let Sync { project, state, environment, offline, keys, .. } = self.sync;
        let mut facts = FactFinder::open(&self.lookup(), environment).map_err(self.failed(Step::Store))?;
        let instances = AutoscalingCounter { environment, offline: *offline };
        let deps = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: keys.now() };
        let options = ReplaceOptions {
            existing: Existing::Optional,
            prune: project.prune,
            force_prune,
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
        let changed: Vec<String> = plan
            .changed()
            .map(|planned| {
                let deleted = if planned.action() == PlannedAction::Delete { " (deleted)" } else { "" };
                format!("{}{deleted}", planned.write.object)
            })
            .collect();
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
    async fn ssh_key(&mut self, preview: &StateStore, name: &str) -> Result<Option<Vec<u8>>, SyncError> {
        let Sync { project, dir, environment, .. } = self.sync;
        if project.ssh_key.is_empty() || self.skips(Step::SshKey) {
            return Ok(None);
        }
        let path = resolve(dir, &project.ssh_key).display().to_string();
        let path = expand(&[path], "SSH public key", environment).map_err(self.failed(Step::SshKey))?;
        let path = path.into_iter().next().unwrap_or_default();
        let key = read_bounded(&path, TEXT_LIMIT).map_err(|error| {
            let message = format!("cannot read the SSH public key {}: {}", path.display(), io::Error::from(error));
            SyncError::message(Step::SshKey, message, "set sshKey to the file, or remove it")
        })?;
        let fingerprint = sshkeys::fingerprint(&key).map_err(self.failed(Step::SshKey))?;
        let stored = sshkeys::list(preview, name).await.map_err(self.failed(Step::SshKey))?;
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

    /// Finds the facts that the lock file lacks; `None` if it is not updated.
    async fn plan_lock(
        &mut self,
        preview: &StateStore,
        name: &str,
        finder: &mut FactFinder,
    ) -> Result<Option<LockPlan>, SyncError> {
        let Some(path) = self.lock_file().filter(|_| !self.sync.offline && !self.skips(Step::Lock)) else {
            return Ok(None);
        };
        let plan = lock::plan(preview, name, &path, finder, self.sync.environment).await;
        let plan = plan.map_err(self.failed(Step::Lock))?;
        plan.warning.iter().for_each(|warning| self.warn(warning));
        Ok(Some(plan))
    }

    fn lock(&mut self, plan: Option<LockPlan>) -> Result<(), SyncError> {
        let path = self.lock_file().map(|path| path.display().to_string());
        match (plan, path) {
            (Some(plan), path) => {
                let changed = plan.changed;
                plan.apply().map_err(self.failed(Step::Lock))?;
                self.end(Step::Lock, Outcome::of_change(changed), path.unwrap_or_default());
            }
            (None, Some(path)) if self.sync.offline => {
                self.skip(Step::Lock, &format!("offline: {path} is not updated"));
            }
            (None, Some(_)) => self.skip(Step::Lock, ""),
            (None, None) => self.skip(Step::Lock, "the project has no lock file"),
        }
        Ok(())
    }

    async fn update_options(&mut self, name: &str) -> UpdateOptions {
        let Sync { project, dir, terraform, missing_keys, foreign, .. } = self.sync;
        UpdateOptions {
            terraform: terraform.clone(),
            foreign: *foreign,
            moves: self.sync.moves.or(project.terraform.moves).unwrap_or_default(),
            allow_replace: self.sync.allow_replace,
            keep_equivalent: self.sync.keep_equivalent || project.terraform.keep_equivalent,
            check: self.sync.check,
            missing_keys: *missing_keys,
            allowed: self.sync.allowed,
            worker_version: if self.skips(self.output_step()) { None } else { self.running_version(name).await },
            ..UpdateOptions::new(project.out_in(dir), self.lookup())
        }
    }

    /// Renders the files of the target; `None` if they are not written.
    async fn plan_output<'o>(
        &mut self,
        preview: &StateStore,
        name: &str,
        options: &'o UpdateOptions,
        finder: FactFinder,
    ) -> Result<Option<PlannedOutput<'o>>, SyncError>
    where
        's: 'o,
    {
        if self.skips(self.output_step()) {
            return Ok(None);
        }
        let Sync { project, environment, keys, .. } = self.sync;
        let plan = {
            let (secrets, report) = (&self.secrets, &mut self.report);
            let mut warn = |warning: String| report(Event::Warning(secrets.clean(&warning)));
            let deps = UpdateDeps { environment, finder, source: keys.clone(), warn: &mut warn };
            output::plan(project, preview, name, options, deps).await
        };
        plan.map(Some).map_err(self.failed(self.output_step()))
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
        let changed = read_bounded(&path, TEXT_LIMIT).ok().as_deref() != Some(spec.file.content.as_bytes());
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

/// The outputs of a project in the directory `dir`, sensitive ones included.
///
/// # Errors
/// If they cannot be read or their command fails.
pub async fn fetch_outputs(
    outputs: &crate::project::Outputs,
    dir: &std::path::Path,
) -> Result<serde_json::Map<String, serde_json::Value>, OutputsError> {
    let (_, values) = outputs::fetch(outputs, dir).await?;
    Ok(values.document().clone())
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
