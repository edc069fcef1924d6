//! What S3's refusals mean for a person.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{FailureStage, classify_sdk_error};
use kopsform_state::Failure;

/// A request that failed: what kind of failure, and what to show.
#[derive(Debug)]
pub(super) struct Refusal {
    pub kind: Failure,
    /// The code of S3, such as `NoSuchKey`.
    pub code: Option<String>,
    pub reason: String,
    /// The region the bucket is in, where the answer says so.
    pub region: Option<String>,
}

impl Refusal {
    /// A failure that S3 has no code for.
    pub fn new(kind: Failure, reason: impl Into<String>) -> Self {
        Self { kind, code: None, reason: reason.into(), region: None }
    }

    /// A failure with a code and message of S3.
    pub fn of_code(code: Option<&str>, message: Option<&str>) -> Self {
        let code = code.unwrap_or("unknown");
        let reason = match message.filter(|m| !m.is_empty() && *m != code) {
            Some(message) => format!("{message} ({code})"),
            None => code.to_owned(),
        };
        Self { kind: kind_of(code), code: Some(code.to_owned()), reason, region: None }
    }
}

/// Reads an error of the SDK.
pub(super) fn refusal<E>(error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let response = error.raw_response();
    let status = response.map(|r| r.status().as_u16());
    let region = response.and_then(|r| r.headers().get("x-amz-bucket-region")).map(str::to_owned);
    // Answers without a body, as to HEAD, have a status only.
    let by_status = status.and_then(|status| match status {
        301 | 307 => Some("PermanentRedirect"),
        403 => Some("AccessDenied"),
        404 => Some("NotFound"),
        409 => Some("ConditionalRequestConflict"),
        412 => Some("PreconditionFailed"),
        500..=599 => Some("ServiceUnavailable"),
        _ => None,
    });
    let mut refusal = match error.code().or(by_status) {
        Some(code) => Refusal::of_code(Some(code), error.message()),
        None => without_answer(error),
    };
    refusal.region = region;
    refusal
}

/// A request that got no answer from S3 at all.
fn without_answer<E>(error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let (came, reason) = classify_sdk_error(error);
    let kind = match came {
        FailureStage::WithoutCredentials => Failure::Credentials,
        FailureStage::Unanswered | FailureStage::Unconnected => Failure::Unavailable,
        FailureStage::Answered | FailureStage::Unsent => Failure::Other,
    };
    Refusal::new(kind, reason)
}

fn kind_of(code: &str) -> Failure {
    match code {
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "KMS.DisabledException" => Failure::Denied,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "ExpiredTokenException"
        | "UnrecognizedClientException" => Failure::Credentials,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "Redirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => Failure::Region,
        "NoSuchBucket" => Failure::NoBucket,
        "RequestTimeTooSkewed" | "RequestExpired" => Failure::ClockSkew,
        "AccessControlListNotSupported" => Failure::Acl,
        "InternalError" | "ServiceUnavailable" | "SlowDown" | "RequestTimeout" => Failure::Unavailable,
        _ => Failure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_leads_to_its_remedy() {
        for (code, hint) in [
            ("AccessDenied", "policy"),
            ("NoSuchBucket", "must exist"),
            ("RequestTimeTooSkewed", "clock"),
            ("PermanentRedirect", "AWS_REGION"),
            ("ExpiredToken", "AWS_PROFILE"),
            ("AccessControlListNotSupported", "KOPS_STATE_S3_ACL"),
            ("SlowDown", "try again"),
        ] {
            let found = Refusal::of_code(Some(code), None).kind.hint().unwrap_or_default();
            assert!(found.contains(hint), "{code}: {found}");
        }
    }

    #[test]
    fn the_code_is_shown_once() {
        assert_eq!(Refusal::of_code(Some("NoSuchBucket"), Some("NoSuchBucket")).reason, "NoSuchBucket");
        assert_eq!(Refusal::of_code(Some("X"), Some("it broke")).reason, "it broke (X)");
    }
}
