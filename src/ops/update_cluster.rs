//! `update cluster --target terraform`: from the state store to Terraform files.
//!
//! The only thing written outside the output folder are keysets and secrets that are missing, as in kops.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::channel;
use super::check;
use super::facts::{FactFinder, LookupOptions};
use super::prepare::{PrepareContext, PrepareError, Prepared, prepare};
use super::uploads::{self, UploadError};
use super::version_skew;
use kopsform_diagnostics::{Explain, Report};
use kopsform_env::Environment;
use kopsform_env::features::{Feature, Features};
use kopsform_model::facts::LookupError;
use kopsform_model::{self as model, Context, Lifecycles};
use kopsform_pki::KeySource;
use kopsform_spec::advice::{VersionError, check_kops_version, check_kubernetes_version};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::{ClusterStore, Holder, KOPS_VERSION_FILE, Read, ReadError, StateStore};
use kopsform_state::{EnsureError, MissingKeys};
use kopsform_terraform as terraform;

/// What a person said about one update.
pub struct UpdateOptions {
    /// Where files go.
    pub out: PathBuf,
    /// How they look.
    pub terraform: terraform::Options,
    /// Only these groups; all when empty.
    pub groups: Vec<String>,
    /// Only groups of these roles; all when empty. Names count more.
    pub roles: Vec<InstanceGroupRole>,
    /// What is written about each kind of resource.
    pub lifecycles: Lifecycles,
    /// Whether missing keysets and secrets are made.
    pub missing_keys: MissingKeys,
    /// Whether a cluster that a newer release wrote may be written.
    pub allow_downgrade: bool,
    /// The lowest version that the running control plane has, where it is known: workers wait for it.
    pub worker_version: Option<String>,
    /// Where facts come from.
    pub lookup: LookupOptions,
}

impl UpdateOptions {
    /// Everything of a cluster into a folder, as Terraform likes it best.
    pub fn new(out: PathBuf, lookup: LookupOptions) -> Self {
        Self {
            out,
            terraform: terraform::Options::default(),
            groups: Vec::new(),
            roles: Vec::new(),
            lifecycles: Lifecycles::default(),
            missing_keys: MissingKeys::Create,
            allow_downgrade: false,
            worker_version: None,
            lookup,
        }
    }
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    /// Files that were written, removed or left as they were.
    pub files: terraform::WriteSummary,
    /// Keysets that were made.
    pub created_keysets: Vec<String>,
    /// Things to tell the person that are no errors.
    pub warnings: Vec<String>,
    /// The completed cluster.
    pub cluster: Cluster,
    /// All of its populated instance groups.
    pub groups: Vec<InstanceGroup>,
}

/// Why an update could not be done.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The state store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The lock file could not be read.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The specs could not be completed.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Specs have mistakes.
    #[error(transparent)]
    Invalid(#[from] Report),
    /// Keysets or secrets could not be made.
    #[error(transparent)]
    Keys(#[from] EnsureError),
    /// The Kubernetes version, or this release, must be left behind.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// The model could not be built.
    #[error(transparent)]
    Model(#[from] model::BuildError),
    /// The model cannot be expressed with Terraform.
    #[error(transparent)]
    Render(#[from] terraform::RenderError),
    /// Files could not be written.
    #[error(transparent)]
    Write(#[from] terraform::WriteError),
    /// Managed files could not be written to the state store.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// A newer release wrote the cluster last.
    #[error(
        "kops version older than last used to update the cluster: {stored} wrote it, this is {}",
        kopsform_spec::KOPS_VERSION
    )]
    Downgrade {
        /// The release that wrote it.
        stored: String,
    },
    /// There is more than one SSH key.
    #[error("exactly one 'admin' SSH public key can be specified when running with AWS, the state store has {0}")]
    SeveralSshKeys(usize),
    /// A secret that the spec calls for is not in the store.
    #[error("could not find {0} secret")]
    NoSecret(&'static str),
    /// No group is left after filtering.
    #[error("no instance group is called {}", .0.join(" or "))]
    UnknownGroups(Vec<String>),
}

impl Explain for UpdateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Lookup(e) => e.hints(),
            Self::Prepare(e) => e.hints(),
            Self::Invalid(e) => e.hints(),
            Self::Keys(e) => e.hints(),
            Self::Version(e) => e.hints(),
            Self::Model(e) => e.hints(),
            Self::Render(e) => e.hints(),
            Self::Write(e) => e.hints(),
            Self::Upload(e) => e.hints(),
            Self::Downgrade { .. } => {
                vec!["to permit updating by the older version, run with the --allow-kops-downgrade flag".to_owned()]
            }
            Self::SeveralSshKeys(_) => {
                vec!["delete them with `kopsform delete sshpublickey`, then add the one that is meant".to_owned()]
            }
            Self::NoSecret(name) => vec![format!("create it with `kopsform create secret {name} -f FILE`")],
            Self::UnknownGroups(_) => vec!["see `kopsform get instancegroups`".to_owned()],
        }
    }
}

/// Everything of a cluster that the state store holds and the model needs.
struct Stored {
    cluster: Cluster,
    groups: Vec<InstanceGroup>,
    /// What is odd about them without being wrong.
    findings: Report,
    additional_objects: Vec<serde_json::Value>,
    ssh_keys: BTreeMap<String, String>,
    secrets: BTreeMap<String, Vec<u8>>,
}

/// Reads the cluster, looks up what is missing, makes missing keys and writes the Terraform files.
pub async fn run(
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
    environment: &Environment,
    source: Arc<dyn KeySource>,
) -> Result<Updated, UpdateError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let stored = read(&store, cluster, options, environment).await?;
    let features = Features::from_environment(environment);
    let (channel, no_channel) = channel::of_cluster(&stored.cluster, options.lookup.offline, environment).await;
    let channel = channel.as_ref();

    let mut warnings: Vec<String> = no_channel.into_iter().collect();
    if stored.cluster.spec.kubelet.as_ref().is_none_or(|kubelet| kubelet.anonymous_auth.is_none()) {
        warnings.push(
            "spec.kubelet.anonymousAuth is not set, so kubelets answer requests without credentials: set it to false"
                .to_owned(),
        );
    }
    warnings.extend(check_kops_version(channel, environment)?);
    let mut finder = FactFinder::open(&options.lookup, environment)?;
    let running = options.worker_version.as_deref();
    let worker_version = version_skew::worker_version(running, &stored.cluster.spec.kubernetes_version);
    if let Some(version) = worker_version {
        warnings.push(format!(
            "the control plane still runs Kubernetes {version}, so worker groups are configured for it; update once more \
             when the control plane is replaced, or now with --ignore-kubelet-version-skew"
        ));
    }
    let setting = PrepareContext { environment, features: &features, channel, worker_version };
    // Keys are made only once everything else that can fail has not.
    let Prepared { cluster: completed, groups: all_groups } =
        prepare(&stored.cluster, &stored.groups, &mut finder, &setting).await?;
    warnings.extend(check_kubernetes_version(&completed.spec.kubernetes_version, channel, environment)?);
    let groups = chosen(&all_groups, options)?;
    let keyset_names = model::required_keysets(&completed);
    let holder = Holder::of_process(environment, "update cluster");
    let (keysets, made) = kopsform_state::ensure(&store, &keyset_names, options.missing_keys, source, &holder).await?;
    let facts = finder.facts();
    warnings.extend(stored.findings.warnings().map(ToString::to_string));

    let context = Context {
        stored: &stored.cluster,
        cluster: &completed,
        groups: &groups,
        all_groups: &all_groups,
        facts,
        keysets: &keysets,
        secrets: &stored.secrets,
        ssh_keys: &stored.ssh_keys,
        additional_objects: &stored.additional_objects,
        environment,
        features: &features,
        worker_version,
    };
    let graph = model::build(&context, options.lifecycles.clone())?;
    let output = terraform::render(&graph, &terraform_options(&options.terraform, &completed, &features))?;
    if !output.uploads.is_empty() {
        let holder = Holder::of_process(environment, "update cluster");
        uploads::write(&store, &output.uploads, &holder).await?;
    }
    let files = terraform::write(&output, &options.out)?;
    warnings.extend(output.assumed.iter().map(|task| format!("{task} should exist already and is left out")));
    Ok(Updated { files, created_keysets: made.created, warnings, cluster: completed, groups: all_groups })
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

/// Reads everything else of the cluster, side by side.
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
    check_version(version.map(|v| String::from_utf8_lossy(&v.bytes).into_owned()).as_deref(), options.allow_downgrade)?;
    let findings = checked(store, &cluster, &groups, environment)?;
    if ssh_keys.len() > 1 {
        return Err(UpdateError::SeveralSshKeys(ssh_keys.len()));
    }
    let secrets: BTreeMap<String, Vec<u8>> =
        secrets.into_iter().map(|(name, secret)| (name, secret.value().to_vec())).collect();
    if let Some(name) = wanted.into_iter().find(|name| !secrets.contains_key(*name)) {
        return Err(UpdateError::NoSecret(name));
    }
    let groups = groups.into_iter().map(|read| read.object).collect();
    Ok(Stored { cluster: cluster.object, groups, findings, additional_objects, ssh_keys, secrets })
}

/// Holds the specs to every rule of validation, except that the Kubernetes version is judged later, with the channel's advice,
/// as is whom kubelets answer.
fn checked(
    store: &ClusterStore,
    cluster: &Read<Cluster>,
    groups: &[Read<InstanceGroup>],
    environment: &Environment,
) -> Result<Report, Report> {
    let mut report = check::stored(store, cluster, groups, environment);
    report.findings.retain(|finding| match finding.code {
        "unsupported-version" | "old-version" => finding.path != "spec.kubernetesVersion",
        "anonymous-access" => !finding.path.starts_with("spec.kubelet"),
        _ => true,
    });
    if report.has_errors() { Err(report) } else { Ok(report) }
}

/// A release that is older than the one that wrote the cluster last must be told to go on.
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

/// Secrets that the person must have made because the spec relies on them.
fn wanted_secrets(cluster: &Cluster) -> Vec<&'static str> {
    let encryption = (cluster.spec.encryption_config == Some(true)).then_some("encryptionconfig");
    encryption.into_iter().chain(uses_cilium_ipsec(cluster).then_some("ciliumpassword")).collect()
}

fn uses_cilium_ipsec(cluster: &Cluster) -> bool {
    let cilium = cluster.spec.networking.as_ref().and_then(|n| n.cilium.as_ref());
    cilium.is_some_and(|c| c.enable_encryption && matches!(c.encryption_type.as_str(), "" | "ipsec"))
}

/// The groups the person chose, by name or else by role.
fn chosen(groups: &[InstanceGroup], options: &UpdateOptions) -> Result<Vec<InstanceGroup>, UpdateError> {
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
