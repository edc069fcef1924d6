//! TODO-DOC topology.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::{DnsType, LoadBalancerType, SubnetType};

/// TODO-DOC TopologySpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Topology {
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub masters: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub nodes: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bastion: Option<BastionTopology>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsTopology>,
}

/// TODO-DOC DNSSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsTopology {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<DnsType>,
}

/// TODO-DOC BastionSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BastionTopology {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bastion_public_name: String,
    /// TODO-DOC.
    #[serde(skip_serializing)]
    pub idle_timeout_seconds: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<BastionLoadBalancer>,
}

/// TODO-DOC BastionLoadBalancerSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BastionLoadBalancer {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LoadBalancerType>,
}

/// TODO-DOC ClusterSubnetSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Subnet {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cidr: String,
    /// TODO-DOC.
    #[serde(rename = "ipv6CIDR", skip_serializing_if = "String::is_empty")]
    pub ipv6_cidr: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub egress: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SubnetType>,
    /// TODO-DOC.
    #[serde(rename = "publicIP", skip_serializing_if = "String::is_empty")]
    pub public_ip: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_routes: Vec<AdditionalRoute>,
}

/// TODO-DOC RouteSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AdditionalRoute {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cidr: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
}
