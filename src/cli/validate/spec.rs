//! `validate spec`.

use std::path::PathBuf;

use crate::cli::allow::AllowArgs;
use crate::cli::flags::{Choice, LookupArgs, choices};
use crate::cli::output::{self, Rendered};
use crate::cli::style::Paint;
use crate::cli::{CliError, Invocation};
use crate::ops::support::documents::read_files;
use crate::ops::validate_spec::{self, Format, ValidateOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::features::Features;
use kopsform_model::facts::lock;

/// Validate specs without network, cloud or state store
///
/// Clusters, instance groups and related objects are validated together: pass all files of a cluster at once. Exits with code
/// 1 if there is an error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SpecArgs {
    /// Files with one or more documents, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", required = true, value_delimiter = ',')]
    filename: Vec<String>,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "table")]
    output: Rendered<Format>,
    /// Report warnings as errors
    #[arg(long)]
    strict: bool,
    /// Lock file whose facts specs are checked against, too: VPCs, subnets, zones, the account [env: KOPSFORM_LOCK] [default:
    /// kopsform.lock here or next to kopsform.yaml, if it exists]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    #[command(flatten)]
    allow: AllowArgs,
}

const FORMATS: [Choice<Rendered<Format>>; 6] = [
    ("table", Rendered::As(Format::Table), "Each finding with its location, line and hint"),
    ("json", Rendered::As(Format::Json), "A JSON object with all findings"),
    ("yaml", Rendered::Yaml, "The same as YAML"),
    ("sarif", Rendered::As(Format::Sarif), "SARIF 2.1.0, for code scanning"),
    ("github", Rendered::As(Format::Github), "Workflow commands of GitHub Actions"),
    ("junit", Rendered::As(Format::Junit), "JUnit XML, for build servers"),
];

const EXAMPLES: &str = "\
Examples:
  Validate a cluster with all its instance groups
    kopsform validate spec -f cluster.yaml,nodes.yaml

  In a pull request on GitHub
    kopsform validate spec -f cluster.yaml --strict -o github

  With a rule switched off that does not apply to the cluster
    kopsform validate spec -f cluster.yaml --allow unknown-feature-gate
";

impl SpecArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let allowed = self.allow.rules(invocation)?;
        let inputs = read_files(&self.filename, &invocation.environment).await?;
        let features = Features::from_environment(&invocation.environment);
        let lookup = invocation.lookup(&LookupArgs { lock: self.lock.clone(), offline: true })?;
        let facts = lookup.lock.as_deref().map(lock::read).transpose()?;
        let (strict, facts) = (self.strict, facts.as_ref());
        let report = validate_spec::run(&inputs, &ValidateOptions { features: &features, strict, allowed, facts });
        let format = self.output.format(Format::Json);
        let paint = matches!(format, Format::Table | Format::Github).then_some(Paint::Messages);
        output::print(invocation, self.output, paint, validate_spec::render(&report, &self.filename, format))?;
        let (errors, warnings) = (report.error_count(), report.warning_count());
        if format == Format::Table {
            let files = if inputs.len() == 1 { "1 file".to_owned() } else { format!("{} files", inputs.len()) };
            let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let summary = format!("{files}: {}, {}", count(errors, "error"), count(warnings, "warning"));
            invocation.ui.note(&summary);
        }
        Ok(if errors > 0 { ExitCode::Error } else { ExitCode::Done })
    }
}
