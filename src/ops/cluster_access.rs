//! A running cluster: its specs from the state store, its part of AWS, its Kubernetes API.

use std::time::Duration;

use crate::api::v1alpha2::{Cluster, InstanceGroup, LoadBalancerClass};
use crate::cloud::{Clients, ClusterGroups, api_load_balancer};
use crate::diagnostics::Explain;
use crate::env::{self, Environment};
use crate::kube::{self, AdminCredential, ConnectError};
use crate::lookup::region_of;
use crate::pki::{PkiError, Subject, SystemKeySource, issue_client};
use crate::rolling::world::ApiError;
use crate::state::{ClusterStore, ReadError, StateStore};

/// The keyset that signs what the API server takes.
const AUTHORITY: &str = "kubernetes-ca";

/// The group that may do everything.
const ADMINISTRATORS: &str = "system:masters";

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
        Self { api_server: None, use_kubeconfig: false, admin: Duration::from_secs(18 * 3600) }
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
    /// The keyset that signs credentials is not there.
    #[error("cannot find keyset {AUTHORITY} of cluster {0:?}")]
    NoAuthority(String),
    /// A credential could not be made.
    #[error("cannot make a credential for the Kubernetes API")]
    Credential(#[from] PkiError),
    /// A client could not be made.
    #[error("getting rest config: {0}")]
    Connect(#[from] ConnectError),
}

impl Explain for AccessError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Connect(error) => error.hints(),
            Self::NoAuthority(_) => {
                vec!["`kopsform update cluster` makes missing keysets; --use-kubeconfig does without".to_owned()]
            }
            Self::NoGroups | Self::LoadBalancer(_) | Self::Credential(_) => Vec::new(),
        }
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
        let name = &self.cluster.metadata.name;
        let (server, keyset) = futures::join!(self.server(options), self.store.keyset(AUTHORITY));
        let keyset = keyset?.ok_or_else(|| AccessError::NoAuthority(name.clone()))?.object;
        let (authority, authority_key) = keyset.signer()?;
        let user = environment.get(env::USER).map(|user| format!("-{user}")).unwrap_or_default();
        let subject = Subject {
            common_name: format!("kubecfg{user}"),
            organization: Some(ADMINISTRATORS.to_owned()),
            serial_number: None,
        };
        let source = SystemKeySource::from_environment(environment)?;
        let (certificate, key) = issue_client(&source, &subject, options.admin, (&authority, &authority_key))?;
        Ok(AdminCredential {
            server: server?,
            server_name: Some(format!("api.internal.{name}")),
            authority: self.serves_own_certificate().then(|| keyset.trusted_certificates()),
            certificate: certificate.pem(),
            private_key: key.pem().clone(),
        })
    }

    /// Whether the API shows a certificate of the cluster's own authority: a classic load balancer with a certificate of
    /// its own shows that one.
    fn serves_own_certificate(&self) -> bool {
        let balancer = self.cluster.spec.api.as_ref().and_then(|a| a.load_balancer.as_ref());
        balancer.is_none_or(|b| b.ssl_certificate.is_empty() || b.class == Some(LoadBalancerClass::Network))
    }

    /// Where the API is: as told, at its load balancer, or at its public name.
    async fn server(&self, options: &ConnectOptions) -> Result<String, AccessError> {
        if let Some(server) = &options.api_server {
            return Ok(server.clone());
        }
        let spec = &self.cluster.spec;
        let balancer = api_load_balancer(&self.clients, &self.cluster).await.map_err(AccessError::LoadBalancer)?;
        let public_name = || match spec.master_public_name.as_str() {
            "" => format!("api.{}", self.cluster.metadata.name),
            name if name.parse::<std::net::Ipv6Addr>().is_ok() => format!("[{name}]"),
            name => name.to_owned(),
        };
        let host = balancer.unwrap_or_else(public_name);
        // The first port of a network load balancer shows the person's certificate, which takes no client certificates.
        let balancer = spec.api.as_ref().and_then(|a| a.load_balancer.as_ref());
        let second_port =
            balancer.is_some_and(|b| !b.ssl_certificate.is_empty() && b.class == Some(LoadBalancerClass::Network));
        Ok(format!("https://{host}{}", if second_port { ":8443" } else { "" }))
    }
}
