//! Connections to the API: through a context of the user's kubeconfig, or with a short-lived administrator credential.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use kube::Config;
use kube::client::ClientBuilder;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};

use super::request_log::RequestLogLayer;
use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};

/// The time limit for opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The time limit for a response or request without progress.
const IO_TIMEOUT: Duration = Duration::from_secs(60);

/// Why no client could be created.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig cannot be used.
    #[error("loading kubecfg settings for {context:?}: {reason}")]
    Kubeconfig {
        /// The name of the context, which is the cluster's.
        context: String,
        reason: String,
    },
    /// The server's address is malformed.
    #[error("the address of the Kubernetes API is malformed: {server:?}: {reason}")]
    Server {
        /// The address as given.
        server: String,
        reason: String,
    },
    /// The client could not be created, for example because of a bad certificate.
    #[error("building kubernetes client: {0}")]
    Client(String),
}

impl Explain for ConnectError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Kubeconfig { context, .. } => vec![format!(
                "`kopsform export kubeconfig --admin --name {context}` makes the context; without --use-kubeconfig none is needed"
            )],
            Self::Server { .. } => vec!["an address looks like https://api.example.com".to_owned()],
            Self::Client(_) => Vec::new(),
        }
    }
}

/// A client certificate that the API server accepts, with what is needed to trust the server.
#[derive(Clone)]
pub struct AdminCredential {
    /// The address, `https://…`.
    pub server: String,
    /// The name in the server's certificate, where it differs from the address.
    pub server_name: Option<String>,
    /// The certificates of the server's authority, as PEM; `None` uses the system's trust store.
    pub authority: Option<String>,
    /// The client certificate, as PEM.
    pub certificate: String,
    /// Its private key, as PEM.
    pub private_key: zeroize::Zeroizing<String>,
}

/// A client for the context with the cluster's name in the user's kubeconfig (`KUBECONFIG`, or `~/.kube/config`).
///
/// `server` overrides the address.
///
/// # Errors
/// When the kubeconfig cannot be read, has no such context, or holds malformed credentials.
pub async fn from_kubeconfig(
    environment: &Environment,
    context: &str,
    server: Option<&str>,
) -> Result<super::Client, ConnectError> {
    let failed = |reason: String| ConnectError::Kubeconfig { context: context.to_owned(), reason };
    let kubeconfig = read_kubeconfig(environment).map_err(failed)?;
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|e| failed(e.to_string()))?;
    if let Some(server) = server {
        config.cluster_url = server.parse().map_err(|e| malformed(server, &e))?;
    }
    finish(config)
}

/// A client that authenticates with a client certificate.
///
/// # Errors
/// When the address, the certificates or the key are malformed.
pub fn with_credential(credential: &AdminCredential) -> Result<super::Client, ConnectError> {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let server = &credential.server;
    let mut config = Config::new(server.parse().map_err(|e| malformed(server, &e))?);
    if let Some(authority) = &credential.authority {
        let certificates = x509_parser::pem::Pem::iter_from_buffer(authority.as_bytes())
            .map(|pem| pem.map(|pem| pem.contents))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| ConnectError::Client(format!("the cluster's certificate authority: {e}")))?;
        config.root_cert = Some(certificates);
    }
    config.tls_server_name = credential.server_name.clone();
    config.auth_info = AuthInfo {
        client_certificate_data: Some(encode(&credential.certificate)),
        client_key_data: Some(encode(&credential.private_key).into()),
        ..AuthInfo::default()
    };
    finish(config)
}

fn malformed(server: &str, error: &dyn std::fmt::Display) -> ConnectError {
    ConnectError::Server { server: server.to_owned(), reason: error.to_string() }
}

/// Several files in `KUBECONFIG` are merged, the first one first; those that are missing are skipped.
fn read_kubeconfig(environment: &Environment) -> Result<Kubeconfig, String> {
    let paths: Vec<PathBuf> = match (environment.get(env::KUBECONFIG), environment.get(env::HOME)) {
        (Some(list), _) => std::env::split_paths(list).filter(|p| p.exists()).collect(),
        (None, Some(home)) => vec![PathBuf::from(home).join(".kube/config")],
        (None, None) => Vec::new(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in paths {
        let next = Kubeconfig::read_from(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        merged = Some(match merged {
            None => next,
            Some(before) => before.merge(next).map_err(|e| e.to_string())?,
        });
    }
    merged.ok_or_else(|| "no kubeconfig found".to_owned())
}

fn finish(mut config: Config) -> Result<super::Client, ConnectError> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(IO_TIMEOUT);
    config.write_timeout = Some(IO_TIMEOUT);
    // Refused evictions have the status of throttled calls, so the callers decide about retries.
    config.default_retry = false;
    let address = config.cluster_url.clone();
    let client = ClientBuilder::try_from(config).map_err(|e| ConnectError::Client(e.to_string()))?;
    let client = client.with_layer(&RequestLogLayer).build();
    let host = address.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = address.port_u16().unwrap_or(if address.scheme_str() == Some("http") { 80 } else { 443 });
    Ok(super::Client::new(client, host, port))
}
