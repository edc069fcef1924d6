//! `replace`.

use super::{CliError, Invocation};
use crate::exit::ExitCode;
use crate::ops::documents::read_texts;
use crate::ops::facts::{FactFinder, LookupOptions};
use crate::ops::replace::{ReplaceOptions, ReplacePlan, Surrounding, apply, plan};
use crate::ops::running_instances::AutoscalingCounter;
use crate::ops::specs::Existing;

/// Store clusters, instance groups and SSH keys as files have them
///
/// All documents are read and checked before the first one is stored. What is stored already as a file has it is not written
/// again.
#[derive(Debug, clap::Args)]
pub struct ReplaceArgs {
    /// Files with one or more documents, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", required = true, value_delimiter = ',')]
    filename: Vec<String>,
    /// Create what does not exist yet
    #[arg(long)]
    force: bool,
    /// Show what would change and store nothing; exit code 2 if something would
    #[arg(long)]
    dry_run: bool,
    /// How --dry-run shows it
    #[arg(short, long, value_enum, default_value_t = DiffFormat::Text)]
    output: DiffFormat,
    /// Delete instance groups that are not in the files, if they have no instances
    #[arg(long)]
    prune: bool,
    /// Make unknown fields errors
    #[arg(long)]
    strict: bool,
    /// Recorded facts, for new clusters in shared networks [env: KOPSFORM_LOCK]
    #[arg(long, value_name = "FILE")]
    lock: Option<std::path::PathBuf>,
    /// Ask nothing of AWS but the state store
    #[arg(long)]
    offline: bool,
}

/// How changes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DiffFormat {
    Text,
    Json,
}

impl ReplaceArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let environment = &invocation.environment;
        let state = invocation.state_store()?;
        let texts = read_texts(&self.filename, environment).await?;
        let existing = if self.force { Existing::Optional } else { Existing::Required };
        let options = ReplaceOptions { existing, force_prune: self.force, prune: self.prune, strict: self.strict };
        let mut facts = FactFinder::open(&LookupOptions { lock: self.lock, offline: self.offline }, environment)?;
        let instances = AutoscalingCounter { environment, offline: self.offline };
        let around = Surrounding { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
        let plan = plan(&state, &texts, options, around).await?;
        for warning in plan.warnings.warnings() {
            invocation.ui.warn(&warning.to_string());
        }
        if self.dry_run {
            return show(invocation, &plan, self.output);
        }
        apply(&state, plan, &invocation.holder("replace")).await?;
        Ok(ExitCode::Done)
    }
}

fn show(invocation: &Invocation, plan: &ReplacePlan, format: DiffFormat) -> Result<ExitCode, CliError> {
    let changed: Vec<_> = plan.changed().collect();
    match format {
        DiffFormat::Text => {
            for planned in &changed {
                invocation.ui.data(&planned.diff());
            }
            if changed.is_empty() {
                invocation.ui.note("No changes");
            }
        }
        DiffFormat::Json => {
            let objects: Vec<_> = plan.objects.iter().map(|planned| planned.summary()).collect();
            let text = serde_json::to_string_pretty(&serde_json::json!({ "objects": objects }))
                .map_err(|error| CliError::message(error.to_string()))?;
            invocation.ui.data(&format!("{text}\n"));
        }
    }
    Ok(if changed.is_empty() { ExitCode::Done } else { ExitCode::ChangeNeeded })
}
