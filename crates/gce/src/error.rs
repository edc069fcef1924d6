//! Failed calls, with what Google answered.

use kopsform_diagnostics::{NO_CA_CERTIFICATES, root_cause};
use serde::Deserialize;

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApiError {
    /// There is no access token.
    #[error("{reason}")]
    Credentials {
        /// Which credentials were used, and why they do not work.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// The API answered with an error.
    #[error("{message} (HTTP {status})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The reason, such as `notFound`; empty without one.
        reason: String,
        /// The message of the API.
        message: String,
    },
    /// There was no complete answer.
    #[error("no answer from {address}: {reason}")]
    Unreachable {
        /// Scheme and host that were tried.
        address: String,
        /// Why.
        reason: String,
    },
    /// The answer is not what the API documents.
    #[error("unexpected answer from {address}: {reason}")]
    Malformed {
        /// Scheme and host.
        address: String,
        /// Why.
        reason: String,
    },
    /// An operation was started and is not done yet.
    #[error("{action} was not done after {seconds} s; Google continues it as operation {operation}")]
    Unfinished {
        /// What was started, such as `delete of projects/p/global/networks/n`.
        action: String,
        /// How long it was waited for.
        seconds: u64,
        /// The name of the operation.
        operation: String,
    },
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Details,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    message: String,
    errors: Vec<Item>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    reason: String,
}

impl ApiError {
    /// The error in a response.
    pub(crate) fn of_response(status: u16, body: &[u8]) -> Self {
        let details = serde_json::from_slice::<Body>(body).unwrap_or_default().error;
        let reason = details.errors.into_iter().next().map(|item| item.reason).unwrap_or_default();
        let message = if details.message.is_empty() { "the API refused the call".to_owned() } else { details.message };
        Self::Refused { status, reason, message }
    }

    /// The error of a connection.
    pub(crate) fn of_connection(url: &str, error: reqwest::Error) -> Self {
        let reason = match error.is_timeout() {
            true => "none in time".to_owned(),
            false => root_cause(&error.without_url()),
        };
        // The message of rustls-platform-verifier.
        let reason = match reason.contains("No CA certificates") {
            true => NO_CA_CERTIFICATES.to_owned(),
            false => reason,
        };
        Self::Unreachable { address: origin(url), reason }
    }

    /// The HTTP status of an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404) || self.reason() == "RESOURCE_NOT_FOUND"
    }

    /// Whether the identity lacks the permission.
    pub(crate) fn is_denied(&self) -> bool {
        let of_quota = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"];
        self.status() == Some(403) && !of_quota.contains(&self.reason())
    }

    /// The error of a call as the ports know it; `action` is what was attempted, such as `delete zones/z/disks/d`.
    pub(crate) fn of_call(self, action: impl Into<String>) -> kopsform_rolling::ports::ApiError {
        use kopsform_rolling::ports::Retryability;
        let retryability = match &self {
            Self::Credentials { .. } | Self::Refused { status: 401, .. } => Retryability::Unauthenticated,
            _ if self.is_denied() => Retryability::AccessDenied,
            Self::Unfinished { .. } | Self::Refused { status: 403, .. } => Retryability::Transient,
            _ if self.is_temporary() => Retryability::Transient,
            _ => Retryability::Permanent,
        };
        kopsform_rolling::ports::ApiError { action: action.into(), message: self.to_string(), retryability }
    }

    /// The reason of a refusal, such as `notFound`; of operations, such as `RESOURCE_NOT_FOUND`.
    fn reason(&self) -> &str {
        match self {
            Self::Refused { reason, .. } => reason,
            _ => "",
        }
    }

    /// Whether another resource still uses the resource, or an operation is still changing it.
    pub fn is_in_use(&self) -> bool {
        let reasons = ["resourceInUseByAnotherResource", "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE"];
        reasons.contains(&self.reason()) || matches!(self.reason(), "resourceNotReady" | "RESOURCE_NOT_READY")
    }

    /// Whether a resource with this name exists already.
    pub fn is_conflict(&self) -> bool {
        matches!(self.reason(), "alreadyExists" | "RESOURCE_ALREADY_EXISTS")
    }

    /// Whether the resource was changed since it was read: its fingerprint or etag is another one by now.
    pub fn is_outdated(&self) -> bool {
        self.status() == Some(412) || matches!(self.reason(), "aborted" | "CONDITION_NOT_MET")
    }

    /// Whether the same call may succeed later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Unreachable { .. } => true,
            Self::Credentials { .. } | Self::Malformed { .. } | Self::Unfinished { .. } => false,
        }
    }

    /// What to do about it, if that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Credentials { hint, .. } => Some(hint.clone()),
            Self::Refused { status: 401, .. } => {
                Some("log in again: `gcloud auth application-default login`".to_owned())
            }
            Self::Refused { status: 403, .. } => {
                Some("check the roles of the identity, and that the API is enabled in the project".to_owned())
            }
            Self::Refused { status: 404, .. } => Some("check the name, the region and the project".to_owned()),
            Self::Unreachable { .. } => {
                Some("check the network and proxies, or use a lock file with --offline".to_owned())
            }
            Self::Unfinished { .. } => Some("run the command again to continue".to_owned()),
            Self::Refused { .. } | Self::Malformed { .. } => None,
        }
    }
}

/// Turns an error into one of the ports, with what was attempted.
pub(crate) fn call_failed(action: impl Into<String>) -> impl FnOnce(ApiError) -> kopsform_rolling::ports::ApiError {
    move |error| error.of_call(action)
}

/// Scheme and host of a URL.
pub(crate) fn origin(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_message_of_the_api() {
        let body = br#"{"error": {"code": 404, "message": "no network x", "errors": [{"reason": "notFound"}]}}"#;
        let error = ApiError::of_response(404, body);
        assert_eq!(error.to_string(), "no network x (HTTP 404)");
        assert!(error.is_not_found() && !error.is_temporary());
        assert_eq!(ApiError::of_response(503, b"<html>").to_string(), "the API refused the call (HTTP 503)");
        assert!(ApiError::of_response(503, b"").is_temporary());
        assert_eq!(origin("https://a.example.com:1/b/c?d"), "https://a.example.com:1");
    }
}
