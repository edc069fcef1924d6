//! `helpers kubectl-auth`: the credential plugin that `export kubeconfig --auth-plugin` configures for kubectl.
//!
//! Credentials are cached in the user's home directory until they expire, where kops caches its own; both programs share them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha224};
use zeroize::{Zeroize as _, Zeroizing};

use super::api_credential::{self, CredentialError};
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};
use kopsform_pki::{KeySource, PkiError};
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// How long before its end a credential counts as expired, to allow for clock skew.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// The number of characters of a cluster's name in the name of the cache file.
const NAME_LENGTH: usize = 32;

/// Why no credential could be returned.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No cluster is named.
    #[error("ClusterName is required")]
    NoCluster,
    /// The protocol version is not supported.
    #[error("api-version {0:?} is not supported")]
    ApiVersion(String),
    /// No certificate could be issued.
    #[error("unable to issue certificate: {0}")]
    Credential(#[from] CredentialError),
}

impl From<ReadError> for AuthError {
    fn from(error: ReadError) -> Self {
        Self::Credential(error.into())
    }
}

impl From<PkiError> for AuthError {
    fn from(error: PkiError) -> Self {
        Self::Credential(error.into())
    }
}

impl Explain for AuthError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoCluster => vec!["set --cluster".to_owned()],
            Self::ApiVersion(_) => vec!["use v1beta1 or v1alpha1".to_owned()],
            Self::Credential(error) => error.hints(),
        }
    }
}

/// The options of a request.
#[derive(Debug, Clone)]
pub struct AuthOptions {
    /// The cluster's name.
    pub cluster: String,
    /// The lifetime of a new credential.
    pub lifetime: Duration,
    /// The protocol version, `v1beta1` or `v1alpha1`.
    pub api_version: String,
}

/// The response to kubectl.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    status: Status,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    client_certificate_data: String,
    client_key_data: String,
    expiration_timestamp: String,
}

impl Drop for Status {
    fn drop(&mut self) {
        self.client_key_data.zeroize();
    }
}

/// Omits the key.
impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Status(until {})", self.expiration_timestamp)
    }
}

/// The credential as the JSON that kubectl reads, and why it could not be cached, if so.
///
/// # Errors
/// When no credential can be issued.
pub async fn run(
    state: &StateStore,
    options: &AuthOptions,
    environment: &Environment,
    source: &dyn KeySource,
) -> Result<(Zeroizing<String>, Option<String>), AuthError> {
    if options.cluster.is_empty() {
        return Err(AuthError::NoCluster);
    }
    if !matches!(options.api_version.as_str(), "v1alpha1" | "v1beta1") {
        return Err(AuthError::ApiVersion(options.api_version.clone()));
    }
    let api_version = format!("client.authentication.k8s.io/{}", options.api_version);
    let path = cache_path(environment, &state.url().to_string(), &options.cluster);
    if let Some(cached) = path.as_deref().and_then(|path| cached(path, &api_version, source.now())) {
        return Ok((cached, None));
    }
    let (store, _) = ClusterStore::load(state, &options.cluster).await?;
    let authority = api_credential::authority(&store).await?;
    let (certificate, key) = api_credential::issue(&authority, options.lifetime, source, environment)?;
    let until = Timestamp::from_second(certificate.not_after).ok().and_then(|end| end.checked_sub(MARGIN).ok());
    let credential = ExecCredential {
        api_version,
        kind: "ExecCredential".to_owned(),
        status: Status {
            client_certificate_data: certificate.pem(),
            client_key_data: key.pem().to_string(),
            expiration_timestamp: until.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
    };
    let text = Zeroizing::new(
        serde_json::to_string_pretty(&credential)
            .map_err(|error| PkiError::Making { what: "the response to kubectl", reason: error.to_string() })?,
    );
    let problem = path.and_then(|path| {
        let written = write_cache(&path, &text);
        written.err().map(|error| format!("failed to write cache file {}: {error}", path.display()))
    });
    Ok((text, problem))
}

/// A cached credential that has not expired.
fn cached(path: &Path, api_version: &str, now: Timestamp) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(kopsform_files::read_text_bounded(path, kopsform_files::TEXT_LIMIT).ok()?);
    let credential: ExecCredential = serde_json::from_str(&text).ok()?;
    let until: Timestamp = credential.status.expiration_timestamp.parse().ok()?;
    let complete =
        !credential.status.client_certificate_data.is_empty() && !credential.status.client_key_data.is_empty();
    (until > now && complete && credential.api_version == api_version).then_some(text)
}

fn write_cache(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    kopsform_files::create_directories(directory)?;
    kopsform_files::replace(path, text.as_bytes(), kopsform_files::Mode::Private)
}

/// The cache file for a cluster; `None` without a home directory.
fn cache_path(environment: &Environment, state: &str, cluster: &str) -> Option<PathBuf> {
    let home = environment.get(env::HOME)?;
    let hash = Sha224::digest(format!("{state}\0{cluster}\0"));
    let plain: String = cluster.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let plain = plain.get(..NAME_LENGTH).unwrap_or(&plain);
    let directory = Path::new(home).join(".kube/cache/kops-authentication");
    Some(directory.join(format!("{plain}_{}", base62(&hash))))
}

/// A number, given as big-endian bytes, in the digits `0-9a-zA-Z`.
fn base62(number: &[u8]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = number.to_vec();
    let mut digits = Vec::new();
    while rest.iter().any(|byte| *byte != 0) {
        let mut remainder = 0u32;
        for byte in &mut rest {
            let value = remainder * 256 + u32::from(*byte);
            // The quotient is below 256, because the remainder is below 62.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        digits.push(char::from(DIGITS[remainder as usize]));
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        assert_eq!(base62(&[61]), "Z");
        assert_eq!(base62(&[62]), "10");
        assert_eq!(base62(&[1, 0]), "48");
        assert_eq!(base62(&[0, 0]), "");
    }

    #[test]
    fn each_store_and_cluster_has_its_file() {
        let environment = Environment::of([("HOME", "/home/jane")]);
        let path = |state: &str, cluster: &str| cache_path(&environment, state, cluster).unwrap_or_default();
        let one = path("s3://a", "demo.example.com");
        assert!(one.starts_with("/home/jane/.kube/cache/kops-authentication"), "{one:?}");
        assert!(one.display().to_string().contains("/demo_example_com_"), "{one:?}");
        assert_ne!(one, path("s3://b", "demo.example.com"));
    }
}
