//! `rolling-update cluster`.

mod person;
mod tables;

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use super::flags::{ConnectArgs, Output, duration};
use super::{CliError, Invocation, signals, target};
use crate::ops::cluster_access::{ClusterAccess, ConnectOptions};
use crate::ops::rolling_update::{self, Prepared, RollingUpdateOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::abort::{Residue, leftovers, take_back};
use kopsform_rolling::events::Observer;
use kopsform_rolling::execute::{Deps, OnDrainTimeout, Options, RetryingKubernetes};
use kopsform_rolling::health::Scope;
use kopsform_rolling::journal::{Journal, JournalError};
use kopsform_rolling::observe::observe_groups;
use kopsform_rolling::ports::{Clock, Kubernetes, SystemClock};
use kopsform_rolling::progress::{Bars, JsonLines, Lines};
use kopsform_rolling::report::Report;
use kopsform_rolling::selection::Selection;
use kopsform_state::MemoryStore;
use person::Terminal;
use tables::{group_table, leftover_text, log_outdated, title};

/// Replace instances that are not what their group would start now
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
/// Compares each instance with its auto scaling group's launch template and shows what is outdated. With --yes, replaces
/// it: bastions, then the control plane one instance at a time, then API servers and workers group by group. Nodes are
/// drained within their disruption budgets, and the cluster has to be healthy before the next instance is touched.
///
/// A run that is interrupted continues with the next one; --abort takes back its taints and cordons instead.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct ClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Do it; without, only what would be done is shown
    #[arg(long, short = 'y')]
    yes: bool,
    /// Replace instances that are up to date, too
    #[arg(long)]
    force: bool,
    /// Do without the Kubernetes API: no drains, no surge, no validation (workloads are interrupted)
    #[arg(long)]
    cloudonly: bool,
    /// Ask after each instance whether to go on
    #[arg(long, short = 'i')]
    interactive: bool,
    /// Take back the taints and cordons of a run that did not finish, and report instances it detached
    #[arg(long, conflicts_with_all = ["force", "interactive", "cloudonly"])]
    abort: bool,
    /// Only these instance groups
    #[arg(long, visible_alias = "ig", alias = "instance-groups", value_name = "NAME", value_delimiter = ',')]
    instance_group: Vec<String>,
    /// Only groups of these roles (control-plane, apiserver, node, bastion)
    #[arg(long, aliases = ["role", "roles", "instance-group-role"], value_name = "ROLE", value_delimiter = ',')]
    instance_group_roles: Vec<String>,
    /// How many worker groups to update side by side
    #[arg(long, value_name = "N", default_value_t = 1)]
    max_parallel_groups: usize,
    /// Which failures hold a group back: its own and the control plane's, any in the cluster, or none
    #[arg(long, value_enum, default_value_t = Validate::Group)]
    validate: Validate,
    /// How many worker nodes that were there before may be unready without holding the update back
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_unready_nodes: usize,
    /// How often in a row the cluster has to be healthy after each instance; 0 skips that
    #[arg(long, value_name = "N", default_value_t = 2)]
    validate_count: u32,
    /// Time the cluster may take to get healthy
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    validation_timeout: Duration,
    /// End when the cluster does not get healthy
    #[arg(long, default_value_t = true)]
    fail_on_validate_error: bool,
    /// Time a drain may take; 0 is without limit
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    drain_timeout: Duration,
    /// What to do when that time is over: end the group's update, leave the instance as it is, or delete its pods
    #[arg(long, value_enum, default_value_t = DrainTimeout::Fail)]
    on_drain_timeout: DrainTimeout,
    /// End when a node can't be drained
    #[arg(long, default_value_t = true)]
    fail_on_drain_error: bool,
    /// Pause after a drain
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    post_drain_delay: Duration,
    /// Pause after a control-plane instance was terminated
    #[arg(long, alias = "master-interval", value_name = "DURATION", default_value = "15s", value_parser = duration)]
    control_plane_interval: Duration,
    /// Pause after a worker or API server was terminated
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    node_interval: Duration,
    /// Pause after a bastion was terminated
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = duration)]
    bastion_interval: Duration,
    /// How long the credential for the Kubernetes API holds that is made for this run
    #[arg(long, value_name = "DURATION", default_value = "18h0m0s", value_parser = duration)]
    admin: Duration,
    #[command(flatten)]
    connect: ConnectArgs,
    /// End with 2 when an update is needed and was not done
    #[arg(long)]
    detailed_exitcode: bool,
    /// How to show it; with --yes, json writes an object a line as things happen
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
    /// End the group's update
    Fail,
    /// Leave the instance as it is
    Skip,
    /// Delete the pods that are left
    Force,
}

const EXAMPLES: &str = "\
Examples:
  See which instances are outdated, and why
    kopsform rolling-update cluster demo.example.com -v 1

  Replace them
    kopsform rolling-update cluster demo.example.com --yes

  Workers of two groups only, three groups at a time, without waiting for budgets for ever
    kopsform rolling-update cluster demo.example.com --instance-group nodes-a,nodes-b \\
      --max-parallel-groups 3 --drain-timeout 10m --on-drain-timeout skip --yes
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
        let access = ClusterAccess::open(&state, &name, &invocation.environment).await?;
        let connect = ConnectOptions { admin: self.admin, ..ConnectOptions::from(&self.connect) };
        let client = match self.cloudonly {
            true => None,
            false => Some(access.connect(&connect, &invocation.environment).await?),
        };
        let clock = SystemClock::default();
        let patient = client.as_ref().map(|client| RetryingKubernetes::new(client, &clock));
        let kubernetes = patient.as_ref().map(|patient| patient as &dyn Kubernetes);
        let journal = open_journal(invocation, &access, &name).await?;
        if self.abort {
            return self.abort(invocation, &access, kubernetes, &journal).await;
        }
        let prepared = rolling_update::prepare(
            &access.cluster,
            &access.groups,
            &access.cloud,
            kubernetes,
            &journal,
            &self.options(),
        )
        .await?;
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
            invocation
                .ui
                .note(&format!("the update that began at {} did not finish; this one continues it", run.began));
        }
        if !self.yes {
            return Ok(if self.detailed_exitcode { ExitCode::ChangeNeeded } else { ExitCode::Done });
        }
        let observer = self.observer();
        let world = Deps {
            cluster: &access.cluster,
            groups: &access.groups,
            cloud: &access.cloud,
            kubernetes,
            clock: &clock as &dyn Clock,
            person: &Terminal,
            observer: observer.as_ref(),
            journal: &journal,
        };
        let ui = super::ui::Ui::new();
        let stop = signals::stop_on_signal(move |text| ui.note(text))
            .map_err(|error| CliError::message(format!("cannot listen for signals: {error}")))?;
        rolling_update::perform(&prepared, world, stop).await?;
        Ok(ExitCode::Done)
    }

    /// Bars where a person looks, unless she is asked questions; else lines.
    fn observer(&self) -> Box<dyn Observer> {
        let ui = super::ui::Ui::new();
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
            // Followed by events: one object a line.
            Output::Json if self.yes => format!("{}\n", to_text(serde_json::to_string(&report))?),
            Output::Json => format!("{}\n", to_text(serde_json::to_string_pretty(&report))?),
            Output::Yaml => kopsform_yaml::to_string(&to_text(serde_json::to_value(&report))?),
        };
        invocation.ui.data(&text);
        Ok(())
    }

    async fn abort(
        &self,
        invocation: &Invocation,
        access: &ClusterAccess,
        kubernetes: Option<&dyn Kubernetes>,
        journal: &Journal,
    ) -> Result<ExitCode, CliError> {
        let facts = observe_groups(&access.cloud, kubernetes, &access.cluster, &access.groups).await?;
        let ui = &invocation.ui;
        let found = match kubernetes.filter(|_| self.yes) {
            Some(kubernetes) => {
                let told = |left: &Residue| ui.note(&format!("{}: taken back: {}", title(left), left.marks.join(", ")));
                take_back(journal, &facts, kubernetes, told).await?
            }
            None => leftovers(journal, &facts).await,
        };
        match self.output {
            Output::Table => ui.data(&leftover_text(&found, self.yes)),
            Output::Json => ui.data(&format!("{}\n", to_text(serde_json::to_string_pretty(&found))?)),
            Output::Yaml => ui.data(&kopsform_yaml::to_string(&to_text(serde_json::to_value(&found))?)),
        }
        if !found.detached.is_empty() {
            ui.note(
                "hint: detached instances still run and serve; the next rolling update replaces them, or \
                 `kopsform delete instance ID --surge=false` does one by one",
            );
        }
        Ok(ExitCode::Done)
    }
}

/// The journal in the state store. Where its folder may not be read, the update goes on without: kops' own folders are
/// all that a person's permissions may be for.
async fn open_journal(invocation: &Invocation, access: &ClusterAccess, name: &str) -> Result<Journal, CliError> {
    match Journal::open(access.store.state().store().clone(), name).await {
        Err(JournalError::Store(error)) => {
            invocation
                .ui
                .warn(&format!("the update keeps no journal, so that --abort could not take it back: {error}"));
            Ok(Journal::open(Arc::new(MemoryStore::new()), name).await?)
        }
        other => Ok(other?),
    }
}

fn to_text<T, E: std::fmt::Display>(text: Result<T, E>) -> Result<T, CliError> {
    text.map_err(|error| CliError::message(format!("cannot write the result: {error}")))
}
