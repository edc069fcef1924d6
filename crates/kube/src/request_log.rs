//! Logs requests to the Kubernetes API: a line per request at debug level, target `kopsform::kube`.
//!
//! Headers and response bodies are never logged: they hold tokens, and environment variables of pods may hold passwords.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{Request, Response};
use kube::client::Body;
use tower::{Layer, Service};

/// Adds the log to a client.
#[derive(Debug, Clone)]
pub(super) struct RequestLogLayer {
    server: Arc<str>,
}

impl RequestLogLayer {
    /// A log of requests to the server with this address.
    pub(super) fn new(server: &str) -> Self {
        Self { server: server.into() }
    }
}

impl<S> Layer<S> for RequestLogLayer {
    type Service = RequestLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestLog { inner, server: Arc::clone(&self.server) }
    }
}

/// A client's service that logs.
#[derive(Debug, Clone)]
pub(super) struct RequestLog<S> {
    inner: S,
    server: Arc<str>,
}

impl<S, B> Service<Request<Body>> for RequestLog<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let logged = tracing::enabled!(target: "kopsform::kube", tracing::Level::DEBUG);
        let line = logged.then(|| (request.method().clone(), request.uri().clone()));
        let server = Arc::clone(&self.server);
        let began = Instant::now();
        let response = self.inner.call(request);
        Box::pin(async move {
            let outcome = response.await;
            if let Some((method, uri)) = line {
                let status = match &outcome {
                    Ok(response) => response.status().as_u16().to_string(),
                    Err(_) => "no response".to_owned(),
                };
                let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                let path = uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
                tracing::debug!(target: "kopsform::kube", %method, %server, path, status, milliseconds, "request");
            }
            outcome
        })
    }
}
