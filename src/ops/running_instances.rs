//! Counts the instances of a group in AWS.

use async_trait::async_trait;

use super::replace::InstanceCounter;
use kopsform_env::Environment;
use kopsform_spec::v1alpha2::Cluster;

/// Asks the auto scaling groups, which carry the names of their cluster and instance group as tags.
pub struct AutoscalingCounter<'a> {
    /// Where credentials and endpoints come from.
    pub environment: &'a Environment,
    /// Whether AWS must not be asked.
    pub offline: bool,
}

#[async_trait]
impl InstanceCounter for AutoscalingCounter<'_> {
    #[cfg(feature = "aws")]
    async fn count(&self, cluster: &Cluster, group: &str) -> Result<usize, String> {
        use aws_sdk_autoscaling::types::Filter;
        use kopsform_spec::labels::{INSTANCE_GROUP, KUBERNETES_CLUSTER};

        if self.offline {
            return Err("AWS must not be asked".to_owned());
        }
        let region = kopsform_model::facts::region_of(cluster);
        let clients = kopsform_aws::clients::Clients::load(self.environment, Some(&region)).await;
        let tag = |name: &str, value: &str| Filter::builder().name(format!("tag:{name}")).values(value).build();
        let mut pages = clients
            .autoscaling()
            .describe_auto_scaling_groups()
            .filters(tag(KUBERNETES_CLUSTER, &cluster.metadata.name))
            .filters(tag(INSTANCE_GROUP, group))
            .into_paginator()
            .items()
            .send();
        let mut count = 0;
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| kopsform_aws::error::classify_sdk_error(&error).1)?;
            count += found.instances().len();
        }
        Ok(count)
    }

    #[cfg(not(feature = "aws"))]
    async fn count(&self, _cluster: &Cluster, _group: &str) -> Result<usize, String> {
        let _ = self.environment;
        Err("this program was built without AWS support".to_owned())
    }
}
