//! `rolling-update cluster`.

mod prompt;
mod tables;

use std::io::IsTerminal as _;
use std::time::Duration;

use super::flags::{ConnectArgs, Output, duration};
use super::style::Paint;
use super::{CliError, Invocation, progress, signals, target};
use crate::ops::cluster_access::ConnectOptions;
use crate::ops::rolling_update::{Prepared, RollingUpdate, RollingUpdateOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::abort::Residue;
use kopsform_rolling::events::Observer;
use kopsform_rolling::execute::{OnDrainTimeout, Options};
use kopsform_rolling::health::Scope;
use kopsform_rolling::progress::{Bars, JsonLines, Lines};
use kopsform_rolling::report::Report;
use kopsform_rolling::selection::Selection;
use prompt::Terminal;
use tables::{group_table, log_outdated, residue_text, title};

/// Replace instances that are out of date
#[derive(Debug, clap::Args)]
pub struct RollingUpdateArgs {
    #[command(subcommand)]
    command: RollingUpdateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum RollingUpdateCommand {
    Cluster(Box<ClusterArgs>),
}

/// Replace a cluster's outdated instances
///
/// Compares each instance with the launch template or instance template of its group and shows what is outdated. With --yes,
/// replaces them: bastions, then the control plane one instance at a time, then API servers and workers group by group. Nodes are
/// drained within their disruption budgets, and the cluster must be healthy before the next instance is replaced.
///
/// An interrupted run is continued by the next one; --abort reverts its taints and cordons instead.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct ClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Perform the update; without it, only show what would be done
    #[arg(long, short = 'y')]
    yes: bool,
    /// Also replace instances that are up to date
    #[arg(long)]
    force: bool,
    /// Do not use the Kubernetes API: no drains, no surge, no validation (workloads are interrupted)
    #[arg(long)]
    cloudonly: bool,
    /// Ask after each instance whether to continue
    #[arg(long, short = 'i')]
    interactive: bool,
    /// Revert the taints and cordons of a run that did not finish, and report instances it detached
    #[arg(long, conflicts_with_all = ["force", "interactive", "cloudonly"])]
    abort: bool,
    /// Only these instance groups
    #[arg(long, visible_alias = "ig", alias = "instance-groups", value_name = "NAME", value_delimiter = ',')]
    instance_group: Vec<String>,
    /// Only groups of these roles (control-plane, apiserver, node, bastion)
    #[arg(long, aliases = ["role", "roles", "instance-group-role"], value_name = "ROLE", value_delimiter = ',')]
    instance_group_roles: Vec<String>,
    /// How many worker groups to update concurrently
    #[arg(long, value_name = "N", default_value_t = 1)]
    max_parallel_groups: usize,
    /// Which validation failures stop a group: its own and the control plane's, any in the cluster, or none
    #[arg(long, value_enum, default_value_t = Validate::Group)]
    validate: Validate,
    /// How many worker nodes that existed before may be unready without stopping the update
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_unready_nodes: usize,
    /// How many times in a row the cluster must be healthy after each instance; 0 skips validation
    #[arg(long, value_name = "N", default_value_t = 2)]
    validate_count: u32,
    /// Time the cluster may take to get healthy
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    validation_timeout: Duration,
    /// Stop when the cluster does not get healthy
    #[arg(long, default_value_t = true)]
    fail_on_validate_error: bool,
    /// Time a drain may take; 0 means no limit
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    drain_timeout: Duration,
    /// What to do after that time: stop the group's update, skip the instance, or delete its pods
    #[arg(long, value_enum, default_value_t = DrainTimeout::Fail)]
    on_drain_timeout: DrainTimeout,
    /// Stop when a node cannot be drained
    #[arg(long, default_value_t = true)]
    fail_on_drain_error: bool,
    /// Pause after a drain
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    post_drain_delay: Duration,
    /// Pause after terminating a control-plane instance
    #[arg(long, alias = "master-interval", value_name = "DURATION", default_value = "15s", value_parser = duration)]
    control_plane_interval: Duration,
    /// Pause after terminating a worker or API server
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    node_interval: Duration,
    /// Pause after terminating a bastion
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    bastion_interval: Duration,
    /// Lifetime of the Kubernetes API credential issued for this run
    #[arg(long, value_name = "DURATION", default_value = "18h0m0s", value_parser = duration)]
    admin: Duration,
    #[command(flatten)]
    connect: ConnectArgs,
    /// Exit with code 2 when an update is needed and was not performed
    #[arg(long)]
    detailed_exitcode: bool,
    /// Output format; with --yes, json writes one object per event
    #[arg(long, short = 'o', value_enum, default_value_t = Output::Table)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Validate {
    /// Failures of the group, the control plane and the cluster as a whole
    Group,
    /// All failures
    Cluster,
    /// None
    None,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum DrainTimeout {
    /// Stop the group's update
    Fail,
    /// Skip the instance
    Skip,
    /// Delete the remaining pods
    Force,
}

const EXAMPLES: &str = "\
Examples:
  See which instances are outdated, and why
    kopsform rolling-update cluster demo.example.com -v 1

  Replace them
    kopsform rolling-update cluster demo.example.com --yes

  Update two worker groups at the same time, with a limit for drains
    kopsform rolling-update cluster demo.example.com --instance-group nodes-a,nodes-b \\
      --max-parallel-groups 2 --drain-timeout 10m --on-drain-timeout skip --yes
";

impl RollingUpdateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            RollingUpdateCommand::Cluster(args) => args.run(invocation).await,
        }
    }
}

impl ClusterArgs {
    fn options(&self) -> RollingUpdateOptions {
        RollingUpdateOptions {
            selection: Selection { names: self.instance_group.clone(), roles: self.instance_group_roles.clone() },
            force: self.force,
            parallel_groups: self.max_parallel_groups,
            execution: Options {
                control_plane_interval: self.control_plane_interval,
                node_interval: self.node_interval,
                bastion_interval: self.bastion_interval,
                post_drain_delay: self.post_drain_delay,
                drain_timeout: self.drain_timeout,
                on_drain_timeout: match self.on_drain_timeout {
                    DrainTimeout::Fail => OnDrainTimeout::Fail,
                    DrainTimeout::Skip => OnDrainTimeout::Skip,
                    DrainTimeout::Force => OnDrainTimeout::Force,
                },
                fail_on_drain_error: self.fail_on_drain_error,
                validate_count: self.validate_count,
                validation_timeout: self.validation_timeout,
                fail_on_validate_error: self.fail_on_validate_error,
                scope: match self.validate {
                    Validate::Group => Scope::Group,
                    Validate::Cluster => Scope::Cluster,
                    Validate::None => Scope::Nothing,
                },
                max_unready_nodes: self.max_unready_nodes,
                interactive: self.interactive,
                ..Options::default()
            },
        }
    }

    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), target::Context::Allowed)?;
        let state = invocation.state_store()?;
        let connect =
            (!self.cloudonly).then(|| ConnectOptions { admin: self.admin, ..ConnectOptions::from(&self.connect) });
        let _plugins = self.connect.leave_terminal_to_plugins();
        progress::phase("connecting to the cluster");
        let update = RollingUpdate::open(&state, &name, connect.as_ref(), &invocation.environment).await?;
        update.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        if self.abort {
            return self.abort(invocation, &update).await;
        }
        progress::phase("comparing instances with their groups");
        let prepared = update.prepare(&self.options()).await?;
        for warning in &prepared.warnings {
            invocation.ui.warn(warning);
        }
        self.show(invocation, &prepared)?;
        let idle = prepared.plan.stages.is_empty();
        if idle && !self.yes {
            return Ok(ExitCode::Done);
        }
        for tight in &prepared.tight_budgets {
            invocation.ui.warn(&tight.event().to_string());
        }
        if let Some(run) = prepared.unfinished.as_ref().filter(|_| !idle) {
            invocation.ui.note(&format!("the update started at {} did not finish; continuing it", run.began));
        }
        if !self.yes {
            return Ok(if self.detailed_exitcode { ExitCode::ChangeNeeded } else { ExitCode::Done });
        }
        let observer = self.observer(&invocation.ui);
        let ui = super::ui::Ui::new();
        let stop = signals::stop_on_signal(move |text| ui.note(text))
            .map_err(|error| CliError::message(format!("cannot listen for signals: {error}")))?;
        // The observer shows what happens.
        let _paused = progress::pause();
        update.perform(&prepared, &Terminal, observer.as_ref(), stop).await?;
        Ok(ExitCode::Done)
    }

    /// Bars on a terminal, unless the user is asked questions; otherwise lines.
    fn observer(&self, ui: &super::ui::Ui) -> Box<dyn Observer> {
        let ui = ui.clone();
        match self.output {
            Output::Json => Box::new(JsonLines(move |line: &str| ui.data(&format!("{line}\n")))),
            Output::Table if std::io::stderr().is_terminal() && !self.interactive => Box::new(Bars::default()),
            Output::Table | Output::Yaml => Box::new(Lines(move |line: &str| ui.note(line))),
        }
    }

    fn show(&self, invocation: &Invocation, prepared: &Prepared) -> Result<(), CliError> {
        let report =
            Report::new(&prepared.facts, &prepared.plan, &prepared.tight_budgets, prepared.unfinished.as_ref());
        let text = match self.output {
            Output::Table => {
                let mut text = group_table(&prepared.facts, self.cloudonly);
                log_outdated(&prepared.facts);
                text.push_str(match (prepared.plan.stages.is_empty(), self.yes) {
                    (true, _) => "\nNo rolling-update required.\n",
                    (false, false) => "\nMust specify --yes to rolling-update.\n",
                    (false, true) => "",
                });
                text
            }
            // Events follow, one object per line.
            Output::Json if self.yes => format!("{}\n", to_text(serde_json::to_string(&report))?),
            Output::Json => format!("{}\n", to_text(serde_json::to_string_pretty(&report))?),
            Output::Yaml => kopsform_yaml::to_string(&to_text(serde_json::to_value(&report))?),
        };
        match self.output {
            Output::Table => invocation.ui.painted(Paint::States, &text),
            Output::Json | Output::Yaml => invocation.ui.data(&text),
        }
        Ok(())
    }

    async fn abort(&self, invocation: &Invocation, update: &RollingUpdate) -> Result<ExitCode, CliError> {
        let ui = &invocation.ui;
        let reverted =
            |residue: &Residue| ui.note(&format!("{}: reverted: {}", title(residue), residue.marks.join(", ")));
        let found = update.abort(self.yes.then_some(reverted)).await?;
        match self.output {
            Output::Table => ui.text(&residue_text(&found, self.yes)),
            Output::Json => ui.data(&format!("{}\n", to_text(serde_json::to_string_pretty(&found))?)),
            Output::Yaml => ui.data(&kopsform_yaml::to_string(&to_text(serde_json::to_value(&found))?)),
        }
        if !found.detached.is_empty() {
            ui.note(
                "hint: detached instances still run and serve; replace them with the next rolling update, or one by one with \
                 `kopsform delete instance ID --surge=false`",
            );
        }
        Ok(ExitCode::Done)
    }
}

fn to_text<T, E: std::fmt::Display>(text: Result<T, E>) -> Result<T, CliError> {
    text.map_err(|error| CliError::message(format!("cannot write the result: {error}")))
}
