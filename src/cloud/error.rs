//! What the SDK's errors mean for a rolling update.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::rolling::world::{ApiError, Fault};

/// The code of an error that AWS answered with, if it answered.
pub(super) fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Turns an error of the SDK, which has retried already, into one that names the call.
pub(super) fn failed<E, R>(action: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> ApiError
where
    E: ProvideErrorMetadata + std::error::Error,
{
    let action = action.into();
    move |error| {
        let code = code_of(&error).unwrap_or_default().to_owned();
        let (message, fault) = match &error {
            SdkError::ServiceError(service) => {
                let message = service.err().message().filter(|m| *m != code).unwrap_or_default();
                let fault = fault_of(&code);
                (if message.is_empty() { code.clone() } else { format!("{code}: {message}") }, fault)
            }
            SdkError::TimeoutError(_) => ("no answer in time".to_owned(), Fault::Transient),
            SdkError::DispatchFailure(failure) => (innermost(failure.as_connector_error()), Fault::Transient),
            SdkError::ResponseError(_) => ("an answer that makes no sense".to_owned(), Fault::Transient),
            other => (other.to_string(), Fault::Permanent),
        };
        ApiError { action, message, fault }
    }
}

/// The text of the error at the root: the outer ones only say that a request failed.
fn innermost(error: Option<&(impl std::error::Error + 'static)>) -> String {
    let Some(error) = error else { return "no connection".to_owned() };
    let mut current: &dyn std::error::Error = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

fn fault_of(code: &str) -> Fault {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthFailure"
        | "OptInRequired"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch" => Fault::Forbidden,
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "ServiceUnavailable"
        | "Unavailable"
        | "InternalError"
        | "InternalFailure"
        | "ResourceContention"
        | "ScalingActivityInProgress" => Fault::Transient,
        _ => Fault::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_whether_to_try_again() {
        assert_eq!(fault_of("UnauthorizedOperation"), Fault::Forbidden);
        assert_eq!(fault_of("RequestLimitExceeded"), Fault::Transient);
        assert_eq!(fault_of("InvalidParameterValue"), Fault::Permanent);
    }
}
