//! `upgrade plan`.

use std::path::PathBuf;
use std::sync::Arc;

use super::flags::{Choice, ConnectArgs, LookupArgs, choices};
use super::output::OutputArgs;
use super::target::Context;
use super::terraform::LAYOUTS;
use super::{CliError, Invocation, progress};
use crate::ops::cluster_access::ConnectOptions;
use crate::ops::update_cluster::UpdateOptions;
use crate::ops::upgrade_plan::{self, StageName, State, UpgradePlan, UpgradePlanDeps, UpgradePlanOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_pki::SystemKeySource;
use kopsform_terraform::Layout;

/// Show the stages of an upgrade, which are done, and the commands for each
///
/// After `upgrade cluster`, the control plane has to run the new version before any worker does. The stages: apply the resources
/// of the control plane alone, replace its instances, apply the rest, replace the workers. Whether a stage is done is looked up in
/// the cloud and the Kubernetes API; where the cloud cannot be reached, in terraform.tfstate of the output directory. Nothing is
/// changed.
///
/// With --ready, the exit code says whether a stage may begin: 0 if all before it are done, else 2.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct UpgradePlanArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Output directory of `update cluster` [default: the project's, else out/terraform]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Layout of the Terraform files [default: the project's, else single]
    #[arg(long, value_parser = choices(LAYOUTS))]
    layout: Option<Layout>,
    /// Address of the module that calls the files, with the layout module: module.cluster
    #[arg(long, value_name = "ADDRESS")]
    module_address: Option<String>,
    /// Exit with code 2 unless all stages before this one are done
    #[arg(long, value_name = "STAGE", value_parser = choices(STAGES))]
    ready: Option<StageName>,
    #[command(flatten)]
    lookup: LookupArgs,
    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const STAGES: [Choice<StageName>; 4] = [
    ("control-plane", StageName::ControlPlane, "Apply the resources of the control plane"),
    ("roll-control-plane", StageName::RollControlPlane, "Replace the control-plane instances"),
    ("workers", StageName::Workers, "Apply everything else"),
    ("roll-workers", StageName::RollWorkers, "Replace all other instances"),
];

const EXAMPLES: &str = "\
Examples:
  Upgrade a cluster to the next release, stage by stage
    kopsform upgrade cluster demo.example.com --yes
    kopsform upgrade plan demo.example.com --out out/terraform

  Begin a stage in a script only when the one before it is done
    kopsform upgrade plan demo.example.com --ready workers && terraform -chdir=out/terraform apply
";

impl UpgradePlanArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let out = invocation.terraform_out(self.out.as_ref(), &name)?;
        let mut update = UpdateOptions::new(out, invocation.lookup(&self.lookup)?);
        update.terraform = invocation.terraform_defaults(&name)?.options;
        update.terraform.layout = self.layout.unwrap_or(update.terraform.layout);
        let connect = ConnectOptions::from(&self.connect);
        let options = UpgradePlanOptions { update, module: self.module_address, connect };
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let source = Arc::new(SystemKeySource::from_environment(environment)?);
        let deps = UpgradePlanDeps { environment, source, warn: &mut warn };
        let _plugins = self.connect.leave_terminal_to_plugins();
        progress::phase("looking at what runs");
        let plan = upgrade_plan::plan(&state, &name, &options, deps).await?;
        if self.output.is_document() || self.ready.is_none() {
            self.output.report(&invocation.ui, &shown(&plan), &plan)?;
        }
        let Some(missing) = self.ready.and_then(|stage| plan.missing_before(stage)) else { return Ok(ExitCode::Done) };
        let reasons = missing.evidence.iter().map(|reason| format!("\n  {reason}")).collect::<String>();
        invocation.ui.note(&format!("the stage {} is not done ({}):{reasons}", missing.stage, missing.state));
        Ok(ExitCode::ChangeNeeded)
    }
}

fn shown(plan: &UpgradePlan) -> String {
    let mut text = format!("Stages of the upgrade of {} to Kubernetes {}\n", plan.cluster, plan.kubernetes_version);
    for (number, stage) in plan.stages.iter().enumerate() {
        let about = STAGES.iter().find(|(_, name, _)| *name == stage.stage).map_or("", |(_, _, about)| about);
        text.push_str(&format!("\n{}. {:<20} {:<9} {about}\n", number + 1, stage.stage, stage.state));
        stage.evidence.iter().for_each(|reason| text.push_str(&format!("     {reason}\n")));
        if stage.state != State::Done {
            let commands =
                stage.commands.join(" &&\n").replace('\n', "\n     $ ").replace("\n     $   -", "\n         -");
            text.push_str(&format!("     $ {commands}\n"));
        }
    }
    text
}
