//! Who may log in to the API server and what they may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::Quantity;

/// Ways to log in besides certificates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Authentication {
    /// The kopeio authenticator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kopeio: Option<KopeioAuthentication>,
    /// AWS IAM identities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsAuthentication>,
}

/// The kopeio authenticator, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KopeioAuthentication {}

/// The AWS IAM authenticator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsAuthentication {
    /// Its container image.
    #[schemars(extend("format" = "container-image", "examples" = ["123456789012.dkr.ecr.us-east-1.amazonaws.com/authenticator:v0.7.0"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Where mappings of identities are read from, several separated by commas.
    #[schemars(extend("format" = "authenticator-backends", "x-lenient" = true, "x-default" = "MountedFile", "examples" = ["CRD"], "x-since" = "kops 1.19"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backend_mode: String,
    /// What tokens name as their cluster, so that they can't be used elsewhere. Default: the public name of the API
    /// server.
    #[schemars(extend("x-since" = "kops 1.19"))]
    #[serde(rename = "clusterID", skip_serializing_if = "String::is_empty")]
    pub cluster_id: String,
    /// Memory that is reserved for it.
    #[schemars(extend("x-default" = "20Mi"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<Quantity>,
    /// CPU that is reserved for it.
    #[schemars(extend("x-default" = "10m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<Quantity>,
    /// The most memory it may use.
    #[schemars(extend("x-default" = "20Mi"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<Quantity>,
    /// The most CPU it may use.
    #[schemars(extend("x-default" = "100m"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<Quantity>,
    /// IAM identities and who they are in the cluster; needs the backend `CRD`.
    #[schemars(extend("x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_mappings: Vec<AwsIdentityMapping>,
}

/// An IAM identity and who it is in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsIdentityMapping {
    /// The role or user.
    #[schemars(extend("format" = "identity-arn", "examples" = ["arn:aws:iam::123456789012:role/admin"], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub arn: String,
    /// The name in the cluster.
    #[schemars(extend("examples" = ["admin"], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// The groups in the cluster.
    #[schemars(extend("examples" = [["system:masters"]], "x-since" = "kops 1.23"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// How requests to the API server are authorized.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Authorization {
    /// Everyone may do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always_allow: Option<AlwaysAllowAuthorization>,
    /// By roles and their bindings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rbac: Option<RbacAuthorization>,
}

/// Judgement by roles, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RbacAuthorization {}

/// No judgement, without settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AlwaysAllowAuthorization {}
