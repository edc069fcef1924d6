//! `validate cluster`.

use std::time::Duration;

use crate::cli::flags::{ConnectArgs, Output, duration};
use crate::cli::style::Paint;
use crate::cli::table::render;
use crate::cli::{CliError, Invocation, progress, target};
use crate::ops::cluster_access::{ClusterSession, ConnectOptions};
use crate::ops::validate_cluster::{self, Document, ValidateOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::health::Health;
use kopsform_spec::v1alpha2::InstanceGroup;

/// Check that a cluster is healthy
///
/// Every instance group has its size, every instance has joined and is ready, the control plane runs its pods, and no pod
/// of a system priority class is missing or unready.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ValidateClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Output format
    #[arg(long, short = 'o', value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Time the cluster may take to get healthy; 0 validates once
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    wait: Duration,
    /// How many times in a row it must be healthy
    #[arg(long, value_name = "N", default_value_t = 0)]
    count: u32,
    /// Pause between two validations
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    interval: Duration,
    /// Has no effect; accepted for compatibility
    #[arg(long, value_name = "FILE", hide = true)]
    kubeconfig: Option<String>,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  Once
    kopsform validate cluster demo.example.com

  Wait until a new cluster is ready
    kopsform validate cluster demo.example.com --wait 10m
";

impl ValidateClusterArgs {
    pub(in crate::cli) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.kubeconfig.as_deref().is_some_and(|file| !file.is_empty()) {
            invocation.ui.warn("--kubeconfig has no effect, as in kops: set KUBECONFIG and --use-kubeconfig");
        }
        let failed = |error: CliError| CliError { message: format!("validation failed: {}", error.message), ..error };
        let name = invocation.cluster_name(self.cluster.as_slice(), target::Context::Allowed)?;
        let state = invocation.state_store()?;
        let environment = &invocation.environment;
        let ui = &invocation.ui;
        if self.output == Output::Table {
            ui.text(&format!("Validating cluster {name}\n\n"));
        }
        let connect = ConnectOptions::from(&self.connect);
        let _plugins = self.connect.leave_terminal_to_plugins();
        progress::phase("connecting to the cluster");
        let session = ClusterSession::open(&state, &name, Some(&connect), environment).await;
        let session = session.map_err(|error| failed(error.into()))?;
        let groups = &session.access.groups;
        let options = ValidateOptions { wait: self.wait, count: self.count, interval: self.interval };
        progress::phase("validating");
        validate_cluster::run(
            &session,
            options,
            |health| {
                let text = self.text(&name, health, groups);
                if self.output == Output::Table { ui.painted(Paint::States, &text) } else { ui.data(&text) }
            },
            |line| ui.note(line),
        )
        .await?;
        Ok(ExitCode::Done)
    }

    fn text(&self, name: &str, health: &Health, groups: &[InstanceGroup]) -> String {
        let document = Document::new(health, groups);
        // Plain data: neither form can fail.
        match self.output {
            Output::Table => tables(name, health, groups),
            Output::Json => format!("{}\n", serde_json::to_string(&document).unwrap_or_default()),
            Output::Yaml => kopsform_yaml::to_string(&serde_json::to_value(&document).unwrap_or_default()),
        }
    }
}

fn tables(name: &str, health: &Health, groups: &[InstanceGroup]) -> String {
    let size = |size: Option<i32>| size.map_or_else(|| "-".to_owned(), |s| s.to_string());
    let rows = groups.iter().map(|group| {
        [
            group.metadata.name.clone(),
            group.role().display_name().to_owned(),
            group.spec.machine_type.clone(),
            size(group.spec.min_size),
            size(group.spec.max_size),
            group.spec.subnets.join(","),
        ]
    });
    let mut text = String::from("INSTANCE GROUPS\n");
    text.push_str(&render(["NAME", "ROLE", "MACHINETYPE", "MIN", "MAX", "SUBNETS"], rows.collect()));
    text.push_str("\nNODE STATUS\n");
    let rows = health.nodes.iter().map(|node| [node.name.clone(), node.role.clone(), node.status.clone()]);
    text.push_str(&render(["NAME", "ROLE", "READY"], rows.collect()));
    if health.failures.is_empty() {
        text.push_str(&format!("\nYour cluster {name} is ready\n"));
        return text;
    }
    text.push_str("\nVALIDATION ERRORS\n");
    let rows = health.failures.iter().map(|f| [f.kind.to_string(), f.name.clone(), f.message.clone()]);
    text.push_str(&render(["KIND", "NAME", "MESSAGE"], rows.collect()));
    text.push_str("\nValidation Failed\n");
    text
}
