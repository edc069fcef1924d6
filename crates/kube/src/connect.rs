//! Connections to the API: through a context of the user's kubeconfig, or with a short-lived administrator credential.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use http::header::PROXY_AUTHORIZATION;
use hyper_timeout::TimeoutConnector;
use hyper_util::rt::TokioExecutor;
use kube::Config;
use kube::client::{AuthError, Body, ClientBuilder, ConfigExt as _};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError};
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;
use tower::{BoxError, ServiceBuilder};

use super::client::Endpoint;
use super::connector::{Connector, proxy_authorization};
use super::exec::{ExecAuthLayer, ExecError, Plugin};
use super::kubeconfig;
use super::proxy::{Proxy, Scheme, Unusable, host_of, port_of, proxy_for};
use super::request_log::RequestLogLayer;
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;

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
    /// The proxy that leads to the server cannot be used.
    #[error("the proxy of {origin} cannot be used: {reason}")]
    Proxy {
        /// The variable or field that names it.
        origin: String,
        reason: String,
    },
    /// The credential plugin of the kubeconfig gave no credential.
    #[error("getting credentials: {0}")]
    Plugin(ExecError),
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
            Self::Proxy { .. } => {
                vec!["a proxy looks like http://proxy.example.com:3128, https://… or socks5://…".to_owned()]
            }
            Self::Plugin(error) => error.hints(),
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
/// When the kubeconfig cannot be read, has no such context, or holds malformed credentials, when its credential plugin fails,
/// or when the proxy that leads to the server cannot be used.
pub async fn from_kubeconfig(
    environment: &Environment,
    context: &str,
    server: Option<&str>,
) -> Result<super::Client, ConnectError> {
    let failed = |reason: String| ConnectError::Kubeconfig { context: context.to_owned(), reason };
    let mut kubeconfig = kubeconfig::read(environment).map_err(failed)?;
    // kube would read the proxy's variables itself, by rules of its own, and fail on some: it must not see a proxy.
    let proxy_url = take_proxy_url(&mut kubeconfig, context);
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|e| failed(loading(&e)))?;
    config.proxy_url = None;
    if let Some(server) = server {
        config.cluster_url = server.parse().map_err(|e| malformed(server, &e))?;
    }
    let mut plugin = None;
    if let Some(exec) = config.auth_info.exec.take() {
        let started = Plugin::start(exec).await.map_err(ConnectError::Plugin)?;
        if let Some((certificate, key)) = started.certificate().await {
            config.auth_info.client_certificate_data = Some(encode(&certificate));
            config.auth_info.client_key_data = Some(encode(&key).into());
        }
        plugin = Some(Arc::new(started));
    }
    let credential = described(&config.auth_info, plugin.as_deref(), context);
    let proxy = proxy_for(&config.cluster_url, proxy_url.as_deref(), environment).map_err(unusable)?;
    finish(config, proxy, plugin, credential)
}

/// A client that authenticates with a client certificate.
///
/// # Errors
/// When the address, the certificates or the key are malformed, or the environment names a proxy that cannot be used.
pub fn with_credential(credential: &AdminCredential, environment: &Environment) -> Result<super::Client, ConnectError> {
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
    let proxy = proxy_for(&config.cluster_url, None, environment).map_err(unusable)?;
    finish(config, proxy, None, "a certificate issued by the cluster's keyset kubernetes-ca".to_owned())
}

fn encode(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn malformed(server: &str, error: &dyn std::fmt::Display) -> ConnectError {
    ConnectError::Server { server: server.to_owned(), reason: error.to_string() }
}

fn unusable(proxy: Unusable) -> ConnectError {
    ConnectError::Proxy { origin: proxy.origin, reason: proxy.reason }
}

/// Removes the proxy of a context's cluster; returns it.
fn take_proxy_url(kubeconfig: &mut Kubeconfig, context: &str) -> Option<String> {
    let context = kubeconfig.contexts.iter().find(|named| named.name == context)?.context.as_ref()?;
    let cluster = kubeconfig.clusters.iter_mut().find(|named| named.name == context.cluster)?.cluster.as_mut()?;
    // Any address that can be parsed keeps kube from looking at the environment.
    cluster.proxy_url.replace("http://localhost".to_owned())
}

/// What is wrong with a kubeconfig, without its content.
fn loading(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::LoadContext(name) => format!("there is no context {name:?}"),
        KubeconfigError::LoadClusterOfContext(name) => {
            format!("the context names the cluster {name:?}, which is missing")
        }
        KubeconfigError::MissingClusterUrl => "the cluster has no server".to_owned(),
        KubeconfigError::ParseClusterUrl(error) => format!("the cluster's server is not an address: {error}"),
        KubeconfigError::LoadCertificateAuthority(error) => format!("certificate-authority: {}", loading_data(error)),
        KubeconfigError::LoadClientCertificate(error) => format!("client-certificate: {}", loading_data(error)),
        KubeconfigError::LoadClientKey(error) => format!("client-key: {}", loading_data(error)),
        KubeconfigError::ParseCertificates(_) => "certificate-authority: it is not PEM".to_owned(),
        _ => "it is not a usable kubeconfig".to_owned(),
    }
}

fn loading_data(error: &LoadDataError) -> String {
    match error {
        LoadDataError::DecodeBase64(_) => "it is not base64".to_owned(),
        LoadDataError::ReadFile(error, path) => format!("cannot read {}: {error}", path.display()),
        LoadDataError::NoBase64DataOrFile => "it is empty".to_owned(),
    }
}

/// Why a client cannot be built, without keys, tokens, and what a credential program printed.
fn building(error: &kube::Error) -> String {
    match error {
        kube::Error::InferKubeconfig(error) => loading(error),
        kube::Error::RustlsTls(error) => error.to_string(),
        kube::Error::Auth(AuthError::ReadTokenFile(error, path)) => {
            format!("tokenFile: cannot read {}: {error}", path.display())
        }
        kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
            format!("the auth-provider's command failed with {}", out.status)
        }
        kube::Error::Auth(AuthError::AuthExecStart(error)) => {
            format!("the auth-provider's command could not be run: {error}")
        }
        kube::Error::Auth(_) => "the user's credential cannot be used".to_owned(),
        _ => "the settings cannot be used".to_owned(),
    }
}

/// The credential, as messages name it.
fn described(user: &AuthInfo, plugin: Option<&Plugin>, context: &str) -> String {
    let kind = match plugin {
        Some(plugin) => return format!("the credential of the plugin {} of context {context:?}", plugin.command()),
        None if user.token.is_some() || user.token_file.is_some() => "the token",
        None if user.client_certificate.is_some() || user.client_certificate_data.is_some() => "the client certificate",
        None if user.username.is_some() => "the password",
        None if user.auth_provider.is_some() => "the auth-provider",
        None => "no credential, as there is none in the user",
    };
    format!("{kind} of context {context:?}")
}

fn finish(
    mut config: Config,
    proxy: Option<Proxy>,
    plugin: Option<Arc<Plugin>>,
    credential: String,
) -> Result<super::Client, ConnectError> {
    let failed = |error: kube::Error| ConnectError::Client(building(&error));
    // Without a provider of cryptography, rustls panics. An error means that there is one.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    let address = config.cluster_url.clone();
    if let Some(Proxy { scheme: Scheme::Http | Scheme::Https, login: Some(login), .. }) = &proxy
        && address.scheme_str() == Some("http")
        && let Some(value) = proxy_authorization(login)
    {
        config.headers.push((PROXY_AUTHORIZATION, value));
    }
    let endpoint = Endpoint {
        server: address.to_string().trim_end_matches('/').to_owned(),
        host: host_of(&address).to_owned(),
        port: port_of(&address),
        proxy: proxy.as_ref().map(ToString::to_string),
        credential,
    };
    let connector = Connector::new(proxy, proxy_tls(&config)?);
    let connector = config.rustls_https_connector_with_connector(connector).map_err(failed)?;
    let mut connector = TimeoutConnector::new(connector);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_read_timeout(Some(IO_TIMEOUT));
    connector.set_write_timeout(Some(IO_TIMEOUT));
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build::<_, Body>(connector);
    // No layer repeats requests: refused evictions have the status of throttled calls, so the callers decide.
    let service = ServiceBuilder::new()
        .layer(RequestLogLayer::new(&endpoint.server))
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(failed)?)
        .layer(config.extra_headers_layer().map_err(failed)?)
        .layer(ExecAuthLayer(plugin))
        .map_err(BoxError::from)
        .service(client);
    let client = ClientBuilder::new(service, config.default_namespace).build();
    Ok(super::Client::new(client, endpoint))
}

/// A proxy that is reached with TLS is trusted by the system's certificates and the cluster's.
fn proxy_tls(config: &Config) -> Result<rustls::ClientConfig, ConnectError> {
    let failed = |error: rustls::Error| ConnectError::Client(format!("the certificates to trust: {error}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = config.root_cert.iter().flatten().map(|der| CertificateDer::from(der.clone()));
    let verifier = Verifier::new_with_extra_roots(roots.collect::<Vec<_>>(), Arc::clone(&provider)).map_err(failed)?;
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}
