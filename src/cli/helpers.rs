//! `helpers`: commands that other programs run.

use std::time::Duration;

use super::{CliError, Invocation, flags};
use crate::ops::kubectl_auth::{self, AuthOptions};
use kopsform_diagnostics::exit::ExitCode;

/// Commands that other programs run
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub struct HelpersArgs {
    #[command(subcommand)]
    command: HelpersCommand,
}

#[derive(Debug, clap::Subcommand)]
enum HelpersCommand {
    /// Print an admin certificate for kubectl
    KubectlAuth {
        /// Name of the cluster
        #[arg(long, default_value = "", hide_default_value = true)]
        cluster: String,
        /// Lifetime of a new certificate
        #[arg(long, value_name = "DURATION", default_value = "1h0m0s", value_parser = flags::duration)]
        lifetime: Duration,
        /// Version of kubectl's credential API
        #[arg(long, default_value = "v1beta1")]
        api_version: String,
    },
}

impl HelpersArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let HelpersCommand::KubectlAuth { cluster, lifetime, api_version } = self.command;
        let options = AuthOptions { cluster, lifetime, api_version };
        let (state, source) = (invocation.state_store()?, invocation.key_source()?);
        let (answer, problem) = kubectl_auth::run(&state, &options, &invocation.environment, &*source).await?;
        if let Some(problem) = problem {
            invocation.ui.warn(&problem);
        }
        invocation.ui.data(&answer);
        Ok(ExitCode::Done)
    }
}
