//! `validate spec`.

use crate::cli::{CliError, Invocation};
use crate::ops::documents::read_texts;
use crate::ops::validate_spec::{self, Format};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::features::Features;

/// Find every mistake in specs, without network, cloud or store
///
/// Clusters, instance groups and what belongs to them are checked together: give all files of a cluster at once. Exit code 1
/// if there is an error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SpecArgs {
    /// Files with one or more documents, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", required = true, value_delimiter = ',')]
    filename: Vec<String>,
    /// How findings are printed
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Make warnings errors
    #[arg(long)]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  Check a cluster with all of its groups
    kopsform validate spec -f cluster.yaml,nodes.yaml

  In a pull request on GitHub
    kopsform validate spec -f cluster.yaml --strict -o github
";

impl SpecArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let texts = read_texts(&self.filename, &invocation.environment).await?;
        let features = Features::from_environment(&invocation.environment);
        let report = validate_spec::run(&texts, &features, self.strict);
        invocation.ui.data(&validate_spec::render(&report, &self.filename, self.output));
        let (errors, warnings) = (report.error_count(), report.warning_count());
        if self.output == Format::Table {
            let files = if texts.len() == 1 { "1 file".to_owned() } else { format!("{} files", texts.len()) };
            let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let summary = format!("{files}: {}, {}", count(errors, "error"), count(warnings, "warning"));
            invocation.ui.note(&summary);
        }
        Ok(if errors > 0 { ExitCode::Error } else { ExitCode::Done })
    }
}
