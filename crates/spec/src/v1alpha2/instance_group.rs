//! A group of instances of one kind.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::containerd::ContainerdConfig;
use super::enums::{InstanceGroupRole, InstanceManager};
use super::kubelet::KubeletConfig;
use super::node::{FileAsset, Hook, RollingUpdate, WarmPool};
use crate::meta::{Duration, ObjectMeta, Quantity, is_default};

/// A group of instances of one kind: an auto scaling group, or a node pool of Karpenter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceGroup {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// What the group should be.
    pub spec: InstanceGroupSpec,
}

impl InstanceGroup {
    /// The name of the instance profile that it is given, the last part of `spec.iam.profile`; `None` where kops makes one.
    #[must_use]
    pub fn own_instance_profile(&self) -> Option<&str> {
        self.spec.iam.as_ref()?.profile.as_deref()?.rsplit('/').next()
    }
}

/// What a group of instances should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceGroupSpec {
    /// What starts and stops the instances.
    #[schemars(extend("x-default" = "CloudGroup", "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<InstanceManager>,
    /// What the instances do in the cluster.
    #[schemars(extend("examples" = ["Node"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<InstanceGroupRole>,
    /// The machine image: `ami-…`, `ssm:` and a parameter, or a name with or without its owner. Default: Ubuntu, as
    /// the channel says.
    #[schemars(extend("format" = "image", "x-lenient" = true, "examples" = ["099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260218"], "x-gce" = {"format": "gce-image", "x-lenient": true, "description": "`PROJECT/IMAGE`, or an image of the cluster's project"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// The fewest instances. Default: 1 for the control plane and bastions, 2 for others.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [2]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_size: Option<i32>,
    /// The most instances; 1 for a group of the control plane. Default: 1 for the control plane and bastions, 2 for
    /// others.
    #[schemars(extend("minimum" = 0, "x-lenient" = true, "examples" = [10]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i32>,
    /// Whether the cluster autoscaler may change the size of the group.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoscale: Option<bool>,
    /// The priority of the group for the cluster autoscaler's expander `priority`; the highest is scaled first.
    #[schemars(extend("x-default" = 0, "x-since" = "kops 1.26"))]
    #[serde(skip_serializing_if = "is_default")]
    pub autoscale_priority: i16,
    /// The instance type. Default: the first of a short list that fits the image and is offered in the zones.
    #[schemars(extend("format" = "machine-type", "x-lenient" = true, "examples" = ["t3.medium"], "x-gce" = {"format": "gce-machine-type", "x-lenient": true, "x-default": "e2-medium"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub machine_type: String,
    /// GiB of the root volume. Default: 64 for the control plane, 32 for bastions, 128 for others.
    #[schemars(extend("minimum" = 1, "maximum" = 65536, "x-lenient" = true, "examples" = [64]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_size: Option<i32>,
    /// The type of the root volume.
    #[schemars(extend("enum" = ["standard", "gp3", "gp2", "io1", "io2"], "x-default" = "gp3", "x-gce" = {"enum": ["pd-standard", "pd-balanced", "pd-ssd", "pd-extreme", "hyperdisk-balanced", "hyperdisk-balanced-high-availability", "hyperdisk-extreme", "hyperdisk-throughput"], "x-lenient": true, "x-default": "pd-standard"}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_type: Option<String>,
    /// I/O operations a second of the root volume, for gp3, io1 and io2.
    #[schemars(extend("minimum" = 0, "maximum" = 256000, "x-default" = 3000, "x-gce" = {"minimum": 0, "maximum": 350000, "x-lenient": true}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_iops: Option<i32>,
    /// MiB a second of a gp3 root volume.
    #[schemars(extend("minimum" = 0, "maximum" = 2000, "x-default" = 125, "x-since" = "kops 1.19", "x-gce" = {"minimum": 0, "maximum": 5000, "x-lenient": true}))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_throughput: Option<i32>,
    /// Whether instances have a network of their own for volumes; most types always do.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_optimization: Option<bool>,
    /// Accepted and ignored: the root volume always goes with its instance.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.23", "x-instead" = "remove it: the root volume goes with its instance"))]
    #[serde(skip_serializing)]
    pub root_volume_delete_on_termination: Option<bool>,
    /// Whether the root volume is encrypted.
    #[schemars(extend("x-default" = true, "x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_encryption: Option<bool>,
    /// The KMS key that encrypts the root volume. Default: the account's.
    #[schemars(extend("format" = "kms-key", "x-lenient" = true, "examples" = ["arn:aws:kms:us-east-1:123456789012:key/0123"], "x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_volume_encryption_key: Option<String>,
    /// Further volumes of each instance.
    #[schemars(extend("x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// File systems to make on volumes, and where they go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
    /// The names of the cluster's subnets to place instances in. Default: all that suit the role.
    #[schemars(extend("examples" = [["us-east-1a"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
    /// Availability zones of the subnets; kept for tables, the subnets decide.
    #[schemars(extend("format" = "zone", "x-lenient" = true, "examples" = [["us-east-1a"]], "x-gce" = {"format": "gce-zone", "x-lenient": true, "description": "required: the group has a managed instance group in each; one for the control plane"}))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Systemd units to run on instances, on top of the cluster's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// The most to pay for an hour of an instance, in dollars; makes it a spot instance.
    #[schemars(extend("format" = "price", "x-lenient" = true, "examples" = ["0.10"], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<String>,
    /// For how long spot instances are kept at least; AWS offers it to old accounts only.
    #[schemars(extend("enum" = [60, 120, 180, 240, 300, 360], "examples" = [120], "x-since" = "kops 1.18", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_duration_in_minutes: Option<i64>,
    /// What burstable instances do when their credits are used up.
    #[schemars(extend("enum" = ["standard", "unlimited"], "examples" = ["unlimited"], "x-since" = "kops 1.20", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_credits: Option<String>,
    /// Whether instances get a public address. Default: by the type of their subnets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associate_public_ip: Option<bool>,
    /// Further security groups of the instances.
    #[schemars(extend("format" = "security-group", "examples" = [["sg-0123456789abcdef0"]], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// Tags on the group and its instances.
    #[schemars(extend("examples" = [{"team": "platform"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cloud_labels: BTreeMap<String, String>,
    /// Labels of the nodes.
    #[schemars(extend("examples" = [{"pool": "general"}]))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_labels: BTreeMap<String, String>,
    /// Files to write on instances, on top of the cluster's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_assets: Vec<FileAsset>,
    /// On whose hardware instances run.
    #[schemars(extend("enum" = ["default", "dedicated", "host"], "x-default" = "default", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tenancy: String,
    /// Settings of the kubelet on these instances. kops checks none of them.
    #[schemars(extend("x-lenient" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet: Option<KubeletConfig>,
    /// Taints of the nodes, each `key=value:effect`.
    #[schemars(extend("format" = "taint", "x-lenient" = true, "examples" = [["dedicated=gpu:NoSchedule"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// Several instance types, on demand and spot, in one group.
    #[schemars(extend("x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixed_instances_policy: Option<MixedInstancesPolicy>,
    /// Whether a spot instance is replaced as soon as AWS warns that it may be taken.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.26", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_rebalance: Option<bool>,
    /// Further parts of the user data, besides the boot script.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_user_data: Vec<UserData>,
    /// Processes of the auto scaling group to switch off.
    #[schemars(extend("enum" = ["Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions"], "x-lenient" = true, "examples" = [["AZRebalance"]], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspend_processes: Vec<String>,
    /// Existing load balancers and target groups to put the instances in.
    #[schemars(extend("x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_load_balancers: Vec<ExternalLoadBalancer>,
    /// Whether metrics come every minute instead of every five.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detailed_instance_monitoring: Option<bool>,
    /// The instance profile.
    #[schemars(extend("x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam: Option<IamProfile>,
    /// An existing security group to use instead of the one of the role.
    #[schemars(extend("format" = "security-group", "x-lenient" = true, "examples" = ["sg-0123456789abcdef0"], "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group_override: Option<String>,
    /// Whether instances are kept when the group shrinks.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_protection: Option<bool>,
    /// Kernel settings, each `name=value`, on top of the cluster's.
    #[schemars(extend("format" = "sysctl", "examples" = [["vm.max_map_count=262144"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctl_parameters: Vec<String>,
    /// How instances are replaced, instead of what the cluster says.
    #[schemars(extend("x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_update: Option<RollingUpdate>,
    /// What becomes of a spot instance that AWS takes.
    #[schemars(extend("enum" = ["hibernate", "stop", "terminate"], "x-default" = "terminate", "x-since" = "kops 1.18", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_interruption_behavior: Option<String>,
    /// Whether parts of the boot script are compressed, to stay below the limit of 16 KiB.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compress_user_data: Option<bool>,
    /// Access to the instance metadata service.
    #[schemars(extend("x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_metadata: Option<InstanceMetadataOptions>,
    /// Whether instances install security updates of their distribution on their own. Default: what the cluster
    /// says.
    #[schemars(extend("enum" = ["automatic", "external"], "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_policy: Option<String>,
    /// Stopped instances kept ready.
    #[schemars(extend("x-since" = "kops 1.21", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<WarmPool>,
    /// Settings of containerd on these instances.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containerd: Option<ContainerdConfig>,
    /// Packages of the distribution to install, on top of the cluster's.
    #[schemars(extend("examples" = [["nfs-common"]], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// Accelerators of each instance.
    #[schemars(extend("x-since" = "kops 1.24", "x-only" = "gce"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guest_accelerators: Vec<GuestAccelerator>,
    /// After how long an instance is replaced; at least a day, and 0 for never.
    #[schemars(extend("x-default" = "0s", "examples" = ["168h0m0s"], "x-since" = "kops 1.24", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_instance_lifetime: Option<Duration>,
    /// How instances are provisioned: Spot instances may be taken at any time. Default: standard ones.
    #[schemars(extend("x-since" = "kops 1.25", "x-lenient" = true, "x-gce" = {"enum": ["STANDARD", "SPOT"]}, "x-only" = "gce"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gcp_provisioning_model: Option<String>,
}

/// Accelerators of one type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GuestAccelerator {
    /// How many an instance has.
    #[schemars(extend("minimum" = 1, "x-lenient" = true, "examples" = [1], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "is_default")]
    pub accelerator_count: i64,
    /// The type.
    #[schemars(extend("format" = "gce-name", "x-lenient" = true, "examples" = ["nvidia-tesla-t4"], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accelerator_type: String,
}

/// Access to the instance metadata service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceMetadataOptions {
    /// Over how many hops a token may travel; 1 keeps containers out.
    #[schemars(extend("minimum" = 1, "maximum" = 64, "x-default" = 1, "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_put_response_hop_limit: Option<i64>,
    /// Whether tokens (IMDSv2) are needed.
    #[schemars(extend("enum" = ["optional", "required"], "x-default" = "required", "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<String>,
}

/// Several instance types, on demand and spot, in one auto scaling group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MixedInstancesPolicy {
    /// The instance types, the first preferred.
    #[schemars(extend("format" = "machine-type", "x-lenient" = true, "examples" = [["m5.large", "m5a.large"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// What instance types must have, instead of naming them.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_requirements: Option<InstanceRequirements>,
    /// How types are chosen for on-demand instances.
    #[schemars(extend("enum" = ["prioritized", "lowest-price"], "x-lenient" = true, "x-default" = "prioritized"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_allocation_strategy: Option<String>,
    /// How many instances are on demand before any is spot.
    #[schemars(extend("minimum" = 0, "examples" = [1]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_base: Option<i64>,
    /// The percentage of on-demand instances above the base.
    #[schemars(extend("minimum" = 0, "maximum" = 100, "examples" = [0]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_above_base: Option<i64>,
    /// How types are chosen for spot instances.
    #[schemars(extend("enum" = ["lowest-price", "diversified", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized"], "examples" = ["price-capacity-optimized"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_allocation_strategy: Option<String>,
    /// Over how many pools spot instances are spread, with `lowest-price`.
    #[schemars(extend("minimum" = 1, "maximum" = 20, "x-lenient" = true, "examples" = [2]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_instance_pools: Option<i64>,
}

/// What instance types must have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceRequirements {
    /// The number of virtual CPUs.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<MinMax>,
    /// The memory.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<MinMax>,
    /// Types that are left out, with `*` for anything.
    #[schemars(extend("examples" = [["t2.*"]], "x-since" = "kops 1.36"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_instance_types: Vec<String>,
}

/// A range of amounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MinMax {
    /// The most.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Quantity>,
    /// The least.
    #[schemars(extend("x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Quantity>,
}

/// A part of the user data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UserData {
    /// The file name of the part.
    #[schemars(extend("examples" = ["setup.sh"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its MIME type.
    #[schemars(extend("enum" = ["text/x-include-once-url", "text/x-include-url", "text/cloud-config-archive", "text/upstart-job", "text/cloud-config", "text/part-handler", "text/x-shellscript", "text/cloud-boothook"], "examples" = ["text/x-shellscript"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub r#type: String,
    /// The part itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
}

/// A further volume of each instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume {
    /// Whether the volume goes with its instance.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
    /// The device it appears as.
    #[schemars(extend("format" = "device", "x-lenient" = true, "examples" = ["/dev/xvdd"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// Whether it is encrypted.
    #[schemars(extend("x-default" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// I/O operations a second, for gp3, io1 and io2.
    #[schemars(extend("minimum" = 0, "maximum" = 256000, "x-lenient" = true, "examples" = [3000]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops: Option<i64>,
    /// MiB a second, for gp3.
    #[schemars(extend("minimum" = 0, "maximum" = 2000, "x-lenient" = true, "examples" = [125], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<i64>,
    /// The KMS key that encrypts it.
    #[schemars(extend("format" = "kms-key", "x-lenient" = true, "examples" = ["arn:aws:kms:us-east-1:123456789012:key/0123"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its size in GiB.
    #[schemars(extend("examples" = [100]))]
    #[serde(skip_serializing_if = "is_default")]
    pub size: i64,
    /// Its type.
    #[schemars(extend("enum" = ["standard", "gp3", "gp2", "io1", "io2", "sc1", "st1"], "x-lenient" = true, "x-default" = "gp3"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub r#type: String,
}

/// A file system on a volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct VolumeMount {
    /// The device.
    #[schemars(extend("format" = "device", "x-lenient" = true, "examples" = ["/dev/xvdd"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// The file system to make when there is none.
    #[schemars(extend("enum" = ["btfs", "ext4", "xfs"], "examples" = ["ext4"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filesystem: String,
    /// Options for making the file system.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub format_options: Vec<String>,
    /// Options for mounting it.
    #[schemars(extend("examples" = [["noatime"]]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_options: Vec<String>,
    /// Where it is mounted.
    #[schemars(extend("format" = "absolute-path", "x-lenient" = true, "examples" = ["/data"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// The identity of the instances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct IamProfile {
    /// The ARN of an existing instance profile.
    #[schemars(extend("format" = "instance-profile-arn", "examples" = ["arn:aws:iam::123456789012:instance-profile/nodes"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// An existing load balancer or target group; one of the two is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExternalLoadBalancer {
    /// The name of a classic load balancer.
    #[schemars(extend("examples" = ["ingress"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer_name: Option<String>,
    /// The ARN of a target group.
    #[schemars(extend("format" = "target-group-arn", "examples" = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/ingress/0123456789abcdef"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group_arn: Option<String>,
}
