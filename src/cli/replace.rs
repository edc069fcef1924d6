//! `replace`.

use super::documents::DocumentArgs;
use super::{CliError, Invocation, progress};
use crate::ops::replace::{ReplaceDeps, ReplaceOptions, apply, plan};
use crate::ops::support::specs::Existing;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::Store as _;

/// Replace stored resources from files
///
/// Stores clusters, instance groups and SSH keys. All documents are read and validated before the first one is stored, and
/// unchanged objects are not written.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ReplaceArgs {
    #[command(flatten)]
    documents: DocumentArgs,
    /// Create objects that do not exist
    #[arg(long)]
    force: bool,
    /// Delete instance groups that are not in the files, if they have no instances. The last group of the control plane is never
    /// deleted
    #[arg(long)]
    prune: bool,
    /// With --prune, also delete groups that have instances
    #[arg(long, requires = "prune")]
    force_prune: bool,
}

const EXAMPLES: &str = "\
Examples:
  Show what a file would change
    kopsform replace -f cluster.yaml --dry-run

  Store it, create new objects and delete groups that are no longer in it
    kopsform replace -f cluster.yaml --force --prune
";

impl ReplaceArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let documents = self.documents;
        let inputs = documents.read(invocation).await?;
        let state = invocation.state_store()?;
        let existing = if self.force { Existing::Optional } else { Existing::Required };
        let allowed = documents.allow.rules(invocation)?;
        let options = ReplaceOptions {
            existing,
            prune: self.prune,
            force_prune: self.force_prune,
            strict: documents.strict,
            allowed,
        };
        let (mut facts, instances) = (documents.facts(invocation)?, documents.instances(invocation));
        let environment = &invocation.environment;
        let deps = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
        if !documents.dry_run {
            state.store().prepare_to_write();
        }
        progress::phase("checking the documents against the state store");
        let plan = plan(&state, &inputs, options, deps).await?;
        for warning in plan.warnings.warnings() {
            invocation.ui.warn(&warning.to_string());
        }
        if documents.dry_run {
            return documents.show(invocation, &plan);
        }
        let document = documents.document(&plan)?;
        let pruned: Vec<_> =
            plan.pruned().map(|planned| (planned.write.object.clone(), planned.cluster.clone())).collect();
        progress::phase("storing objects");
        apply(&state, plan, &invocation.holder("replace")).await?;
        document.iter().for_each(|document| invocation.ui.data(document));
        for (object, cluster) in pruned {
            invocation.ui.note(&format!("deleted {object} of {cluster}, which is not in the files"));
        }
        Ok(ExitCode::Done)
    }
}
