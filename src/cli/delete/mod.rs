//! `delete`: clusters, instance groups, keys and secrets.

mod secret;
mod sshpublickey;

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Delete clusters, instance groups, keys and secrets
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    #[command(subcommand)]
    command: DeleteCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DeleteCommand {
    Secret(secret::DeleteSecretArgs),
    #[command(name = "sshpublickey", alias = "ssh")]
    SshPublicKey(sshpublickey::DeleteSshPublicKeyArgs),
}

impl DeleteArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            DeleteCommand::Secret(args) => args.run(invocation).await,
            DeleteCommand::SshPublicKey(args) => args.run(invocation).await,
        }
    }
}
