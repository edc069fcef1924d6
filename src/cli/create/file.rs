//! `create -f`.

use crate::cli::documents::DocumentArgs;
use crate::cli::{CliError, Invocation};
use crate::ops::create;
use crate::ops::replace::{ReplaceDeps, apply};
use kopsform_diagnostics::exit::ExitCode;

/// Stores what files hold and the state store does not hold yet.
pub(super) async fn run(documents: DocumentArgs, invocation: &Invocation) -> Result<ExitCode, CliError> {
    let state = invocation.state_store()?;
    let texts = documents.texts(invocation).await?;
    let (mut facts, instances) = (documents.facts(invocation)?, documents.instances(invocation));
    let environment = &invocation.environment;
    let around = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
    let plan = create::plan(&state, &texts, documents.strict, around).await?;
    for warning in plan.warnings.warnings() {
        invocation.ui.warn(&warning.to_string());
    }
    if documents.dry_run {
        return documents.show(invocation, &plan);
    }
    let summary = create::summary(&plan);
    apply(&state, plan, &invocation.holder("create")).await?;
    invocation.ui.data(&summary);
    Ok(ExitCode::Done)
}
