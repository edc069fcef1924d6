//! Failed requests to S3, as failures of a store.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{ErrorClass, FailureStage, classify_sdk_error, sdk_hint};
use kopsform_state::Failure;

/// A failed request: the kind of failure and the message.
#[derive(Debug)]
pub(super) struct RequestError {
    pub kind: Failure,
    /// The code of S3, such as `NoSuchKey`.
    pub code: Option<String>,
    pub reason: String,
    /// The bucket's region, where the response says so.
    pub region: Option<String>,
    /// What to do about it, where more than the kind is known.
    pub hint: Option<String>,
}

impl RequestError {
    /// A failure without a code of S3.
    pub fn new(kind: Failure, reason: impl Into<String>) -> Self {
        Self { kind, code: None, reason: reason.into(), region: None, hint: None }
    }

    /// A failure with a code and message of S3.
    pub fn of_code(code: Option<&str>, message: Option<&str>) -> Self {
        let code = code.unwrap_or("unknown");
        let reason = match message.filter(|m| !m.is_empty() && *m != code) {
            Some(message) => format!("{message} ({code})"),
            None => code.to_owned(),
        };
        Self { kind: kind_of(code), code: Some(code.to_owned()), reason, region: None, hint: None }
    }
}

/// Converts an error of the SDK.
pub(super) fn request_error<E>(error: &SdkError<E, HttpResponse>) -> RequestError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let response = error.raw_response();
    let status = response.map(|r| r.status().as_u16());
    let region = response.and_then(|r| r.headers().get("x-amz-bucket-region")).map(str::to_owned);
    // Responses without a body, as to HEAD, have a status only.
    let by_status = status.and_then(|status| match status {
        301 | 307 => Some("PermanentRedirect"),
        403 => Some("AccessDenied"),
        404 => Some("NotFound"),
        405 => Some("MethodNotAllowed"),
        409 => Some("ConditionalRequestConflict"),
        412 => Some("PreconditionFailed"),
        501 => Some("NotImplemented"),
        500..=599 => Some("ServiceUnavailable"),
        _ => None,
    });
    let mut failed = match error.code().or(by_status) {
        Some(code) => RequestError::of_code(Some(code), error.message()),
        None => without_response(error),
    };
    failed.region = region;
    failed
}

/// A request that got no response from S3.
fn without_response<E>(error: &SdkError<E, HttpResponse>) -> RequestError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let (stage, reason) = classify_sdk_error(error);
    let kind = match stage {
        FailureStage::Credentials => Failure::Credentials,
        FailureStage::Timeout | FailureStage::Connection => Failure::Unavailable,
        FailureStage::Response(_) | FailureStage::Unsent => Failure::Other,
    };
    RequestError { hint: sdk_hint(error), ..RequestError::new(kind, reason) }
}

fn kind_of(code: &str) -> Failure {
    match ErrorClass::of(code) {
        ErrorClass::AccessDenied => Failure::Denied,
        ErrorClass::Credentials => Failure::Credentials,
        ErrorClass::WrongRegion => Failure::Region,
        ErrorClass::ClockSkew => Failure::ClockSkew,
        ErrorClass::Throttled | ErrorClass::Unavailable => Failure::Unavailable,
        _ => match code {
            "NoSuchBucket" => Failure::NoBucket,
            "AccessControlListNotSupported" => Failure::Acl,
            _ => Failure::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_hint() {
        for (code, hint) in [
            ("AccessDenied", "policy"),
            ("NoSuchBucket", "must exist"),
            ("RequestTimeTooSkewed", "clock"),
            ("PermanentRedirect", "AWS_REGION"),
            ("ExpiredToken", "AWS_PROFILE"),
            ("AccessControlListNotSupported", "KOPS_STATE_S3_ACL"),
            ("SlowDown", "try again"),
        ] {
            let found = RequestError::of_code(Some(code), None).kind.hint().unwrap_or_default();
            assert!(found.contains(hint), "{code}: {found}");
        }
    }

    #[test]
    fn the_code_is_shown_once() {
        assert_eq!(RequestError::of_code(Some("NoSuchBucket"), Some("NoSuchBucket")).reason, "NoSuchBucket");
        assert_eq!(RequestError::of_code(Some("X"), Some("it broke")).reason, "it broke (X)");
    }
}
