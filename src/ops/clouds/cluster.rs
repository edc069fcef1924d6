//! The cloud of one cluster: groups and instances, and questions about them.

use std::collections::BTreeMap;

use kopsform_env::Environment;
use kopsform_rolling::ports::{ApiError, Cloud};
use kopsform_spec::v1alpha2::Cluster;

use super::{Unsupported, aws, gce};

/// The cloud of one cluster.
pub enum ClusterCloud {
    /// AWS.
    Aws(Box<aws::ClusterCloud>),
    /// Google Cloud.
    Gce(gce::ClusterCloud),
}

impl ClusterCloud {
    /// Prepares the clients. No request is made.
    ///
    /// # Errors
    /// In a build without the cluster's cloud.
    pub async fn open(environment: &Environment, cluster: &Cluster) -> Result<Self, Unsupported> {
        Ok(match cluster.is_on_gce() {
            true => Self::Gce(gce::ClusterCloud::open(environment, cluster)?),
            false => Self::Aws(Box::new(aws::ClusterCloud::open(environment, cluster).await?)),
        })
    }

    /// Its groups and instances.
    pub fn groups(&self) -> &dyn Cloud {
        match self {
            Self::Aws(cloud) => cloud.groups(),
            Self::Gce(cloud) => cloud.groups(),
        }
    }

    /// The host of the load balancer in front of the cluster's API; `None` if there is none.
    ///
    /// # Errors
    /// When load balancers cannot be described.
    pub async fn api_load_balancer(&self, cluster: &Cluster) -> Result<Option<String>, ApiError> {
        match self {
            Self::Aws(cloud) => cloud.api_load_balancer(cluster).await,
            Self::Gce(cloud) => cloud.api_load_balancer(cluster).await,
        }
    }

    /// Image and user data (in base64) of the launch templates by the names of their auto scaling groups or managed instance groups.
    ///
    /// # Errors
    /// When the groups or templates cannot be described.
    pub async fn launch_templates(&self) -> Result<BTreeMap<String, (String, String)>, ApiError> {
        match self {
            Self::Aws(cloud) => cloud.launch_templates().await,
            Self::Gce(cloud) => cloud.launch_templates().await,
        }
    }

    /// The number of instances of an instance group.
    ///
    /// # Errors
    /// When the groups cannot be described.
    pub async fn instance_count(&self, group: &str) -> Result<usize, ApiError> {
        match self {
            Self::Aws(cloud) => cloud.instance_count(group).await,
            Self::Gce(cloud) => cloud.instance_count(group).await,
        }
    }
}
