//! `validate`: checks specs and running clusters.

#[cfg(all(feature = "aws", feature = "kube"))]
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
    #[cfg(all(feature = "aws", feature = "kube"))]
    Cluster(cluster::ValidateClusterArgs),
}

impl ValidateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ValidateCommand::Spec(args) => args.run(invocation).await,
            #[cfg(all(feature = "aws", feature = "kube"))]
            ValidateCommand::Cluster(args) => args.run(invocation).await,
        }
    }
}
