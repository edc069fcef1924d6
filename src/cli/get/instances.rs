//! `get instances`.

use crate::cli::flags::{ConnectArgs, Output};
use crate::cli::table::render;
use crate::cli::{CliError, Invocation, target};
use crate::ops::cluster_access::{ClusterAccess, ConnectOptions};
use crate::ops::instances::{self, InstanceRow};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::execute::RetryingKubernetes;
use kopsform_rolling::ports::SystemClock;

/// List the instances of a cluster
#[derive(Debug, clap::Args)]
pub struct GetInstancesArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    #[command(flatten)]
    connect: ConnectArgs,
}

impl GetInstancesArgs {
    pub(in crate::cli) async fn run(self, output: Output, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), target::Context::Allowed)?;
        let state = invocation.state_store()?;
        let access = ClusterAccess::open(&state, &name, &invocation.environment).await?;
        let client = access.connect(&ConnectOptions::from(&self.connect), &invocation.environment).await?;
        let clock = SystemClock::default();
        let kubernetes = RetryingKubernetes::new(&client, &clock);
        let warn = |text: &str| invocation.ui.warn(text);
        let rows = instances::list(&access.cluster, &access.groups, &access.cloud, &kubernetes, warn).await?;
        let text = match output {
            Output::Table => format!("\n{}", table(rows)),
            Output::Json => format!("{}\n", serde_json::to_string(&rows).unwrap_or_default()),
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
