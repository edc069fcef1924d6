//! `check plan`.

use crate::cli::flags::{Choice, choices};
use crate::cli::output::{self, Rendered};
use crate::cli::style::Paint;
use crate::cli::{CliError, Invocation};
use crate::ops::check_plan::{self, Format};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_terraform::plan::Protected;

/// Check that a Terraform plan does not rebuild a cluster
///
/// Reads a plan of Terraform or OpenTofu in JSON and fails if it destroys or replaces etcd volumes, the API's load balancer, its
/// listeners, target groups or registrations, or if it removes every instance group of a control plane at once: by destroying or
/// replacing them, resizing them to 0, or by an instance refresh. Resources are recognized by their tags and names, at any
/// address and in any module. Exits with 2 if something was found, and with 1 if the plan cannot be checked.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PlanArgs {
    /// Output of `terraform show -json PLAN`; `-` is standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Changes that are made deliberately; they are listed and do not fail the check
    #[arg(long, value_parser = choices(PROTECTED), value_name = "KIND", value_delimiter = ',')]
    allow: Vec<Protected>,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "text")]
    output: Rendered<Format>,
}

const PROTECTED: [Choice<Protected>; 3] = [
    ("etcd", Protected::Etcd, "etcd volumes may be destroyed"),
    ("api", Protected::Api, "The API's load balancer and everything behind it may be destroyed"),
    ("control-plane", Protected::ControlPlane, "Every instance group of the control plane may go at once"),
];

const FORMATS: [Choice<Rendered<Format>>; 4] = [
    ("text", Rendered::As(Format::Text), "Each finding with its addresses and a hint"),
    ("json", Rendered::As(Format::Json), "A JSON object with all findings"),
    ("yaml", Rendered::Yaml, "The same as YAML"),
    ("github", Rendered::As(Format::Github), "Workflow commands of GitHub Actions"),
];

const EXAMPLES: &str = "\
Examples:
  Check a plan before it is applied
    terraform plan -out plan.bin
    terraform show -json plan.bin | kopsform check plan - && terraform apply plan.bin

  In a pull request on GitHub
    kopsform check plan plan.json -o github

  Replace the volumes of etcd deliberately
    kopsform check plan plan.json --allow etcd
";

impl PlanArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let checked = check_plan::run(&self.file, &self.allow.iter().copied().collect()).await?;
        let format = self.output.format(Format::Json);
        let paint = (format != Format::Json).then_some(Paint::Messages);
        output::print(invocation, self.output, paint, checked.render(format))?;
        if format == Format::Text {
            invocation.ui.note(&checked.summary());
        }
        Ok(if checked.findings.is_empty() { ExitCode::Done } else { ExitCode::ChangeNeeded })
    }
}
