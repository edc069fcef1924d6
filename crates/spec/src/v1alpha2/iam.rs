//! How instances and service accounts get their permissions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::is_default;

/// Permissions of instances and service accounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Iam {
    /// Refused when true: the broad permissions of old clusters are not supported any more.
    #[schemars(extend("x-default" = false))]
    pub legacy: bool,
    /// Whether instances may read from ECR.
    #[schemars(extend("x-default" = false))]
    #[serde(skip_serializing_if = "is_default")]
    pub allow_container_registry: bool,
    /// The policy that bounds all roles made here.
    #[schemars(extend("format" = "policy-arn", "x-lenient" = true, "examples" = ["arn:aws:iam::123456789012:policy/boundary"], "x-since" = "kops 1.19", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    /// Whether addons have roles of their own instead of the instances' permissions.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.22", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_service_account_external_permissions: Option<bool>,
    /// IAM roles for your own service accounts.
    #[schemars(extend("x-since" = "kops 1.21", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_account_external_permissions: Vec<ServiceAccountExternalPermission>,
}

/// A role for a service account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceAccountExternalPermission {
    /// The service account.
    #[schemars(extend("examples" = ["reader"], "x-since" = "kops 1.21"))]
    pub name: String,
    /// Its namespace.
    #[schemars(extend("examples" = ["apps"], "x-since" = "kops 1.21"))]
    pub namespace: String,
    /// What it may do.
    #[schemars(extend("x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsPermission>,
}

/// What a role may do: managed policies or statements, one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AwsPermission {
    /// Managed policies.
    #[schemars(extend("format" = "policy-arn", "x-lenient" = true, "examples" = [["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]], "x-since" = "kops 1.21"))]
    #[serde(rename = "policyARNs", skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// IAM statements as JSON.
    #[schemars(extend("format" = "iam-statements", "x-lenient" = true, "x-since" = "kops 1.21"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub inline_policy: String,
}

/// Where the keys of service accounts are published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceAccountIssuerDiscoveryConfig {
    /// The address in a public bucket, whose name has no dots.
    #[schemars(extend("format" = "vfs", "examples" = ["s3://discovery-bucket/demo.example.com"], "x-since" = "kops 1.21", "x-gce" = {"format": "gce-store"}))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub discovery_store: String,
    /// A discovery service, instead of a bucket.
    #[schemars(extend("x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery_service: Option<DiscoveryServiceOptions>,
    /// Whether an IAM identity provider is made for it.
    #[schemars(extend("x-default" = false, "x-since" = "kops 1.21", "x-only" = "aws"))]
    #[serde(rename = "enableAWSOIDCProvider", skip_serializing_if = "is_default")]
    pub enable_aws_oidc_provider: bool,
    /// Further audiences the identity provider takes.
    #[schemars(extend("examples" = [["sts.example.com"]], "x-since" = "kops 1.22", "x-only" = "aws"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_audiences: Vec<String>,
}

/// A discovery service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DiscoveryServiceOptions {
    /// Its address.
    #[schemars(extend("format" = "http-url", "x-lenient" = true, "examples" = ["https://discovery.example.com"], "x-since" = "kops 1.35"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}
