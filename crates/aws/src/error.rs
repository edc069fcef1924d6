//! The meaning of errors from AWS: one table of codes for all services, and one reading of the SDK's errors.

use std::error::Error;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::credentials::CredentialsProblem;
use crate::request_log::Unreachable;
use kopsform_diagnostics::root_cause;
use kopsform_rolling::ports::{ApiError, Retryability};

/// What a code in an error response means, whichever service sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The resource the call is about does not exist.
    NotFound,
    /// Another id in the call is malformed or belongs to no resource.
    BadReference,
    /// A resource of that name exists.
    AlreadyExists,
    /// Another resource still uses it.
    InUse,
    /// The caller lacks a permission.
    AccessDenied,
    /// The credentials are not accepted or have expired.
    Credentials,
    /// The request's time is too far from the server's.
    ClockSkew,
    /// The resource is in another region.
    WrongRegion,
    /// Too many calls.
    Throttled,
    /// The service, or the resource for the moment, cannot serve the call.
    Unavailable,
    /// The condition of a conditional request does not hold.
    Conflict,
    /// The server does not implement the request.
    Unsupported,
    /// Anything else.
    Other,
}

impl ErrorClass {
    /// The class of a code such as `InvalidVpcID.NotFound`.
    pub fn of(code: &str) -> Self {
        use ErrorClass::*;
        match code {
            // Teardown takes these as "already deleted". NoSuchEntity and Gateway.NotAttached can be about a part of the resource:
            // its calls about parts do not pass them on. Other codes about parts, such as InvalidSecurityGroupRuleId.NotFound,
            // must not end up here.
            "InvalidInstanceID.NotFound"
            | "InvalidGroup.NotFound"
            | "InvalidVolume.NotFound"
            | "InvalidSubnetID.NotFound"
            | "InvalidRouteTableID.NotFound"
            | "InvalidDhcpOptionsID.NotFound"
            | "InvalidDhcpOptionID.NotFound"
            | "InvalidInternetGatewayID.NotFound"
            | "InvalidGatewayID.NotFound"
            | "InvalidAllocationID.NotFound"
            | "InvalidNetworkInterfaceID.NotFound"
            | "InvalidVpcID.NotFound"
            | "InvalidLaunchTemplateId.NotFound"
            | "InvalidLaunchTemplateId.NotFoundException"
            | "InvalidLaunchTemplateName.NotFoundException"
            | "InvalidKeyPair.NotFound"
            | "InvalidEgressOnlyInternetGatewayId.NotFound"
            | "Gateway.NotAttached"
            | "NatGatewayNotFound"
            | "LoadBalancerNotFound"
            | "TargetGroupNotFound"
            | "NoSuchEntity"
            | "NoSuchHostedZone"
            | "NoSuchBucket"
            | "NoSuchKey"
            | "NotFound"
            | "ParameterNotFound"
            | "QueueDoesNotExist"
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "ResourceNotFoundException" => NotFound,
            // Classic load balancers: the instance is not registered.
            "InvalidInstance" => BadReference,
            "AlreadyExists"
            | "EntityAlreadyExists"
            | "BucketAlreadyOwnedByYou"
            | "DuplicateLoadBalancerName"
            | "DuplicateTargetGroupName"
            | "HostedZoneAlreadyExists"
            | "InvalidLaunchTemplateName.AlreadyExistsException"
            | "RouteAlreadyExists" => AlreadyExists,
            "DependencyViolation"
            | "VolumeInUse"
            | "ResourceInUse"
            | "ResourceInUseFault"
            | "ResourceInUseException"
            | "DeleteConflict" => InUse,
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "OptInRequired"
            | "AllAccessDisabled"
            | "AccountProblem"
            | "KMS.DisabledException" => AccessDenied,
            "AuthFailure"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "InvalidToken"
            | "MissingAuthenticationToken"
            | "SignatureDoesNotMatch"
            | "TokenRefreshRequired"
            | "UnrecognizedClientException" => Credentials,
            "RequestExpired" | "RequestTimeTooSkewed" => ClockSkew,
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "Redirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => WrongRegion,
            "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "SlowDown"
            | "TooManyRequestsException" => Throttled,
            "ServiceUnavailable"
            | "Unavailable"
            | "InternalError"
            | "InternalFailure"
            | "InternalServerError"
            | "RequestTimeout"
            | "ResourceContention"
            | "ScalingActivityInProgress" => Unavailable,
            "PreconditionFailed" | "ConditionalRequestConflict" => Conflict,
            "NotImplemented" => Unsupported,
            _ if code.ends_with(".InUse") => InUse,
            _ if code.ends_with(".Duplicate") => AlreadyExists,
            _ if code.ends_with(".NotFound") || code.ends_with(".Malformed") => BadReference,
            _ => Other,
        }
    }

    fn retryability(self) -> Retryability {
        match self {
            Self::AccessDenied => Retryability::AccessDenied,
            // EC2 answers RequestExpired to the credentials of a session that has ended.
            Self::Credentials | Self::ClockSkew => Retryability::Unauthenticated,
            Self::Throttled | Self::Unavailable => Retryability::Transient,
            _ => Retryability::Permanent,
        }
    }
}

/// The code of an error response, if there was a response.
pub fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Whether an error is about an auto scaling group that does not exist: Auto Scaling has no code of its own for that.
pub fn is_missing_group(code: Option<&str>, message: &str) -> bool {
    code == Some("ValidationError") && message.contains("AutoScalingGroup name not found")
}

/// The class of an error response; `None` without a response or without a code.
pub fn class_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<ErrorClass> {
    code_of(error).map(ErrorClass::of)
}

/// The stage at which a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureStage {
    /// Before it was sent: there are no credentials, or they could not be obtained.
    Credentials,
    /// Before it was sent, for another reason.
    Unsent,
    /// There was no connection, or it broke.
    Connection,
    /// There was no response in time.
    Timeout,
    /// The response is an error.
    Response(ErrorClass),
}

/// The stage at which a call failed, and the message for the user. Never the SDK's Display, which only names the stage.
pub fn classify_sdk_error<E, R>(error: &SdkError<E, R>) -> (FailureStage, String)
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let code = service.err().code().unwrap_or_default();
        let message = service.err().message().filter(|message| *message != code && !message.is_empty());
        let text = match message {
            Some(message) if code.is_empty() => message.to_owned(),
            Some(message) => format!("{code}: {message}"),
            None if code.is_empty() => "an error response without a code".to_owned(),
            None => code.to_owned(),
        };
        return (FailureStage::Response(ErrorClass::of(code)), text);
    }
    if let Some(problem) = CredentialsProblem::of(error) {
        return (FailureStage::Credentials, problem.to_string());
    }
    if let Some(unreachable) = Unreachable::of(error) {
        let stage = if unreachable.is_timeout { FailureStage::Timeout } else { FailureStage::Connection };
        return (stage, unreachable.to_string());
    }
    let root = root_cause(error);
    if chain(error).any(is_credentials_error) {
        return (FailureStage::Credentials, format!("no usable AWS credentials were found: {root}"));
    }
    match error {
        SdkError::TimeoutError(_) => (FailureStage::Timeout, "no response in time".to_owned()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (FailureStage::Timeout, "no response in time".to_owned())
        }
        // The SDK also reports errors between signing and sending this way, with no kind of connection error.
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_user() => {
            (FailureStage::Connection, format!("no connection: {root}"))
        }
        SdkError::DispatchFailure(failure) if failure.as_connector_error().is_some_and(|e| e.as_other().is_some()) => {
            (FailureStage::Connection, format!("no connection: {root}"))
        }
        SdkError::ResponseError(_) => (FailureStage::Connection, format!("unreadable response: {root}")),
        _ => (FailureStage::Unsent, format!("the request was not sent: {root}")),
    }
}

/// What to do about an error that is known before any response: credentials that cannot be used.
pub fn sdk_hint<E: Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> Option<String> {
    CredentialsProblem::of(error).map(CredentialsProblem::hint)
}

/// A failed call, with the class of its error response where there was one.
#[derive(Debug)]
pub struct CallError {
    /// The code of the error response.
    pub code: Option<String>,
    /// The error as the ports report it.
    pub error: ApiError,
}

impl CallError {
    /// The class of the error response.
    pub fn class(&self) -> Option<ErrorClass> {
        self.code.as_deref().map(ErrorClass::of)
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        error.error
    }
}

impl From<ApiError> for CallError {
    fn from(error: ApiError) -> Self {
        Self { code: None, error }
    }
}

/// Turns an SDK error, which the SDK has retried already, into a [`CallError`]. `action` names the call and its resource.
pub fn call_failed<E, R>(action: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let action = action.into();
    move |error| {
        let (stage, mut message) = classify_sdk_error(&error);
        if let Some(hint) = sdk_hint(&error) {
            message = format!("{message}; {hint}");
        }
        let retryability = match stage {
            FailureStage::Response(class) => class.retryability(),
            FailureStage::Timeout | FailureStage::Connection => Retryability::Transient,
            FailureStage::Credentials => Retryability::Unauthenticated,
            FailureStage::Unsent => Retryability::Permanent,
        };
        let code = code_of(&error).map(str::to_owned);
        CallError { code, error: ApiError { action, message, retryability } }
    }
}

/// As [`call_failed`], for callers that do not need the code.
pub fn failed<E, R>(action: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> ApiError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let failed = call_failed(action);
    move |error| failed(error).error
}

/// An error and its causes, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn is_credentials_error(error: &(dyn Error + 'static)) -> bool {
    error.is::<CredentialsError>() || error.is::<TokenError>()
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn stage(error: SdkError<ErrorMetadata, ()>) -> (FailureStage, String) {
        classify_sdk_error(&error)
    }

    #[test]
    fn codes_decide_about_retries() {
        let retryability = |code| ErrorClass::of(code).retryability();
        assert_eq!(retryability("UnauthorizedOperation"), Retryability::AccessDenied);
        for code in ["AuthFailure", "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId"] {
            assert_eq!(retryability(code), Retryability::Unauthenticated, "{code}");
        }
        assert_eq!(retryability("RequestLimitExceeded"), Retryability::Transient);
        assert_eq!(retryability("InvalidParameterValue"), Retryability::Permanent);
    }

    #[test]
    fn a_missing_part_is_not_a_missing_resource() {
        assert_eq!(ErrorClass::of("InvalidVpcID.NotFound"), ErrorClass::NotFound);
        assert_eq!(ErrorClass::of("InvalidSecurityGroupRuleId.NotFound"), ErrorClass::BadReference);
        assert_eq!(ErrorClass::of("InvalidAMIID.Malformed"), ErrorClass::BadReference);
        assert_eq!(ErrorClass::of("InvalidNetworkInterface.InUse"), ErrorClass::InUse);
    }

    #[test]
    fn credentials_errors_are_recognized_by_type() {
        let error = ConnectorError::other(CredentialsError::not_loaded("profile `dev` has none").into(), None);
        let (found, message) = stage(SdkError::dispatch_failure(error));
        assert_eq!(found, FailureStage::Credentials);
        assert_eq!(message, "no usable AWS credentials were found: profile `dev` has none");
        let other = ConnectorError::other("credential server in the text".into(), None);
        assert_eq!(stage(SdkError::dispatch_failure(other)).0, FailureStage::Unsent);
    }

    #[test]
    fn connection_errors_keep_their_root() {
        let io = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let (found, message) = stage(SdkError::dispatch_failure(ConnectorError::io(io.into())));
        assert_eq!((found, message.as_str()), (FailureStage::Connection, "no connection: connection refused"));
        let timeout = ConnectorError::timeout("slow".into());
        assert_eq!(stage(SdkError::dispatch_failure(timeout)).0, FailureStage::Timeout);
    }
}
