//! `create cluster`: generates specs from a few choices and validates them.
//!
//! [`design`] only reads; the result can be shown, or stored as `create -f` stores a file.

use std::collections::{BTreeMap, BTreeSet};

use super::support::channel::{self, ChannelError};
use super::support::documents::InputFile;
use super::support::facts::FactFinder;
use super::support::immutable_defaults::{AssignError, immutable_defaults};
use super::support::warnings::log_warnings;
use kopsform_diagnostics::{Explain, Report};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{self, DefaultsContext, DefaultsError};
use kopsform_model::facts::{GceNeeds, LookupError, Needs, check_zones, region_of};
use kopsform_pki::{PkiError, ssh_fingerprint};
use kopsform_spec::channel::Channel;
use kopsform_spec::decode::{Strictness, decode};
use kopsform_spec::fields::{self, FieldError};
use kopsform_spec::meta::ObjectMeta;
use kopsform_spec::new_cluster::{self, Choices, DesignError};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, SshCredential, SshCredentialSpec};
use kopsform_spec::validation::{Rules, tidy, validate_files};
use kopsform_spec::versions::{KubernetesVersion, ParseVersionError};
use kopsform_state::{API_VERSION, CLUSTER_LABEL, ReadError, StateStore};

/// What the flags specify.
#[derive(Debug, Clone, Default)]
pub struct CreateClusterOptions {
    /// Without existing subnets, whose zones must be looked up.
    pub choices: Choices,
    /// IDs of existing subnets.
    pub subnet_ids: Vec<String>,
    /// IDs of existing utility subnets.
    pub utility_subnet_ids: Vec<String>,
    /// Fields of the cluster to clear.
    pub unsets: Vec<String>,
    /// Fields of the cluster to set afterwards, as `path=value`.
    pub sets: Vec<String>,
    /// The SSH public key for instances.
    pub ssh_public_key: Option<String>,
}

/// Why no cluster was generated; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum CreateClusterError {
    /// The state store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is a cluster of that name.
    #[error("cluster {0:?} already exists")]
    Exists(String),
    /// The channel could not be read.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("cannot parse KubernetesVersion: {0}")]
    Version(#[from] ParseVersionError),
    /// Facts are missing.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An existing subnet is unsuitable.
    #[error("{0}")]
    Subnet(String),
    /// The choices are invalid or contradict each other.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// A field could not be set or cleared.
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error(transparent)]
    Assign(#[from] AssignError),
    #[error("error reading SSH public key: {0}")]
    Key(#[from] PkiError),
    #[error("validation failed: {0}")]
    Invalid(Report),
    /// Defaults could not be filled in.
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
    #[error("cannot write the specs: {0}")]
    Encode(#[from] serde_json::Error),
}

impl Explain for CreateClusterError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Exists(_) => vec![
                "change it with `kopsform edit cluster`, and apply the change with `kopsform update cluster`"
                    .to_owned(),
            ],
            Self::Channel(e) => e.hints(),
            Self::Version(_) => vec!["set --kubernetes-version to a release such as 1.36.0".to_owned()],
            Self::Lookup(e) => e.hints(),
            Self::Design(e) => e.hints(),
            Self::Field(e) => e.hints(),
            Self::Assign(e) => e.hints(),
            Self::Invalid(_) => {
                vec!["correct the flags, or set the fields with --set PATH=VALUE".to_owned()]
            }
            Self::Defaults(e) => e.hints(),
            Self::Subnet(_) | Self::Key(_) | Self::Encode(_) => Vec::new(),
        }
    }
}

/// A validated cluster that is not stored yet.
#[derive(Debug)]
pub struct NewCluster {
    /// With its immutable defaults.
    pub cluster: Cluster,
    /// In the order control plane, API servers, workers, bastions.
    pub groups: Vec<InstanceGroup>,
    pub ssh_key: Option<SshCredential>,
    pub warnings: Vec<String>,
}

impl NewCluster {
    /// The objects in the form in which they are shown and stored.
    ///
    /// # Errors
    /// If an object cannot be encoded.
    pub fn objects(&self) -> Result<Vec<serde_json::Value>, serde_json::Error> {
        let mut objects = vec![serde_json::to_value(&self.cluster)?];
        for group in &self.groups {
            objects.push(serde_json::to_value(group)?);
        }
        objects.extend(self.ssh_key.as_ref().map(serde_json::to_value).transpose()?);
        Ok(objects)
    }

    /// The objects as an input for `create -f`.
    ///
    /// # Errors
    /// As [`NewCluster::objects`].
    pub fn file(&self) -> Result<InputFile, serde_json::Error> {
        let documents: Vec<String> = self.objects()?.iter().map(kopsform_yaml::to_string).collect();
        Ok(InputFile { name: "the new cluster".to_owned(), content: documents.join("\n---\n\n") })
    }
}

/// Generates the specs and validates them as `update cluster` would. Nothing is written.
///
/// # Errors
/// If the cluster exists, choices contradict each other, facts are missing or the specs are invalid.
pub async fn design(
    state: &StateStore,
    options: CreateClusterOptions,
    finder: &mut FactFinder,
    environment: &Environment,
) -> Result<NewCluster, CreateClusterError> {
    let mut choices = options.choices;
    if state.cluster(&choices.name).cluster().await?.is_some() {
        return Err(CreateClusterError::Exists(choices.name));
    }
    choices.region()?;
    let channel = channel::load(&choices.channel, finder.is_offline(), environment).await?;
    if choices.kubernetes_version.is_empty()
        && let Some(version) = channel.recommended_kubernetes_version()
    {
        choices.kubernetes_version = version.to_string();
    }
    if !choices.kubernetes_version.is_empty() {
        KubernetesVersion::parse(&choices.kubernetes_version)?;
    }
    place_subnets(&mut choices, &options.subnet_ids, &options.utility_subnet_ids, finder).await?;

    let (cluster, mut groups) = new_cluster::design(&choices)?;
    let mut warnings = choices.warnings();
    let features = Features::from_environment(environment);
    let facts = finder.find(&needs(&cluster, &groups)).await?;
    check_zones(&cluster, facts, environment)?;
    let context =
        DefaultsContext { facts, features: &features, environment, channel: Some(&channel), worker_version: None };
    for group in &mut groups {
        defaults::choose_machine(&cluster, group, &context)?;
    }

    let mut cluster = fields::change(&cluster, &options.unsets, &options.sets)?;
    replace_kube_proxy(&mut cluster);
    let cluster = immutable_defaults(&cluster, finder, environment).await?;
    let ssh_key = options.ssh_public_key.map(|key| credential(&choices.name, &key)).transpose()?;
    let new = NewCluster { cluster, groups, ssh_key, warnings: Vec::new() };
    let checked = check(&new, &channel, finder, &features, environment).await;
    warnings.extend(checked.inspect_err(|_| log_warnings(&warnings))?);
    Ok(NewCluster { warnings, ..new })
}

/// The facts that defaults for images, instance types and networks depend on. An image is looked up only if its architecture
/// determines the instance type; `update cluster` checks whether the others exist. On Google Cloud, only networks are looked up.
fn needs(cluster: &Cluster, groups: &[InstanceGroup]) -> Needs {
    if cluster.is_on_gce() {
        return Needs { region: region_of(cluster), gce: GceNeeds::of_ranges(cluster), ..Needs::default() };
    }
    let open: Vec<InstanceGroup> = groups.iter().filter(|g| g.spec.machine_type.is_empty()).cloned().collect();
    let images = Needs::of(cluster, &open).images;
    Needs { account: false, images, buckets: BTreeSet::new(), ..Needs::of(cluster, groups) }
}

/// Finds the VPC and the zones of existing subnets.
async fn place_subnets(
    choices: &mut Choices,
    subnets: &[String],
    utility: &[String],
    finder: &mut FactFinder,
) -> Result<(), CreateClusterError> {
    let ids: BTreeSet<String> = subnets.iter().chain(utility).cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let region = choices.region()?.to_owned();
    let known = &finder.find(&Needs { region, subnets: ids, ..Needs::default() }).await?.subnets;
    let missing = |id: &str, vpc: &str| CreateClusterError::Subnet(format!("subnet {id} not found in VPC {vpc}"));
    if choices.network_id.is_empty()
        && let Some(id) = subnets.first()
    {
        let unknown = || CreateClusterError::Subnet(format!("failed to determine VPC id of subnet {id}"));
        choices.network_id.clone_from(&known.get(id).ok_or_else(unknown)?.vpc);
    }
    let by_zone = |ids: &[String]| {
        let mut zones = BTreeMap::<String, String>::new();
        for id in ids {
            let vpc = &choices.network_id;
            let subnet = known.get(id).filter(|subnet| subnet.vpc == *vpc).ok_or_else(|| missing(id, vpc))?;
            if let Some(other) = zones.insert(subnet.zone.clone(), id.clone()) {
                return Err(CreateClusterError::Subnet(format!("subnet {id} and {other} have the same zone")));
            }
        }
        Ok(zones)
    };
    (choices.subnets, choices.utility_subnets) = (by_zone(subnets)?, by_zone(utility)?);
    Ok(())
}

/// Disables kube-proxy for Calico's eBPF data plane, which replaces it and uses its port.
fn replace_kube_proxy(cluster: &mut Cluster) {
    let calico = cluster.spec.networking.as_ref().and_then(|n| n.calico.as_ref());
    if calico.is_some_and(|calico| calico.bpf_enabled) {
        cluster.spec.kube_proxy.get_or_insert_default().enabled.get_or_insert(false);
    }
}

fn credential(cluster: &str, key: &str) -> Result<SshCredential, PkiError> {
    ssh_fingerprint(key)?;
    Ok(SshCredential {
        api_version: API_VERSION.to_owned(),
        kind: "SSHCredential".to_owned(),
        metadata: ObjectMeta {
            name: "admin".to_owned(),
            labels: BTreeMap::from([(CLUSTER_LABEL.to_owned(), cluster.to_owned())]),
            ..ObjectMeta::default()
        },
        spec: SshCredentialSpec { public_key: key.trim().to_owned() },
    })
}

/// Validates the specs; returns warnings.
async fn check(
    new: &NewCluster,
    channel: &Channel,
    finder: &mut FactFinder,
    features: &Features,
    environment: &Environment,
) -> Result<Vec<String>, CreateClusterError> {
    let file = new.file()?;
    let mut decoding = decode(&file.name, &file.content, Strictness::Lenient);
    let mut report = std::mem::take(&mut decoding.report);
    report.extend(validate_files(&[decoding], &Rules { strictness: Strictness::Lenient, features }));
    let mut report = tidy(report);
    for finding in &mut report.findings {
        // The lines are generated: the user has no file to look them up in.
        (finding.location, finding.excerpt) = (None, None);
    }
    if report.has_errors() {
        report.findings.retain(|finding| finding.severity == kopsform_diagnostics::Severity::Error);
        return Err(CreateClusterError::Invalid(report));
    }
    let facts = finder.find(&needs(&new.cluster, &new.groups)).await?;
    let context = DefaultsContext { facts, features, environment, channel: Some(channel), worker_version: None };
    let completed = defaults::complete(&new.cluster, &new.groups, &context)?;
    for group in &new.groups {
        defaults::populate_group(&completed, group, &context)?;
    }
    Ok(report.warnings().map(ToString::to_string).collect())
}
