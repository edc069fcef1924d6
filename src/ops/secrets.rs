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

    /// Checks that a file has the expected format. Errors of parsers are not passed on: they quote the content.
    fn check(self, file: &str, content: &[u8]) -> Result<(), SecretError> {
        type Object = serde_json::Map<String, serde_json::Value>;
        let (expected, position) = match self {
            Self::DockerConfig => match serde_json::from_slice::<Object>(content) {
                Ok(_) => return Ok(()),
                Err(error) => ("JSON object", (!error.is_data()).then(|| (error.line(), error.column()))),
            },
            Self::EncryptionConfig | Self::CiliumPassword => {
                let parsed = std::str::from_utf8(content).map(|text| kopsform_yaml::from_str::<Object>("", text));
                match parsed {
                    Ok(Ok(_)) => return Ok(()),
                    Ok(Err(report)) => {
                        let first = report.findings.first().and_then(|finding| finding.location.as_ref());
                        ("YAML mapping", first.map(|location| (location.line, location.column)))
                    }
                    Err(_) => ("YAML mapping", None),
                }
            }
        };
        let place = match position {
            Some((line, column)) => format!("{file}:{line}:{column}"),
            None => file.to_owned(),
        };
        Err(SecretError::Malformed { place, expected })
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
    #[error("{place}: the content is not a {expected}")]
    Malformed { place: String, expected: &'static str },
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

/// Stores the content of a file as a secret, unchanged. Replaces an existing one only with `force`.
pub async fn create(
    state: &StateStore,
    cluster: &str,
    kind: GivenSecret,
    (file, content): (&str, Vec<u8>),
    force: bool,
    holder: &Holder,
) -> Result<(), SecretError> {
    let secret = Secret::new(content);
    kind.check(file, secret.value())?;
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
        let check = |kind: GivenSecret, content: &[u8]| match kind.check("f", content) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(check(GivenSecret::DockerConfig, br#"{"auths":{}}"#), "");
        assert_eq!(check(GivenSecret::DockerConfig, b"[]"), "f: the content is not a JSON object");
        assert_eq!(check(GivenSecret::DockerConfig, b"{\n  auths"), "f:2:3: the content is not a JSON object");
        assert_eq!(check(GivenSecret::EncryptionConfig, b"kind: EncryptionConfiguration\n"), "");
        assert_eq!(check(GivenSecret::EncryptionConfig, b"a: b\nc: [d\n"), "f:2:4: the content is not a YAML mapping");
        assert_eq!(check(GivenSecret::CiliumPassword, b"just words"), "f:1:1: the content is not a YAML mapping");
        assert_eq!(check(GivenSecret::CiliumPassword, &[0xff, 0xfe]), "f: the content is not a YAML mapping");
    }
}
