//! `version`.

use super::target::Context;
use super::{CliError, Invocation, NAME, RELEASE};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;

/// Print the version
#[derive(Debug, clap::Args)]
pub struct VersionArgs {
    /// Name of the cluster, for --server
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Print only the number
    #[arg(long)]
    short: bool,
    /// Also print the version that last updated the cluster
    #[arg(long)]
    server: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The line of kops, which scripts search, and that of this program
    Text,
    /// An object
    Yaml,
    /// An object
    Json,
}

impl VersionArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let version = kopsform_spec::KOPS_VERSION;
        let server = if self.server { Some(self.server_version(invocation).await?) } else { None };
        if self.output != Format::Text {
            let mut value = serde_json::json!({ "kops": version, NAME: RELEASE });
            if let Some(server) = server {
                value["server"] = server.into();
            }
            invocation.ui.data(&match self.output {
                Format::Yaml => kopsform_yaml::to_string(&value),
                Format::Json | Format::Text => format!("{value:#}\n"),
            });
            return Ok(ExitCode::Done);
        }
        let mut text = if self.short {
            format!("{version}\n")
        } else {
            format!("Client version: {version} (git-v{version})\n{NAME} {RELEASE}\n")
        };
        if let Some(server) = server {
            text.push_str(&if self.short { server } else { format!("Last applied server version: {server}") });
            text.push('\n');
        }
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }

    /// As in kops, a cluster that cannot be read is not an error: a message is printed instead of the version. Here the reason
    /// is a warning.
    async fn server_version(&self, invocation: &Invocation) -> Result<String, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let found = match invocation.state_store() {
            Ok(state) => get::last_version(&state, &cluster).await.map_err(CliError::from),
            Err(error) => Err(error),
        };
        Ok(match found {
            Ok(Some(version)) => version,
            Ok(None) => "could get cluster version".to_owned(),
            Err(error) => {
                invocation.ui.warn(&error.message);
                "could not fetch cluster".to_owned()
            }
        })
    }
}
