//! TODO-DOC access.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::{LoadBalancerClass, LoadBalancerType};
use crate::api::meta::is_default;

/// TODO-DOC APISpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Api {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsAccess>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancerAccess>,
}

/// TODO-DOC DNSAccessSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DnsAccess {}

/// TODO-DOC LoadBalancerAccessSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerAccess {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<LoadBalancerClass>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LoadBalancerType>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout_seconds: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group_override: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_security_groups: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub use_for_internal_api: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ssl_certificate: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssl_policy: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_zone_load_balancing: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<LoadBalancerSubnet>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_log: Option<AccessLog>,
}

/// TODO-DOC AccessLogSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AccessLog {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub interval: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_prefix: Option<String>,
}

/// TODO-DOC LoadBalancerSubnetSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerSubnet {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(rename = "privateIPv4Address", skip_serializing_if = "Option::is_none")]
    pub private_ipv4_address: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<String>,
}
