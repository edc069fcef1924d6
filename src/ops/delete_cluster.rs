//! The part of `delete cluster` that is about AWS: what is left there, and its deletion.

use kopsform_aws::Clients;
use kopsform_aws::teardown::{ClusterResources, Found};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_model::facts::region_of;
use kopsform_rolling::ports::{ApiError, Clock};
use kopsform_rolling::teardown::{Event, Limits, Resources, TeardownError, remove_all};
use kopsform_spec::v1alpha2::Cluster;

/// Why resources are left.
#[derive(Debug, thiserror::Error)]
pub enum DeleteResourcesError {
    /// They could not be listed; nothing was deleted.
    #[error("error listing resources: {0}")]
    List(#[from] ApiError),
    /// Some could not be deleted.
    #[error("error deleting resources: {0}")]
    Delete(#[from] TeardownError),
}

impl Explain for DeleteResourcesError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::List(_) => {
                vec!["nothing was deleted; --unregister forgets the cluster without asking AWS".to_owned()]
            }
            Self::Delete(error) => error.hints(),
        }
    }
}

/// What is left of a cluster in AWS.
pub struct Remains {
    aws: ClusterResources,
    /// The resources that can go: shared ones are left out.
    pub resources: Resources,
    /// What could not be looked at.
    pub warnings: Vec<String>,
}

/// Which cluster, as AWS knows it.
pub struct Target<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its region.
    pub region: String,
    /// Whether it may have records in Route 53.
    pub dns: bool,
}

impl<'a> Target<'a> {
    /// A cluster of the state store.
    pub fn of(cluster: &'a Cluster) -> Self {
        Self { name: &cluster.metadata.name, region: region_of(cluster), dns: cluster.publishes_dns_records() }
    }

    /// A cluster that only its name and region are known of. Names for gossip have no records.
    pub fn external(name: &'a str, region: &str) -> Self {
        Self { name, region: region.to_owned(), dns: !name.ends_with(".k8s.local") }
    }
}

/// Lists everything that is the cluster's own.
pub async fn find(target: &Target<'_>, environment: &Environment) -> Result<Remains, DeleteResourcesError> {
    let region = Some(target.region.as_str()).filter(|region| !region.is_empty());
    let clients = Clients::load(environment, region).await;
    let aws = ClusterResources::new(clients, target.name);
    let Found { mut resources, warnings } = aws.list(target.dns).await?;
    resources.retain(|_, resource| !resource.shared);
    Ok(Remains { aws, resources, warnings })
}

/// Deletes what was found, in its order.
pub async fn delete(
    remains: &Remains,
    clock: &dyn Clock,
    limits: Limits,
    observe: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), DeleteResourcesError> {
    Ok(remove_all(&remains.resources, &remains.aws, clock, limits, observe).await?)
}
