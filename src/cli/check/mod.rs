//! `check`: checks what other programs are about to do.

mod plan;

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Check Terraform plans
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(subcommand)]
    command: CheckCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CheckCommand {
    Plan(plan::PlanArgs),
}

impl CheckArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            CheckCommand::Plan(args) => args.run(invocation).await,
        }
    }
}
