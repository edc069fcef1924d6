//! The resources of a cluster, a struct for each of Terraform's types.
//!
//! A field is an argument of the same name: plain ones always stand in the output, `Option`s, empty lists and empty
//! maps only when they hold something. Ids of other resources are [`Input`](crate::Input)s, never texts put
//! together by hand.

mod autoscaling;
mod define;
mod dns;
mod events;
mod iam;
mod launch_template;
mod load_balancing;
mod network;
mod security;
mod storage;

pub use autoscaling::*;
pub use define::{Argument, Arguments, ResourceKind, ToArgument};
pub use dns::*;
pub use events::*;
pub use iam::*;
pub use launch_template::*;
pub use load_balancing::*;
pub use network::*;
pub use security::*;
pub use storage::*;

define::resources! {
    AutoscalingGroup, AutoscalingLifecycleHook,
    EventRule, EventTarget, Queue,
    EbsVolume, S3Object,
    Eip, ElasticLoadBalancer,
    IamInstanceProfile, IamOpenIdConnectProvider, IamRole, IamRolePolicy, IamRolePolicyAttachment,
    InternetGateway, EgressOnlyInternetGateway, NatGateway,
    KeyPair, LaunchTemplate,
    LoadBalancer, LoadBalancerListener, LoadBalancerTargetGroup,
    Route, RouteTable, RouteTableAssociation,
    Route53Record, Route53ZoneAssociation,
    SecurityGroup, SecurityGroupRule,
    Subnet, Vpc, VpcDhcpOptions, VpcDhcpOptionsAssociation, VpcIpv4CidrBlockAssociation,
}

/// Tags by key.
pub type Tags = std::collections::BTreeMap<String, String>;

/// Something that exists outside the cluster and is only read.
#[derive(Debug, Clone, PartialEq)]
pub enum DataSource {
    /// A shared VPC.
    Vpc(VpcData),
}

impl DataSource {
    /// Terraform's name of the type.
    pub fn data_type(&self) -> &'static str {
        match self {
            Self::Vpc(_) => <Vpc as ResourceKind>::TYPE,
        }
    }

    /// kops' name of the task that looks it up.
    pub fn task(&self) -> &'static str {
        match self {
            Self::Vpc(_) => <Vpc as ResourceKind>::TASK,
        }
    }

    /// The arguments by which it is found.
    pub fn arguments(&self) -> Arguments {
        match self {
            Self::Vpc(data) => data.arguments(),
        }
    }
}
