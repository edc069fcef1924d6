//! `upgrade`.

use super::flags::LookupArgs;
use super::output::OutputArgs;
use super::target::Context;
use super::upgrade_plan::UpgradePlanArgs;
use super::{CliError, Invocation, progress, table};
use crate::ops::support::facts::FactFinder;
use crate::ops::upgrade_cluster::{UpgradeOptions, read};
use kopsform_diagnostics::exit::ExitCode;

/// Upgrade specs to the versions the channel recommends
#[derive(Debug, clap::Args)]
pub struct UpgradeArgs {
    #[command(subcommand)]
    command: UpgradeCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UpgradeCommand {
    Cluster(UpgradeClusterArgs),
    Plan(Box<UpgradePlanArgs>),
}

/// Upgrade the Kubernetes version and images in the specs to those the channel recommends
///
/// Kubernetes is never downgraded, and without --kubernetes-version upgraded by one minor release at most. Instance groups with a
/// custom image keep it. Without --yes the changes are only shown. `update cluster` and `rolling-update cluster` apply them to the instances; `upgrade plan`
/// shows in which order.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct UpgradeClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Store the changes
    #[arg(short, long)]
    yes: bool,
    /// Channel to use instead of the cluster's: stable, alpha, a file or a URL
    #[arg(long)]
    channel: Option<String>,
    /// Kubernetes version to use instead of the channel's
    #[arg(long, value_name = "VERSION")]
    kubernetes_version: Option<String>,
    #[command(flatten)]
    lookup: LookupArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Show available upgrades
    kopsform upgrade cluster demo.example.com

  Upgrade to a specific version
    kopsform upgrade cluster demo.example.com --kubernetes-version 1.35.2 --yes
";

impl UpgradeArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            UpgradeCommand::Cluster(args) => args.run(invocation).await,
            UpgradeCommand::Plan(args) => args.run(invocation).await,
        }
    }
}

impl UpgradeClusterArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let mut facts = FactFinder::open(&invocation.lookup(&self.lookup)?, environment)?;
        let set = |value: Option<String>| value.filter(|value| !value.is_empty());
        let options = UpgradeOptions { channel: set(self.channel), kubernetes_version: set(self.kubernetes_version) };
        progress::phase("reading the specs and the channel");
        let current = read(&state, &name, &options, &mut facts, environment).await?;
        let upgrade = current.plan(&options)?;
        for warning in &upgrade.warnings {
            invocation.ui.warn(warning);
        }
        let actions = upgrade.actions.clone();
        let document = |applied: bool| serde_json::json!({ "cluster": name, "actions": actions, "applied": applied });
        if upgrade.actions.is_empty() {
            if self.output.is_document() {
                self.output.report(&invocation.ui, "", &document(false))?;
            } else {
                invocation.ui.note("\nNo upgrade required");
            }
            return Ok(ExitCode::Done);
        }
        let rows =
            upgrade.actions.iter().map(|a| [a.item.clone(), a.property.to_owned(), a.old.clone(), a.new.clone()]);
        let mut text = table::render(["ITEM", "PROPERTY", "OLD", "NEW"], rows.collect());
        if !self.yes {
            text.push_str("\nMust specify --yes to perform upgrade\n");
            self.output.report(&invocation.ui, &text, &document(false))?;
            return Ok(ExitCode::Done);
        }
        let holder = invocation.holder("upgrade cluster");
        current.apply(&state, upgrade, (environment, jiff::Timestamp::now()), &holder).await?;
        text.push_str(&format!(
            "\nUpdates applied to configuration.\nYou can now apply these changes, using `kopsform update cluster {name}`\n"
        ));
        self.output.report(&invocation.ui, &text, &document(true))?;
        Ok(ExitCode::Done)
    }
}
