//! `toolbox`: helpers around clusters.

mod template;

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Helpers around clusters
#[derive(Debug, clap::Args)]
pub struct ToolboxArgs {
    #[command(subcommand)]
    command: ToolboxCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ToolboxCommand {
    Template(template::TemplateArgs),
}

impl ToolboxArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ToolboxCommand::Template(args) => args.run(invocation).await,
        }
    }
}
