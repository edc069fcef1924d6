//! Keys that kops gives a meaning: labels and annotations of objects and nodes, and tags of cloud resources.
//!
//! kops, its controllers and the AWS cloud controller find things by them, so their spelling is part of the format.

/// The API version of everything kops stores.
pub const API_VERSION: &str = "kops.k8s.io/v1alpha2";

/// Label of an instance group: the name of its cluster.
pub const CLUSTER: &str = "kops.k8s.io/cluster";
/// Label of nodes and tag of instances: the name of their instance group.
pub const INSTANCE_GROUP: &str = "kops.k8s.io/instancegroup";
/// Prefix of the keys that only kops sets.
pub const KOPS_PREFIX: &str = "kops.k8s.io/";
/// Annotation and value of clusters that were taken over from other tools, which may have any name.
pub const IMPORTED: (&str, &str) = ("kops.kubernetes.io/management", "imported");

/// Tag with the cluster's name, by which controllers find resources.
pub const KUBERNETES_CLUSTER: &str = "KubernetesCluster";
/// Prefix of the tag [`cluster_tag`].
pub const CLUSTER_TAG_PREFIX: &str = "kubernetes.io/cluster/";
/// Prefix of the tags of instances and auto scaling groups that name a role: `k8s.io/role/node`.
pub const ROLE_TAG_PREFIX: &str = "k8s.io/role/";

/// Label of nodes that run workloads.
pub const NODE: &str = "node-role.kubernetes.io/node";
/// Label of nodes with an API server.
pub const API_SERVER: &str = "node-role.kubernetes.io/api-server";
/// Label and taint of control-plane nodes.
pub const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";
/// Label of nodes that hold the keys of kops-controller.
pub const KOPS_CONTROLLER_PKI: &str = "kops.k8s.io/kops-controller-pki";
/// Label of nodes that load balancers of services leave out.
pub const EXCLUDE_FROM_LOAD_BALANCERS: &str = "node.kubernetes.io/exclude-from-external-load-balancers";
/// Label of nodes with a GPU.
pub const GPU: &str = "kops.k8s.io/gpu";
/// Label of nodes that run pods in gVisor.
pub const GVISOR: &str = "kops.k8s.io/gvisor";

/// Label of nodes on Google Cloud for which the proxy of the metadata server may be scheduled.
pub const METADATA_PROXY_READY: &str = "cloud.google.com/metadata-proxy-ready";

/// Tag that says whether the cluster owns a resource (`owned`) or uses it (`shared`).
pub fn cluster_tag(cluster: &str) -> String {
    format!("{CLUSTER_TAG_PREFIX}{cluster}")
}
