//! What `create -f` and `replace -f` share: their flags, and how they show what would change.

use super::flags::LookupArgs;
use super::{CliError, Invocation};
use crate::ops::documents::{Text, read_texts};
use crate::ops::facts::FactFinder;
use crate::ops::replace::ReplacePlan;
use crate::ops::running_instances::AutoscalingCounter;
use kopsform_diagnostics::exit::ExitCode;

/// Files, and what is held against them.
#[derive(Debug, clap::Args)]
pub struct DocumentArgs {
    /// Files with one or more documents, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", value_delimiter = ',')]
    pub filename: Vec<String>,
    /// Show what would change and store nothing; exit code 2 if something would
    #[arg(long)]
    pub dry_run: bool,
    /// How --dry-run shows it
    #[arg(short, long, value_enum, default_value_t = DiffFormat::Text)]
    output: DiffFormat,
    /// Make unknown fields errors
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    lookup: LookupArgs,
}

/// How changes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DiffFormat {
    Text,
    Json,
}

impl DocumentArgs {
    /// The texts of the files.
    ///
    /// # Errors
    /// When no file is named, or one cannot be read.
    pub async fn texts(&self, invocation: &Invocation) -> Result<Vec<Text>, CliError> {
        if self.filename.is_empty() {
            return Err(CliError::message("no file is given").hint("name one with -f, or `-` for standard input"));
        }
        Ok(read_texts(&self.filename, &invocation.environment).await?)
    }

    /// Where facts about shared networks come from.
    pub fn facts(&self, invocation: &Invocation) -> Result<FactFinder, CliError> {
        Ok(FactFinder::open(&self.lookup.clone().into(), &invocation.environment)?)
    }

    /// What counts instances in AWS.
    pub fn instances<'a>(&self, invocation: &'a Invocation) -> AutoscalingCounter<'a> {
        AutoscalingCounter { environment: &invocation.environment, offline: self.lookup.offline }
    }

    /// Shows what a plan comes to.
    pub fn show(&self, invocation: &Invocation, plan: &ReplacePlan) -> Result<ExitCode, CliError> {
        let changed: Vec<_> = plan.changed().collect();
        match self.output {
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
}
