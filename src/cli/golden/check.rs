//! `golden check`.

use super::CasesArgs;
use crate::cli::flags::{Choice, choices};
use crate::cli::output::{self, Rendered};
use crate::cli::style::Paint;
use crate::cli::{CliError, Invocation, progress};
use crate::ops::golden::{self, Format, Status};
use kopsform_diagnostics::exit::ExitCode;

/// Compare rendered cases with their expected files
///
/// Reports differences of meaning separately from those of bytes only. Exits with code 2 if there are any, and with 1 if a case cannot
/// be rendered. Writes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    cases: CasesArgs,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "text")]
    output: Rendered<Format>,
}

const FORMATS: [Choice<Rendered<Format>>; 5] = [
    ("text", Rendered::As(Format::Text), "A line for each difference"),
    (
        "json",
        Rendered::As(Format::Json),
        "A JSON object with all findings: file, resource, object, path, old and new value",
    ),
    ("yaml", Rendered::Yaml, "The same as YAML"),
    ("junit", Rendered::As(Format::Junit), "JUnit XML, for build servers"),
    ("github", Rendered::As(Format::Github), "Workflow commands of GitHub Actions"),
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
            golden::check(&cases, self.cases.jobs(), &|done| progress::phase(&format!("{done} of {total} cases")))?;
        let format = self.output.format(Format::Json);
        let paint = matches!(format, Format::Text | Format::Github).then_some(Paint::Changes);
        output::print(invocation, self.output, paint, golden::render(&reports, format))?;
        if format == Format::Text {
            ui.note(&golden::summary(&reports));
        }
        let has = |status: Status| reports.iter().any(|report| report.status() == status);
        Ok(if has(Status::Failed) {
            ExitCode::Error
        } else if has(Status::Meaning) || has(Status::Bytes) {
            if format == Format::Text {
                let dir = self.cases.dir.display();
                ui.note(&format!("hint: if this is meant, run `kopsform golden update {dir}` and review the diff"));
            }
            ExitCode::ChangeNeeded
        } else {
            ExitCode::Done
        })
    }
}
