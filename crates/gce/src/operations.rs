//! Long-running operations: almost every change in Compute Engine is one. The call that starts it answers with the operation; its
//! `status` is `DONE` at the end, with or without an error.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::api::Api;
use crate::endpoints::Service;
use crate::error::ApiError;
use crate::link::Link;
use crate::value::text;

/// How long an operation is waited for, unless the caller says otherwise: creating and deleting groups takes minutes.
pub(crate) const BUDGET: Duration = Duration::from_secs(20 * 60);
/// The pause before an operation is first looked at; each further pause is half as long again, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Api {
    /// Waits until an operation that a call answered with is done: a zonal, regional or global one.
    ///
    /// # Errors
    /// The operation's own error, with what it was about; [`ApiError::Unfinished`] when `budget` is used up.
    pub(crate) async fn finish(&self, operation: Value, budget: Duration) -> Result<(), ApiError> {
        let begun = Instant::now();
        let (mut operation, mut pause) = (operation, FIRST_PAUSE);
        while text(&operation, "status") != "DONE" {
            let Some(link) = Link::parse(text(&operation, "selfLink")) else {
                let reason = format!("an operation without address: {}", text(&operation, "name"));
                return Err(ApiError::Malformed { address: self.url(Service::Compute, ""), reason });
            };
            if begun.elapsed() + pause > budget {
                return Err(ApiError::Unfinished {
                    action: action(&operation),
                    seconds: budget.as_secs(),
                    operation: link.name,
                });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            operation = match self.find(self.url(Service::Compute, &link.to_string())).await? {
                Some(operation) => operation,
                // Google keeps operations for weeks after they ended.
                None => return Ok(()),
            };
        }
        failure(&operation).map_or(Ok(()), Err)
    }
}

/// The error of an operation that is done; `None` if it succeeded.
fn failure(operation: &Value) -> Option<ApiError> {
    let errors = operation.pointer("/error/errors").and_then(Value::as_array)?;
    let first = errors.first()?;
    let status = operation.get("httpErrorStatusCode").and_then(Value::as_u64);
    let messages: Vec<&str> =
        errors.iter().map(|error| text(error, "message")).filter(|text| !text.is_empty()).collect();
    Some(ApiError::Refused {
        status: status.and_then(|status| u16::try_from(status).ok()).unwrap_or(400),
        reason: text(first, "code").to_owned(),
        message: match messages.is_empty() {
            true => format!("{} failed: {}", action(operation), text(first, "code")),
            false => format!("{} failed: {}", action(operation), messages.join("; ")),
        },
    })
}

/// What an operation does: `delete of projects/p/global/networks/n`.
fn action(operation: &Value) -> String {
    let target = text(operation, "targetLink");
    let target = Link::parse(target).map_or_else(|| target.to_owned(), |link| link.to_string());
    format!("{} of {target}", text(operation, "operationType"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_operation_is_reported_with_its_target() {
        let operation = json!({
            "operationType": "delete", "targetLink": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n",
            "status": "DONE", "httpErrorStatusCode": 400,
            "error": { "errors": [{ "code": "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "message": "used by s" }] },
        });
        let error = failure(&operation).unwrap();
        assert_eq!(error.to_string(), "delete of projects/p/global/networks/n failed: used by s (HTTP 400)");
        assert!(error.is_in_use() && !error.is_not_found());
    }

    #[test]
    fn a_done_operation_without_errors_succeeded() {
        assert!(failure(&json!({ "status": "DONE" })).is_none());
        assert!(failure(&json!({ "status": "DONE", "error": { "errors": [] } })).is_none());
    }
}
