//! `upgrade cluster`.

use super::flags::LookupArgs;
use super::target::Context;
use super::{CliError, Invocation, table};
use crate::ops::facts::FactFinder;
use crate::ops::upgrade_cluster::{UpgradeOptions, read};
use kopsform_diagnostics::exit::ExitCode;

/// Put newer versions that the channel recommends into the specs
#[derive(Debug, clap::Args)]
pub struct UpgradeArgs {
    #[command(subcommand)]
    command: UpgradeCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UpgradeCommand {
    Cluster(UpgradeClusterArgs),
}

/// Put the newer Kubernetes version and images that the channel recommends into the specs
///
/// Kubernetes goes up one minor release at most, and never down. Groups with images of their own keep them. Without --yes the
/// changes are only shown. `update cluster` and `rolling-update cluster` bring them to the instances.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct UpgradeClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Store the changes
    #[arg(short, long)]
    yes: bool,
    /// Another channel than the cluster's: stable, alpha, a file or an address
    #[arg(long)]
    channel: Option<String>,
    /// Another Kubernetes version than the channel's
    #[arg(long, value_name = "VERSION")]
    kubernetes_version: Option<String>,
    #[command(flatten)]
    lookup: LookupArgs,
}

const EXAMPLES: &str = "\
Examples:
  See what is newer
    kopsform upgrade cluster demo.example.com

  Go to a version of your own choice
    kopsform upgrade cluster demo.example.com --kubernetes-version 1.35.2 --yes
";

impl UpgradeArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            UpgradeCommand::Cluster(args) => args.run(invocation).await,
        }
    }
}

impl UpgradeClusterArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let mut facts = FactFinder::open(&self.lookup.into(), environment)?;
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        let options = UpgradeOptions { channel: set(self.channel), kubernetes_version: set(self.kubernetes_version) };
        let current = read(&state, &name, &options, &mut facts, environment).await?;
        let upgrade = current.plan(&options)?;
        for warning in &upgrade.warnings {
            invocation.ui.warn(warning);
        }
        if upgrade.actions.is_empty() {
            invocation.ui.note("\nNo upgrade required");
            return Ok(ExitCode::Done);
        }
        let rows =
            upgrade.actions.iter().map(|a| [a.item.clone(), a.property.to_owned(), a.old.clone(), a.new.clone()]);
        invocation.ui.data(&table::render(["ITEM", "PROPERTY", "OLD", "NEW"], rows.collect()));
        if !self.yes {
            invocation.ui.data("\nMust specify --yes to perform upgrade\n");
            return Ok(ExitCode::Done);
        }
        let holder = invocation.holder("upgrade cluster");
        current.apply(&state, upgrade, (environment, jiff::Timestamp::now()), &holder).await?;
        invocation.ui.data(&format!(
            "\nUpdates applied to configuration.\nYou can now apply these changes, using `kopsform update cluster {name}`\n"
        ));
        Ok(ExitCode::Done)
    }
}
