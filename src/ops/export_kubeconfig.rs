//! `export kubeconfig`: writes a cluster to kubectl's configuration.

use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::api_credential::{self, CredentialError};
use super::clouds::ClusterCloud;
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_kubeconfig::{self, ConfigError, Entry, Kubeconfig, Login};
use kopsform_pki::{KeySource, PkiError};
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{ClusterStore, OpenError, StateStore};

/// This program, which kubectl runs for credentials.
const PROGRAM: &str = "kopsform";

/// What the flags specify.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Create an admin certificate with this lifetime.
    pub admin: Option<Duration>,
    /// Use an existing user of the configuration.
    pub user: Option<String>,
    /// Use the internal name of the API.
    pub internal: bool,
    /// Use this URL for the API.
    pub api_server: Option<String>,
    /// Make kubectl run this program for credentials.
    pub auth_plugin: bool,
    /// The file to write, instead of kubectl's.
    pub kubeconfig: Option<PathBuf>,
    /// Use the public name of the API without querying the cloud for the load balancer.
    pub offline: bool,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The CA could not be read, or a certificate could not be created.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("error getting ingress status: {0}")]
    LoadBalancer(String),
    /// The configuration could not be changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl From<PkiError> for ExportError {
    fn from(error: PkiError) -> Self {
        Self::Credential(error.into())
    }
}

impl Explain for ExportError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Credential(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::LoadBalancer(_) => {
                vec!["use --api-server URL or --internal to skip the lookup in the cloud".to_owned()]
            }
            Self::Config(error) => error.hints(),
        }
    }
}

#[derive(Debug, Default)]
pub struct Exported {
    /// The written contexts; the last one is current.
    pub contexts: Vec<String>,
    pub warnings: Vec<String>,
}

/// Writes clusters to kubectl's configuration: all of them or, on an error, none.
pub async fn run(
    state: &StateStore,
    clusters: &[Cluster],
    options: &ExportOptions,
    environment: &Environment,
    source: &dyn KeySource,
) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    let mut entries = Vec::new();
    for cluster in clusters {
        entries.push(entry(state, cluster, options, environment, source, &mut exported.warnings).await?);
    }
    // The file is locked only now: lookups may take a while.
    let mut config = Kubeconfig::open(paths(options, environment))?;
    for entry in &entries {
        config.put(entry)?;
    }
    for Entry { name, .. } in entries.iter().filter(|entry| !config.has_user(&entry.name)) {
        exported.warnings.push(format!("the context {name} has no user; use --admin, --user or --auth-plugin"));
    }
    config.save()?;
    exported.contexts = entries.into_iter().map(|entry| entry.name).collect();
    Ok(exported)
}

/// The files of kubectl's configuration that an export of a cluster would change. Nothing is written. An export that creates a
/// certificate changes them every time.
///
/// # Errors
/// As for [`run`].
pub async fn differences(
    state: &StateStore,
    cluster: &Cluster,
    options: &ExportOptions,
    environment: &Environment,
    source: &dyn KeySource,
) -> Result<Vec<PathBuf>, ExportError> {
    let entry = entry(state, cluster, options, environment, source, &mut Vec::new()).await?;
    Ok(kopsform_kubeconfig::differences(&paths(options, environment), &[entry])?)
}

fn paths(options: &ExportOptions, environment: &Environment) -> Vec<PathBuf> {
    options.kubeconfig.clone().map_or_else(|| kopsform_kubeconfig::paths(environment), |path| vec![path])
}

/// Removes a cluster from kubectl's configuration. Returns whether there is a configuration.
pub fn remove(name: &str, environment: &Environment) -> Result<bool, ConfigError> {
    let paths = kopsform_kubeconfig::paths(environment);
    if !paths.iter().any(|path| path.exists()) {
        return Ok(false);
    }
    let mut config = Kubeconfig::open(paths)?;
    let found = config.remove(name);
    config.save()?;
    Ok(found)
}

async fn entry(
    state: &StateStore,
    cluster: &Cluster,
    options: &ExportOptions,
    environment: &Environment,
    source: &dyn KeySource,
    warnings: &mut Vec<String>,
) -> Result<Entry, ExportError> {
    let name = &cluster.metadata.name;
    let store: ClusterStore = state.cluster(name).located(cluster)?;
    let server = server(cluster, options, environment, warnings).await?;
    let own_certificate = options.internal || api_credential::serves_own_certificate(cluster);
    let keyset = match own_certificate || options.admin.is_some() {
        true => Some(api_credential::authority(&store).await?),
        false => None,
    };
    let login = match (&options.user, options.admin, &keyset) {
        _ if options.auth_plugin => Login::Plugin {
            command: PROGRAM.to_owned(),
            args: vec![
                "helpers".to_owned(),
                "kubectl-auth".to_owned(),
                format!("--cluster={name}"),
                format!("--state={}", state.url()),
            ],
        },
        (_, Some(lifetime), Some(authority)) => {
            let (certificate, key) = api_credential::issue(authority, lifetime, source, environment)?;
            Login::Certificate { certificate: certificate.pem(), key: Zeroizing::clone(key.pem()) }
        }
        (Some(user), _, _) if user != name => Login::Existing(user.clone()),
        _ => Login::Untouched,
    };
    Ok(Entry {
        name: name.clone(),
        server,
        tls_server_name: api_credential::internal_name(cluster),
        authority: keyset.filter(|_| own_certificate).map(|keyset| keyset.trusted_certificates()),
        login,
    })
}

/// The address of the API: the given one, the internal name, the load balancer or the public name.
async fn server(
    cluster: &Cluster,
    options: &ExportOptions,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<String, ExportError> {
    if let Some(server) = &options.api_server {
        return Ok(server.clone());
    }
    if options.internal {
        return Ok(format!("https://{}", api_credential::internal_name(cluster)));
    }
    let admin = options.admin.is_some();
    let needs_host = api_credential::load_balancer(cluster).is_some_and(|b| b.ssl_certificate.is_empty() || admin);
    let host = if needs_host && !options.offline { load_balancer_host(cluster, environment).await? } else { None };
    if needs_host && host.is_none() {
        warnings.push(format!(
            "did not find the load balancer of {}; the cluster may not be reachable at its public name",
            cluster.metadata.name
        ));
    }
    Ok(api_credential::server(cluster, host.as_deref(), admin))
}

/// `None` without a load balancer, and in a build without the cluster's cloud.
async fn load_balancer_host(cluster: &Cluster, environment: &Environment) -> Result<Option<String>, ExportError> {
    let Ok(cloud) = ClusterCloud::open(environment, cluster).await else { return Ok(None) };
    let found = cloud.api_load_balancer(cluster).await;
    found.map_err(|error| ExportError::LoadBalancer(error.to_string()))
}
