//! `toolbox`: utilities.

mod template;

use super::unsupported::{self, UnsupportedArgs};
use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Utilities for specs
#[derive(Debug, clap::Args)]
pub struct ToolboxArgs {
    #[command(subcommand)]
    command: ToolboxCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ToolboxCommand {
    Template(template::TemplateArgs),
    #[command(hide = true)]
    Addons(UnsupportedArgs),
    #[command(hide = true)]
    Clusterapi(UnsupportedArgs),
    #[command(hide = true)]
    Dump(UnsupportedArgs),
    #[command(hide = true)]
    Enroll(UnsupportedArgs),
    #[command(hide = true)]
    InstanceSelector(UnsupportedArgs),
}

impl ToolboxArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ToolboxCommand::Template(args) => args.run(invocation).await,
            ToolboxCommand::Addons(args) => args.run(unsupported::TOOLBOX_ADDONS, invocation).await,
            ToolboxCommand::Clusterapi(args) => args.run(unsupported::TOOLBOX_CLUSTERAPI, invocation).await,
            ToolboxCommand::Dump(args) => args.run(unsupported::TOOLBOX_DUMP, invocation).await,
            ToolboxCommand::Enroll(args) => args.run(unsupported::TOOLBOX_ENROLL, invocation).await,
            ToolboxCommand::InstanceSelector(args) => {
                args.run(unsupported::TOOLBOX_INSTANCE_SELECTOR, invocation).await
            }
        }
    }
}
