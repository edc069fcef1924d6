//! `golden check`.

use super::CasesArgs;
use crate::cli::flags::{Choice, choices};
use crate::cli::{CliError, Invocation};
use crate::ops::golden::{self, Format, Status};
use kopsform_diagnostics::exit::ExitCode;

/// Compare what cases render to with their expected files
///
/// Differences of meaning and of bytes only are reported separately. Exits with code 2 if there are any, and with 1 if a case cannot
/// be rendered. Nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    cases: CasesArgs,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "text")]
    output: Format,
}

const FORMATS: [Choice<Format>; 4] = [
    ("text", Format::Text, "A line for each difference"),
    ("json", Format::Json, "A JSON object with all findings: file, resource, object, path, old and new value"),
    ("junit", Format::Junit, "JUnit XML, for build servers"),
    ("github", Format::Github, "Workflow commands of GitHub Actions"),
];

const EXAMPLES: &str = "\
Examples:
  Check all cases below golden/
    kopsform golden check

  Check the cases of one environment, in a pull request on GitHub
    kopsform golden check clusters --filter '^prod-' -o github
";

impl CheckArgs {
    pub(super) fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cases = self.cases.cases()?;
        let ui = &invocation.ui;
        let total = cases.len();
        let reports =
            golden::check(&cases, self.cases.jobs(), &|done| ui.progress(&format!("{done} of {total} cases")))?;
        ui.progress("");
        let text = golden::render(&reports, self.output);
        match self.output {
            Format::Text | Format::Github => ui.text(&text),
            Format::Json | Format::Junit => ui.data(&text),
        }
        if self.output == Format::Text {
            ui.note(&golden::summary(&reports));
        }
        let has = |status: Status| reports.iter().any(|report| report.status() == status);
        Ok(if has(Status::Failed) {
            ExitCode::Error
        } else if has(Status::Meaning) || has(Status::Bytes) {
            if self.output == Format::Text {
                let dir = self.cases.dir.display();
                ui.note(&format!("hint: if this is meant, run `kopsform golden update {dir}` and review the diff"));
            }
            ExitCode::ChangeNeeded
        } else {
            ExitCode::Done
        })
    }
}
