//! `toolbox`: helpers around clusters.

mod template;

use super::absent::{self, AbsentArgs};
use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Helpers around clusters
#[derive(Debug, clap::Args)]
pub struct ToolboxArgs {
    #[command(subcommand)]
    command: ToolboxCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ToolboxCommand {
    Template(template::TemplateArgs),
    #[command(hide = true)]
    Addons(AbsentArgs),
    #[command(hide = true)]
    Clusterapi(AbsentArgs),
    #[command(hide = true)]
    Dump(AbsentArgs),
    #[command(hide = true)]
    Enroll(AbsentArgs),
    #[command(hide = true)]
    InstanceSelector(AbsentArgs),
}

impl ToolboxArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            ToolboxCommand::Template(args) => args.run(invocation).await,
            ToolboxCommand::Addons(args) => args.run(absent::TOOLBOX_ADDONS, invocation).await,
            ToolboxCommand::Clusterapi(args) => args.run(absent::TOOLBOX_CLUSTERAPI, invocation).await,
            ToolboxCommand::Dump(args) => args.run(absent::TOOLBOX_DUMP, invocation).await,
            ToolboxCommand::Enroll(args) => args.run(absent::TOOLBOX_ENROLL, invocation).await,
            ToolboxCommand::InstanceSelector(args) => args.run(absent::TOOLBOX_INSTANCE_SELECTOR, invocation).await,
        }
    }
}
