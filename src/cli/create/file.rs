//! `create -f`.

use crate::cli::documents::DocumentArgs;
use crate::cli::{CliError, Invocation, progress};
use crate::ops::create;
use crate::ops::replace::{ReplaceDeps, apply};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::Store as _;

/// Stores new objects from files.
pub(super) async fn run(documents: DocumentArgs, invocation: &Invocation) -> Result<ExitCode, CliError> {
    let allowed = documents.allow.rules(invocation)?;
    let inputs = documents.read(invocation).await?;
    let state = invocation.state_store()?;
    let (mut facts, instances) = (documents.facts(invocation)?, documents.instances(invocation));
    let environment = &invocation.environment;
    let deps = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
    if !documents.dry_run {
        state.store().prepare_to_write();
    }
    progress::phase("checking the documents against the state store");
    let plan = create::plan(&state, &inputs, documents.strict, allowed, deps).await?;
    for warning in plan.warnings.warnings() {
        invocation.ui.warn(&warning.to_string());
    }
    if documents.dry_run {
        return documents.show(invocation, &plan);
    }
    let (document, summary) = (documents.document(&plan)?, create::summary(&plan));
    progress::phase("storing objects");
    apply(&state, plan, &invocation.holder("create")).await?;
    match document {
        Some(document) => invocation.ui.data(&document),
        None => invocation.ui.text(&summary),
    }
    Ok(ExitCode::Done)
}
