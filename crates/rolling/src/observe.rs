//! Observes a cluster: its groups in the cloud, nodes and system pods at about the same moment.

use std::net::IpAddr;
use std::sync::Arc;

use super::discover::{DiscoverError, discover};
use super::facts::ClusterFacts;
use super::health::{Failure, FailureKind, Health};
use super::ports::{ApiError, Cloud, Kubernetes, Node};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// The addresses of a new cluster's DNS records until its control plane sets them.
const PLACEHOLDERS: [&str; 2] = ["203.0.113.123", "fd00:dead:add::"];

/// Why a cluster could not be observed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// Nodes could not be listed.
    #[error("error listing nodes: {0}")]
    Nodes(ApiError),
    /// Pods could not be listed.
    #[error("cannot get pod health: {0}")]
    Pods(ApiError),
    /// The API server's own checks could not be read.
    #[error("{0}")]
    Checks(ApiError),
    /// The API's name could not be resolved.
    #[error("unable to resolve Kubernetes cluster API URL dns: {0}")]
    Dns(ApiError),
    /// The cloud's groups could not be described.
    #[error("unable to find autoscale groups: {0}")]
    Cloud(ApiError),
    /// The groups cannot be used.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
}

impl ObserveError {
    /// The failed call, if one failed.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Nodes(error) | Self::Pods(error) | Self::Checks(error) | Self::Dns(error) | Self::Cloud(error) => {
                Some(error)
            }
            Self::Discover(_) => None,
        }
    }
}

impl kopsform_diagnostics::Explain for ObserveError {
    fn hints(&self) -> Vec<String> {
        self.api_error().map(kopsform_diagnostics::Explain::hints).unwrap_or_default()
    }
}

/// Groups and instances with their nodes; without a Kubernetes API no instance has a node.
pub async fn observe_groups(
    cloud: &dyn Cloud,
    kubernetes: Option<&dyn Kubernetes>,
    cluster: &Cluster,
    groups: &[InstanceGroup],
) -> Result<ClusterFacts, ObserveError> {
    let nodes = async {
        match kubernetes {
            Some(kubernetes) => kubernetes.nodes().await,
            None => Ok(Vec::new()),
        }
    };
    // An error of the Kubernetes API is reported first: --cloudonly avoids it.
    let (nodes, snapshot) = futures::join!(nodes, cloud.snapshot());
    let nodes: Vec<Arc<Node>> = nodes.map_err(ObserveError::Nodes)?;
    let snapshot = snapshot.map_err(ObserveError::Cloud)?;
    Ok(discover(&cluster.metadata.name, groups, &snapshot, cloud.capabilities(), &nodes)?)
}

/// The groups and what is wrong with the cluster.
pub async fn observe_health(
    cloud: &dyn Cloud,
    kubernetes: &dyn Kubernetes,
    cluster: &Cluster,
    groups: &[InstanceGroup],
) -> Result<(ClusterFacts, Health), ObserveError> {
    if cluster.publishes_dns_records() {
        let addresses = kubernetes.api_addresses().await.map_err(ObserveError::Dns)?;
        if let Some(address) = addresses.into_iter().find(is_placeholder) {
            let health = Health { failures: vec![placeholder_failure(cluster, address)], nodes: Vec::new() };
            return Ok((ClusterFacts { cluster: cluster.metadata.name.clone(), ..ClusterFacts::default() }, health));
        }
    }
    let (facts, pods) =
        futures::join!(observe_groups(cloud, Some(kubernetes), cluster, groups), kubernetes.system_pods());
    let (facts, pods) = (facts?, pods.map_err(ObserveError::Pods)?);
    let health = Health::check(&facts, groups, &pods);
    Ok((facts, health))
}

fn is_placeholder(address: &IpAddr) -> bool {
    PLACEHOLDERS.iter().any(|p| p.parse() == Ok(*address))
}

/// The cluster's own DNS records still carry the placeholder, so its API is not reachable by name.
fn placeholder_failure(cluster: &Cluster, address: IpAddr) -> Failure {
    let external = cluster.spec.external_dns.as_ref().map(|e| e.provider.as_str()) == Some("external-dns");
    let controller = if external { "external-dns" } else { "dns-controller" };
    Failure {
        kind: FailureKind::Dns,
        name: "apiserver".to_owned(),
        message: format!(
            "the DNS name of the Kubernetes API still points to {address}, the placeholder it is created with: \
             {controller} has not set it yet; a new cluster takes 5 to 10 minutes for this"
        ),
        group: None,
        instance: None,
    }
}
