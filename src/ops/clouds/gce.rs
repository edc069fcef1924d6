//! Google Cloud, through `kopsform-gce`.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;

use kopsform_env::Environment;
use kopsform_gce::{Api, ClusterGroups, ClusterResources, DirectCloud, Gcs};
use kopsform_model::Graph;
use kopsform_model::facts::{Facts, LookupError, Needs};
use kopsform_rolling::ports::{ApiError, Cloud};
use kopsform_rolling::teardown::Inventory;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::ObjectStorage;

use super::Unsupported;

/// Cloud Storage. No request is made.
pub fn storage(environment: &Environment) -> Option<Arc<dyn ObjectStorage>> {
    Some(Arc::new(Gcs::new(environment)))
}

/// Whether facts that no lock file holds can be looked up.
pub const CAN_LOOK_UP: bool = true;

/// Looks up facts of Google Cloud.
pub struct FactLookup {
    api: Api,
}

impl FactLookup {
    /// Lookups with the environment's credentials and endpoints. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { api: Api::new(environment) }
    }

    /// Looks up all needs of Google Cloud that the facts lack and adds them.
    ///
    /// # Errors
    /// The first lookup that fails.
    pub async fn resolve(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
        kopsform_gce::lookup::resolve(&self.api, needs, facts).await
    }
}

/// The project that gcloud uses.
pub fn google_project(environment: &Environment) -> Option<String> {
    kopsform_gce::project(environment)
}

/// The resources of a cluster, for its deletion; its state is in the bucket `state`. No request is made.
///
/// # Errors
/// In a build without Google Cloud.
pub fn inventory(
    environment: &Environment,
    cluster: &Cluster,
    state: Option<&str>,
) -> Result<Box<dyn Inventory>, Unsupported> {
    Ok(Box::new(ClusterResources::new(environment, cluster, state)))
}

/// The project of one cluster.
pub struct ClusterCloud {
    api: Arc<Api>,
    groups: ClusterGroups,
}

impl ClusterCloud {
    /// Uses the environment's credentials and endpoints. No request is made.
    ///
    /// # Errors
    /// In a build without Google Cloud.
    pub fn open(environment: &Environment, cluster: &Cluster) -> Result<Self, Unsupported> {
        let api = Arc::new(Api::new(environment));
        Ok(Self { groups: ClusterGroups::new(Arc::clone(&api), cluster), api })
    }

    /// Its groups and instances.
    pub fn groups(&self) -> &dyn Cloud {
        &self.groups
    }

    /// The address of the load balancer in front of the cluster's API; `None` if there is none.
    ///
    /// # Errors
    /// When forwarding rules cannot be listed.
    pub async fn api_load_balancer(&self, cluster: &Cluster) -> Result<Option<String>, ApiError> {
        kopsform_gce::api_address(&self.api, cluster).await
    }

    /// Image and user data, in base64 as elsewhere, of what the managed groups start instances from, by the groups' names.
    ///
    /// # Errors
    /// When the groups or templates cannot be listed.
    pub async fn launch_templates(&self) -> Result<BTreeMap<String, (String, String)>, ApiError> {
        let encoded = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        let found = self.groups.launch_templates().await?;
        Ok(found.into_iter().map(|(group, data)| (group, (data.image, encoded(data.user_data)))).collect())
    }

    /// The number of instances of an instance group.
    ///
    /// # Errors
    /// When the groups cannot be listed.
    pub async fn instance_count(&self, group: &str) -> Result<usize, ApiError> {
        self.groups.instance_count(group).await
    }
}

/// The project of a cluster, for target direct. No request is made.
///
/// # Errors
/// In a build without Google Cloud.
pub fn direct(environment: &Environment, graph: Graph) -> Result<Box<dyn kopsform_direct::Cloud>, Unsupported> {
    Ok(Box::new(DirectCloud::new(Api::new(environment), graph)))
}
