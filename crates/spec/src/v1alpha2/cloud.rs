//! The integration with the cloud.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kube_controller_manager::LeaderElectionConfiguration;
use crate::meta::{Duration, Quantity, is_default};

/// Settings of the cloud integration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CloudConfiguration {
    /// Whether kops makes a default storage class.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manage_storage_classes: Option<bool>,
    /// Whether the cloud controller manager looks for nodes in all zones of the region.
    #[schemars(extend("x-default" = true, "x-only" = "gce", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multizone: Option<bool>,
    /// The network tag of nodes, to which firewall rules of services apply. Default: that of the cluster's nodes.
    #[schemars(extend("x-only" = "gce", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_tags: Option<String>,
    /// What the names of instances begin with, for the cloud controller manager.
    #[schemars(extend("x-only" = "gce", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_instance_prefix: Option<String>,
    /// The IP families of nodes, the first preferred. Default: `ipv6, ipv4` in an IPv6 cluster.
    #[schemars(extend("enum" = ["ipv4", "ipv6"], "x-lenient" = true, "examples" = [["ipv6", "ipv4"]], "x-since" = "kops 1.22", "x-only" = "aws", "x-refused" = true))]
    #[serde(rename = "nodeIPFamilies", skip_serializing_if = "Vec::is_empty")]
    pub node_ip_families: Vec<String>,
    /// The service account of all instances, which is not changed; `default` is the project's default. Default: an account for each
    /// role is made.
    #[schemars(extend("x-since" = "kops 1.18", "format" = "gce-service-account", "x-lenient" = true, "examples" = ["nodes@example-project.iam.gserviceaccount.com"], "x-only" = "gce", "x-refused" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gce_service_account: String,
    /// Whether the boot script is in the metadata key `startup-script` instead of `user-data`.
    #[schemars(extend("x-since" = "kops 1.31", "x-default" = false, "x-only" = "gce", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gce_use_startup_script: Option<bool>,
    /// Whether load balancers of services leave the security groups of nodes alone.
    #[schemars(extend("x-default" = false, "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_security_group_ingress: Option<bool>,
    /// An existing security group for the load balancers of services.
    #[schemars(extend("format" = "security-group", "x-lenient" = true, "examples" = ["sg-0123456789abcdef0"], "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elb_security_group: Option<String>,
    /// Whether network load balancers of services get managed security groups.
    #[schemars(extend("enum" = ["Managed"], "examples" = ["Managed"], "x-since" = "kops 1.36", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nlb_security_group_mode: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereUsername", skip_serializing)]
    pub vsphere_username: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSpherePassword", skip_serializing)]
    pub vsphere_password: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereServer", skip_serializing)]
    pub vsphere_server: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereDatacenter", skip_serializing)]
    pub vsphere_datacenter: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereResourcePool", skip_serializing)]
    pub vsphere_resource_pool: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereDatastore", skip_serializing)]
    pub vsphere_datastore: Option<String>,
    /// Accepted and ignored: vSphere is not supported.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23"))]
    #[serde(rename = "vSphereCoreDNSServer", skip_serializing)]
    pub vsphere_core_dns_server: Option<String>,
    /// Refused: Spot Ocean is not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotinst_product: Option<String>,
    /// Refused: Spot Ocean is not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotinst_orientation: Option<String>,
    /// Accepted and ignored: settings of OpenStack.
    #[schemars(extend("deprecated" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openstack: Option<serde_json::Value>,
    /// Accepted and ignored: settings of Azure.
    #[schemars(extend("deprecated" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<serde_json::Value>,
    /// The EBS CSI driver.
    #[schemars(extend("x-since" = "kops 1.20", "x-only" = "aws", "x-refused" = true))]
    #[serde(rename = "awsEBSCSIDriver", skip_serializing_if = "Option::is_none")]
    pub aws_ebs_csi_driver: Option<EbsCsiDriver>,
    /// The persistent disk CSI driver.
    #[schemars(extend("x-since" = "kops 1.23", "x-only" = "gce", "x-refused" = true))]
    #[serde(rename = "gcpPDCSIDriver", skip_serializing_if = "Option::is_none")]
    pub gcp_pd_csi_driver: Option<PdCsiDriver>,
}

/// The EBS CSI driver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EbsCsiDriver {
    /// Whether it is installed; it can't be left out.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether kops installs it, instead of the user.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.25"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// Its version.
    #[schemars(extend("x-default" = "v1.58.0", "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Requests a second to the API server.
    #[schemars(extend("examples" = [20], "x-since" = "kops 1.29"))]
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<Quantity>,
    /// Requests at once to the API server.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [100], "x-since" = "kops 1.29"))]
    #[serde(rename = "kubeAPIBurst", skip_serializing_if = "Option::is_none")]
    pub kube_api_burst: Option<i32>,
    /// Whether its node pods use the network of the host.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "is_default")]
    pub host_network: bool,
    /// The most volumes of a node. Default: what the instance type allows.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "examples" = [25], "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_attach_limit: Option<i64>,
    /// Annotations of its pods.
    #[schemars(extend("examples" = [{"example.com/scrape": "true"}], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// The persistent disk CSI driver of Google Cloud.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PdCsiDriver {
    /// Whether it is installed.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Its version.
    #[schemars(extend("x-default" = "v1.22.1", "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The storage class of volumes that name none.
    #[schemars(extend("x-default" = "balanced-csi", "examples" = ["ssd-csi"], "x-since" = "kops 1.27"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_storage_class_name: Option<String>,
}

/// Flags of the cloud controller manager.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CloudControllerManagerConfig {
    /// The address of the API server.
    #[schemars(extend("format" = "url", "x-lenient" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master: String,
    /// How much it logs, 0 to 10.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "x-default" = 2))]
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// Its image.
    #[schemars(extend("format" = "container-image", "x-lenient" = true, "examples" = ["registry.k8s.io/provider-aws/cloud-controller-manager:v1.36.1"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// The name of the cloud it works for.
    #[schemars(extend("x-default" = "aws"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// The cluster's name in tags. Default: the name of the cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_name: String,
    /// Whether it works with instances that lack the cluster's tag.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_untagged_cloud: Option<bool>,
    /// The network of pods. Default: `podCIDR`.
    #[schemars(extend("format" = "cidr", "x-lenient" = true))]
    #[serde(rename = "clusterCIDR", skip_serializing_if = "String::is_empty")]
    pub cluster_cidr: String,
    /// Whether it gives nodes their part of the pod network.
    #[schemars(extend("x-default" = true))]
    #[serde(rename = "allocateNodeCIDRs", skip_serializing_if = "Option::is_none")]
    pub allocate_node_cidrs: Option<bool>,
    /// Whether it makes routes to the pods of nodes; true with kubenet only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure_cloud_routes: Option<bool>,
    /// Controllers to run, with `-` before those to leave out.
    #[schemars(extend("examples" = [["*", "-route"]], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<String>,
    /// How parts of the pod network are given to nodes.
    #[schemars(extend("enum" = ["RangeAllocator", "CloudAllocator"], "x-lenient" = true, "examples" = ["RangeAllocator"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_allocator_type: Option<String>,
    /// How one of its pods becomes the leader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election: Option<LeaderElectionConfiguration>,
    /// Whether each controller has a service account of its own.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_service_account_credentials: Option<bool>,
    /// Whether leadership moves over from kube-controller-manager.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_leader_migration: Option<bool>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "200m", "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// How often it updates the status of nodes.
    #[schemars(extend("examples" = ["5m0s"], "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_status_update_frequency: Option<Duration>,
    /// How many nodes it works on at a time.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "examples" = [10], "x-since" = "kops 1.29"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_node_syncs: Option<i32>,
    /// Accepted and ignored: a setting of Azure.
    #[schemars(extend("deprecated" = true, "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub azure_node_manager_image: String,
}
