//! `get`: shows what is in the state store.

mod all;
mod assets;
mod clusters;
mod instancegroups;
mod instances;
mod keypairs;
pub(super) mod output;
mod secrets;
mod sshpublickeys;

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;
use output::Format;

/// Show clusters and their objects
#[derive(Debug, clap::Args)]
pub struct GetArgs {
    #[command(subcommand)]
    command: Option<GetCommand>,
    /// Name of the cluster (deprecated: use `get all`)
    #[arg(hide = true)]
    cluster: Vec<String>,
    /// Output format: table, yaml or json
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table", hide_default_value = true)]
    output: String,
}

#[derive(Debug, clap::Subcommand)]
enum GetCommand {
    All(all::GetAllArgs),
    #[command(alias = "asset")]
    Assets(assets::GetAssetsArgs),
    #[command(alias = "cluster")]
    Clusters(clusters::GetClustersArgs),
    #[command(name = "instancegroups", aliases = ["instancegroup", "ig"])]
    InstanceGroups(instancegroups::GetInstanceGroupsArgs),
    #[command(alias = "keypair")]
    Keypairs(keypairs::GetKeypairsArgs),
    #[command(alias = "secret")]
    Secrets(secrets::GetSecretsArgs),
    #[command(name = "sshpublickeys", aliases = ["sshpublickey", "ssh"])]
    SshPublicKeys(sshpublickeys::GetSshPublicKeysArgs),
    #[command(visible_alias = "instance")]
    Instances(instances::GetInstancesArgs),
}

impl GetArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let output = self.output.as_str();
        match self.command {
            None => {
                invocation.ui.warn("`get [CLUSTER]` is deprecated: use `get all [CLUSTER]`");
                all::GetAllArgs { cluster: self.cluster }.run(invocation, Format::parse(output)?).await
            }
            Some(GetCommand::Assets(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::All(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::Clusters(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::InstanceGroups(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::Keypairs(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::Secrets(args)) => args.run(invocation, output).await,
            Some(GetCommand::SshPublicKeys(args)) => args.run(invocation, Format::parse(output)?).await,
            Some(GetCommand::Instances(args)) => args.run(super::flags::Output::named(output)?, invocation).await,
        }
    }
}
