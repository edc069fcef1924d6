//! `delete`: clusters, instance groups, keys and secrets.

#[cfg(all(feature = "aws", feature = "kube"))]
mod instance;
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
    #[cfg(all(feature = "aws", feature = "kube"))]
    Instance(instance::DeleteInstanceArgs),
}

impl DeleteArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            DeleteCommand::Secret(args) => args.run(invocation).await,
            DeleteCommand::SshPublicKey(args) => args.run(invocation).await,
            #[cfg(all(feature = "aws", feature = "kube"))]
            DeleteCommand::Instance(args) => args.run(invocation).await,
        }
    }
}
