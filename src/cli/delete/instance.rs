//! `delete instance`.

use std::time::Duration;

use crate::cli::flags::{ConnectArgs, duration};
use crate::cli::output::OutputArgs;
use crate::cli::{CliError, Invocation, progress, signals, target, ui};
use crate::ops::cluster_access::{ClusterSession, ConnectOptions};
use crate::ops::delete_instance;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::execute::Options;
use kopsform_rolling::progress::Lines;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// Replace a single instance
///
/// Detaches the instance from its group, which starts a replacement, waits until the cluster is healthy, then drains and
/// terminates the instance. On Google Cloud instances cannot be detached: it is drained and recreated.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteInstanceArgs {
    /// ID of the instance, on Google Cloud its address or name, or name of its node
    #[arg(value_name = "INSTANCE|NODE")]
    instance: String,
    /// Perform the deletion; without it, only show the instance
    #[arg(long, short = 'y')]
    yes: bool,
    /// Do not use the Kubernetes API: no drain, no validation
    #[arg(long)]
    cloudonly: bool,
    /// Start a replacement before this instance is terminated
    #[arg(long, default_value_t = true)]
    surge: bool,
    /// Time the cluster may take to get healthy
    #[arg(long, value_name = "DURATION", default_value = "15m0s", value_parser = duration)]
    validation_timeout: Duration,
    /// How many times in a row it must be healthy; 0 skips validation
    #[arg(long, value_name = "N", default_value_t = 2)]
    validate_count: u32,
    /// Pause after the drain
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    post_drain_delay: Duration,
    /// Stop when the node cannot be drained
    #[arg(long, default_value_t = true)]
    fail_on_drain_error: bool,
    /// Stop when the cluster does not get healthy
    #[arg(long, default_value_t = true)]
    fail_on_validate_error: bool,
    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Replace an instance whose node misbehaves
    kopsform delete instance i-0a1b2c3d4e5f60718 --name demo.example.com --yes

  Replace one that no longer answers, without a drain
    kopsform delete instance i-0a1b2c3d4e5f60718 --name demo.example.com --cloudonly --yes
";

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
        let connect = (!self.cloudonly).then(|| ConnectOptions::from(&self.connect));
        let _plugins = self.connect.leave_terminal_to_plugins();
        let session = ClusterSession::open(&state, &name, connect.as_ref(), &invocation.environment).await?;
        let ui = &invocation.ui;
        let found = delete_instance::find(&session, &self.instance).await?;
        let document = serde_json::json!({ "cluster": name, "instance": found.title(), "deleted": self.yes });
        if !self.output.is_document() {
            ui.text(&format!("Instance {} found for deletion\n", found.title()));
        }
        if !self.yes {
            self.output.report(ui, "\nMust specify --yes to delete instance\n", &document)?;
            return Ok(ExitCode::Done);
        }
        let of_control_plane = found.instance().is_some_and(|(group, _)| group.role == InstanceGroupRole::ControlPlane);
        if self.surge && of_control_plane && session.access.cloud().capabilities().detach {
            ui.warn("cannot detach control-plane instances. Assuming --surge=false");
        }
        let observer = Lines(|line: &str| ui.note(line));
        let stop = signals::stop_on_signal(|text| ui::Ui::new().note(text))
            .map_err(|error| CliError::message(format!("cannot listen for signals: {error}")))?;
        // The observer shows what happens.
        let _paused = progress::pause();
        delete_instance::delete(&session, &found, self.options(), self.surge, &observer, stop).await?;
        self.output.report(ui, "", &document)?;
        Ok(ExitCode::Done)
    }
}
