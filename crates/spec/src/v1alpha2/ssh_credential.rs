//! SSH public keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meta::ObjectMeta;

/// An SSH public key that may log in to instances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SshCredential {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// The key.
    pub spec: SshCredentialSpec,
}

/// An SSH public key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SshCredentialSpec {
    /// The key as `ssh-keygen` writes it.
    #[schemars(extend("format" = "ssh-key", "x-lenient" = true, "examples" = ["ssh-ed25519 AAAA…"]))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub public_key: String,
}
