//! Networks of the cluster: subnets, DNS and the bastion.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::{DnsType, LoadBalancerType, SubnetType};

/// Who sees the cluster's names, and the way in by SSH.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Topology {
    /// Accepted and ignored: the type of each subnet says whether instances are private.
    #[schemars(extend("enum" = ["public", "private"], "x-lenient" = true, "deprecated" = true, "x-deprecated-since" = "kops 1.28", "x-instead" = "remove it, the type of each subnet says it"))]
    #[serde(skip_serializing)]
    pub masters: String,
    /// Accepted and ignored: the type of each subnet says whether instances are private.
    #[schemars(extend("enum" = ["public", "private"], "x-lenient" = true, "deprecated" = true, "x-deprecated-since" = "kops 1.28", "x-instead" = "remove it, the type of each subnet says it"))]
    #[serde(skip_serializing)]
    pub nodes: String,
    /// The bastion's name and load balancer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bastion: Option<BastionTopology>,
    /// Who sees DNS records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsTopology>,
}

/// Who sees DNS records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsTopology {
    /// Records in a public zone, a private zone, or none at all.
    #[schemars(extend("x-default" = "Public"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<DnsType>,
}

/// The bastion, the SSH entrance to private subnets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BastionTopology {
    /// The DNS name of the bastion.
    #[schemars(extend("format" = "dns-name", "x-lenient" = true, "examples" = ["bastion.demo.example.com"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bastion_public_name: String,
    /// Accepted and ignored: the bastion has a network load balancer, which has no such timeout.
    #[schemars(extend("deprecated" = true, "x-deprecated-since" = "kops 1.26", "x-instead" = "remove it: network load balancers keep idle connections for 350 seconds"))]
    #[serde(skip_serializing)]
    pub idle_timeout_seconds: Option<i64>,
    /// The load balancer of the bastion.
    #[schemars(extend("x-since" = "kops 1.18", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<BastionLoadBalancer>,
}

/// The load balancer of the bastion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BastionLoadBalancer {
    /// Further security groups of it.
    #[schemars(extend("format" = "security-group", "x-since" = "kops 1.18"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// Where it can be reached from.
    #[schemars(extend("x-default" = "Public", "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LoadBalancerType>,
}

/// A subnet of the cluster, in one zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Subnet {
    /// The name by which groups and load balancers refer to it.
    #[schemars(extend("format" = "name", "x-lenient" = true, "examples" = ["us-east-1a"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The availability zone.
    #[schemars(extend("format" = "zone", "examples" = ["us-east-1a"], "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// The region. Ignored on AWS, where the zone determines it.
    #[schemars(extend("format" = "region", "x-lenient" = true, "x-gce" = {"format": "gce-region", "x-lenient": true, "description": "required, and the same for all subnets"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// The IPv4 network, inside of the VPC's. Default: the next free part of it, or that of the existing subnet.
    #[schemars(extend("format" = "cidr", "examples" = ["172.20.32.0/19"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cidr: String,
    /// The IPv6 network, or `/64#n` for the nth of that size in the VPC's.
    #[schemars(extend("format" = "ipv6-cidr", "examples" = ["/64#1"], "x-since" = "kops 1.22", "x-only" = "aws", "x-refused" = true))]
    #[serde(rename = "ipv6CIDR", skip_serializing_if = "String::is_empty")]
    pub ipv6_cidr: String,
    /// The id of an existing subnet to use.
    #[schemars(extend("format" = "subnet-id", "examples" = ["subnet-0123456789abcdef0"], "x-gce" = {"format": "gce-name", "x-lenient": true, "description": "the name of an existing subnet"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The egress of a private subnet: a NAT gateway, an elastic address for one, an instance, a transit gateway,
    /// or `External` for none made here.
    #[schemars(extend("format" = "egress", "examples" = ["nat-0123456789abcdef0"], "x-gce" = {"format": "gce-egress", "description": "Cloud NAT unless it is `External`"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub egress: String,
    /// How instances in it reach the internet.
    #[schemars(extend("examples" = ["Private"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SubnetType>,
    /// The elastic address, by its IP, of the NAT gateway made for it.
    #[schemars(extend("format" = "ipv4", "x-lenient" = true, "examples" = ["203.0.113.7"], "x-only" = "aws"))]
    #[serde(rename = "publicIP", skip_serializing_if = "String::is_empty")]
    pub public_ip: String,
    /// Further routes of a private subnet's table.
    #[schemars(extend("x-since" = "kops 1.24", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_routes: Vec<AdditionalRoute>,
}

/// A route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AdditionalRoute {
    /// Where to.
    #[schemars(extend("format" = "cidr", "examples" = ["10.30.0.0/16"], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cidr: String,
    /// Through what: a peering, transit, NAT or internet gateway, or an instance.
    #[schemars(extend("format" = "route-target", "examples" = ["pcx-0123456789abcdef0"], "x-since" = "kops 1.24"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
}
