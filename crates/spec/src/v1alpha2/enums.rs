//! Fields with a fixed set of values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the instances of a group do in the cluster.
///
/// kops writes the control plane as `Master` in v1alpha2 and reads `ControlPlane` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = add_control_plane)]
pub enum InstanceGroupRole {
    /// Runs etcd, the API server and the controllers.
    #[serde(rename = "Master", alias = "ControlPlane")]
    ControlPlane,
    /// Runs an API server without etcd.
    #[serde(rename = "APIServer")]
    ApiServer,
    /// Runs workloads.
    Node,
    /// The SSH entrance to private subnets.
    Bastion,
}

/// The role of the instances that get a file, as it is written.
///
/// Everywhere else kops reads `Master` as the control plane; here it compares the string itself, and `Master` matches no
/// instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileAssetRole {
    /// Control planes.
    ControlPlane,
    /// None.
    Master,
    /// Instances with an API server only.
    #[serde(rename = "APIServer")]
    ApiServer,
    /// Instances that run workloads.
    Node,
    /// The SSH entrance to private subnets.
    Bastion,
}

impl FileAssetRole {
    /// Whether instances of a role are meant.
    pub fn means(self, role: InstanceGroupRole) -> bool {
        match self {
            Self::Master => false,
            Self::ControlPlane => role == InstanceGroupRole::ControlPlane,
            Self::ApiServer => role == InstanceGroupRole::ApiServer,
            Self::Node => role == InstanceGroupRole::Node,
            Self::Bastion => role == InstanceGroupRole::Bastion,
        }
    }
}

/// The alias is an allowed value of the schema too.
fn add_control_plane(schema: &mut schemars::Schema) {
    if let Some(serde_json::Value::Array(values)) = schema.get_mut("oneOf") {
        values
            .insert(1, serde_json::json!({ "const": "ControlPlane", "description": "Another spelling of `Master`." }));
    }
}

impl InstanceGroupRole {
    /// The name in tables and messages, which is kops' internal one.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::ControlPlane => "ControlPlane",
            Self::ApiServer => "APIServer",
            Self::Node => "Node",
            Self::Bastion => "Bastion",
        }
    }

    /// The lower-case name in state store keys (`igconfig/<role>/…`).
    pub fn key_name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::ApiServer => "apiserver",
            Self::Node => "node",
            Self::Bastion => "bastion",
        }
    }

    /// The `minSize` and `maxSize` that kops gives a group of this role without any.
    pub fn default_size(self) -> i32 {
        match self {
            Self::ControlPlane | Self::Bastion => 1,
            Self::ApiServer | Self::Node => 2,
        }
    }

    /// The size in GiB that kops gives the root volumes of a group of this role.
    pub fn default_root_volume_size(self) -> i32 {
        match self {
            Self::ControlPlane => 64,
            Self::ApiServer | Self::Node => 128,
            Self::Bastion => 32,
        }
    }

    /// Whether an API server runs on these instances.
    pub fn has_api_server(self) -> bool {
        matches!(self, Self::ControlPlane | Self::ApiServer)
    }
}

/// What starts and stops the instances of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InstanceManager {
    /// An auto scaling group.
    CloudGroup,
    /// Karpenter, inside the cluster.
    Karpenter,
}

/// How a subnet reaches the internet, and what is placed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SubnetType {
    /// Instances with public addresses.
    Public,
    /// Instances behind a NAT gateway, or without egress.
    Private,
    /// Private instances with IPv4 and IPv6 addresses.
    DualStack,
    /// Load balancers, NAT gateways and bastions of a private cluster.
    Utility,
}

/// Who sees the cluster's DNS records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DnsType {
    /// Records in a public hosted zone.
    Public,
    /// Records in a private hosted zone.
    Private,
    /// No records: the API load balancer's name is used.
    None,
}

/// Where the API load balancer can be reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LoadBalancerType {
    /// From the internet.
    Public,
    /// From inside the VPC only.
    Internal,
}

/// The kind of AWS load balancer in front of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LoadBalancerClass {
    /// A classic load balancer (ELB).
    Classic,
    /// A network load balancer (NLB).
    Network,
}

/// The type of a keyset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum KeysetType {
    /// Private keys with certificates.
    Keypair,
    /// Symmetric secrets, a legacy form.
    Secret,
}
