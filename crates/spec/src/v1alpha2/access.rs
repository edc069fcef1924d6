//! How the API server is reached from outside of the control plane.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::{LoadBalancerClass, LoadBalancerType};
use crate::meta::is_default;

/// How the API server is reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Api {
    /// A DNS record of the control plane's addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsAccess>,
    /// A load balancer in front of the API servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerAccess>,
}

/// A DNS record of the control plane's addresses, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsAccess {}

/// The load balancer in front of the API servers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerAccess {
    /// The kind of load balancer.
    #[schemars(extend("x-default" = "Classic", "examples" = ["Network"], "x-since" = "kops 1.19", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<LoadBalancerClass>,
    /// Where it can be reached from.
    #[schemars(extend("x-default" = "Public"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LoadBalancerType>,
    /// After how many seconds without traffic a classic load balancer ends a connection.
    #[schemars(extend("x-default" = 300, "minimum" = 1, "maximum" = 4000, "x-lenient" = true, "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout_seconds: Option<i64>,
    /// An existing security group to use instead of one of its own.
    #[schemars(extend("format" = "security-group", "examples" = ["sg-0123456789abcdef0"], "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group_override: Option<String>,
    /// Further security groups of the load balancer.
    #[schemars(extend("format" = "security-group", "examples" = [["sg-0123456789abcdef0"]], "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// Whether the internal API name leads to the load balancer too.
    #[schemars(extend("x-default" = false, "x-only" = "aws"))]
    #[serde(skip_serializing_if = "is_default")]
    pub use_for_internal_api: bool,
    /// The ARN of the certificate that a network load balancer shows; it adds port 8443 for clients with
    /// certificates.
    #[schemars(extend("format" = "certificate-arn", "x-lenient" = true, "examples" = ["arn:aws:acm:us-east-1:123456789012:certificate/0123"], "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ssl_certificate: String,
    /// The TLS policy that goes with `sslCertificate`.
    #[schemars(extend("x-default" = "ELBSecurityPolicy-2016-08", "examples" = ["ELBSecurityPolicy-TLS13-1-2-2021-06"], "x-since" = "kops 1.19", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_policy: Option<String>,
    /// Whether each zone's part sends to the servers of all zones.
    #[schemars(extend("x-default" = false, "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_zone_load_balancing: Option<bool>,
    /// The subnets to place it in, with their addresses. Default: one a zone, utility subnets for a public one.
    #[schemars(extend("x-since" = "kops 1.20", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<LoadBalancerSubnet>,
    /// Where the log of requests goes.
    #[schemars(extend("x-since" = "kops 1.22", "x-only" = "aws", "x-refused" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_log: Option<AccessLog>,
}

/// The request log of a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AccessLog {
    /// Minutes between two log files, 5 or 60.
    #[schemars(extend("minimum" = 0, "maximum" = 60, "x-lenient" = true, "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "is_default")]
    pub interval: i64,
    /// The S3 bucket of the log.
    #[schemars(extend("format" = "bucket", "x-lenient" = true, "examples" = ["lb-logs"], "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The prefix in the bucket.
    #[schemars(extend("examples" = ["kubernetes"], "x-since" = "kops 1.22"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_prefix: Option<String>,
}

/// A subnet of the load balancer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerSubnet {
    /// The name of a subnet of the cluster.
    #[schemars(extend("examples" = ["utility-us-east-1a"], "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The address of an internal network load balancer in this subnet.
    #[schemars(extend("examples" = ["10.20.0.10"], "x-since" = "kops 1.20"))]
    #[serde(rename = "privateIPv4Address", skip_serializing_if = "Option::is_none")]
    pub private_ipv4_address: Option<String>,
    /// The allocation of the elastic address that a public network load balancer gets here.
    #[schemars(extend("format" = "allocation-id", "x-lenient" = true, "examples" = ["eipalloc-0123456789abcdef0"], "x-since" = "kops 1.20"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<String>,
}
