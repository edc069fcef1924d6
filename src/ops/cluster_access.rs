//! A running cluster: its specs from the state store, its cloud and its Kubernetes API.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api_credential::{self, CredentialError, DEFAULT_LIFETIME};
use super::clouds::{self, AdminCredential, ClusterCloud, ConnectError, Unsupported};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_pki::{PkiError, SystemKeySource};
use kopsform_rolling::execute::RetryingKubernetes;
use kopsform_rolling::ports::{ApiError, Clock, Cloud, Kubernetes, SystemClock};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// How the Kubernetes API is reached.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The address, which overrides every other source.
    pub api_server: Option<String>,
    /// Use the context with the cluster's name in the user's kubeconfig, instead of a credential issued for the run.
    pub use_kubeconfig: bool,
    /// The lifetime of that credential.
    pub admin: Duration,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { api_server: None, use_kubeconfig: false, admin: DEFAULT_LIFETIME }
    }
}

/// Why a cluster could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Its specs could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The cluster has no instance groups.
    #[error("no InstanceGroup objects found")]
    NoGroups,
    /// Its load balancer could not be found.
    #[error("error getting ingress status: {0}")]
    LoadBalancer(ApiError),
    /// A credential could not be issued.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A client could not be created.
    #[error("getting rest config: {0}")]
    Connect(ConnectError),
    /// This build does not support the cluster's cloud.
    #[error(transparent)]
    Unsupported(Unsupported),
}

impl Explain for AccessError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Connect(error) => error.hints(),
            Self::Credential(error) => error.hints(),
            Self::NoGroups | Self::LoadBalancer(_) | Self::Unsupported(_) => Vec::new(),
        }
    }
}

impl From<PkiError> for AccessError {
    fn from(error: PkiError) -> Self {
        Self::Credential(error.into())
    }
}

/// A cluster with its specs and its cloud.
pub struct ClusterAccess {
    /// The cluster as it is stored.
    pub cluster: Cluster,
    /// Its instance groups by name.
    pub groups: Vec<InstanceGroup>,
    /// The store of its specs.
    pub store: ClusterStore,
    cloud: ClusterCloud,
}

impl ClusterAccess {
    /// Reads the specs and prepares the cloud's clients. No request is made to the cloud.
    ///
    /// # Errors
    /// When the specs cannot be read, there are no groups, or this build lacks the cloud.
    pub async fn open(state: &StateStore, name: &str, environment: &Environment) -> Result<Self, AccessError> {
        let store = state.cluster(name);
        // The groups are at a fixed location, so both are read concurrently.
        let (loaded, groups) = futures::join!(ClusterStore::load(state, name), store.instance_groups());
        let (store, cluster) = loaded?;
        let cluster = cluster.object;
        let groups: Vec<_> = groups?.into_iter().map(|group| group.object).collect();
        if groups.is_empty() {
            return Err(AccessError::NoGroups);
        }
        let cloud = ClusterCloud::open(environment, &cluster).await.map_err(AccessError::Unsupported)?;
        Ok(Self { cluster, groups, store, cloud })
    }

    /// Its groups and instances in the cloud.
    pub fn cloud(&self) -> &dyn Cloud {
        self.cloud.groups()
    }

    /// Image and user data (in base64) of its launch templates by the names of their auto scaling groups.
    ///
    /// # Errors
    /// When they cannot be described.
    pub async fn launch_templates(&self) -> Result<BTreeMap<String, (String, String)>, ApiError> {
        self.cloud.launch_templates().await
    }

    /// A client for the cluster's Kubernetes API.
    ///
    /// # Errors
    /// When no credential can be issued, the load balancer cannot be found, or the client cannot be created.
    pub async fn connect(
        &self,
        options: &ConnectOptions,
        environment: &Environment,
    ) -> Result<Box<dyn Kubernetes>, AccessError> {
        if options.use_kubeconfig {
            let context = &self.cluster.metadata.name;
            let client = clouds::from_kubeconfig(environment, context, options.api_server.as_deref()).await;
            return client.map_err(AccessError::Connect);
        }
        let credential = self.credential(options, environment).await?;
        clouds::with_credential(environment, &credential).map_err(AccessError::Connect)
    }

    /// An administrator's credential that only this process knows.
    async fn credential(
        &self,
        options: &ConnectOptions,
        environment: &Environment,
    ) -> Result<AdminCredential, AccessError> {
        let (server, authority) = futures::join!(self.server(options), api_credential::authority(&self.store));
        let authority = authority?;
        let source = SystemKeySource::from_environment(environment)?;
        let (certificate, key) = api_credential::issue(&authority, options.admin, &source, environment)?;
        let own_certificate = api_credential::serves_own_certificate(&self.cluster);
        Ok(AdminCredential {
            server: server?,
            server_name: Some(api_credential::internal_name(&self.cluster)),
            authority: own_certificate.then(|| authority.trusted_certificates()),
            certificate: certificate.pem(),
            private_key: key.pem().clone(),
        })
    }

    /// The address of the API: as given, its load balancer's, or its public name.
    async fn server(&self, options: &ConnectOptions) -> Result<String, AccessError> {
        if let Some(server) = &options.api_server {
            return Ok(server.clone());
        }
        let load_balancer = self.cloud.api_load_balancer(&self.cluster).await.map_err(AccessError::LoadBalancer)?;
        Ok(api_credential::server(&self.cluster, load_balancer.as_deref(), true))
    }
}

/// A cluster in use by one command: with its Kubernetes API, unless the command does not need it.
pub struct ClusterSession {
    /// The cluster.
    pub access: ClusterAccess,
    client: Option<Box<dyn Kubernetes>>,
    clock: SystemClock,
}

impl ClusterSession {
    /// Opens the cluster and connects to its Kubernetes API, unless `connect` is `None`.
    ///
    /// # Errors
    /// As for [`ClusterAccess::open`] and [`ClusterAccess::connect`].
    pub async fn open(
        state: &StateStore,
        name: &str,
        connect: Option<&ConnectOptions>,
        environment: &Environment,
    ) -> Result<Self, AccessError> {
        let access = ClusterAccess::open(state, name, environment).await?;
        let client = match connect {
            Some(options) => Some(access.connect(options, environment).await?),
            None => None,
        };
        Ok(Self { access, client, clock: SystemClock::default() })
    }

    /// The Kubernetes API, with retries of transient errors.
    pub fn kubernetes(&self) -> Option<RetryingKubernetes<'_>> {
        self.client.as_deref().map(|client| RetryingKubernetes::new(client, &self.clock))
    }

    pub fn clock(&self) -> &dyn Clock {
        &self.clock
    }
}
