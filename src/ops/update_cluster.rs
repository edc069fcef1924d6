//! `update cluster --target terraform`: from the state store to Terraform files.
//!
//! As in kops, missing keysets and secrets are created. Nothing else is written outside the output directory. [`plan`] reads and
//! renders everything in memory, and checks what can be checked; [`apply`] writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check;
use super::support::channel;
use super::support::differences::Difference;
use super::support::equivalence;
use super::support::facts::{FactFinder, LookupOptions};
use super::support::ownership::{self, OwnershipError};
use super::support::prepare::{PrepareContext, PrepareError, Prepared, prepare};
use super::support::uploads::{self, UploadError};
use super::version_skew;
use crate::project::Target;
use kopsform_diagnostics::{Allowed, Explain, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_env::features::{Feature, Features};
use kopsform_model::aws::resources::LaunchTemplate;
use kopsform_model::facts::{Facts, LookupError, contradictions};
use kopsform_model::gce::BOOT_SCRIPTS;
use kopsform_model::gce::resources::InstanceGroupManager;
use kopsform_model::{self as model, Context, Graph, Lifecycles, PreviousFiles};
use kopsform_pki::{KeySource, Keysets};
use kopsform_spec::advice::{VersionError, check_kops_version, check_kubernetes_version};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::{
    CONFIG, ClusterStore, Holder, KOPS_VERSION_FILE, KeyPlan, Read, ReadError, StateStore, instance_group_key,
};
use kopsform_state::{EnsureError, MissingKeys};
use kopsform_state::{OpenError, PlannedContents, record_target};
use kopsform_terraform::{self as terraform, Change};

/// Options of an update.
pub struct UpdateOptions {
    /// The output directory.
    pub out: PathBuf,
    pub terraform: terraform::Options,
    /// What happens to files in the output directory that are not ours.
    pub foreign: terraform::ForeignFiles,
    /// How the state of existing resources follows to new addresses.
    pub moves: terraform::Moves,
    /// Whether files may be written whose plan replaces resources that must not be replaced unnoticed.
    pub allow_replace: bool,
    /// Whether files in the output directory that mean the same as new ones are left as they are.
    pub keep_equivalent: bool,
    /// Whether the files are only compared with those in the output directory.
    pub check: bool,
    /// Names of the groups to write; all if empty.
    pub groups: Vec<String>,
    /// Roles of the groups to write; all if empty. Ignored if `groups` is not empty.
    pub roles: Vec<InstanceGroupRole>,
    pub lifecycles: Lifecycles,
    /// Whether missing keysets and secrets are created.
    pub missing_keys: MissingKeys,
    /// Whether a cluster that a newer release updated may be updated.
    pub allow_downgrade: bool,
    /// The lowest version of the running control plane, if known: workers are not configured for a newer one.
    pub worker_version: Option<String>,
    pub lookup: LookupOptions,
    /// Rules that are switched off.
    pub allowed: Allowed,
    /// The target of a cluster whose specs are not stored yet, so that other commands cannot add to it.
    pub unstored: Option<Target>,
}

impl UpdateOptions {
    /// Writes all of a cluster to a directory.
    pub fn new(out: PathBuf, lookup: LookupOptions) -> Self {
        Self {
            out,
            terraform: terraform::Options::default(),
            foreign: terraform::ForeignFiles::default(),
            moves: terraform::Moves::default(),
            allow_replace: false,
            keep_equivalent: false,
            check: false,
            groups: Vec::new(),
            roles: Vec::new(),
            lifecycles: Lifecycles::default(),
            missing_keys: MissingKeys::Create,
            allow_downgrade: false,
            worker_version: None,
            lookup,
            allowed: Allowed::default(),
            unstored: None,
        }
    }
}

impl UpdateOptions {
    /// Whether parts of the cluster are left out.
    fn is_partial(&self) -> bool {
        !self.groups.is_empty() || !self.roles.is_empty() || self.lifecycles != Lifecycles::default()
    }
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    pub files: terraform::WriteSummary,
    /// Names of created keysets.
    pub created_keysets: Vec<String>,
    /// The completed cluster.
    pub cluster: Cluster,
    /// All populated instance groups, also those that were not written.
    pub groups: Vec<InstanceGroup>,
}

/// Why an update failed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Lookup(#[from] LookupError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Invalid(#[from] Report),
    #[error(transparent)]
    Ownership(#[from] OwnershipError),
    #[error(transparent)]
    Keys(#[from] EnsureError),
    /// The Kubernetes version, or this release, is no longer supported.
    #[error(transparent)]
    Version(#[from] VersionError),
    #[error(transparent)]
    Model(#[from] model::BuildError),
    #[error(transparent)]
    Render(#[from] terraform::RenderError),
    #[error(transparent)]
    Write(#[from] terraform::WriteError),
    #[error(transparent)]
    State(#[from] terraform::StateError),
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// A newer release updated the cluster last.
    #[error(
        "kops version older than last used to update the cluster: {stored} updated it, this is {}",
        kopsform_spec::KOPS_VERSION
    )]
    Downgrade { stored: String },
    #[error("exactly one 'admin' SSH public key can be specified when running with AWS, the state store has {0}")]
    SeveralSshKeys(usize),
    /// A secret that the spec requires.
    #[error("could not find {name} secret")]
    NoSecret {
        /// The secret.
        name: &'static str,
        /// The cluster.
        cluster: String,
        /// As in [`UpdateOptions`].
        unstored: Option<Target>,
    },
    /// No group is left after filtering.
    #[error("no instance group is named {}", .0.join(" or "))]
    UnknownGroups(Vec<String>),
}

impl Explain for UpdateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Lookup(e) => e.hints(),
            Self::Prepare(e) => e.hints(),
            Self::Invalid(e) => e.hints(),
            Self::Ownership(e) => e.hints(),
            Self::Keys(e) => e.hints(),
            Self::Version(e) => e.hints(),
            Self::Model(e) => e.hints(),
            Self::Render(e) => e.hints(),
            Self::Write(e) => e.hints(),
            Self::State(e) => e.hints(),
            Self::Upload(e) => e.hints(),
            Self::Downgrade { .. } => {
                vec!["to permit updating by the older version, run with the --allow-kops-downgrade flag".to_owned()]
            }
            Self::SeveralSshKeys(_) => {
                vec!["delete them with `kopsform delete sshpublickey`, then create the one to use".to_owned()]
            }
            Self::NoSecret { name, cluster, unstored: None } => {
                vec![format!("create it with `kopsform create secret {name} {cluster} -f FILE`")]
            }
            Self::NoSecret { name, cluster, unstored: Some(target) } => {
                let (store, update) = match target {
                    Target::Direct => ("without --yes", "--yes --admin".to_owned()),
                    files => ("with --target direct and without --yes", format!("--target {}", files.name())),
                };
                vec![
                    format!("nothing was stored; run the command {store}, which only stores the specs"),
                    format!(
                        "then run `kopsform create secret {name} {cluster} -f FILE` and `kopsform update cluster {cluster} {update}`"
                    ),
                ]
            }
            Self::UnknownGroups(_) => vec!["see `kopsform get instancegroups`".to_owned()],
        }
    }
}

/// The stored state of a cluster that the model needs.
struct Stored {
    cluster: Cluster,
    groups: Vec<InstanceGroup>,
    /// The specs as they are stored, for the locations of fields: the name of the group, or none for the cluster, with URL and bytes.
    documents: BTreeMap<Option<String>, (String, kopsform_state::Stored)>,
    /// Warnings about the specs.
    findings: Report,
    additional_objects: Vec<serde_json::Value>,
    ssh_keys: BTreeMap<String, String>,
    secrets: BTreeMap<String, Vec<u8>>,
    /// Whether Terraform created the cluster: it writes the version of the release last.
    was_applied: bool,
}

/// What planning depends on besides the store.
pub struct UpdateDeps<'a, 'w> {
    /// The environment at the start.
    pub environment: &'a Environment,
    /// Finds facts; it may have found some already.
    pub finder: FactFinder,
    /// The source of new keys, random numbers and the time.
    pub source: Arc<dyn KeySource>,
    /// Receives warnings as they arise, also those of a plan that fails.
    pub warn: &'w mut (dyn FnMut(String) + Send),
}

/// An update that only has to be written.
pub struct UpdatePlan<'a> {
    model: Model<'a>,
    options: &'a UpdateOptions,
    keys: KeyPlan,
    output: terraform::Output,
}

impl UpdatePlan<'_> {
    /// The files and the keysets that they are made from, for callers that do not write them.
    pub fn into_parts(self) -> (terraform::Output, Keysets) {
        (self.output, self.keys.keysets().clone())
    }
}

/// Everything that the output is made from, except for keys.
pub(in crate::ops) struct Model<'a> {
    stored: Stored,
    /// The completed cluster.
    pub completed: Cluster,
    /// All populated instance groups.
    pub all_groups: Vec<InstanceGroup>,
    /// The groups to write.
    groups: Vec<InstanceGroup>,
    facts: Facts,
    features: Features,
    worker_version: Option<String>,
    /// The environment at the start.
    pub environment: &'a Environment,
}

impl Model<'_> {
    /// The stored spec of an instance group, or of the cluster, with the positions of its fields.
    pub(in crate::ops) fn document(&self, group: Option<&str>) -> Option<kopsform_yaml::Document> {
        let (url, stored) = self.stored.documents.get(&group.map(str::to_owned))?;
        let parsed = kopsform_yaml::parse(url, &String::from_utf8_lossy(&stored.bytes));
        parsed.documents.into_iter().next()
    }

    /// The output as it is written into a directory that earlier runs may have written to, and what a user should know of it.
    fn output(
        &self,
        keysets: &Keysets,
        options: &UpdateOptions,
    ) -> Result<(terraform::Output, Vec<String>), UpdateError> {
        let mut output = self.render(keysets, options, None)?;
        if options.keep_equivalent {
            let previous = equivalence::previous(&output, &options.out);
            output = self.render(keysets, options, Some(&previous))?;
            let kept = terraform::keep_files(&mut output, &options.out, equivalence::is_equivalent);
            tracing::info!(kept, "kept files that mean the same");
        }
        let state = terraform::StateOptions {
            moves: options.moves,
            allow_replace: options.allow_replace,
            was_applied: self.stored.was_applied,
            is_partial: options.is_partial(),
        };
        let notes = terraform::keep_state(&mut output, &options.out, state)?;
        Ok((output, notes))
    }

    fn render(
        &self,
        keysets: &Keysets,
        options: &UpdateOptions,
        previous: Option<&PreviousFiles>,
    ) -> Result<terraform::Output, UpdateError> {
        let graph = self.graph(keysets, options, previous)?;
        let terraform = terraform_options(&options.terraform, &self.completed, &self.features);
        Ok(terraform::render(&graph, &terraform)?)
    }

    /// The cluster's part of a state store. No request is made.
    pub fn store(&self, state: &StateStore) -> Result<ClusterStore, UpdateError> {
        let stored = &self.stored.cluster;
        Ok(state.cluster(&stored.metadata.name).located(stored).map_err(ReadError::from)?)
    }

    /// What builders get.
    pub fn context<'c>(&'c self, keysets: &'c Keysets, previous: Option<&'c PreviousFiles>) -> Context<'c> {
        Context {
            stored: &self.stored.cluster,
            cluster: &self.completed,
            groups: &self.groups,
            all_groups: &self.all_groups,
            facts: &self.facts,
            keysets,
            secrets: &self.stored.secrets,
            ssh_keys: &self.stored.ssh_keys,
            additional_objects: &self.stored.additional_objects,
            environment: self.environment,
            features: &self.features,
            worker_version: self.worker_version.as_deref(),
            previous,
        }
    }

    /// The desired state of the cluster.
    pub fn graph(
        &self,
        keysets: &Keysets,
        options: &UpdateOptions,
        previous: Option<&PreviousFiles>,
    ) -> Result<Graph, UpdateError> {
        Ok(model::build(&self.context(keysets, previous), options.lifecycles.clone())?)
    }
}

/// Reads the cluster, looks up facts, makes missing keys and renders the Terraform files. Nothing is written, so `state` may be a
/// preview of what other steps will store.
///
/// # Errors
/// If anything is missing or invalid, or the files could not be written.
pub async fn plan<'a>(
    state: &StateStore,
    name: &str,
    options: &'a UpdateOptions,
    deps: UpdateDeps<'a, '_>,
) -> Result<UpdatePlan<'a>, UpdateError> {
    let UpdateDeps { environment, finder, source, warn } = deps;
    let (model, keys) =
        load_model(state, name, options, UpdateDeps { environment, finder, source, warn: &mut *warn }).await?;
    let (output, notes) = model.output(keys.keysets(), options)?;
    if !options.check {
        terraform::check(&output, &options.out, options.foreign)?;
    }
    notes.into_iter().for_each(&mut *warn);
    output.assumed.iter().map(|task| format!("{task} is expected to exist and was left out")).for_each(&mut *warn);
    Ok(UpdatePlan { model, options, keys, output })
}

/// [`plan`] without a look at the output directory.
///
/// # Errors
/// If anything is missing or invalid.
pub async fn render<'a>(
    state: &StateStore,
    name: &str,
    options: &'a UpdateOptions,
    deps: UpdateDeps<'a, '_>,
) -> Result<UpdatePlan<'a>, UpdateError> {
    let (model, keys) = load_model(state, name, options, deps).await?;
    let output = model.render(keys.keysets(), options, None)?;
    Ok(UpdatePlan { model, options, keys, output })
}

/// Reads the cluster, looks up facts and makes missing keys, in memory.
///
/// # Errors
/// If anything is missing or invalid.
pub(in crate::ops) async fn load_model<'a>(
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
    deps: UpdateDeps<'a, '_>,
) -> Result<(Model<'a>, KeyPlan), UpdateError> {
    let UpdateDeps { environment, mut finder, source, warn } = deps;
    let (store, cluster) = ClusterStore::load(state, name).await?;
    if ownership::is_elsewhere(state, name, &cluster.object) {
        let mut warnings = Vec::new();
        ownership::check(state, &store, &cluster.object, &mut warnings).await?;
        warnings.into_iter().for_each(&mut *warn);
    }
    let stored = read(&store, cluster, options, environment).await?;
    let features = Features::from_environment(environment);
    let (channel, channel_warning) = channel::of_cluster(&stored.cluster, options.lookup.offline, environment).await;
    let channel = channel.as_ref();

    channel_warning.into_iter().for_each(&mut *warn);
    if stored.cluster.spec.kubelet.as_ref().is_none_or(|kubelet| kubelet.anonymous_auth.is_none()) {
        warn(
            "spec.kubelet.anonymousAuth is not set, so kubelets accept requests without credentials: set it to false"
                .to_owned(),
        );
    }
    check_kops_version(channel, environment)?.into_iter().for_each(&mut *warn);
    let running = options.worker_version.as_deref();
    let worker_version = version_skew::worker_version(running, &stored.cluster.spec.kubernetes_version);
    if let Some(version) = worker_version {
        warn(format!(
            "the control plane still runs Kubernetes {version}, so worker groups are configured for it; update again \
             once the control plane is replaced, or use --ignore-kubelet-version-skew now"
        ));
    }
    let prepare_context = PrepareContext { environment, features: &features, channel, worker_version };
    let Prepared { cluster: completed, groups: all_groups } =
        prepare(&stored.cluster, &stored.groups, &mut finder, &prepare_context).await?;
    check_kubernetes_version(&completed.spec.kubernetes_version, channel, environment)?
        .into_iter()
        .for_each(&mut *warn);
    stored.findings.warnings().map(ToString::to_string).for_each(&mut *warn);
    let groups = selected(&all_groups, options)?;
    let worker_version = worker_version.map(str::to_owned);
    let facts = finder.finished();
    let mut contradictions = contradictions(&stored.cluster, &stored.groups, &facts, Severity::Warning);
    contradictions.allow(options.allowed);
    contradictions.warnings().map(ToString::to_string).for_each(&mut *warn);
    let model = Model { stored, completed, all_groups, groups, facts, features, worker_version, environment };
    let keyset_names = model::required_keysets(&model.completed);
    let keys = kopsform_state::plan_keys(&store, &keyset_names, options.missing_keys, source).await?;
    keys.warnings.iter().cloned().for_each(&mut *warn);
    tracing::info!(groups = model.groups.len(), keysets = keyset_names.len(), "completed specs");
    Ok((model, keys))
}

/// The addresses of a cluster's resources in some layouts: identity → address. Nothing is written.
///
/// # Errors
/// If anything is missing or invalid.
pub async fn addresses(
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
    deps: UpdateDeps<'_, '_>,
    layouts: &[terraform::Layout],
) -> Result<Vec<BTreeMap<String, String>>, UpdateError> {
    let (model, keys) = load_model(state, name, options, deps).await?;
    let of = |layout: &terraform::Layout| {
        let terraform = terraform::Options { layout: *layout, ..options.terraform.clone() };
        let options = UpdateOptions { terraform, ..UpdateOptions::new(PathBuf::new(), options.lookup.clone()) };
        Ok(model.render(keys.keysets(), &options, None)?.addresses)
    };
    layouts.iter().map(of).collect()
}

impl UpdatePlan<'_> {
    /// The files that would be written.
    pub fn output(&self) -> &terraform::Output {
        &self.output
    }

    /// Keysets and secrets that would be created, as the stores of the cluster will hold them.
    pub fn planned_keys(&self, state: &StateStore) -> Result<PlannedContents, OpenError> {
        let stored = &self.model.stored.cluster;
        let store = state.cluster(&stored.metadata.name).located(stored)?;
        Ok(self.keys.planned(&store))
    }

    /// The address of each resource in Terraform, by the kind and name of its node.
    pub fn addresses(&self) -> &BTreeMap<String, String> {
        &self.output.addresses
    }

    /// The completed cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.model.completed
    }

    /// All populated instance groups.
    pub fn all_groups(&self) -> &[InstanceGroup] {
        &self.model.all_groups
    }

    /// Image and user data of the launch templates by their names; on Google Cloud by those of the managed instance groups that use
    /// them.
    ///
    /// # Errors
    /// If the model cannot be built.
    pub fn launches(&self) -> Result<BTreeMap<String, (String, String)>, UpdateError> {
        let graph = self.model.graph(self.keys.keysets(), self.options, None)?;
        let of_aws = graph.all::<LaunchTemplate>().map(|(_, template)| {
            let user_data = template.user_data.clone().unwrap_or_default();
            (template.name.to_string(), (template.image.clone(), user_data))
        });
        let of_gce = graph.all::<InstanceGroupManager>().filter_map(|(_, manager)| {
            let template = graph.get(&manager.template)?;
            let image = format!("{}/{}", template.boot_disk.image_project, template.boot_disk.image);
            let script = BOOT_SCRIPTS.iter().find_map(|key| template.metadata.get(*key));
            Some((manager.name.to_string(), (image, script.map(ToString::to_string).unwrap_or_default())))
        });
        Ok(of_aws.chain(of_gce).collect())
    }

    /// Whether keysets or secrets are missing, so that [`apply`] would store new ones.
    pub fn makes_keys(&self) -> bool {
        self.keys.is_pending()
    }

    /// What [`apply`] would write. Nothing is written.
    ///
    /// # Errors
    /// If the store or the directory cannot be read.
    pub async fn differences(&self, state: &StateStore) -> Result<Vec<Difference>, UpdateError> {
        let stored = &self.model.stored.cluster;
        let store = state.cluster(&stored.metadata.name).located(stored).map_err(ReadError::from)?;
        let keys = self.keys.pending(&store).into_iter();
        let keys = keys.map(|(address, new)| Difference::new(address, if new { Change::New } else { Change::Changed }));
        let mut found: Vec<Difference> = keys.collect();
        let uploads = uploads::plan(&store, &self.output.uploads).await?;
        found.extend(uploads.iter().filter_map(Difference::of_write));
        let files = terraform::differences(&self.output, &self.options.out)?;
        let path = |file: String| self.options.out.join(file).display().to_string();
        found.extend(files.into_iter().map(|(file, change)| Difference::new(path(file), change)));
        Ok(found)
    }
}

/// The warning about an output directory in which an earlier run was interrupted.
pub fn recovered(out: &Path) -> String {
    format!("an earlier run was interrupted while it replaced files in {}; its change was completed", out.display())
}

/// Creates missing keys and writes the Terraform files.
///
/// # Errors
/// If the store or the directory cannot be written.
pub async fn apply(plan: UpdatePlan<'_>, state: &StateStore) -> Result<Updated, UpdateError> {
    let UpdatePlan { model, options, keys, mut output } = plan;
    let store = model.store(state)?;
    let holder = Holder::of_process(model.environment, "update cluster");
    let planned = keys.keysets().clone();
    let (keysets, ensured) = keys.store(&store, &holder).await?;
    if keysets != planned {
        // Another process made some of the keys first.
        (output, _) = model.output(&keysets, options)?;
    }
    if !output.uploads.is_empty() {
        uploads::write(&store, &output.uploads, &holder).await?;
    }
    record_terraform(state, &model.completed.metadata.name).await?;
    let files = terraform::write(&output, &options.out, options.foreign)?;
    tracing::info!(
        out = %options.out.display(),
        written = files.written.len(),
        removed = files.removed.len(),
        unchanged = files.unchanged,
        created_keysets = ensured.created.len(),
        "wrote Terraform"
    );
    Ok(Updated { files, created_keysets: ensured.created, cluster: model.completed, groups: model.all_groups })
}

/// Records that Terraform changes the cloud from now on, so that other commands leave that to it. A caller who may only write the
/// cluster's own files still gets what was asked for.
async fn record_terraform(state: &StateStore, name: &str) -> Result<(), ReadError> {
    match record_target(state, name, Some(Target::Terraform.name())).await {
        Err(error) if error.is_denied() => {
            tracing::debug!(target: "kopsform::store", "the target is not recorded: {error}");
            Ok(())
        }
        outcome => Ok(outcome?),
    }
}

/// How Terraform is written: what the run asks for, with what the spec and feature flags say about it.
fn terraform_options(options: &terraform::Options, cluster: &Cluster, features: &Features) -> terraform::Options {
    let spec = cluster.spec.target.as_ref().and_then(|target| target.terraform.as_ref());
    terraform::Options {
        managed_files: match features.enabled(Feature::TerraformManagedFiles) {
            true => terraform::ManagedFiles::Objects,
            false => terraform::ManagedFiles::Uploaded,
        },
        provider_arguments: spec.map(|spec| spec.provider_extra_config.clone()).unwrap_or_default(),
        files_provider_arguments: spec.map(|spec| spec.files_provider_extra_config.clone()).unwrap_or_default(),
        ..options.clone()
    }
}

/// Reads everything else of the cluster concurrently.
async fn read(
    store: &ClusterStore,
    cluster: Read<Cluster>,
    options: &UpdateOptions,
    environment: &Environment,
) -> Result<Stored, UpdateError> {
    let wanted = wanted_secrets(&cluster.object);
    let (groups, additional_objects, ssh_keys, secrets, version) = futures::try_join!(
        store.instance_groups(),
        store.additional_objects(),
        store.ssh_keys(),
        store.secrets(&wanted),
        async { Ok(store.base().read(KOPS_VERSION_FILE).await?) },
    )?;
    let was_applied = version.is_some();
    check_version(version.map(|v| String::from_utf8_lossy(&v.bytes).into_owned()).as_deref(), options.allow_downgrade)?;
    let findings = validated(store, &cluster, &groups, options.allowed, environment)?;
    let documents = documents(store, &cluster, &groups);
    // On Google Cloud, instances accept all keys.
    if ssh_keys.len() > 1 && !cluster.object.is_on_gce() {
        return Err(UpdateError::SeveralSshKeys(ssh_keys.len()));
    }
    let secrets: BTreeMap<String, Vec<u8>> =
        secrets.into_iter().map(|(name, secret)| (name, secret.value().to_vec())).collect();
    if let Some(name) = wanted.into_iter().find(|name| !secrets.contains_key(*name)) {
        let (cluster, unstored) = (cluster.object.metadata.name, options.unstored);
        return Err(UpdateError::NoSecret { name, cluster, unstored });
    }
    let groups = groups.into_iter().map(|read| read.object).collect();
    Ok(Stored {
        cluster: cluster.object,
        groups,
        documents,
        findings,
        additional_objects,
        ssh_keys,
        secrets,
        was_applied,
    })
}

/// The specs as they are stored.
fn documents(
    store: &ClusterStore,
    cluster: &Read<Cluster>,
    groups: &[Read<InstanceGroup>],
) -> BTreeMap<Option<String>, (String, kopsform_state::Stored)> {
    let url = |key: &str| store.registry().url(key);
    let of_group = |group: &Read<InstanceGroup>| {
        let name = &group.object.metadata.name;
        (Some(name.clone()), (url(&instance_group_key(name)), group.stored.clone()))
    };
    let of_cluster = (None, (url(CONFIG), cluster.stored.clone()));
    groups.iter().map(of_group).chain([of_cluster]).collect()
}

/// Validates the specs. The Kubernetes version and kubelets' anonymous access are checked by [`plan`] instead: the first with the
/// channel's recommendations, the second with one warning for all groups.
fn validated(
    store: &ClusterStore,
    cluster: &Read<Cluster>,
    groups: &[Read<InstanceGroup>],
    allowed: Allowed,
    environment: &Environment,
) -> Result<Report, Report> {
    let mut report = check::stored(store, cluster, groups, environment);
    report.allow(allowed);
    report.findings.retain(|finding| match finding.rule {
        Rule::UnsupportedVersion | Rule::OldVersion => finding.path != "spec.kubernetesVersion",
        Rule::AnonymousAccess => !finding.path.starts_with("spec.kubelet"),
        _ => true,
    });
    if report.has_errors() { Err(report) } else { Ok(report) }
}

/// An older release than the one that updated the cluster last needs the user's permission.
fn check_version(stored: Option<&str>, allow_downgrade: bool) -> Result<(), UpdateError> {
    let Some(text) = stored.map(str::trim) else { return Ok(()) };
    let newer = match (
        kopsform_spec::versions::parse_tolerant(text),
        kopsform_spec::versions::parse_tolerant(kopsform_spec::KOPS_VERSION),
    ) {
        (Some(stored), Some(own)) => stored > own,
        _ => false,
    };
    if newer && !allow_downgrade {
        return Err(UpdateError::Downgrade { stored: text.to_owned() });
    }
    Ok(())
}

/// Secrets that the user must have created because the spec requires them.
fn wanted_secrets(cluster: &Cluster) -> Vec<&'static str> {
    let encryption = (cluster.spec.encryption_config == Some(true)).then_some("encryptionconfig");
    encryption.into_iter().chain(uses_cilium_ipsec(cluster).then_some("ciliumpassword")).collect()
}

fn uses_cilium_ipsec(cluster: &Cluster) -> bool {
    let cilium = cluster.spec.networking.as_ref().and_then(|n| n.cilium.as_ref());
    cilium.is_some_and(|c| c.enable_encryption && matches!(c.encryption_type.as_str(), "" | "ipsec"))
}

/// The selected groups, by name or else by role.
fn selected(groups: &[InstanceGroup], options: &UpdateOptions) -> Result<Vec<InstanceGroup>, UpdateError> {
    let unknown: Vec<String> =
        options.groups.iter().filter(|name| groups.iter().all(|g| g.metadata.name != **name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(UpdateError::UnknownGroups(unknown));
    }
    Ok(groups
        .iter()
        .filter(|g| options.groups.is_empty() || options.groups.contains(&g.metadata.name))
        .filter(|g| !options.groups.is_empty() || options.roles.is_empty() || options.roles.contains(&g.role()))
        .cloned()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_release_stops_an_update() {
        assert!(check_version(None, false).is_ok());
        assert!(check_version(Some("1.36.2"), false).is_ok());
        assert!(check_version(Some("1.35.0\n"), false).is_ok());
        assert!(check_version(Some("unknown"), false).is_ok());
        assert!(matches!(check_version(Some("1.37.0"), false), Err(UpdateError::Downgrade { .. })));
        assert!(check_version(Some("1.37.0"), true).is_ok());
    }
}
