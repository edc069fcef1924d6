//! Logs requests to AWS: a line per attempt at debug level, and bodies at trace level. Adds the address to errors of requests
//! that got no response.
//!
//! A store logs a line per operation itself, so its requests are logged at trace level only.
//!
//! Headers are never logged: they hold signatures and session tokens. Bodies are logged only for the services of
//! [`LOGGED_BODIES`], with the values of [`SECRET_FIELDS`] masked; objects of S3 and parameters of SSM may be secrets as a whole.

use kopsform_diagnostics::{NO_CA_CERTIFICATES, root_cause};
use std::collections::BTreeMap;
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;
use serde_json::Value;

/// Services whose bodies are logged at trace level.
const LOGGED_BODIES: [&str; 7] =
    ["EC2", "Auto Scaling", "Elastic Load Balancing", "Elastic Load Balancing v2", "IAM", "Route 53", "STS"];

/// Parts of the names of fields whose values are masked, in lower case. Tokens include those of paging.
const SECRET_FIELDS: [&str; 7] = ["userdata", "password", "secret", "token", "privatekey", "keymaterial", "credential"];

/// The last parts of the names of parameters that a debug line shows.
const SHOWN_PARAMETERS: [&str; 7] = ["Name", "Names", "Id", "Ids", "Arn", "Arns", "Resources"];

/// The longest list of parameters in a debug line, in bytes.
const MAX_PARAMETERS: usize = 300;

/// The longest body in a trace line, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Which target the lines have.
#[derive(Debug, Clone, Copy)]
enum Target {
    Aws,
    Store,
}

/// The interceptor that logs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLog(Target);

impl RequestLog {
    /// For calls to AWS: target `kopsform::aws`.
    pub const fn aws() -> Self {
        Self(Target::Aws)
    }

    /// For calls of a store: target `kopsform::store`.
    pub const fn store() -> Self {
        Self(Target::Store)
    }

    fn enabled(self) -> bool {
        match self.0 {
            Target::Aws => tracing::enabled!(target: "kopsform::aws", tracing::Level::DEBUG),
            Target::Store => tracing::enabled!(target: "kopsform::store", tracing::Level::TRACE),
        }
    }

    /// Says why it takes so long, when another attempt follows.
    fn warn(self, unreachable: &Unreachable, attempt: u32, attempts: u32) {
        let Some(text) = retry_notice(unreachable, attempt, attempts) else { return };
        match self.0 {
            Target::Aws => tracing::warn!(target: "kopsform::aws", "{text}"),
            Target::Store => tracing::warn!(target: "kopsform::store", "{text}"),
        }
    }

    /// Bodies are logged for AWS only, never for a store.
    fn trace_enabled(self, service: &str) -> bool {
        matches!(self.0, Target::Aws)
            && LOGGED_BODIES.contains(&service)
            && tracing::enabled!(target: "kopsform::aws", tracing::Level::TRACE)
    }
}

/// An attempt that was sent.
#[derive(Debug)]
struct Sent {
    at: Instant,
    parameters: String,
}

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

/// Where an attempt was sent.
#[derive(Debug)]
struct Address(String);

impl Storable for Address {
    type Storer = StoreReplace<Self>;
}

/// A request that got no response, with the address that was tried.
#[derive(Debug)]
pub(crate) struct Unreachable {
    address: String,
    reason: String,
    pub is_timeout: bool,
}

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.is_timeout {
            true => write!(f, "no response in time from {}", self.address),
            false => write!(f, "no connection to {}: {}", self.address, self.reason),
        }
    }
}

impl std::error::Error for Unreachable {}

impl Unreachable {
    /// The failure among the causes of an error.
    pub fn of<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
    }
}

/// What is reported about an attempt that failed and is repeated: each timeout, which took long, and refused connections after the
/// first ones.
fn retry_notice(unreachable: &Unreachable, attempt: u32, attempts: u32) -> Option<String> {
    const QUIET_ATTEMPTS: u32 = 2;
    let is_reported = attempt < attempts && (unreachable.is_timeout || attempt > QUIET_ATTEMPTS);
    is_reported.then(|| format!("{unreachable}; trying again (attempt {} of {attempts})", attempt + 1))
}

/// The error of the connection with the address, of the same kind, so that it is retried as before. `None` for errors that are
/// not about the connection, such as those of credentials.
fn with_address<E>(error: &OrchestratorError<E>, address: &str) -> Option<OrchestratorError<E>>
where
    E: std::fmt::Debug + std::error::Error + 'static,
{
    let unreachable =
        |reason: String, is_timeout| Box::new(Unreachable { address: address.to_owned(), reason, is_timeout });
    if error.is_timeout_error() {
        return Some(OrchestratorError::timeout(unreachable(String::new(), true)));
    }
    let failed = error.as_connector_error()?;
    let reason = reason(&root_cause(failed), crate::trust::system_has_certificates);
    Some(OrchestratorError::connector(if failed.is_timeout() {
        ConnectorError::timeout(unreachable(reason, true))
    } else if failed.is_io() {
        ConnectorError::io(unreachable(reason, false))
    } else if failed.is_user() {
        ConnectorError::user(unreachable(reason, false))
    } else {
        ConnectorError::other(unreachable(reason, false), failed.as_other())
    }))
}

/// Why the connection failed. What the TLS library reports in terms of its protocol gets a message of its own: a response that is
/// not TLS, and a certificate whose authority is not trusted.
fn reason(root: &str, system_has_certificates: impl FnOnce() -> bool) -> String {
    if root.contains("UnknownIssuer") {
        return match system_has_certificates() {
            true => {
                "the authority of the server's certificate is not trusted; name it in AWS_CA_BUNDLE if it should be"
                    .to_owned()
            }
            false => NO_CA_CERTIFICATES.to_owned(),
        };
    }
    if root.contains("InvalidContentType") || root.contains("corrupt message") {
        return "the server does not speak TLS; use http:// if it is meant to be unencrypted".to_owned();
    }
    root.to_owned()
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Credentials in a URL are secret.
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}")
}

impl Intercept for RequestLog {
    fn name(&self) -> &'static str {
        "RequestLog"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        cfg.interceptor_state().store_put(Address(origin(request.uri())));
        if !self.enabled() {
            return Ok(());
        }
        let (service, operation) = names(cfg);
        if self.trace_enabled(&service)
            && let Some(body) = request.body().bytes().filter(|body| !body.is_empty())
        {
            let body = masked(&String::from_utf8_lossy(body));
            tracing::trace!(target: "kopsform::aws", service, operation, body, "request body");
        }
        let sent = Sent { at: Instant::now(), parameters: parameters(request) };
        cfg.interceptor_state().store_put(sent);
        Ok(())
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Address(address)) = cfg.load::<Address>()
            && let Some(Err(error)) = context.output_or_error_mut()
            && let Some(named) = with_address(error, address)
        {
            *error = named;
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = cfg.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        if let Some(Err(error)) = context.output_or_error()
            && let Some(unreachable) = Unreachable::of(error)
        {
            let attempts = cfg.load::<RetryConfig>().map_or(1, RetryConfig::max_attempts);
            self.warn(unreachable, attempt, attempts);
        }
        if !self.enabled() {
            return Ok(());
        }
        let (service, operation) = names(cfg);
        let sent = cfg.load::<Sent>();
        let milliseconds = sent.map(|sent| u64::try_from(sent.at.elapsed().as_millis()).unwrap_or(u64::MAX));
        let parameters = sent.map(|sent| sent.parameters.as_str()).unwrap_or_default();
        let outcome = match context.response() {
            Some(response) => response.status().as_u16().to_string(),
            None => match context.output_or_error() {
                Some(Err(error)) if error.is_timeout_error() => "timeout".to_owned(),
                Some(Err(error)) if error.is_connector_error() => "no connection".to_owned(),
                _ => "not sent".to_owned(),
            },
        };
        match self.0 {
            Target::Aws => tracing::debug!(
                target: "kopsform::aws", service, operation, parameters, status = outcome, attempt, milliseconds, "request"
            ),
            Target::Store => tracing::trace!(
                target: "kopsform::store", service, operation, parameters, status = outcome, attempt, milliseconds, "request"
            ),
        }
        if self.trace_enabled(&service)
            && let Some(body) = context.response().and_then(|response| response.body().bytes())
        {
            let body = masked(&String::from_utf8_lossy(body));
            tracing::trace!(target: "kopsform::aws", service, operation, body, "response body");
        }
        Ok(())
    }
}

fn names(cfg: &ConfigBag) -> (String, String) {
    cfg.load::<Metadata>()
        .map(|metadata| (metadata.service().to_owned(), metadata.name().to_owned()))
        .unwrap_or_default()
}

/// The parameters that say what a request is about: the path, or the names and ids of a form or a JSON object.
fn parameters(request: &HttpRequest) -> String {
    let uri = request.uri();
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    if !path.is_empty() {
        return format!("/{path}");
    }
    let body = request.body().bytes().unwrap_or_default();
    match serde_json::from_slice::<BTreeMap<String, Value>>(body) {
        Ok(fields) => {
            let strings = fields.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?.to_owned())));
            shown_parameters(strings)
        }
        Err(_) => shown_parameters(form_parameters(&String::from_utf8_lossy(body))),
    }
}

fn form_parameters(form: &str) -> impl Iterator<Item = (&str, String)> {
    form.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name, percent_decoded(value)))
}

fn shown_parameters<'a>(parameters: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut shown = String::new();
    for (name, value) in parameters {
        let last = name.split('.').rfind(|part| *part != "member" && part.parse::<u32>().is_err()).unwrap_or_default();
        let is_filter = name.starts_with("Filter") && last == "Value";
        let is_shown = is_filter || SHOWN_PARAMETERS.iter().any(|suffix| last.ends_with(suffix));
        if !is_shown || is_secret(name) {
            continue;
        }
        if shown.len() + name.len() + value.len() > MAX_PARAMETERS {
            shown.push_str(" …");
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(&format!("{name}={value}"));
    }
    shown
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_FIELDS.iter().any(|secret| name.contains(secret))
}

/// A body with the values of secret fields masked: a form, or XML.
fn masked(body: &str) -> String {
    let masked = if body.trim_start().starts_with('<') { masked_xml(body) } else { masked_form(body) };
    match masked.char_indices().nth(MAX_BODY) {
        Some((end, _)) => format!("{}… ({} bytes)", &masked[..end], masked.len()),
        None => masked,
    }
}

fn masked_form(form: &str) -> String {
    let pairs = form.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=***"),
        Some((name, value)) => format!("{name}={}", percent_decoded(value)),
        None => "***".to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Masks everything inside secret elements.
fn masked_xml(xml: &str) -> String {
    let mut masked = String::new();
    let mut rest = xml;
    while let Some((before, tag)) = rest.split_once('<') {
        masked.push_str(before);
        let Some((tag, after)) = tag.split_once('>') else { return masked };
        masked.push_str(&format!("<{tag}>"));
        rest = after;
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if !name.is_empty() && !tag.ends_with('/') && is_secret(name) {
            let close = format!("</{name}>");
            let Some(end) = rest.find(&close) else { return masked };
            masked.push_str("***");
            rest = &rest[end..];
        }
    }
    masked.push_str(rest);
    masked
}

fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap_or_default(), rest.next().unwrap_or_default()];
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(digits, 16).unwrap_or(b'?')
            }
            byte => byte,
        };
        bytes.push(decoded);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        parameters(&HttpRequest::new(body.into()))
    }

    #[test]
    fn a_line_shows_names_and_ids() {
        let form = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3AKubernetesCluster&\
                    Filter.1.Value.1=demo.example.com&NextToken=abc&MaxResults=1000";
        assert_eq!(shown(form), "Filter.1.Name=tag:KubernetesCluster Filter.1.Value.1=demo.example.com");
        let detach = "Action=DetachInstances&AutoScalingGroupName=nodes&InstanceIds.member.1=i-1";
        assert_eq!(shown(detach), "AutoScalingGroupName=nodes InstanceIds.member.1=i-1");
        let template = "Action=CreateLaunchTemplate&LaunchTemplateName=x&LaunchTemplateData.UserData=c2VjcmV0";
        assert_eq!(shown(template), "LaunchTemplateName=x");
        assert!(shown(&"InstanceId.1=i-0123456789&".repeat(100)).ends_with(" …"));
        let parameter = r#"{"Name":"/aws/service/debian/release/12/latest/amd64","SecretName":"s"}"#;
        assert_eq!(shown(parameter), "Name=/aws/service/debian/release/12/latest/amd64");
    }

    #[test]
    fn a_failed_connection_names_its_address() {
        type Failed = OrchestratorError<std::fmt::Error>;
        let refused = || ConnectorError::io(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into());
        let named = |error: Failed| {
            let named = with_address(&error, "https://s3.example.com:7070")?;
            Some((named.is_connector_error(), named.is_timeout_error(), Unreachable::of(&named)?.to_string()))
        };
        let text = "no connection to https://s3.example.com:7070: connection refused".to_owned();
        assert_eq!(named(Failed::connector(refused())), Some((true, false, text)));
        let text = "no response in time from https://s3.example.com:7070".to_owned();
        assert_eq!(named(Failed::connector(ConnectorError::timeout("slow".into()))), Some((true, false, text.clone())));
        assert_eq!(named(Failed::timeout("slow".into())), Some((false, true, text)));
        assert_eq!(named(Failed::other("credentials")), None);
        let tls = ConnectorError::io("received corrupt message of type InvalidContentType".into());
        assert!(named(Failed::connector(tls)).is_some_and(|(_, _, text)| text.contains("does not speak TLS")));
        assert_eq!(origin("https://key:secret@s3.example.com:7070/bucket?x"), "https://s3.example.com:7070");
        assert_eq!(origin("http://[::1]:9000?list"), "http://[::1]:9000");
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_explained() {
        let root = "invalid peer certificate: UnknownIssuer";
        assert!(reason(root, || true).contains("AWS_CA_BUNDLE"));
        assert_eq!(reason(root, || false), NO_CA_CERTIFICATES);
        assert_eq!(reason("connection refused", || unreachable!()), "connection refused");
    }

    #[test]
    fn long_waits_are_explained() {
        let failed = |is_timeout| Unreachable {
            address: "https://s3.example.com".to_owned(),
            reason: "connection refused".to_owned(),
            is_timeout,
        };
        let slow = "no response in time from https://s3.example.com; trying again (attempt 2 of 6)";
        assert_eq!(retry_notice(&failed(true), 1, 6).as_deref(), Some(slow));
        assert_eq!(retry_notice(&failed(false), 2, 6), None);
        let refused = "no connection to https://s3.example.com: connection refused; trying again (attempt 4 of 6)";
        assert_eq!(retry_notice(&failed(false), 3, 6).as_deref(), Some(refused));
        assert_eq!(retry_notice(&failed(true), 6, 6), None, "no attempt follows");
    }

    #[test]
    fn secrets_in_bodies_are_masked() {
        let form = masked("Action=X&LaunchTemplateData.UserData=c2VjcmV0&Name=a%20b");
        assert_eq!(form, "Action=X&LaunchTemplateData.UserData=***&Name=a b");
        let xml = "<?xml version=\"1.0\"?>\n<a><userData>c2VjcmV0</userData><b>1</b><SecretAccessKey>k</SecretAccessKey>\
                   <token/><launchTemplateData><userData>x</userData></launchTemplateData></a>";
        assert_eq!(
            masked(xml),
            "<?xml version=\"1.0\"?>\n<a><userData>***</userData><b>1</b><SecretAccessKey>***</SecretAccessKey>\
             <token/><launchTemplateData><userData>***</userData></launchTemplateData></a>"
        );
        assert_eq!(masked_xml("<userData>cut off"), "<userData>");
    }
}
