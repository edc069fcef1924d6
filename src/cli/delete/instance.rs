//! `delete instance`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::cli::flags::{ConnectArgs, duration};
use crate::cli::{CliError, Invocation, signals, target, ui};
use crate::ops::cluster_access::{ClusterAccess, ConnectOptions};
use crate::ops::delete_instance;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::execute::{Deps, Options, RetryingKubernetes};
use kopsform_rolling::journal::Journal;
use kopsform_rolling::ports::{Answer, Kubernetes, Prompter, SystemClock};
use kopsform_rolling::progress::Lines;
use kopsform_spec::v1alpha2::InstanceGroupRole;
use kopsform_state::MemoryStore;

/// Replace a single instance
///
/// Takes the instance out of its group, which starts another, waits until the cluster is healthy, then drains the
/// instance and terminates it.
#[derive(Debug, clap::Args)]
pub struct DeleteInstanceArgs {
    /// Id of the instance, or name of its node
    #[arg(value_name = "INSTANCE|NODE")]
    instance: String,
    /// Do it; without, only what would be done is shown
    #[arg(long, short = 'y')]
    yes: bool,
    /// Do without the Kubernetes API: no drain, no validation
    #[arg(long)]
    cloudonly: bool,
    /// Have another instance started before this one goes
    #[arg(long, default_value_t = true)]
    surge: bool,
    /// Time the cluster may take to get healthy
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    validation_timeout: Duration,
    /// How often in a row it has to be healthy; 0 skips validation
    #[arg(long, value_name = "N", default_value_t = 2)]
    validate_count: u32,
    /// Pause after the drain
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    post_drain_delay: Duration,
    /// End when the node can't be drained
    #[arg(long, default_value_t = true)]
    fail_on_drain_error: bool,
    /// End when the cluster does not get healthy
    #[arg(long, default_value_t = true)]
    fail_on_validate_error: bool,
    #[command(flatten)]
    connect: ConnectArgs,
}

impl DeleteInstanceArgs {
    fn options(&self) -> Options {
        Options {
            control_plane_interval: Duration::ZERO,
            node_interval: Duration::ZERO,
            bastion_interval: Duration::ZERO,
            post_drain_delay: self.post_drain_delay,
            drain_timeout: Duration::ZERO,
            fail_on_drain_error: self.fail_on_drain_error,
            validate_count: self.validate_count,
            validation_timeout: self.validation_timeout,
            fail_on_validate_error: self.fail_on_validate_error,
            deregister_control_plane: false,
            ..Options::default()
        }
    }

    pub(in crate::cli) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&[], target::Context::Allowed)?;
        let state = invocation.state_store()?;
        let access = ClusterAccess::open(&state, &name, &invocation.environment).await?;
        let client = match self.cloudonly {
            true => None,
            false => Some(access.connect(&ConnectOptions::from(&self.connect), &invocation.environment).await?),
        };
        let clock = SystemClock::default();
        let patient = client.as_ref().map(|client| RetryingKubernetes::new(client, &clock));
        let kubernetes = patient.as_ref().map(|patient| patient as &dyn Kubernetes);
        let ui = &invocation.ui;
        let found =
            delete_instance::find(&access.cluster, &access.groups, &access.cloud, kubernetes, &self.instance).await?;
        ui.data(&format!("Instance {} found for deletion\n", found.title()));
        if !self.yes {
            ui.data("\nMust specify --yes to delete instance\n");
            return Ok(ExitCode::Done);
        }
        if self.surge && found.instance().is_some_and(|(group, _)| group.role == InstanceGroupRole::ControlPlane) {
            ui.warn("cannot detach control-plane instances. Assuming --surge=false");
        }
        let observer = Lines(|line: &str| ui.note(line));
        // A single instance: what would be left of it is told, so nothing is kept in the state store.
        let journal = Journal::open(Arc::new(MemoryStore::new()), &name).await?;
        let world = Deps {
            cluster: &access.cluster,
            groups: &access.groups,
            cloud: &access.cloud,
            kubernetes,
            clock: &clock,
            person: &Nobody,
            observer: &observer,
            journal: &journal,
        };
        let stop = signals::stop_on_signal(|text| ui::Ui::new().note(text))
            .map_err(|error| CliError::message(format!("cannot listen for signals: {error}")))?;
        delete_instance::delete(&found, world, self.options(), self.surge, stop).await?;
        Ok(ExitCode::Done)
    }
}

/// Nobody is asked about a single instance.
struct Nobody;

#[async_trait]
impl Prompter for Nobody {
    async fn ask(&self, _instance: &str, _node: Option<&str>) -> Answer {
        Answer::Yes
    }
}
