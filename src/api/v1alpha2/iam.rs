//! TODO-DOC iam.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::is_default;

/// TODO-DOC IAMSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Iam {
    /// TODO-DOC.
    pub legacy: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub allow_container_registry: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_service_account_external_permissions: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_account_external_permissions: Vec<ServiceAccountExternalPermission>,
}

/// TODO-DOC ServiceAccountExternalPermission.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceAccountExternalPermission {
    /// TODO-DOC.
    pub name: String,
    /// TODO-DOC.
    pub namespace: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsPermission>,
}

/// TODO-DOC AWSPermission.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsPermission {
    /// TODO-DOC.
    #[serde(rename = "policyARNs", skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub inline_policy: String,
}

/// TODO-DOC ServiceAccountIssuerDiscoveryConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceAccountIssuerDiscoveryConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub discovery_store: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery_service: Option<DiscoveryServiceOptions>,
    /// TODO-DOC.
    #[serde(rename = "enableAWSOIDCProvider", skip_serializing_if = "is_default")]
    pub enable_aws_oidc_provider: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_audiences: Vec<String>,
}

/// TODO-DOC DiscoveryServiceOptions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DiscoveryServiceOptions {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}
