//! Tags of what belongs to a cluster, in one place.

use super::resources::Tags;
use crate::Context;

/// The tag with the cluster's name, which controllers find resources by.
pub const KUBERNETES_CLUSTER: &str = "KubernetesCluster";

/// The tag that says whether something belongs to the cluster or is shared with others.
pub fn cluster_tag(cluster: &str) -> String {
    format!("kubernetes.io/cluster/{cluster}")
}

impl Context<'_> {
    /// Tags of something the cluster owns. An empty name leaves the `Name` tag out. The cluster's labels win over all.
    pub fn owned_tags(&self, name: &str) -> Tags {
        let mut tags = Tags::new();
        if !name.is_empty() {
            tags.insert("Name".to_owned(), name.to_owned());
        }
        tags.insert(KUBERNETES_CLUSTER.to_owned(), self.name().to_owned());
        tags.insert(cluster_tag(self.name()), "owned".to_owned());
        tags.extend(self.cluster.spec.cloud_labels.clone());
        tags
    }

    /// Tags of something the cluster only uses.
    pub fn shared_tags(&self) -> Tags {
        Tags::from([(cluster_tag(self.name()), "shared".to_owned())])
    }
}
