//! `update cluster --target terraform`: from the state store to Terraform files.
//!
//! As in kops, missing keysets and secrets are created. Nothing else is written outside the output directory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::check;
use super::support::channel;
use super::support::facts::{FactFinder, LookupOptions};
use super::support::prepare::{PrepareContext, PrepareError, Prepared, prepare};
use super::support::uploads::{self, UploadError};
use super::version_skew;
use kopsform_diagnostics::{Allowed, Explain, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_env::features::{Feature, Features};
use kopsform_model::facts::{LookupError, contradictions};
use kopsform_model::{self as model, Context, Lifecycles};
use kopsform_pki::KeySource;
use kopsform_spec::advice::{VersionError, check_kops_version, check_kubernetes_version};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::{ClusterStore, Holder, KOPS_VERSION_FILE, Read, ReadError, StateStore};
use kopsform_state::{EnsureError, MissingKeys};
use kopsform_terraform as terraform;

/// Options of an update.
pub struct UpdateOptions {
    /// The output directory.
    pub out: PathBuf,
    pub terraform: terraform::Options,
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
}

impl UpdateOptions {
    /// Writes all of a cluster to a directory.
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
            allowed: Allowed::default(),
        }
    }
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    pub files: terraform::WriteSummary,
    /// Names of created keysets.
    pub created_keysets: Vec<String>,
    pub warnings: Vec<String>,
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
    #[error("could not find {0} secret")]
    NoSecret(&'static str),
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
                vec!["delete them with `kopsform delete sshpublickey`, then create the one to use".to_owned()]
            }
            Self::NoSecret(name) => vec![format!("create it with `kopsform create secret {name} -f FILE`")],
            Self::UnknownGroups(_) => vec!["see `kopsform get instancegroups`".to_owned()],
        }
    }
}

/// The stored state of a cluster that the model needs.
struct Stored {
    cluster: Cluster,
    groups: Vec<InstanceGroup>,
    /// Warnings about the specs.
    findings: Report,
    additional_objects: Vec<serde_json::Value>,
    ssh_keys: BTreeMap<String, String>,
    secrets: BTreeMap<String, Vec<u8>>,
}

/// Reads the cluster, looks up facts, creates missing keys and writes the Terraform files.
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
    let (channel, channel_warning) = channel::of_cluster(&stored.cluster, options.lookup.offline, environment).await;
    let channel = channel.as_ref();

    let mut warnings: Vec<String> = channel_warning.into_iter().collect();
    if stored.cluster.spec.kubelet.as_ref().is_none_or(|kubelet| kubelet.anonymous_auth.is_none()) {
        warnings.push(
            "spec.kubelet.anonymousAuth is not set, so kubelets accept requests without credentials: set it to false"
                .to_owned(),
        );
    }
    warnings.extend(check_kops_version(channel, environment)?);
    let mut finder = FactFinder::open(&options.lookup, environment)?;
    let running = options.worker_version.as_deref();
    let worker_version = version_skew::worker_version(running, &stored.cluster.spec.kubernetes_version);
    if let Some(version) = worker_version {
        warnings.push(format!(
            "the control plane still runs Kubernetes {version}, so worker groups are configured for it; update again \
             once the control plane is replaced, or use --ignore-kubelet-version-skew now"
        ));
    }
    let prepare_context = PrepareContext { environment, features: &features, channel, worker_version };
    // Keys are created only after everything else that can fail.
    let Prepared { cluster: completed, groups: all_groups } =
        prepare(&stored.cluster, &stored.groups, &mut finder, &prepare_context).await?;
    warnings.extend(check_kubernetes_version(&completed.spec.kubernetes_version, channel, environment)?);
    let groups = selected(&all_groups, options)?;
    let keyset_names = model::required_keysets(&completed);
    let holder = Holder::of_process(environment, "update cluster");
    let (keysets, ensured) =
        kopsform_state::ensure(&store, &keyset_names, options.missing_keys, source, &holder).await?;
    let facts = finder.facts();
    warnings.extend(stored.findings.warnings().map(ToString::to_string));
    let mut contradictions = contradictions(&stored.cluster, &stored.groups, facts, Severity::Warning);
    contradictions.allow(options.allowed);
    warnings.extend(contradictions.warnings().map(ToString::to_string));

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
    tracing::info!(
        groups = groups.len(),
        keysets = keyset_names.len(),
        created = ensured.created.len(),
        "completed specs"
    );
    let graph = model::build(&context, options.lifecycles.clone())?;
    let output = terraform::render(&graph, &terraform_options(&options.terraform, &completed, &features))?;
    if !output.uploads.is_empty() {
        let holder = Holder::of_process(environment, "update cluster");
        uploads::write(&store, &output.uploads, &holder).await?;
    }
    let files = terraform::write(&output, &options.out)?;
    tracing::info!(
        out = %options.out.display(),
        written = files.written.len(),
        removed = files.removed.len(),
        unchanged = files.unchanged,
        "wrote Terraform"
    );
    warnings.extend(output.assumed.iter().map(|task| format!("{task} is expected to exist and was left out")));
    Ok(Updated { files, created_keysets: ensured.created, warnings, cluster: completed, groups: all_groups })
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
    check_version(version.map(|v| String::from_utf8_lossy(&v.bytes).into_owned()).as_deref(), options.allow_downgrade)?;
    let findings = validated(store, &cluster, &groups, options.allowed, environment)?;
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

/// Validates the specs. The Kubernetes version and kubelets' anonymous access are checked by [`run`] instead: the first with the
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
