//! Opens connections to the API server, directly or through a proxy, with errors that name what was tried.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine as _;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::Service;

use super::proxy::{Login, Proxy, Scheme, bracketed, host_of, port_of};
use kopsform_diagnostics::root_cause;
use kopsform_rolling::ports::Retryability;

/// The longest answer of a proxy to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// Why no connection was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    /// The name of the server, or of the proxy, has no address.
    #[error("cannot look up {host}: {reason}")]
    Lookup { host: String, reason: String },
    /// No connection to that address.
    #[error("cannot connect to {address}: {reason}")]
    Connect { address: String, reason: String },
    /// The proxy cannot be reached.
    #[error("cannot connect to the proxy {proxy}: {reason}")]
    Proxy { proxy: String, reason: String, lasting: bool },
    /// The proxy does not pass the connection on.
    #[error("the proxy {proxy} does not connect to {address}: {reason}")]
    Refused { proxy: String, address: String, reason: String, lasting: bool },
}

impl DialError {
    /// Whether another attempt may end otherwise. It does not where the proxy is not trusted, or denies the connection.
    pub(super) fn retryability(&self) -> Retryability {
        match self {
            Self::Proxy { lasting: true, .. } | Self::Refused { lasting: true, .. } => Retryability::Permanent,
            Self::Lookup { reason, .. } => retryability_of_lookup(reason),
            _ => Retryability::Transient,
        }
    }

    fn of_proxy(proxy: &Proxy, error: &(dyn std::error::Error + 'static)) -> Self {
        let text = root_cause(error);
        let untrusted = certificate_problem("proxy", &text);
        let lasting = untrusted.is_some();
        Self::Proxy { proxy: proxy.to_string(), reason: untrusted.unwrap_or(text), lasting }
    }
}

/// Whether another look for a name may find it: "Temporary failure" is what the resolver says if its servers did not answer.
pub(super) fn retryability_of_lookup(reason: &str) -> Retryability {
    if reason.contains("Temporary failure") { Retryability::Transient } else { Retryability::Unresolved }
}

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    http: HttpConnector,
    proxy: Option<Arc<Proxy>>,
    /// How to trust a proxy that is reached with TLS.
    proxy_tls: Arc<ClientConfig>,
}

impl Connector {
    pub(super) fn new(proxy: Option<Proxy>, proxy_tls: ClientConfig) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        Self { http, proxy: proxy.map(Arc::new), proxy_tls: Arc::new(proxy_tls) }
    }

    async fn open(mut self, server: Uri) -> Result<Stream, DialError> {
        let Some(proxy) = self.proxy.clone() else {
            let stream = self.http.call(server.clone()).await.map_err(|error| not_connected(&server, &error))?;
            return Ok(Stream { inner: MaybeHttpsStream::Http(stream), forwarded: false });
        };
        let address = format!("{}:{}", bracketed(host_of(&server)), port_of(&server));
        match proxy.scheme {
            Scheme::Socks5 => self.through_socks(&proxy, address).await,
            Scheme::Http | Scheme::Https => {
                let stream = self.to_proxy(&proxy).await?;
                // Without TLS the proxy gets the request itself, not a tunnel.
                if server.scheme_str() == Some("http") {
                    return Ok(Stream { inner: stream, forwarded: true });
                }
                let stream = tunnel(stream, &address, proxy.login.as_ref()).await.map_err(|reason| {
                    let lasting = reason.starts_with('4');
                    DialError::Refused { proxy: proxy.to_string(), address: address.clone(), reason, lasting }
                })?;
                Ok(Stream { inner: stream, forwarded: false })
            }
        }
    }

    /// A connection to an HTTP proxy.
    async fn to_proxy(&self, proxy: &Proxy) -> Result<MaybeHttpsStream<TokioIo<TcpStream>>, DialError> {
        let scheme = if proxy.scheme == Scheme::Https { "https" } else { "http" };
        let uri = address_of(scheme, proxy).map_err(|error| DialError::of_proxy(proxy, &error))?;
        let mut connector = HttpsConnector::from((self.http.clone(), Arc::clone(&self.proxy_tls)));
        connector.call(uri).await.map_err(|error| DialError::of_proxy(proxy, error.as_ref()))
    }

    async fn through_socks(mut self, proxy: &Proxy, address: String) -> Result<Stream, DialError> {
        let uri = address_of("http", proxy).map_err(|error| DialError::of_proxy(proxy, &error))?;
        let stream = self.http.call(uri.clone()).await.map_err(|error| DialError::of_proxy(proxy, &error))?;
        let mut stream = Some(stream);
        let opened = tower::service_fn(move |_: Uri| {
            std::future::ready(stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
        });
        let mut connector = SocksV5::new(uri, opened);
        if let Some(login) = &proxy.login {
            connector = connector.with_auth(login.user.clone(), login.password.to_string());
        }
        let target = Uri::builder().scheme("https").authority(address.as_str()).path_and_query("/").build();
        let target = target.map_err(|error| DialError::of_proxy(proxy, &error))?;
        match connector.call(target).await {
            Ok(stream) => Ok(Stream { inner: MaybeHttpsStream::Http(stream), forwarded: false }),
            Err(error) => {
                let reason = root_cause(&error);
                Err(DialError::Refused { proxy: proxy.to_string(), address, reason, lasting: false })
            }
        }
    }
}

fn address_of(scheme: &str, proxy: &Proxy) -> Result<Uri, http::Error> {
    let authority = format!("{}:{}", bracketed(&proxy.host), proxy.port);
    Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build()
}

/// The header with which a proxy is logged in to.
pub(super) fn proxy_authorization(login: &Login) -> Option<HeaderValue> {
    let pair = zeroize::Zeroizing::new(format!("{}:{}", login.user, *login.password));
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair.as_bytes());
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Asks an HTTP proxy to pass a connection on. The error is what the proxy answered.
async fn tunnel(
    stream: MaybeHttpsStream<TokioIo<TcpStream>>,
    address: &str,
    login: Option<&Login>,
) -> Result<MaybeHttpsStream<TokioIo<TcpStream>>, String> {
    let mut stream = TokioIo::new(stream);
    let login = login.and_then(proxy_authorization);
    let login = login.as_ref().and_then(|value| value.to_str().ok());
    let login = login.map(|value| format!("Proxy-Authorization: {value}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{login}\r\n");
    let sent = async {
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await
    };
    sent.await.map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the answer belongs to the connection.
    while !answer.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if answer.len() < MAX_ANSWER => answer.push(byte),
            Ok(_) => return Err("its answer is too long".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err("it closed the connection without an answer".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let status = line.split_once(' ').map(|(_, status)| status.trim()).unwrap_or_default();
    match status.get(..3).and_then(|code| code.parse::<u16>().ok()) {
        Some(200..=299) => Ok(stream.into_inner()),
        Some(_) => Err(status.chars().take(100).flat_map(char::escape_default).collect()),
        None => Err("its answer is not HTTP".to_owned()),
    }
}

fn not_connected(server: &Uri, error: &(dyn std::error::Error + 'static)) -> DialError {
    let reason = root_cause(error);
    match reason.strip_prefix("failed to lookup address information: ") {
        Some(reason) => DialError::Lookup { host: host_of(server).to_owned(), reason: reason.to_owned() },
        None => DialError::Connect { address: format!("{}:{}", bracketed(host_of(server)), port_of(server)), reason },
    }
}

/// What is wrong with the certificate of a server or a proxy, according to the TLS library's error.
pub(super) fn certificate_problem(whose: &str, text: &str) -> Option<String> {
    Some(match text.strip_prefix("invalid peer certificate: ")? {
        "UnknownIssuer" => format!("the {whose}'s certificate was issued by an authority that is not trusted"),
        reason => format!("the {whose}'s certificate is not valid: {reason}"),
    })
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        Box::pin(self.clone().open(server))
    }
}

/// A connection.
pub(super) struct Stream {
    inner: MaybeHttpsStream<TokioIo<TcpStream>>,
    /// Whether a proxy reads the requests, which then carry the whole address.
    forwarded: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.inner.connected().proxy(self.forwarded)
    }
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }
}
