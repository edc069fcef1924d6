//! `replace`.

use super::documents::DocumentArgs;
use super::{CliError, Invocation};
use crate::ops::replace::{ReplaceDeps, ReplaceOptions, apply, plan};
use crate::ops::specs::Existing;
use kopsform_diagnostics::exit::ExitCode;

/// Store clusters, instance groups and SSH keys as files have them
///
/// All documents are read and checked before the first one is stored. What is stored already as a file has it is not written
/// again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ReplaceArgs {
    #[command(flatten)]
    documents: DocumentArgs,
    /// Create what does not exist yet
    #[arg(long)]
    force: bool,
    /// Delete instance groups that are not in the files, if they have no instances
    #[arg(long)]
    prune: bool,
}

const EXAMPLES: &str = "\
Examples:
  See what a file would change
    kopsform replace -f cluster.yaml --dry-run

  Store it, new objects too, and drop groups that are not in it any more
    kopsform replace -f cluster.yaml --force --prune
";

impl ReplaceArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let documents = self.documents;
        let state = invocation.state_store()?;
        let texts = documents.texts(invocation).await?;
        let existing = if self.force { Existing::Optional } else { Existing::Required };
        let options = ReplaceOptions { existing, force_prune: self.force, prune: self.prune, strict: documents.strict };
        let (mut facts, instances) = (documents.facts(invocation)?, documents.instances(invocation));
        let environment = &invocation.environment;
        let around = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
        let plan = plan(&state, &texts, options, around).await?;
        for warning in plan.warnings.warnings() {
            invocation.ui.warn(&warning.to_string());
        }
        if documents.dry_run {
            return documents.show(invocation, &plan);
        }
        apply(&state, plan, &invocation.holder("replace")).await?;
        Ok(ExitCode::Done)
    }
}
