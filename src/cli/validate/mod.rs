//! `validate`: checks specs and running clusters.

mod cluster;
mod spec;

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Validate clusters and specs
#[derive(Debug, clap::Args)]
pub struct ValidateArgs {
    #[command(subcommand)]
    command: ValidateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ValidateCommand {
    Spec(spec::SpecArgs),
    Cluster(cluster::ValidateClusterArgs),
}

impl ValidateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ValidateCommand::Spec(args) => args.run(invocation).await,
            ValidateCommand::Cluster(args) => args.run(invocation).await,
        }
    }
}
