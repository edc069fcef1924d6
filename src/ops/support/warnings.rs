//! Warnings of operations that fail.

use std::fmt::Display;

/// Logs warnings that would be returned if the operation had succeeded: they often say why it failed. The log shows them as the
/// user interface shows others.
pub(in crate::ops) fn log_warnings(warnings: impl IntoIterator<Item = impl Display>) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}
