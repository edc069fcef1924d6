//! `migrate cloudformation`: takes the resources of a running cluster over into a stack.

use super::cloudformation::{CloudFormationError, render};
use super::update_cluster::{UpdateDeps, UpdateOptions};
use kopsform_cloudformation::Options;
use kopsform_cloudformation::import::{Import, import};
use kopsform_state::StateStore;

/// The template of the import, and the file that says which logical id is which resource. Nothing is written.
///
/// # Errors
/// If the cluster cannot be rendered, or what exists cannot be read.
pub async fn run(
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
    deps: UpdateDeps<'_, '_>,
) -> Result<Import, CloudFormationError> {
    let plan = render(state, name, options, Options::default(), deps).await?;
    let existing = plan.existing(state).await?;
    Ok(import(plan.output(), &existing))
}
