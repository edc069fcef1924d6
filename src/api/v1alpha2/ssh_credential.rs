//! TODO-DOC ssh_credential.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::meta::ObjectMeta;

/// TODO-DOC SSHCredential.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SshCredential {
    /// The version of the API, `kops.k8s.io/v1alpha2`.
    pub api_version: String,
    /// The kind of the object.
    pub kind: String,
    /// Name, labels, annotations and bookkeeping of the object.
    pub metadata: ObjectMeta,
    /// TODO-DOC.
    pub spec: SshCredentialSpec,
}

/// TODO-DOC SSHCredentialSpec.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SshCredentialSpec {
    /// TODO-DOC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub public_key: String,
}
