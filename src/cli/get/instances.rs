//! `get instances`.

use crate::cli::flags::{ConnectArgs, Output};
use crate::cli::style::Paint;
use crate::cli::table::render;
use crate::cli::{CliError, Invocation, progress, target};
use crate::ops::cluster_access::{ClusterSession, ConnectOptions};
use crate::ops::instances::{self, InstanceRow};
use kopsform_diagnostics::exit::ExitCode;

/// List the instances of a cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetInstancesArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    #[command(flatten)]
    connect: ConnectArgs,
}

const EXAMPLES: &str = "\
Examples:
  Which instances need an update
    kopsform get instances demo.example.com
";

impl GetInstancesArgs {
    pub(in crate::cli) async fn run(self, output: Output, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), target::Context::Allowed)?;
        let state = invocation.state_store()?;
        let connect = ConnectOptions::from(&self.connect);
        let _plugins = self.connect.leave_terminal_to_plugins();
        progress::phase("connecting to the cluster");
        let session = ClusterSession::open(&state, &name, Some(&connect), &invocation.environment).await?;
        let warn = |text: &str| invocation.ui.warn(text);
        let rows = instances::list(&session, warn).await?;
        let text = match output {
            Output::Table => {
                invocation.ui.painted(Paint::States, &format!("\n{}", table(rows)));
                return Ok(ExitCode::Done);
            }
            // As kops, without a line break at the end.
            Output::Json => serde_json::to_string(&rows).unwrap_or_default(),
            Output::Yaml => kopsform_yaml::to_string(&serde_json::to_value(&rows).unwrap_or_default()),
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}

fn table(rows: Vec<InstanceRow>) -> String {
    let rows = rows.into_iter().map(|row| {
        [
            row.id,
            row.node_name,
            row.status,
            row.roles.join(", "),
            row.state,
            row.internal_ip,
            row.external_ip,
            row.instance_group,
            row.machine_type,
        ]
    });
    let header =
        ["ID", "NODE-NAME", "STATUS", "ROLES", "STATE", "INTERNAL-IP", "EXTERNAL-IP", "INSTANCE-GROUP", "MACHINE-TYPE"];
    render(header, rows.collect())
}
