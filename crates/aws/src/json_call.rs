//! Calls of services whose SDK crates take minutes to compile for the few calls that are needed.
//!
//! The services speak JSON. Each request is described by hand and sent by the SDK's runtime, with the credentials, signature,
//! retries, timeouts and errors of all other calls.

use aws_config::{Region, SdkConfig};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;

use crate::request_log::RequestLog;

/// A service that takes and returns JSON.
#[derive(Debug)]
pub(crate) struct Service {
    /// The name in logs.
    pub name: &'static str,
    /// The id in settings of endpoints (`AWS_ENDPOINT_URL_<ID>`).
    pub id: &'static str,
    /// The name in signatures.
    pub signing_name: &'static str,
    /// The first part of the host.
    pub host: &'static str,
    /// What precedes the operation in `X-Amz-Target`.
    pub target: &'static str,
    /// The media type of requests.
    pub media_type: &'static str,
}

/// Systems Manager.
pub(crate) static SSM: Service = Service {
    name: "SSM",
    id: "ssm",
    signing_name: "ssm",
    host: "ssm",
    target: "AmazonSSM",
    media_type: "application/x-amz-json-1.1",
};

/// Simple Queue Service.
pub(crate) static SQS: Service = Service {
    name: "SQS",
    id: "sqs",
    signing_name: "sqs",
    host: "sqs",
    target: "AmazonSQS",
    media_type: "application/x-amz-json-1.0",
};

/// EventBridge.
pub(crate) static EVENT_BRIDGE: Service = Service {
    name: "EventBridge",
    id: "eventbridge",
    signing_name: "events",
    host: "events",
    target: "AWSEvents",
    media_type: "application/x-amz-json-1.1",
};

/// A failed call.
pub(crate) type JsonCallError = SdkError<ErrorMetadata, HttpResponse>;

/// The response to an operation of a service; null where it is empty.
///
/// # Errors
/// As for the calls of the SDK's clients.
pub(crate) async fn call(
    config: &SdkConfig,
    service: &'static Service,
    operation: &'static str,
    input: Value,
) -> Result<Value, JsonCallError> {
    let region = config.region().ok_or_else(|| SdkError::construction_failure("no region is set"))?;
    let credentials = config.credentials_provider();
    let credentials = credentials.ok_or_else(|| SdkError::construction_failure("no credentials provider is set"))?;

    let mut layer = Layer::new(operation);
    layer.store_put(SigningRegion::from(region.clone()));
    layer.store_put(SigningName::from_static(service.signing_name));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let components = RuntimeComponentsBuilder::new(operation)
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
        .with_identity_resolver(SCHEME_ID, credentials);

    let mut call = Operation::builder()
        .service_name(service.name)
        .operation_name(operation)
        .endpoint_url(&endpoint(config, service, region))
        .runtime_plugin(StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components))
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .interceptor(RequestLog::aws())
        .serializer(move |input: Value| request(service, operation, &input))
        .deserializer(response);
    if let Some(retries) = config.retry_config() {
        call = call.standard_retry(retries);
    }
    if let Some(timeouts) = config.timeout_config() {
        call = call.timeout_config(timeouts.clone());
    }
    if let Some(client) = config.http_client() {
        call = call.http_client(client);
    }
    if let Some(version) = config.behavior_version() {
        call = call.behavior_version(version);
    }
    call.build().invoke(input).await
}

/// All items of an operation that returns pages with a `NextToken`.
///
/// # Errors
/// As for [`call`]; also when the service returns the same token again.
pub(crate) async fn call_for_all(
    config: &SdkConfig,
    service: &'static Service,
    operation: &'static str,
    input: Value,
    items: &str,
) -> Result<Vec<Value>, JsonCallError> {
    let (mut found, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = input.clone();
        if !token.is_null() {
            input["NextToken"] = token.clone();
        }
        let page = call(config, service, operation, input).await?;
        found.extend(page[items].as_array().cloned().unwrap_or_default());
        match &page["NextToken"] {
            Value::String(next) if next.is_empty() => return Ok(found),
            next @ Value::String(_) if *next == token => {
                return Err(SdkError::construction_failure("the same page was returned twice"));
            }
            next @ Value::String(_) => token = next.clone(),
            _ => return Ok(found),
        }
    }
}

fn request(service: &Service, operation: &str, input: &Value) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(serde_json::to_vec(input)?));
    request.set_method("POST")?;
    request.set_uri("/")?;
    let headers = request.headers_mut();
    headers.insert("content-type", service.media_type);
    headers.insert("x-amz-target", format!("{}.{operation}", service.target));
    headers.insert("user-agent", concat!("kopsform/", env!("CARGO_PKG_VERSION")));
    Ok(request)
}

fn response(response: &HttpResponse) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(error_metadata(body)));
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()))
}

/// The code and message of an error response. The code may follow a namespace: `com.amazonaws.ssm#ParameterNotFound`.
fn error_metadata(body: &[u8]) -> ErrorMetadata {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = document["__type"].as_str().map(|kind| kind.rsplit('#').next().unwrap_or(kind));
    let message = document["message"].as_str().or_else(|| document["Message"].as_str());
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code {
        metadata = metadata.code(code);
    }
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    metadata.build()
}

/// The address: set for the service, set for all services, or by region and variant.
fn endpoint(config: &SdkConfig, service: &Service, region: &Region) -> String {
    let key =
        ServiceConfigKey::builder().service_id(service.id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    if let Some(url) = own.or_else(|| config.endpoint_url().map(str::to_owned)) {
        return url;
    }
    let fips = if config.use_fips().unwrap_or_default() { "-fips" } else { "" };
    let domain = domain(region.as_ref(), config.use_dual_stack().unwrap_or_default());
    format!("https://{}{fips}.{region}.{domain}", service.host)
}

/// The domain of a region's partition, as in the SDK's list of partitions.
fn domain(region: &str, dual_stack: bool) -> &'static str {
    const PARTITIONS: [(&str, &str, &str); 6] = [
        ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
        ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
        ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ];
    let found = PARTITIONS.iter().find(|(prefix, ..)| region.starts_with(prefix));
    let (_, plain, dual) = found.copied().unwrap_or(("", "amazonaws.com", "api.aws"));
    if dual_stack { dual } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_a_code_and_a_message() {
        let error =
            error_metadata(br#"{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"Parameter x not found."}"#);
        assert_eq!((error.code(), error.message()), (Some("ParameterNotFound"), Some("Parameter x not found.")));
        assert_eq!(error_metadata(b"<html>").code(), None);
    }

    #[test]
    fn the_endpoint_follows_the_partition() {
        let at = |region: &str| endpoint(&SdkConfig::builder().build(), &SSM, &Region::new(region.to_owned()));
        assert_eq!(at("us-gov-west-1"), "https://ssm.us-gov-west-1.amazonaws.com");
        assert_eq!(at("cn-north-1"), "https://ssm.cn-north-1.amazonaws.com.cn");
        let config = SdkConfig::builder().use_fips(true).use_dual_stack(true).build();
        assert_eq!(endpoint(&config, &SSM, &Region::new("us-east-1")), "https://ssm-fips.us-east-1.api.aws");
        let config = SdkConfig::builder().endpoint_url("http://localhost:5000").build();
        assert_eq!(endpoint(&config, &SSM, &Region::new("us-east-1")), "http://localhost:5000");
        let plain = SdkConfig::builder().build();
        assert_eq!(
            endpoint(&plain, &EVENT_BRIDGE, &Region::new("eu-west-1")),
            "https://events.eu-west-1.amazonaws.com"
        );
    }
}
