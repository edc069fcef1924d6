//! Files of credentials: JSON, as the Google Cloud console and gcloud write them.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::error::ApiError;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// Who a file of credentials is for, with what proves it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Identity {
    /// A service account with a key.
    ServiceAccount(ServiceAccount),
    /// A user, by a refresh token.
    AuthorizedUser(AuthorizedUser),
    /// A service account that another identity impersonates.
    ImpersonatedServiceAccount(Impersonation),
}

/// The key of a service account.
#[derive(Clone, Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) client_email: String,
    /// PKCS #8 as PEM.
    #[serde(deserialize_with = "secret")]
    pub(super) private_key: Zeroizing<String>,
    #[serde(default)]
    pub(super) private_key_id: String,
    #[serde(default = "default_token_uri")]
    pub(super) token_uri: String,
}

/// A user's refresh token.
#[derive(Clone, Deserialize)]
pub(super) struct AuthorizedUser {
    pub(super) client_id: String,
    #[serde(deserialize_with = "secret")]
    pub(super) client_secret: Zeroizing<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) refresh_token: Zeroizing<String>,
    #[serde(default = "default_token_uri")]
    pub(super) token_uri: String,
}

/// A service account to impersonate.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Impersonation {
    pub(super) service_account_impersonation_url: String,
    pub(super) source_credentials: Box<Identity>,
    /// Service accounts on the way.
    #[serde(default)]
    pub(super) delegates: Vec<String>,
}

/// Reads a string that is wiped when it is dropped.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

fn default_token_uri() -> String {
    "https://oauth2.googleapis.com/token".to_owned()
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceAccount({})", self.client_email)
    }
}

impl fmt::Debug for AuthorizedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizedUser({})", self.client_id)
    }
}

/// Names the identity in messages.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount(account) => write!(f, "the service account {}", account.client_email),
            Self::AuthorizedUser(_) => f.write_str("the user credentials"),
            Self::ImpersonatedServiceAccount(impersonation) => {
                let url = &impersonation.service_account_impersonation_url;
                let account = url.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default();
                write!(f, "the impersonated service account {account}")
            }
        }
    }
}

impl Identity {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is not JSON of a known type, or is of a type that is not supported.
    pub(super) fn read(path: &Path) -> Result<Self, ApiError> {
        let failed = |reason: String, hint: &str| ApiError::Credentials {
            reason: format!("cannot use the credentials in {}: {reason}", path.display()),
            hint: hint.to_owned(),
        };
        let text = read_text_bounded(path, TEXT_LIMIT).map_err(|error| {
            let hint = "set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials, or log in: `gcloud auth \
                        application-default login`";
            failed(std::io::Error::from(error).to_string(), hint)
        })?;
        let text = Zeroizing::new(text);
        serde_json::from_str(&text).map_err(|error| {
            let kind = serde_json::from_str::<serde_json::Value>(&text).ok();
            let kind = kind.and_then(|value| value.get("type")?.as_str().map(str::to_owned));
            let hint = "use the key of a service account, or log in: `gcloud auth application-default login`";
            match kind.as_deref() {
                None => failed("it is not JSON with a type".to_owned(), hint),
                Some("service_account" | "authorized_user" | "impersonated_service_account") => {
                    // The message of the parser names the field, not its value.
                    failed(format!("line {}: {}", error.line(), missing(&error.to_string())), hint)
                }
                Some(other) => failed(format!("the type {other} is not supported"), hint),
            }
        })
    }
}

/// What a parser's message says about fields, without values.
fn missing(message: &str) -> &str {
    if message.starts_with("missing field") {
        message.split(" at line").next().unwrap_or(message)
    } else {
        "it is malformed"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Identity, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.json");
        std::fs::write(&path, text).unwrap();
        Identity::read(&path).map_err(|error| error.to_string().replace(path.to_str().unwrap(), "FILE"))
    }

    #[test]
    fn each_type_is_read_and_named_without_secrets() {
        let user = r#"{"type": "authorized_user", "client_id": "i", "client_secret": "s3", "refresh_token": "r3"}"#;
        let impersonated = format!(
            r#"{{"type": "impersonated_service_account", "source_credentials": {user},
               "service_account_impersonation_url": "https://x/v1/projects/-/serviceAccounts/a@b:generateAccessToken"}}"#
        );
        assert_eq!(read(user).unwrap().to_string(), "the user credentials");
        let identity = read(&impersonated).unwrap();
        assert_eq!(identity.to_string(), "the impersonated service account a@b");
        let shown = format!("{identity:?}");
        assert!(!shown.contains("s3") && !shown.contains("r3"), "{shown}");
    }

    #[test]
    fn files_that_do_not_work_are_named() {
        assert_eq!(read("{}").unwrap_err(), "cannot use the credentials in FILE: it is not JSON with a type");
        let external = read(r#"{"type": "external_account"}"#).unwrap_err();
        assert_eq!(external, "cannot use the credentials in FILE: the type external_account is not supported");
        let cut = read(r#"{"type": "service_account", "client_email": "a@b"}"#).unwrap_err();
        assert!(cut.contains("missing field `private_key`"), "{cut}");
    }
}
