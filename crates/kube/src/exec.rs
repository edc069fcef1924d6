//! Credential plugins of a kubeconfig (`users[].user.exec`), run as client-go runs them.
//!
//! A plugin prints a credential to its standard output, so that is never part of a message. Its standard error goes to the
//! user's terminal as it is.

use std::future::Future;
use std::io::{IsTerminal as _, Read as _};
use std::pin::Pin;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use kube::config::{ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use tower::{BoxError, Layer, Service};
use zeroize::Zeroizing;

use kopsform_diagnostics::Explain;

/// The variable with the request to a plugin, an `ExecCredential` object.
const EXEC_INFO: &str = "KUBERNETES_EXEC_INFO";
/// The longest output of a plugin, in bytes.
const MAX_OUTPUT: u64 = 1024 * 1024;
/// How long before its end a token is replaced.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// Why a plugin gave no credential.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExecError {
    /// The user has no command to run.
    #[error("exec: the user has no command")]
    NoCommand,
    /// There is no such program.
    #[error("exec: executable {command} not found")]
    NotFound {
        /// The program.
        command: String,
        /// How to install it, as the kubeconfig says.
        install_hint: Option<String>,
    },
    /// The program could not be started, or its output not be read.
    #[error("exec: executable {command}: {reason}")]
    Start {
        /// The program.
        command: String,
        /// The error of the system.
        reason: String,
    },
    /// The program ended with an error.
    #[error("exec: executable {command} failed with {status}")]
    Failed {
        /// The program.
        command: String,
        /// Its exit code or signal.
        status: String,
    },
    /// It needs a terminal, and there is none.
    #[error("exec: executable {command} needs a terminal, and standard input is none")]
    NotInteractive {
        /// The program.
        command: String,
    },
    /// What it printed is no credential.
    #[error("exec: executable {command} printed no usable credential: {reason}")]
    Output {
        /// The program.
        command: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Explain for ExecError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotFound { install_hint, .. } => install_hint.iter().map(|hint| hint.trim().to_owned()).collect(),
            Self::Failed { .. } => {
                vec![
                    "its own messages are above; a session may have ended, so that you have to log in again".to_owned(),
                ]
            }
            _ => Vec::new(),
        }
    }
}

/// A credential as a plugin prints it, an `ExecCredential`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    kind: Option<String>,
    api_version: Option<String>,
    status: Option<PrintedStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrintedStatus {
    expiration_timestamp: Option<Timestamp>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// A certificate with its private key, as PEM.
pub(super) type ClientCertificate = (String, Zeroizing<String>);

/// A credential. The certificate is presented as long as the connection lasts, the token with each request.
#[derive(Clone)]
struct Credential {
    token: Option<Zeroizing<String>>,
    certificate: Option<ClientCertificate>,
    ends: Option<Timestamp>,
}

/// A plugin with the credential it gave last.
pub(super) struct Plugin {
    config: ExecConfig,
    current: Mutex<Credential>,
}

impl Plugin {
    /// Runs the plugin for the first time.
    pub(super) async fn start(config: ExecConfig) -> Result<Self, ExecError> {
        let current = Mutex::new(run(&config).await?);
        Ok(Self { config, current })
    }

    /// The program, for messages.
    pub(super) fn command(&self) -> &str {
        self.config.command.as_deref().unwrap_or_default()
    }

    /// The certificate, if the plugin gives one.
    pub(super) async fn certificate(&self) -> Option<ClientCertificate> {
        self.current.lock().await.certificate.clone()
    }

    /// The token, from a new run when it has ended, or when the server has rejected it.
    async fn token(
        &self,
        rejected: Option<&Option<Zeroizing<String>>>,
    ) -> Result<Option<Zeroizing<String>>, ExecError> {
        let mut current = self.current.lock().await;
        let ended = current.ends.is_some_and(|end| end.duration_since(Timestamp::now()) < MARGIN);
        if ended || rejected == Some(&current.token) {
            *current = run(&self.config).await?;
        }
        Ok(current.token.clone())
    }
}

async fn run(config: &ExecConfig) -> Result<Credential, ExecError> {
    let command = config.command.clone().filter(|command| !command.is_empty()).ok_or(ExecError::NoCommand)?;
    let interactive = match config.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::IfAvailable) | None => std::io::stdin().is_terminal(),
        Some(ExecInteractiveMode::Always) if !std::io::stdin().is_terminal() => {
            return Err(ExecError::NotInteractive { command });
        }
        Some(ExecInteractiveMode::Always) => true,
    };
    let mut process = Command::new(&command);
    process.args(config.args.iter().flatten());
    for variable in config.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            process.env(name, value);
        }
    }
    let mut spec = json!({ "interactive": interactive });
    if config.provide_cluster_info {
        spec["cluster"] = json!(config.cluster);
    }
    let info = json!({ "kind": "ExecCredential", "apiVersion": config.api_version, "spec": spec });
    process.env(EXEC_INFO, info.to_string());
    process.stdin(if interactive { Stdio::inherit() } else { Stdio::null() });
    process.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let install_hint = config.install_hint.clone();
    let name = command.clone();
    let outcome = tokio::task::spawn_blocking(move || capture(process)).await;
    let started = |reason: String| ExecError::Start { command: name.clone(), reason };
    let (output, status) = match outcome.map_err(|error| started(error.to_string()))? {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ExecError::NotFound { command, install_hint });
        }
        Err(error) => return Err(started(error.to_string())),
    };
    if !status.success() {
        let status = status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"));
        return Err(ExecError::Failed { command, status });
    }
    credential(&output, config.api_version.as_deref()).map_err(|reason| ExecError::Output { command, reason })
}

/// Runs a program; returns what it printed, which ends at [`MAX_OUTPUT`].
fn capture(mut process: Command) -> std::io::Result<(Zeroizing<Vec<u8>>, ExitStatus)> {
    let mut child = process.spawn()?;
    let mut output = Zeroizing::new(Vec::new());
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_OUTPUT).read_to_end(&mut output)?;
    }
    Ok((output, child.wait()?))
}

fn credential(output: &[u8], api_version: Option<&str>) -> Result<Credential, &'static str> {
    let text = std::str::from_utf8(output).map_err(|_| "it is not UTF-8")?;
    // The report quotes what it could not read, so it is dropped.
    let printed: Printed =
        kopsform_yaml::from_str("credential", text).map_err(|_| "it is neither JSON nor YAML of an ExecCredential")?;
    if printed.kind.as_deref().is_some_and(|kind| kind != "ExecCredential") {
        return Err("its kind is not ExecCredential");
    }
    if printed.api_version.is_some() && printed.api_version.as_deref() != api_version {
        return Err("its apiVersion is not that of the kubeconfig");
    }
    let status = printed.status.ok_or("it has no status")?;
    let given = |text: String| (!text.is_empty()).then_some(Zeroizing::new(text));
    let token = status.token.and_then(given);
    let certificate = status.client_certificate_data.filter(|text| !text.is_empty());
    let certificate = match (certificate, status.client_key_data.and_then(given)) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err("it has a certificate or a key, not both"),
    };
    if token.is_none() && certificate.is_none() {
        return Err("it has neither a token nor a certificate");
    }
    Ok(Credential { token, certificate, ends: status.expiration_timestamp })
}

/// Adds a plugin's token to each request. Without a plugin, requests pass unchanged.
#[derive(Clone)]
pub(super) struct ExecAuthLayer(pub Option<Arc<Plugin>>);

impl<S> Layer<S> for ExecAuthLayer {
    type Service = ExecAuth<S>;

    fn layer(&self, inner: S) -> ExecAuth<S> {
        ExecAuth { inner, plugin: self.0.clone() }
    }
}

/// The service behind [`ExecAuthLayer`].
#[derive(Clone)]
pub(super) struct ExecAuth<S> {
    inner: S,
    plugin: Option<Arc<Plugin>>,
}

impl<S, B> Service<Request<Body>> for ExecAuth<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Some(plugin) = self.plugin.clone() else { return Box::pin(self.inner.call(request)) };
        // The service that was polled is the one that is ready.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let again = copy_of(&request);
            let token = plugin.token(None).await?;
            let response = inner.call(with_token(request, token.as_ref())?).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            // A token may end before the time it names: one more attempt with a new one.
            let Some(again) = again else { return Ok(response) };
            let fresh = plugin.token(Some(&token)).await?;
            if fresh == token {
                return Ok(response);
            }
            std::future::poll_fn(|context| inner.poll_ready(context)).await?;
            inner.call(with_token(again, fresh.as_ref())?).await
        })
    }
}

fn with_token(mut request: Request<Body>, token: Option<&Zeroizing<String>>) -> Result<Request<Body>, BoxError> {
    if let Some(token) = token {
        let header = Zeroizing::new(format!("Bearer {}", **token));
        let mut value = HeaderValue::from_str(&header).map_err(|_| "the token of the exec plugin is not valid")?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(request)
}

fn copy_of(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const V1: &str = "client.authentication.k8s.io/v1";

    fn config(script: &str) -> ExecConfig {
        ExecConfig {
            api_version: Some(V1.to_owned()),
            command: Some("/bin/sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            interactive_mode: Some(ExecInteractiveMode::Never),
            ..ExecConfig::default()
        }
    }

    fn printed(status: &str) -> String {
        format!(r#"{{"apiVersion":"{V1}","kind":"ExecCredential","status":{status}}}"#)
    }

    async fn failed(config: ExecConfig) -> ExecError {
        Plugin::start(config).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_plugin_that_fails_is_named_without_its_output() {
        let script = format!("echo '{}'; exit 1", printed(r#"{"token":"k8s-aws-v1.SECRETTOKEN"}"#));
        let error = failed(config(&script)).await;
        assert_eq!(error.to_string(), "exec: executable /bin/sh failed with exit code 1");
        assert!(!format!("{error:?}").contains("SECRET"));
        let killed = failed(config("kill -9 $$")).await.to_string();
        assert!(killed.starts_with("exec: executable /bin/sh failed with signal: 9"), "{killed}");
        let missing = ExecConfig {
            command: Some("aws-iam-authenticator-x".to_owned()),
            install_hint: Some("brew install it\n".to_owned()),
            ..config("")
        };
        let error = failed(missing).await;
        assert_eq!(error.to_string(), "exec: executable aws-iam-authenticator-x not found");
        assert_eq!(error.hints(), ["brew install it"]);
    }

    #[tokio::test]
    async fn output_that_is_no_credential_is_not_repeated() {
        for (output, reason) in [
            ("k8s-aws-v1.SECRETTOKEN: [".to_owned(), "it is neither JSON nor YAML of an ExecCredential"),
            (format!(r#"{{"apiVersion":"{V1}","kind":"ExecCredential"}}"#), "it has no status"),
            (printed(r#"{"token":""}"#), "it has neither a token nor a certificate"),
            (printed(r#"{"clientKeyData":"SECRET"}"#), "it has a certificate or a key, not both"),
            (
                printed(r#"{"token":"SECRET"}"#).replace("k8s.io/v1", "k8s.io/v1beta1"),
                "its apiVersion is not that of the kubeconfig",
            ),
        ] {
            let error = failed(config(&format!("printf '%s' '{output}'"))).await.to_string();
            assert_eq!(error, format!("exec: executable /bin/sh printed no usable credential: {reason}"));
        }
    }

    #[tokio::test]
    async fn a_token_is_used_until_it_ends_or_is_rejected() {
        let counter = tempfile();
        let count = |status: &str| {
            let file = counter.display();
            format!("echo x >> {file}; n=$(wc -l < {file}); echo '{}' | sed \"s/NUMBER/$n/\"", printed(status))
        };
        let text = |token: Option<Zeroizing<String>>| token.map(|token| token.to_string());
        let lasting = Plugin::start(config(&count(r#"{"token":"t-NUMBER"}"#))).await.unwrap();
        let first = lasting.token(None).await.unwrap();
        assert_eq!(text(first.clone()).as_deref(), Some("t-1"));
        assert_eq!(text(lasting.token(Some(&first)).await.unwrap()).as_deref(), Some("t-2"));
        assert_eq!(
            text(lasting.token(Some(&first)).await.unwrap()).as_deref(),
            Some("t-2"),
            "t-1 was replaced already"
        );
        let ended = count(r#"{"token":"t-NUMBER","expirationTimestamp":"2020-01-01T00:00:00Z"}"#);
        let ended = Plugin::start(config(&ended)).await.unwrap();
        assert_eq!(text(ended.token(None).await.unwrap()).as_deref(), Some("t-4"));
        std::fs::remove_file(&counter).unwrap();
    }

    #[tokio::test]
    async fn a_plugin_gets_the_request() {
        let script = format!(
            r#"case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) echo '{}' | sed "s/TOKEN/$GIVEN/";; esac"#,
            printed(r#"{"token":"TOKEN"}"#)
        );
        let variable = [("name", "GIVEN"), ("value", "from-the-kubeconfig")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let plugin = Plugin::start(ExecConfig { env: Some(vec![variable.into()]), ..config(&script) }).await.unwrap();
        assert_eq!(plugin.token(None).await.unwrap().as_deref().map(String::as_str), Some("from-the-kubeconfig"));
    }

    fn tempfile() -> std::path::PathBuf {
        std::env::temp_dir().join(format!("kopsform-exec-{}", std::process::id()))
    }
}
