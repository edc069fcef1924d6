//! Logs requests to the Kubernetes API: a line per request at debug level, target `kopsform::kube`.
//!
//! Headers and response bodies are never logged: they hold tokens, and environment variables of pods may hold passwords.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{Request, Response};
use kube::client::Body;
use tower::{Layer, Service};

/// Adds the log to a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLogLayer;

impl<S> Layer<S> for RequestLogLayer {
    type Service = RequestLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestLog(inner)
    }
}

/// A client's service that logs.
#[derive(Debug, Clone)]
pub(super) struct RequestLog<S>(S);

impl<S, B> Service<Request<Body>> for RequestLog<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Display,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let logged = tracing::enabled!(target: "kopsform::kube", tracing::Level::DEBUG);
        let line = logged.then(|| (request.method().clone(), request.uri().clone()));
        let began = Instant::now();
        let response = self.0.call(request);
        Box::pin(async move {
            let outcome = response.await;
            if let Some((method, uri)) = line {
                let status = match &outcome {
                    Ok(response) => response.status().as_u16().to_string(),
                    Err(error) => format!("no response: {error}"),
                };
                let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                let path = uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
                tracing::debug!(target: "kopsform::kube", %method, path, status, milliseconds, "request");
            }
            outcome
        })
    }
}
