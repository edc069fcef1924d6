//! TODO-DOC authentication.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::Quantity;

/// TODO-DOC AuthenticationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Authentication {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kopeio: Option<KopeioAuthentication>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsAuthentication>,
}

/// TODO-DOC KopeioAuthenticationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KopeioAuthentication {}

/// TODO-DOC AWSAuthenticationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsAuthentication {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backend_mode: String,
    /// TODO-DOC.
    #[serde(rename = "clusterID", skip_serializing_if = "String::is_empty")]
    pub cluster_id: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_mappings: Vec<AwsIdentityMapping>,
}

/// TODO-DOC AWSAuthenticationIdentityMappingSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsIdentityMapping {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub arn: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// TODO-DOC AuthorizationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Authorization {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always_allow: Option<AlwaysAllowAuthorization>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rbac: Option<RbacAuthorization>,
}

/// TODO-DOC RBACAuthorizationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacAuthorization {}

/// TODO-DOC AlwaysAllowAuthorizationSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AlwaysAllowAuthorization {}
