//! `validate`: is it as it should be?

mod spec;

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Check specs
#[derive(Debug, clap::Args)]
pub struct ValidateArgs {
    #[command(subcommand)]
    command: ValidateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ValidateCommand {
    Spec(spec::SpecArgs),
}

impl ValidateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ValidateCommand::Spec(args) => args.run(invocation).await,
        }
    }
}
