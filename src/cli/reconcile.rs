//! `reconcile cluster`.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::flags::{ConnectArgs, LookupArgs};
use super::output::OutputArgs;
use super::style::Paint;
use super::target::Context;
use super::update::direct::{self, Apply, preview_text};
use super::update::target::{self, KnownTarget};
use super::{CliError, Invocation};
use crate::ops::cluster_access::{ClusterSession, ConnectOptions};
use crate::ops::reconcile;
use crate::ops::rolling_update::{RollingUpdate, RollingUpdateOptions};
use crate::ops::update_cluster::UpdateOptions;
use crate::project::Target;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::events::Observer;
use kopsform_rolling::execute::Options;
use kopsform_rolling::ports::{Answer, Prompter};
use kopsform_rolling::progress::{Bars, Lines};
use kopsform_rolling::selection::Selection;
use kopsform_spec::v1alpha2::InstanceGroupRole;
use kopsform_state::StateStore;

/// Update clusters and replace their outdated instances
#[derive(Debug, clap::Args)]
pub struct ReconcileArgs {
    #[command(subcommand)]
    command: ReconcileCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ReconcileCommand {
    Cluster(Box<ReconcileClusterArgs>),
}

/// Update a cluster and replace its outdated instances, in the order that version skew allows
///
/// Without --yes, shows what `update cluster` would change. With --yes, updates the control plane and replaces its outdated
/// instances, then updates the rest and replaces outdated instances there, and deletes what is no longer needed. Each step starts
/// only if the previous one has succeeded. After an interruption, the next run continues.
///
/// Clusters that are run with Terraform cannot be reconciled: `kopsform upgrade plan` shows their steps.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct ReconcileClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Change the cluster; without it, only show what would change
    #[arg(long, short = 'y')]
    yes: bool,
    /// Allow updating a cluster that a newer release updated last
    #[arg(long)]
    allow_kops_downgrade: bool,
    #[command(flatten)]
    lookup: LookupArgs,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  Show what would change, then change it and replace outdated instances
    kopsform reconcile cluster demo.example.com
    kopsform reconcile cluster demo.example.com --yes
";

/// The roles that are updated first.
const FIRST: [&str; 2] = ["control-plane", "apiserver"];

impl ReconcileArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let ReconcileCommand::Cluster(args) = self.command;
        args.run(invocation).await
    }
}

impl ReconcileClusterArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let state = invocation.state_store()?;
        if let KnownTarget { target: target @ (Target::Terraform | Target::CloudFormation), source: Some(source) } =
            target::of_cluster(invocation, &state, &name, None).await?
        {
            let title = target.title();
            let message = format!("{name} is run with {title}, as {source} shows: {title} applies its changes");
            return Err(CliError::message(message)
                .hint("`kopsform upgrade plan` shows the steps, which of them are done, and the commands"));
        }
        let options = self.options(invocation)?;
        if !self.yes {
            let plan = direct::plan(invocation, &state, &name, &options).await?;
            invocation.ui.painted(Paint::Preview, &preview_text(&plan.plan));
            return Ok(ExitCode::Done);
        }
        let run =
            Run { args: &self, invocation, state: &state, name: &name, stop: direct::stop_on_signal(invocation)? };
        let first = || Selection { roles: FIRST.map(str::to_owned).into(), ..Selection::default() };
        run.update("Updating the control plane", FIRST_ROLES.into(), false).await?;
        run.wait_for_api().await?;
        run.roll("Replacing outdated instances of the control plane", first()).await?;
        run.update("Updating the other instance groups", Vec::new(), false).await?;
        run.roll("Replacing the other outdated instances", Selection::default()).await?;
        run.update("Deleting what is no longer needed", Vec::new(), true).await?;
        invocation.ui.text(&format!("\n{name} is as its specs say\n"));
        Ok(ExitCode::Done)
    }

    fn options(&self, invocation: &Invocation) -> Result<UpdateOptions, CliError> {
        Ok(UpdateOptions {
            allow_downgrade: self.allow_kops_downgrade,
            ..UpdateOptions::new(PathBuf::new(), invocation.lookup(&self.lookup)?)
        })
    }

    fn connect(&self) -> ConnectOptions {
        ConnectOptions::from(&self.connect)
    }
}

/// The roles that are updated first, as the model names them.
const FIRST_ROLES: [InstanceGroupRole; 2] = [InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer];

/// One run with `--yes`.
struct Run<'a> {
    args: &'a ReconcileClusterArgs,
    invocation: &'a Invocation,
    state: &'a StateStore,
    name: &'a str,
    stop: CancellationToken,
}

impl Run<'_> {
    /// Updates the groups of some roles; all without any.
    async fn update(&self, title: &str, roles: Vec<InstanceGroupRole>, prune: bool) -> Result<(), CliError> {
        self.begin(title)?;
        let running = self.running_version().await;
        let options = UpdateOptions { roles, worker_version: running, ..self.args.options(self.invocation)? };
        let plan = direct::plan(self.invocation, self.state, self.name, &options).await?;
        let (stop, export) = (self.stop.clone(), None);
        let output = OutputArgs::default();
        let operation = "reconcile cluster";
        let apply = Apply { operation, prune, stop, export, must_export: false, output, continued_by: None };
        apply.run(self.invocation, self.state, &options, plan).await
    }

    /// The version that the control plane runs, which workers must not be ahead of.
    async fn running_version(&self) -> Option<String> {
        crate::ops::version_skew::running_version(self.name, &self.invocation.environment).await.ok().flatten()
    }

    async fn wait_for_api(&self) -> Result<(), CliError> {
        self.begin("Waiting for the control plane")?;
        let environment = &self.invocation.environment;
        let session = ClusterSession::open(self.state, self.name, Some(&self.args.connect()), environment).await?;
        let note = |text: &str| self.invocation.ui.note(text);
        Ok(reconcile::wait_for_control_plane(&session, &self.stop, note).await?)
    }

    async fn roll(&self, title: &str, selection: Selection) -> Result<(), CliError> {
        self.begin(title)?;
        let ui = &self.invocation.ui;
        let connect = self.args.connect();
        let update = RollingUpdate::open(self.state, self.name, Some(&connect), &self.invocation.environment).await?;
        update.warnings.iter().for_each(|warning| ui.warn(warning));
        let options =
            RollingUpdateOptions { selection, parallel_groups: 1, execution: Options::default(), ..Default::default() };
        let prepared = update.prepare(&options).await?;
        prepared.warnings.iter().for_each(|warning| ui.warn(warning));
        if prepared.plan.stages.is_empty() {
            ui.text("No rolling-update required.\n");
        }
        let lines = ui.clone();
        let observer: Box<dyn Observer> = match std::io::stderr().is_terminal() {
            true => Box::new(Bars::default()),
            false => Box::new(Lines(move |line: &str| lines.note(line))),
        };
        update.perform(&prepared, &Unasked, observer.as_ref(), self.stop.clone()).await?;
        Ok(())
    }

    /// Announces a step, unless the run is to stop before it.
    fn begin(&self, title: &str) -> Result<(), CliError> {
        if self.stop.is_cancelled() {
            let mut error = CliError::message(format!("stopped before this step: {title}"));
            error.code = ExitCode::Stopped;
            return Err(error.hint("run the command again: it continues with what is left"));
        }
        self.invocation.ui.text(&format!("\n{title}\n"));
        Ok(())
    }
}

/// Nothing is asked.
struct Unasked;

#[async_trait::async_trait]
impl Prompter for Unasked {
    async fn ask(&self, _instance: &str, _node: Option<&str>) -> Answer {
        Answer::Always
    }
}
