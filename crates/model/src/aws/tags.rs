//! Keys of tags, and the tags that everything of a cluster has.

use super::resources::Tags;
use crate::{Context, Text, text};
use kopsform_spec::labels::CLUSTER_TAG_PREFIX;
pub use kopsform_spec::labels::{INSTANCE_GROUP, KUBERNETES_CLUSTER, ROLE_TAG_PREFIX as ROLE_PREFIX};

/// What the AWS console shows.
pub const NAME: &str = "Name";
/// The role of a route table: `public`, `private-us-east-1a`.
pub const ROUTE_TABLE_ROLE: &str = "kubernetes.io/kops/role";
/// The type of a subnet: `Public`, `Private`, `Utility`.
pub const SUBNET_TYPE: &str = "SubnetType";
/// Allows load balancers that are reachable from the internet in the subnet.
pub const PUBLIC_LOAD_BALANCER: &str = "kubernetes.io/role/elb";
/// Allows internal load balancers in the subnet.
pub const INTERNAL_LOAD_BALANCER: &str = "kubernetes.io/role/internal-elb";
/// Followed by a group's name: Karpenter starts instances of the group in the subnet.
pub const SUBNET_OF_GROUP_PREFIX: &str = "kops.k8s.io/instance-group/";
/// Followed by the name of an etcd cluster: the member and its peers.
pub const ETCD_PREFIX: &str = "k8s.io/etcd/";
/// Followed by the key of a node label: what the cluster autoscaler reads about nodes that do not exist yet.
pub const NODE_LABEL_PREFIX: &str = "k8s.io/cluster-autoscaler/node-template/label/";
/// Followed by the key of a taint, likewise.
pub const NODE_TAINT_PREFIX: &str = "k8s.io/cluster-autoscaler/node-template/taint/";
/// The service account that a role is for.
pub const SERVICE_ACCOUNT_NAME: &str = "service-account.kops.k8s.io/name";
/// Its namespace.
pub const SERVICE_ACCOUNT_NAMESPACE: &str = "service-account.kops.k8s.io/namespace";

impl Context<'_> {
    /// The key of the tag that says whether something belongs to the cluster or is shared with others.
    pub fn cluster_tag(&self) -> Text {
        text![CLUSTER_TAG_PREFIX, self.cluster_name()]
    }

    /// Tags of something the cluster owns. The cluster's labels win over all.
    pub fn owned_tags(&self, name: impl Into<Text>) -> Tags {
        let mut tags = self.owned_tags_without_name();
        tags.entry(NAME.into()).or_insert(name.into());
        tags
    }

    /// [`Context::owned_tags`] without a name.
    pub fn owned_tags_without_name(&self) -> Tags {
        let mut tags =
            Tags::from([(KUBERNETES_CLUSTER.into(), self.cluster_name()), (self.cluster_tag(), "owned".into())]);
        tags.extend(self.cloud_labels());
        tags
    }

    /// The labels of the cluster, which everything gets as tags.
    pub fn cloud_labels(&self) -> impl Iterator<Item = (Text, Text)> {
        self.cluster.spec.cloud_labels.iter().map(|(key, value)| (key.into(), value.into()))
    }

    /// Tags of something the cluster only uses.
    pub fn shared_tags(&self) -> Tags {
        Tags::from([(self.cluster_tag(), "shared".into())])
    }
}
