//! `create`: clusters, instance groups, keys and secrets.

mod cluster;
mod file;
mod instancegroup;
mod keypair;
mod secret;
mod sshpublickey;

use super::documents::DocumentArgs;
use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Create clusters, instance groups, keys and secrets
///
/// With -f, stores new clusters, instance groups, SSH keys and additional objects from files. All documents are read and
/// validated before the first one is stored.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CreateArgs {
    #[command(subcommand)]
    command: Option<CreateCommand>,
    #[command(flatten)]
    documents: DocumentArgs,
}

const EXAMPLES: &str = "\
Examples:
  Store a new cluster with its instance groups
    kopsform create -f cluster.yaml

  Show what would be stored
    kopsform create -f cluster.yaml,nodes.yaml --dry-run
";

#[derive(Debug, clap::Subcommand)]
enum CreateCommand {
    Cluster(Box<cluster::CreateClusterArgs>),
    #[command(name = "instancegroup", aliases = ["instancegroups", "ig"])]
    InstanceGroup(instancegroup::CreateInstanceGroupArgs),
    Keypair(keypair::CreateKeypairArgs),
    Secret(secret::CreateSecretArgs),
    #[command(name = "sshpublickey", alias = "ssh")]
    SshPublicKey(sshpublickey::CreateSshPublicKeyArgs),
}

impl CreateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.command.is_some() && !self.documents.filename.is_empty() {
            return Err(CliError::message(
                "-f cannot be combined with a subcommand here; put it after the subcommand, or leave the subcommand out",
            ));
        }
        match self.command {
            None => file::run(self.documents, invocation).await,
            Some(CreateCommand::Cluster(args)) => args.run(invocation).await,
            Some(CreateCommand::InstanceGroup(args)) => args.run(invocation).await,
            Some(CreateCommand::Keypair(args)) => args.run(invocation).await,
            Some(CreateCommand::Secret(args)) => args.run(invocation).await,
            Some(CreateCommand::SshPublicKey(args)) => args.run(invocation).await,
        }
    }
}
