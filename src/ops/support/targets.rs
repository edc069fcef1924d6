//! Which target a cluster is run with, as the state store records it.

use crate::project::Target;
use kopsform_state::{ReadError, StateStore, record_target};

/// Records that another program changes the cloud from now on, so that other commands leave that to it. A caller who may only write
/// the cluster's own files still gets what was asked for.
///
/// # Errors
/// When the store fails.
pub(in crate::ops) async fn record(state: &StateStore, name: &str, target: Target) -> Result<(), ReadError> {
    match record_target(state, name, Some(target.name())).await {
        Err(error) if error.is_denied() => {
            tracing::debug!(target: "kopsform::store", "the target is not recorded: {error}");
            Ok(())
        }
        outcome => Ok(outcome?),
    }
}
