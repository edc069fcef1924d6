//! TODO-DOC instance_group.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::containerd::ContainerdConfig;
use super::enums::{InstanceGroupRole, InstanceManager};
use super::kubelet::KubeletConfig;
use super::node::{FileAsset, Hook, RollingUpdate, WarmPool};
use crate::api::meta::{Duration, ObjectMeta, Quantity, is_default};

/// TODO-DOC InstanceGroup.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceGroup {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// TODO-DOC.
    pub spec: InstanceGroupSpec,
}

/// TODO-DOC InstanceGroupSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceGroupSpec {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<InstanceManager>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<InstanceGroupRole>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoscale: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub autoscale_priority: i16,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub machine_type: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_size: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_type: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_iops: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_throughput: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_optimization: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub root_volume_delete_on_termination: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_encryption: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_encryption_key: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_duration_in_minutes: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_credits: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associate_public_ip: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cloud_labels: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_labels: BTreeMap<String, String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_assets: Vec<FileAsset>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tenancy: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixed_instances_policy: Option<MixedInstancesPolicy>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_rebalance: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_user_data: Vec<UserData>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspend_processes: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_load_balancers: Vec<ExternalLoadBalancer>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detailed_instance_monitoring: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<IamProfile>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group_override: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_protection: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctl_parameters: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_interruption_behavior: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compress_user_data: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_metadata: Option<InstanceMetadataOptions>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_policy: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containerd: Option<ContainerdConfig>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guest_accelerators: Vec<serde_json::Value>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_instance_lifetime: Option<Duration>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcp_provisioning_model: Option<String>,
}

/// TODO-DOC InstanceMetadataOptions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceMetadataOptions {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_put_response_hop_limit: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<String>,
}

/// TODO-DOC MixedInstancesPolicySpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MixedInstancesPolicy {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_requirements: Option<InstanceRequirements>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_allocation_strategy: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_base: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_above_base: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_allocation_strategy: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_instance_pools: Option<i64>,
}

/// TODO-DOC InstanceRequirementsSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceRequirements {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<MinMax>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MinMax>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_instance_types: Vec<String>,
}

/// TODO-DOC MinMaxSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MinMax {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Quantity>,
}

/// TODO-DOC UserData.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UserData {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub r#type: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
}

/// TODO-DOC VolumeSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub size: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub r#type: String,
}

/// TODO-DOC VolumeMountSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct VolumeMount {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filesystem: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub format_options: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_options: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// TODO-DOC IAMProfileSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct IamProfile {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// TODO-DOC LoadBalancerSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExternalLoadBalancer {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer_name: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group_arn: Option<String>,
}
