//! `delete`: clusters, instance groups, keys and secrets.

mod cluster;
mod file;
mod instance;
mod instancegroup;
mod secret;
mod sshpublickey;

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Delete clusters, instance groups, keys and secrets
///
/// With -f, deletes the clusters and instance groups in files, as `delete cluster` and `delete instancegroup` do. For SSH
/// credentials in files, deletes all SSH keys of their clusters.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteArgs {
    #[command(subcommand)]
    command: Option<DeleteCommand>,
    #[command(flatten)]
    files: file::FileArgs,
}

const EXAMPLES: &str = "\
Examples:
  Delete the clusters and instance groups of a file
    kopsform delete -f cluster.yaml --yes
";

#[derive(Debug, clap::Subcommand)]
enum DeleteCommand {
    Cluster(cluster::DeleteClusterArgs),
    #[command(name = "instancegroup", aliases = ["instancegroups", "ig"])]
    InstanceGroup(instancegroup::DeleteInstanceGroupArgs),
    Secret(secret::DeleteSecretArgs),
    #[command(name = "sshpublickey", alias = "ssh")]
    SshPublicKey(sshpublickey::DeleteSshPublicKeyArgs),
    Instance(instance::DeleteInstanceArgs),
}

impl DeleteArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.command.is_some() && self.files.is_given() {
            return Err(CliError::message("-f cannot be combined with a subcommand"));
        }
        match self.command {
            None => self.files.run(invocation).await,
            Some(DeleteCommand::Cluster(args)) => args.run(invocation).await,
            Some(DeleteCommand::InstanceGroup(args)) => args.run(invocation).await,
            Some(DeleteCommand::Secret(args)) => args.run(invocation).await,
            Some(DeleteCommand::SshPublicKey(args)) => args.run(invocation).await,
            Some(DeleteCommand::Instance(args)) => args.run(invocation).await,
        }
    }
}
