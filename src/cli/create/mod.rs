//! `create`: clusters, instance groups, keys and secrets.

mod keypair;
mod secret;
mod sshpublickey;

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Create clusters, instance groups, keys and secrets
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    #[command(subcommand)]
    command: CreateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CreateCommand {
    Keypair(keypair::CreateKeypairArgs),
    Secret(secret::CreateSecretArgs),
    #[command(name = "sshpublickey", alias = "ssh")]
    SshPublicKey(sshpublickey::CreateSshPublicKeyArgs),
}

impl CreateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            CreateCommand::Keypair(args) => args.run(invocation).await,
            CreateCommand::Secret(args) => args.run(invocation).await,
            CreateCommand::SshPublicKey(args) => args.run(invocation).await,
        }
    }
}
