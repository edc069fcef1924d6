//! TODO-DOC node.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::InstanceGroupRole;
use crate::api::meta::{IntOrString, is_default};

/// TODO-DOC FileAssetSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FileAsset {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<InstanceGroupRole>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub is_base64: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
}

/// TODO-DOC AssetsSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Assets {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_registry: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_repository: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_proxy: Option<String>,
}

/// TODO-DOC HookSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Hook {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<InstanceGroupRole>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_container: Option<ExecContainerAction>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub use_raw_manifest: bool,
}

/// TODO-DOC ExecContainerAction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ExecContainerAction {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// TODO-DOC RollingUpdate.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RollingUpdate {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain_and_terminate: Option<bool>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<IntOrString>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_surge: Option<IntOrString>,
}

/// TODO-DOC WarmPoolSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct WarmPool {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub min_size: i64,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i64>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "is_default")]
    pub enable_lifecycle_hook: bool,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_hook_timeout: Option<i32>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_images: Vec<String>,
}

/// TODO-DOC PackagesConfig.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PackagesConfig {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_amd64: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_arm64: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_amd64: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_arm64: Option<String>,
}
