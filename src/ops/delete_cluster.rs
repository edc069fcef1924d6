//! The part of `delete cluster` in the cloud: finding the cluster's resources and deleting them.

use super::clouds::{self, Unsupported};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_model::facts::region_of;
use kopsform_rolling::ports::{ApiError, Clock};
use kopsform_rolling::teardown::{Event, Found, Inventory, Limits, Resources, TeardownError, remove_all};
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{StateStore, StoreUrl};

/// Why resources were not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteResourcesError {
    /// They could not be listed; nothing was deleted.
    #[error("error listing resources: {0}")]
    List(#[from] ApiError),
    /// Some could not be deleted.
    #[error("error deleting resources: {0}")]
    Delete(#[from] TeardownError),
    /// This build does not support the cluster's cloud.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

impl Explain for DeleteResourcesError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::List(_) => {
                vec!["nothing was deleted; --unregister deletes the cluster's state only".to_owned()]
            }
            Self::Delete(error) => error.hints(),
            Self::Unsupported(_) => vec!["--unregister deletes the state only".to_owned()],
        }
    }
}

/// The resources of a cluster in its cloud.
pub struct ClusterResources {
    inventory: Box<dyn Inventory>,
    /// The resources to delete; shared ones are not among them.
    pub resources: Resources,
    /// What could not be read.
    pub warnings: Vec<String>,
}

/// The cluster to find resources of.
pub struct Target<'a> {
    pub name: &'a str,
    pub region: String,
    /// Whether it may have DNS records.
    pub dns: bool,
    /// The cluster, if it is on Google Cloud, whose resources have no tags.
    pub on_gce: Option<&'a Cluster>,
    /// The bucket of Cloud Storage with the state store, if it is in one.
    pub state_bucket: Option<String>,
}

impl<'a> Target<'a> {
    /// A cluster of the state store `state`.
    pub fn of(cluster: &'a Cluster, state: &StateStore) -> Self {
        let state_bucket = match StoreUrl::parse(&state.store().url("")) {
            Ok(StoreUrl::Gs { bucket, .. }) => Some(bucket),
            _ => None,
        };
        Self {
            name: &cluster.metadata.name,
            region: region_of(cluster),
            dns: cluster.publishes_dns_records(),
            on_gce: Some(cluster).filter(|cluster| cluster.is_on_gce()),
            state_bucket,
        }
    }

    /// A cluster on AWS that is not in the state store. Gossip names have no records.
    pub fn external(name: &'a str, region: &str) -> Self {
        let dns = !name.ends_with(".k8s.local");
        Self { name, region: region.to_owned(), dns, on_gce: None, state_bucket: None }
    }
}

/// Lists the cluster's own resources.
///
/// # Errors
/// When they cannot be listed completely.
pub async fn find(target: &Target<'_>, environment: &Environment) -> Result<ClusterResources, DeleteResourcesError> {
    let inventory = match target.on_gce {
        Some(cluster) => clouds::google_inventory(environment, cluster, target.state_bucket.as_deref())?,
        None => clouds::inventory(environment, &target.region, target.name).await?,
    };
    let Found { mut resources, warnings } = inventory.list(target.dns).await?;
    resources.retain(|_, resource| !resource.shared);
    Ok(ClusterResources { inventory, resources, warnings })
}

/// Removes the cluster's tags from what it shared with others, after its resources are deleted; returns the ids.
///
/// # Errors
/// When a tag could not be removed.
pub async fn untag_shared(found: &ClusterResources) -> Result<Vec<String>, DeleteResourcesError> {
    Ok(found.inventory.untag_shared().await?)
}

/// Deletes the resources in order.
///
/// # Errors
/// When some are left.
pub async fn delete(
    found: &ClusterResources,
    clock: &dyn Clock,
    limits: Limits,
    observe: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), DeleteResourcesError> {
    Ok(remove_all(&found.resources, &*found.inventory, clock, limits, observe).await?)
}
