//! Counts the running instances of a group.

use async_trait::async_trait;

use super::clouds::ClusterCloud;
use super::replace::InstanceCounter;
use kopsform_env::Environment;
use kopsform_spec::v1alpha2::Cluster;

/// Counts the members of the cloud's groups, which carry the names of their cluster and instance group.
pub struct AutoscalingCounter<'a> {
    /// The source of credentials and endpoints.
    pub environment: &'a Environment,
    /// Whether requests are forbidden.
    pub offline: bool,
}

#[async_trait]
impl InstanceCounter for AutoscalingCounter<'_> {
    async fn count(&self, cluster: &Cluster, group: &str) -> Result<usize, String> {
        if self.offline {
            return Err("--offline forbids requests to the cloud".to_owned());
        }
        let cloud = ClusterCloud::open(self.environment, cluster).await.map_err(|error| error.to_string())?;
        cloud.instance_count(group).await.map_err(|error| error.message)
    }
}
