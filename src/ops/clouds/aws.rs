//! AWS, through `kopsform-aws`.

use std::collections::BTreeMap;
use std::sync::Arc;

use kopsform_aws::{
    Clients, ClusterGroups, ClusterResources, DirectCloud, S3, api_load_balancer, instance_count, launch_templates,
};
use kopsform_env::Environment;
use kopsform_model::Graph;
use kopsform_model::facts::{Facts, LookupError, Needs, region_of};
use kopsform_rolling::ports::{ApiError, Cloud};
use kopsform_rolling::teardown::Inventory;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::ObjectStorage;

use super::Unsupported;

/// S3. No request is made.
pub fn storage(environment: &Environment) -> Option<Arc<dyn ObjectStorage>> {
    Some(Arc::new(S3::new(environment)))
}

/// Whether facts that no lock file holds can be looked up.
pub const CAN_LOOK_UP: bool = true;

/// Looks up facts, with clients that are created by the first lookup.
pub struct FactLookup {
    environment: Environment,
    clients: Option<Clients>,
}

impl FactLookup {
    /// Lookups with the environment's credentials and endpoints. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { environment: environment.clone(), clients: None }
    }

    /// Looks up all needs that the facts lack and adds them.
    ///
    /// # Errors
    /// The first lookup that fails.
    pub async fn resolve(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
        let clients = match self.clients.take() {
            Some(clients) => clients,
            None => Clients::load(&self.environment, Some(&needs.region)).await,
        };
        kopsform_aws::lookup::resolve(self.clients.insert(clients), needs, facts).await
    }
}

/// The account of one cluster.
pub struct ClusterCloud {
    clients: Clients,
    cluster: String,
    groups: ClusterGroups,
}

impl ClusterCloud {
    /// Prepares the clients. No request is made.
    ///
    /// # Errors
    /// In a build without AWS.
    pub async fn open(environment: &Environment, cluster: &Cluster) -> Result<Self, Unsupported> {
        let name = cluster.metadata.name.clone();
        let clients = clients_in(environment, &region_of(cluster)).await;
        let groups = ClusterGroups::new(clients.clone(), &name);
        Ok(Self { clients, cluster: name, groups })
    }

    /// Its groups and instances.
    pub fn groups(&self) -> &dyn Cloud {
        &self.groups
    }

    /// The DNS name of the load balancer in front of the cluster's API; `None` if there is none.
    ///
    /// # Errors
    /// When load balancers cannot be described.
    pub async fn api_load_balancer(&self, cluster: &Cluster) -> Result<Option<String>, ApiError> {
        api_load_balancer(&self.clients, cluster).await
    }

    /// Image and user data (in base64) of the launch templates by the names of their auto scaling groups.
    ///
    /// # Errors
    /// When the groups or templates cannot be described.
    pub async fn launch_templates(&self) -> Result<BTreeMap<String, (String, String)>, ApiError> {
        let found = launch_templates(&self.clients, &self.cluster).await?;
        Ok(found.into_iter().map(|(group, data)| (group, (data.image, data.user_data))).collect())
    }

    /// The number of instances of an instance group.
    ///
    /// # Errors
    /// When the groups cannot be described.
    pub async fn instance_count(&self, group: &str) -> Result<usize, ApiError> {
        instance_count(&self.clients, &self.cluster, group).await
    }
}

/// The resources of a cluster, for its deletion. No request is made.
///
/// # Errors
/// In a build without the cluster's cloud.
pub async fn inventory(
    environment: &Environment,
    region: &str,
    cluster: &str,
) -> Result<Box<dyn Inventory>, Unsupported> {
    Ok(Box::new(ClusterResources::new(clients_in(environment, region).await, cluster)))
}

/// The account of a cluster, for target direct. No request is made.
///
/// # Errors
/// In a build without the cluster's cloud.
pub async fn direct(environment: &Environment, graph: Graph) -> Result<Box<dyn kopsform_direct::Cloud>, Unsupported> {
    let region = graph.region.clone();
    Ok(Box::new(DirectCloud::new(clients_in(environment, &region).await, graph)))
}

/// Without a region, the environment or profile decides.
async fn clients_in(environment: &Environment, region: &str) -> Clients {
    Clients::load(environment, Some(region).filter(|region| !region.is_empty())).await
}
