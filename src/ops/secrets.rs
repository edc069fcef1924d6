//! `create|delete secret`: secrets that the user provides.

use kopsform_diagnostics::Explain;
use kopsform_pki::Secret;
use kopsform_state::{ClusterStore, CommitError, Holder, ReadError, StateStore, Store as _, Write, commit};

/// A secret that the user provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenSecret {
    /// Credentials of container registries, as Docker's `config.json`.
    DockerConfig,
    /// The API server's `EncryptionConfiguration`.
    EncryptionConfig,
    /// Cilium's IPsec keys.
    CiliumPassword,
}

impl GivenSecret {
    /// Its key in the secret store.
    pub fn key(self) -> &'static str {
        match self {
            Self::DockerConfig => "dockerconfig",
            Self::EncryptionConfig => "encryptionconfig",
            Self::CiliumPassword => "ciliumpassword",
        }
    }

    /// The name in messages, as in kops.
    fn title(self) -> &'static str {
        match self {
            Self::CiliumPassword => "Cilium IPSec",
            other => other.key(),
        }
    }

    /// Whether a content has the expected format.
    fn is_well_formed(self, content: &[u8]) -> bool {
        match self {
            Self::DockerConfig => serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(content).is_ok(),
            Self::EncryptionConfig | Self::CiliumPassword => std::str::from_utf8(content).is_ok_and(|text| {
                kopsform_yaml::from_str::<serde_json::Map<String, serde_json::Value>>("", text).is_ok()
            }),
        }
    }
}

/// Why a secret could not be stored or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The message does not show the content.
    #[error("the content is not a {expected}")]
    Malformed { expected: &'static str },
    #[error(
        "failed to create the {0} secret as it already exists. Pass the `--force` flag to replace an existing secret"
    )]
    Exists(&'static str),
    /// For example a name with a slash, which could be a path to another file.
    #[error("{0:?} is not a valid name of a secret")]
    BadName(String),
}

impl Explain for SecretError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Commit(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// Stores a secret unchanged. Replaces an existing one only with `force`.
pub async fn create(
    state: &StateStore,
    cluster: &str,
    kind: GivenSecret,
    content: Vec<u8>,
    force: bool,
    holder: &Holder,
) -> Result<(), SecretError> {
    let secret = Secret::new(content);
    if !kind.is_well_formed(secret.value()) {
        let expected = if kind == GivenSecret::DockerConfig { "JSON object" } else { "YAML mapping" };
        return Err(SecretError::Malformed { expected });
    }
    let (store, _) = ClusterStore::load(state, cluster).await?;
    let before = store.secret_store().read(kind.key()).await.map_err(ReadError::from)?;
    if before.is_some() && !force {
        return Err(SecretError::Exists(kind.title()));
    }
    let write = Write {
        object: format!("secret {}", kind.key()),
        store: store.secret_store().clone(),
        key: kind.key().to_owned(),
        private: true,
        before,
        after: Some(secret.to_stored()),
    };
    Ok(commit(state, cluster, vec![write], holder).await?)
}

/// Deletes a secret. It is not an error if it does not exist.
pub async fn delete(state: &StateStore, cluster: &str, name: &str, holder: &Holder) -> Result<(), SecretError> {
    if name.is_empty() || name.contains('/') {
        return Err(SecretError::BadName(name.to_owned()));
    }
    let (store, _) = ClusterStore::load(state, cluster).await?;
    let before = store.secret_store().read(name).await.map_err(ReadError::from)?;
    let write = Write {
        object: format!("secret {name}"),
        store: store.secret_store().clone(),
        key: name.to_owned(),
        private: true,
        before,
        after: None,
    };
    Ok(commit(state, cluster, vec![write], holder).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        assert!(GivenSecret::DockerConfig.is_well_formed(br#"{"auths":{}}"#));
        assert!(!GivenSecret::DockerConfig.is_well_formed(b"[]"));
        assert!(GivenSecret::EncryptionConfig.is_well_formed(b"kind: EncryptionConfiguration\n"));
        assert!(!GivenSecret::CiliumPassword.is_well_formed(b"just words"));
        assert!(!GivenSecret::CiliumPassword.is_well_formed(&[0xff, 0xfe]));
    }
}
