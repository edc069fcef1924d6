//! Flags that `create -f` and `replace -f` share, and the output of `--dry-run`.

use super::allow::AllowArgs;
use super::flags::LookupArgs;
use super::{CliError, Invocation};
use crate::ops::replace::ReplacePlan;
use crate::ops::running_instances::AutoscalingCounter;
use crate::ops::support::documents::{InputFile, read_files};
use crate::ops::support::facts::FactFinder;
use kopsform_diagnostics::exit::ExitCode;

/// Files to store, and how to check and show them.
#[derive(Debug, clap::Args)]
pub struct DocumentArgs {
    /// Files with one or more documents, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", value_delimiter = ',')]
    pub filename: Vec<String>,
    /// Show what would change and store nothing; exit with code 2 if something would change
    #[arg(long)]
    pub dry_run: bool,
    /// Output format of --dry-run
    #[arg(short, long, value_enum, default_value_t = DiffFormat::Text)]
    output: DiffFormat,
    /// Report unknown fields as errors
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
    #[command(flatten)]
    lookup: LookupArgs,
}

/// Output format of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DiffFormat {
    Text,
    Json,
}

impl DocumentArgs {
    /// Reads the files.
    ///
    /// # Errors
    /// If no file is named, or one cannot be read.
    pub async fn read(&self, invocation: &Invocation) -> Result<Vec<InputFile>, CliError> {
        if self.filename.is_empty() {
            return Err(CliError::message("no file is given").hint("use -f FILE, or -f - for standard input"));
        }
        Ok(read_files(&self.filename, &invocation.environment).await?)
    }

    /// Finds facts about shared VPCs and subnets.
    pub fn facts(&self, invocation: &Invocation) -> Result<FactFinder, CliError> {
        Ok(FactFinder::open(&invocation.lookup(&self.lookup)?, &invocation.environment)?)
    }

    /// Counts instances in AWS.
    pub fn instances<'a>(&self, invocation: &'a Invocation) -> AutoscalingCounter<'a> {
        AutoscalingCounter { environment: &invocation.environment, offline: self.lookup.offline }
    }

    /// Shows what a plan would change.
    pub fn show(&self, invocation: &Invocation, plan: &ReplacePlan) -> Result<ExitCode, CliError> {
        let changed: Vec<_> = plan.changed().collect();
        match self.output {
            DiffFormat::Text => {
                for planned in &changed {
                    invocation.ui.text(&planned.diff());
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
}
