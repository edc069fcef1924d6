//! The two sides of a diff as files.

use std::path::{Path, PathBuf};

use super::directory;
use super::error::{DiffError, of_side};
use super::revision::Revision;
use super::{Diff, New, Old};
use crate::ops::cloudformation;
use crate::ops::replace::{self, InstanceCounter, ReplaceDeps, ReplaceOptions};
use crate::ops::support::documents::InputFile;
use crate::ops::support::facts::{FactFinder, LookupOptions};
use crate::ops::support::specs::Existing;
use crate::ops::sync::{self, Event, Rehearsal, Secrets, Sync};
use crate::ops::update_cluster::{self, UpdateDeps, UpdateOptions};
use crate::project::{self, FILE_NAME, Project, resolve};
use kopsform_compare::Files;
use kopsform_env::{self as env, Environment};
use kopsform_model::facts::lock;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::PlannedContents;
use kopsform_terraform::resolve::resolved;
use kopsform_terraform::{self as terraform, DATA_DIRECTORY, Layout};

/// One side.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// What it is, for messages.
    pub name: String,
    pub files: Files,
}

/// What sides are rendered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Terraform(Layout),
    CloudFormation(kopsform_cloudformation::Options),
}

/// Both sides.
pub(super) struct Sides {
    pub cluster: String,
    pub form: Form,
    pub old: Side,
    pub new: Side,
    /// Sensitive outputs, which must not be shown.
    pub secrets: Vec<Secrets>,
}

/// Specs that are rendered on top of the state store.
struct Specs {
    cluster: String,
    /// What the stores would hold.
    planned: PlannedContents,
    options: UpdateOptions,
    finder: FactFinder,
    secrets: Secrets,
}

impl Sides {
    pub(super) async fn of(diff: &Diff<'_>, warn: &mut (dyn FnMut(String) + Send)) -> Result<Self, DiffError> {
        let directory = match &diff.old {
            Old::Directory(dir) => Some(directory::read(dir)?),
            Old::Store | Old::Revision(_) => None,
        };
        // Addresses differ between layouts: of a directory, the new side has the same.
        let form = directory.as_ref().map_or_else(|| diff.form(), |(_, form)| *form);
        let name = diff.name_of_new();
        let environment = match &diff.lock {
            Some(lock) => diff.environment.clone().with(env::KOPSFORM_LOCK, &lock.display().to_string()),
            None => diff.environment.clone(),
        };
        let mut quiet = |_: String| {};
        let specs = diff.new_specs(&name, &environment, warn).await?;
        let (cluster, mut secrets) = (specs.cluster.clone(), vec![specs.secrets.clone()]);
        let (mut files, keys) = diff.render(&name, &[], specs, form, warn, &PlannedContents::default()).await?;
        if directory.is_some() && matches!(form, Form::CloudFormation(_)) {
            // The directory has the templates alone.
            files.retain(|file, _| !file.starts_with(DATA_DIRECTORY));
        }
        let new = Side { name, files };
        let old = match (&diff.old, directory) {
            (Old::Directory(dir), Some((files, _))) => Side { name: dir.display().to_string(), files },
            (Old::Revision(revision), _) => {
                let New::Project { dir, .. } = &diff.new else { return Err(DiffError::NoProject) };
                let revision = Revision::read(revision, dir).await?;
                let (names, name) = (revision.names(), revision.name.clone());
                let specs = diff.project_specs(&revision.project, &revision.dir, diff.environment, &mut quiet).await;
                let specs = specs.map_err(|error| of_side(&name, &names, &error))?;
                secrets.push(specs.secrets.clone());
                let (files, _) = diff.render(&name, &names, specs, form, &mut quiet, &keys).await?;
                Side { name, files }
            }
            (Old::Store | Old::Directory(_), _) => diff.stored(&cluster, form, &keys).await?,
        };
        let (mut old, mut new) = (old, new);
        if matches!(form, Form::Terraform(Layout::Split | Layout::Module)) {
            // Of blocks with `for_each`, each resource is compared.
            (old.files, new.files) = (resolved(&old.files), resolved(&new.files));
        }
        Ok(Self { cluster, form, old, new, secrets })
    }
}

impl Diff<'_> {
    fn name_of_new(&self) -> String {
        match &self.new {
            New::Project { dir, .. } => resolve(dir, FILE_NAME).display().to_string(),
            New::Files(files) => files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", "),
            New::Stored => format!("the specs in {}", self.state.url()),
        }
    }

    /// What both sides are rendered as, unless a directory says it.
    fn form(&self) -> Form {
        let (target, options) = match &self.new {
            New::Project { project, .. } => (project.files(), project.cloudformation_options()),
            New::Files(_) | New::Stored => (self.target, kopsform_cloudformation::Options::default()),
        };
        match target {
            project::Files::Terraform => Form::Terraform(Layout::Single),
            project::Files::CloudFormation => Form::CloudFormation(options),
        }
    }

    fn lookup(&self, first: Option<&PathBuf>, second: Option<&PathBuf>) -> LookupOptions {
        LookupOptions { lock: first.or(second).cloned(), offline: self.offline }
    }

    /// The lock file of both sides.
    fn usual_lock(&self) -> Option<PathBuf> {
        match &self.new {
            New::Project { project, .. } if !project.lock.is_empty() => self.project_lock(&project.lock),
            New::Project { .. } => self.project_lock(lock::FILE_NAME).filter(|path| path.exists()),
            New::Files(_) | New::Stored => self.usual_lock.clone(),
        }
    }

    fn project_lock(&self, name: &str) -> Option<PathBuf> {
        let environment = self.environment.get(env::KOPSFORM_LOCK).map(PathBuf::from);
        let New::Project { dir, .. } = &self.new else { return environment };
        environment.or_else(|| Some(resolve(dir, name)))
    }

    async fn new_specs(
        &self,
        name: &str,
        environment: &Environment,
        warn: &mut (dyn FnMut(String) + Send),
    ) -> Result<Specs, DiffError> {
        match &self.new {
            New::Project { project, dir } => {
                let specs = self.project_specs(project, dir, environment, warn).await;
                specs.map_err(|error| of_side(name, &[], &error))
            }
            New::Files(files) => self.file_specs(name, files, warn).await,
            New::Stored => {
                let cluster = self.cluster.clone().unwrap_or_default();
                let lookup = self.lookup(self.lock.as_ref(), self.usual_lock.as_ref());
                let finder = FactFinder::open(&lookup, environment)?;
                let options = UpdateOptions { allowed: self.allowed, ..UpdateOptions::new(PathBuf::new(), lookup) };
                let planned = PlannedContents::default();
                Ok(Specs { cluster, planned, options, finder, secrets: Secrets::default() })
            }
        }
    }

    async fn project_specs(
        &self,
        project: &Project,
        dir: &Path,
        environment: &Environment,
        warn: &mut (dyn FnMut(String) + Send),
    ) -> Result<Specs, sync::SyncError> {
        let base =
            Sync::of_project(project, dir.to_owned(), self.state.clone(), environment, self.keys.clone(), "diff");
        let sync = Sync { name: self.cluster.clone(), offline: self.offline, allowed: self.allowed, ..base };
        let mut report = |event: Event| match event {
            Event::Warning(text) => warn(text),
            Event::Step(_) | Event::Note(_) => {}
        };
        let rehearsal = sync::rehearse(&sync, &mut report).await?;
        let Rehearsal { cluster, planned, options, finder, kept_groups, secrets } = rehearsal;
        for group in kept_groups {
            warn(format!(
                "instance group {group} is stored and no longer in the templates; it stays unless prune is set"
            ));
        }
        Ok(Specs { cluster, planned, options, finder, secrets })
    }

    async fn file_specs(
        &self,
        name: &str,
        files: &[InputFile],
        warn: &mut (dyn FnMut(String) + Send),
    ) -> Result<Specs, DiffError> {
        let lookup = self.lookup(self.lock.as_ref(), self.usual_lock.as_ref());
        let mut finder = FactFinder::open(&lookup, self.environment)?;
        let options = ReplaceOptions {
            existing: Existing::Optional,
            prune: false,
            force_prune: false,
            strict: false,
            allowed: self.allowed,
        };
        let deps = ReplaceDeps {
            environment: self.environment,
            facts: &mut finder,
            instances: &Unknown,
            now: self.keys.now(),
        };
        let plan = replace::plan(&self.state, files, options, deps).await;
        let plan = plan.map_err(|error| of_side(name, &[], &error))?;
        plan.warnings.warnings().map(ToString::to_string).for_each(warn);
        let mut clusters: Vec<String> = plan.objects.iter().map(|planned| planned.cluster.clone()).collect();
        clusters.sort();
        clusters.dedup();
        let [cluster] = clusters.as_slice() else { return Err(DiffError::Clusters(clusters)) };
        let cluster = cluster.clone();
        let planned = plan.objects.iter().map(|planned| planned.write.planned()).collect();
        let options = UpdateOptions { allowed: self.allowed, ..UpdateOptions::new(PathBuf::new(), lookup) };
        Ok(Specs { cluster, planned, options, finder, secrets: Secrets::default() })
    }

    /// The side of the stored specs; without files if the cluster is not stored.
    async fn stored(&self, cluster: &str, form: Form, keys: &PlannedContents) -> Result<Side, DiffError> {
        let name = format!("the specs in {}", self.state.url());
        if self.state.cluster(cluster).cluster().await?.is_none() {
            return Ok(Side { name: format!("nothing: {cluster} is not in {}", self.state.url()), ..Side::default() });
        }
        let usual = self.usual_lock();
        let lookup = self.lookup(usual.as_ref(), self.lock.as_ref());
        let specs = Specs {
            cluster: cluster.to_owned(),
            planned: PlannedContents::default(),
            finder: FactFinder::open(&lookup, self.environment)?,
            options: UpdateOptions { allowed: self.allowed, ..UpdateOptions::new(PathBuf::new(), lookup) },
            secrets: Secrets::default(),
        };
        let (files, _) = self.render(&name, &[], specs, form, &mut |_| {}, keys).await?;
        Ok(Side { name, files })
    }

    /// Renders specs. `keys` are those that were made for the other side; returned are all that the store lacks.
    async fn render(
        &self,
        side: &str,
        names: &[(String, String)],
        specs: Specs,
        form: Form,
        warn: &mut (dyn FnMut(String) + Send),
        keys: &PlannedContents,
    ) -> Result<(Files, PlannedContents), DiffError> {
        let Specs { cluster, planned, mut options, finder, .. } = specs;
        if let Form::Terraform(layout) = form {
            options.terraform = terraform::Options { layout, ..terraform::Options::default() };
        }
        options.allow_downgrade = true;
        let keys_too = keys.iter().map(|(url, content)| (url.clone(), content.clone()));
        let state = self.state.preview(planned.into_iter().chain(keys_too));
        let deps = UpdateDeps { environment: self.environment, finder, source: self.keys.clone(), warn };
        let (mut made, mut files, uploads) = match form {
            Form::Terraform(_) => {
                let plan = update_cluster::render(&state, &cluster, &options, deps).await;
                let plan = plan.map_err(|error| of_side(side, names, &error))?;
                let made = plan.planned_keys(&state)?;
                let (output, _) = plan.into_parts();
                (made, output.files, output.uploads)
            }
            Form::CloudFormation(templates) => {
                let plan = cloudformation::render(&state, &cluster, &options, templates, deps).await;
                let plan = plan.map_err(|error| of_side(side, names, &error))?;
                let made = plan.planned_keys(&state).map_err(|error| of_side(side, names, &error))?;
                let (output, _) = plan.into_parts();
                (made, output.files, output.uploads)
            }
        };
        made.extend(keys.iter().map(|(url, content)| (url.clone(), content.clone())));
        for upload in &uploads {
            // Not in the configuration: the run writes them to the store itself.
            files.insert(format!("{DATA_DIRECTORY}/{}", upload.key), upload.content.clone().into_bytes());
        }
        Ok((files, made))
    }
}

/// Nothing is asked of AWS about instances: a diff prunes nothing by itself.
struct Unknown;

#[async_trait::async_trait]
impl InstanceCounter for Unknown {
    async fn count(&self, _: &Cluster, _: &str) -> Result<usize, String> {
        Err("a diff asks no questions about instances".to_owned())
    }
}
