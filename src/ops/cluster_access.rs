//! A running cluster: its specs from the state store, its part of AWS, its Kubernetes API.

use std::time::Duration;

use super::api_credential::{self, CredentialError, DEFAULT_LIFETIME};
use kopsform_aws::{Clients, ClusterGroups, api_load_balancer};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_kube::{self as kube, AdminCredential, ConnectError};
use kopsform_model::facts::region_of;
use kopsform_pki::{PkiError, SystemKeySource};
use kopsform_rolling::ports::ApiError;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// How the Kubernetes API is reached.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The address, whatever else is known about it.
    pub api_server: Option<String>,
    /// Use the context with the cluster's name in the person's kubeconfig, instead of a credential made for the run.
    pub use_kubeconfig: bool,
    /// How long that credential holds.
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
    /// There are no groups.
    #[error("no InstanceGroup objects found")]
    NoGroups,
    /// Its load balancer could not be found.
    #[error("error getting ingress status: {0}")]
    LoadBalancer(ApiError),
    /// A credential could not be made.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A client could not be made.
    #[error("getting rest config: {0}")]
    Connect(#[from] ConnectError),
}

impl Explain for AccessError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Connect(error) => error.hints(),
            Self::Credential(error) => error.hints(),
            Self::NoGroups | Self::LoadBalancer(_) => Vec::new(),
        }
    }
}

impl From<PkiError> for AccessError {
    fn from(error: PkiError) -> Self {
        Self::Credential(error.into())
    }
}

/// A cluster with everything it takes to act on it.
pub struct ClusterAccess {
    /// The cluster as it is stored.
    pub cluster: Cluster,
    /// Its instance groups by name.
    pub groups: Vec<InstanceGroup>,
    /// Where its specs lie.
    pub store: ClusterStore,
    /// Its part of AWS.
    pub cloud: ClusterGroups,
    clients: Clients,
}

impl ClusterAccess {
    /// Reads the specs and prepares the AWS clients. AWS is not asked anything yet.
    pub async fn open(state: &StateStore, name: &str, environment: &Environment) -> Result<Self, AccessError> {
        let store = state.cluster(name);
        // The groups lie at the usual place, so they need not wait for the cluster.
        let (loaded, groups) = futures::join!(ClusterStore::load(state, name), store.instance_groups());
        let (store, cluster) = loaded?;
        let cluster = cluster.object;
        let groups: Vec<_> = groups?.into_iter().map(|group| group.object).collect();
        if groups.is_empty() {
            return Err(AccessError::NoGroups);
        }
        let region = region_of(&cluster);
        let clients = Clients::load(environment, Some(&region).filter(|r| !r.is_empty()).map(String::as_str)).await;
        let cloud = ClusterGroups::new(clients.clone(), name);
        Ok(Self { cluster, groups, store, cloud, clients })
    }

    /// A client for the cluster's Kubernetes API.
    pub async fn connect(
        &self,
        options: &ConnectOptions,
        environment: &Environment,
    ) -> Result<kube::Client, AccessError> {
        if options.use_kubeconfig {
            let context = &self.cluster.metadata.name;
            return Ok(kube::from_kubeconfig(environment, context, options.api_server.as_deref()).await?);
        }
        let credential = self.credential(options, environment).await?;
        Ok(kube::with_credential(&credential)?)
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

    /// Where the API is: as told, at its load balancer, or at its public name.
    async fn server(&self, options: &ConnectOptions) -> Result<String, AccessError> {
        if let Some(server) = &options.api_server {
            return Ok(server.clone());
        }
        let balancer = api_load_balancer(&self.clients, &self.cluster).await.map_err(AccessError::LoadBalancer)?;
        Ok(api_credential::server(&self.cluster, balancer.as_deref(), true))
    }
}
