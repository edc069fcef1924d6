//! `toolbox`: helpers around clusters.

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Helpers around clusters
#[derive(Debug, clap::Args)]
pub struct ToolboxArgs {
    #[command(subcommand)]
    command: ToolboxCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ToolboxCommand {}

impl ToolboxArgs {
    pub(super) async fn run(self, _invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {}
    }
}
