//! TODO-DOC keyset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::KeysetType;
use crate::api::meta::{Base64Bytes, ObjectMeta};

/// TODO-DOC Keyset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Keyset {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// TODO-DOC.
    pub spec: KeysetSpec,
}

/// TODO-DOC KeysetSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KeysetSpec {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<KeysetType>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub primary_id: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeysetItem>,
}

/// TODO-DOC KeysetItem.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KeysetItem {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distrust_timestamp: Option<String>,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Base64Bytes::is_empty")]
    pub public_material: Base64Bytes,
    /// TODO-DOC.
    #[serde(skip_serializing_if = "Base64Bytes::is_empty")]
    pub private_material: Base64Bytes,
}
