//! TODO-DOC cloud.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kube_controller_manager::LeaderElectionConfiguration;
use crate::api::meta::{Duration, Quantity, is_default};

/// TODO-DOC CloudConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CloudConfiguration {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manage_storage_classes: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub multizone: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub node_tags: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub node_instance_prefix: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "nodeIPFamilies", skip_serializing_if = "Vec::is_empty")]
    pub node_ip_families: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gce_service_account: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gce_use_startup_script: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_security_group_ingress: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elb_security_group: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nlb_security_group_mode: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereUsername", skip_serializing)]
    pub vsphere_username: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSpherePassword", skip_serializing)]
    pub vsphere_password: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereServer", skip_serializing)]
    pub vsphere_server: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereDatacenter", skip_serializing)]
    pub vsphere_datacenter: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereResourcePool", skip_serializing)]
    pub vsphere_resource_pool: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereDatastore", skip_serializing)]
    pub vsphere_datastore: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "vSphereCoreDNSServer", skip_serializing)]
    pub vsphere_core_dns_server: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotinst_product: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotinst_orientation: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openstack: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<serde_json::Value>,
    /// TODO-DOC.
    #[serde(rename = "awsEBSCSIDriver", skip_serializing_if = "Option::is_none")]
    pub aws_ebs_csi_driver: Option<EbsCsiDriver>,
    /// TODO-DOC.
    #[serde(rename = "gcpPDCSIDriver", skip_serializing_if = "Option::is_none")]
    pub gcp_pd_csi_driver: Option<serde_json::Value>,
}

/// TODO-DOC EBSCSIDriverSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EbsCsiDriver {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIQPS", skip_serializing_if = "Option::is_none")]
    pub kube_api_qps: Option<Quantity>,
    /// TODO-DOC.
    #[serde(rename = "kubeAPIBurst", skip_serializing_if = "Option::is_none")]
    pub kube_api_burst: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub host_network: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_attach_limit: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_annotations: BTreeMap<String, String>,
}

/// TODO-DOC CloudControllerManagerConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CloudControllerManagerConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub master: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub log_level: i32,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloud_provider: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster_name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_untagged_cloud: Option<bool>,
    /// TODO-DOC.
    #[serde(rename = "clusterCIDR", skip_serializing_if = "String::is_empty")]
    pub cluster_cidr: String,
    /// TODO-DOC.
    #[serde(rename = "allocateNodeCIDRs", skip_serializing_if = "Option::is_none")]
    pub allocate_node_cidrs: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configure_cloud_routes: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_allocator_type: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_election: Option<LeaderElectionConfiguration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_service_account_credentials: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_leader_migration: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_status_update_frequency: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_node_syncs: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub azure_node_manager_image: String,
}
