//! What the SDK's errors say, and what they mean for what is being done.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use kopsform_rolling::ports::{ApiError, Retryability};

/// The code of an error that AWS answered with, if it answered.
pub fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// How far a call came that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureStage {
    /// It was answered.
    Answered,
    /// It was not sent: there are no credentials, or they could not be had.
    WithoutCredentials,
    /// There was no answer in time.
    Unanswered,
    /// There was no connection, or it broke.
    Unconnected,
    /// It was not sent for another reason.
    Unsent,
}

/// What is to be said of a failed call: what AWS answered, or what was in the way. Never the SDK's own account of it, which
/// tells of its parts instead.
pub fn classify_sdk_error<E, R>(error: &SdkError<E, R>) -> (FailureStage, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let code = service.err().code().unwrap_or_default();
        let message = service.err().message().filter(|message| *message != code && !message.is_empty());
        let text = match message {
            Some(message) if code.is_empty() => message.to_owned(),
            Some(message) => format!("{code}: {message}"),
            None if code.is_empty() => "an answer without a reason".to_owned(),
            None => code.to_owned(),
        };
        return (FailureStage::Answered, text);
    }
    let all = DisplayErrorContext(error).to_string();
    let root = root_cause(error);
    if ["credential", "Credential", "SSO", "identity"].iter().any(|word| all.contains(word)) {
        return (FailureStage::WithoutCredentials, format!("no usable AWS credentials were found: {root}"));
    }
    match error {
        SdkError::TimeoutError(_) => (FailureStage::Unanswered, "no answer in time".to_owned()),
        SdkError::DispatchFailure(_) => (FailureStage::Unconnected, format!("no connection: {root}")),
        SdkError::ResponseError(_) => (FailureStage::Unconnected, format!("an answer that makes no sense: {root}")),
        _ => (FailureStage::Unsent, root),
    }
}

/// Turns an error of the SDK, which has retried already, into one that names the call.
pub fn failed<E, R>(action: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> ApiError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let action = action.into();
    move |error| {
        let (came, message) = classify_sdk_error(&error);
        let retryability = match came {
            FailureStage::Answered => fault_of(code_of(&error).unwrap_or_default()),
            FailureStage::Unanswered | FailureStage::Unconnected => Retryability::Transient,
            FailureStage::WithoutCredentials | FailureStage::Unsent => Retryability::Permanent,
        };
        ApiError { action, message, retryability }
    }
}

/// The text of the error at the root: the outer ones only say that a request failed.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

fn fault_of(code: &str) -> Retryability {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthFailure"
        | "OptInRequired"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch" => Retryability::AccessDenied,
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "ServiceUnavailable"
        | "Unavailable"
        | "InternalError"
        | "InternalFailure"
        | "ResourceContention"
        | "ScalingActivityInProgress" => Retryability::Transient,
        _ => Retryability::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_whether_to_try_again() {
        assert_eq!(fault_of("UnauthorizedOperation"), Retryability::AccessDenied);
        assert_eq!(fault_of("RequestLimitExceeded"), Retryability::Transient);
        assert_eq!(fault_of("InvalidParameterValue"), Retryability::Permanent);
    }
}
