//! Flags that `create -f` and `replace -f` share, and the output of `--dry-run`.

use super::allow::AllowArgs;
use super::flags::LookupArgs;
use super::output::{Format, encoded};
use super::style::Paint;
use super::{CliError, Invocation, progress};
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
    /// Output format of what changes or would change
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// Report unknown fields as errors
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub allow: AllowArgs,
    #[command(flatten)]
    lookup: LookupArgs,
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
        let _paused = self.filename.iter().any(|file| file == "-").then(progress::pause);
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
        match self.document(plan)? {
            Some(document) => invocation.ui.data(&document),
            None => {
                for planned in &changed {
                    invocation.ui.painted(Paint::UnifiedDiff, &planned.diff());
                }
                if changed.is_empty() {
                    invocation.ui.note("No changes");
                }
            }
        }
        Ok(if changed.is_empty() { ExitCode::Done } else { ExitCode::ChangeNeeded })
    }

    /// What a plan changes, as a document; `None` if text is wanted.
    pub fn document(&self, plan: &ReplacePlan) -> Result<Option<String>, CliError> {
        if self.output == Format::Text {
            return Ok(None);
        }
        let objects: Vec<_> = plan.objects.iter().map(|planned| planned.summary()).collect();
        encoded(&serde_json::json!({ "objects": objects }), self.output).map(Some)
    }
}
