//! Key pairs and their certificates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::enums::KeysetType;
use crate::meta::{Base64Bytes, ObjectMeta};

/// Key pairs of one purpose, with their certificates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Keyset {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// The keys.
    pub spec: KeysetSpec,
}

/// The keys of a keyset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KeysetSpec {
    /// What the keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<KeysetType>,
    /// The id of the key that signs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub primary_id: String,
    /// All keys, trusted ones and those that are not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeysetItem>,
}

/// A key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct KeysetItem {
    /// A number that grows with time.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Since when it is not trusted, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distrust_timestamp: Option<String>,
    /// The certificate in PEM.
    #[serde(skip_serializing_if = "Base64Bytes::is_empty")]
    pub public_material: Base64Bytes,
    /// The private key in PEM.
    #[serde(skip_serializing_if = "Base64Bytes::is_empty")]
    pub private_material: Base64Bytes,
}
