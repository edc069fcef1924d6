//! `version`.

use super::output::OutputArgs;
use super::target::Context;
use super::{CliError, Invocation, NAME, RELEASE};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;

/// Print the version
///
/// Prints the version of kops that this release follows, in the format of kops, then the version of this program.
/// As JSON or YAML, prints both, the commit of the build if it is known, the targets of `update cluster` and what the program was
/// built with.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
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
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  The version of kops that this release follows
    kopsform version --short

  Both versions, targets and features for a script
    kopsform version -o json

  The release that last updated a cluster
    kopsform version --server demo.example.com
";

/// The commit that the program was built from, where the build names it.
const COMMIT: Option<&str> = option_env!("KOPSFORM_COMMIT");

/// Targets of `update cluster`.
const TARGETS: [&str; 2] = ["terraform", "direct"];

/// What `version -o json` prints.
#[derive(Debug, serde::Serialize)]
struct Version {
    /// Of this program.
    version: &'static str,
    /// Of the kops release that it follows.
    kops: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'static str>,
    targets: &'static [&'static str],
    /// The features of the build.
    features: Vec<&'static str>,
    /// The kops release that last updated the cluster, with --server.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
}

/// The features that the program was built with.
fn features() -> Vec<&'static str> {
    let all = [("aws", cfg!(feature = "aws")), ("gce", cfg!(feature = "gce")), ("kube", cfg!(feature = "kube"))];
    all.into_iter().filter(|(_, built)| *built).map(|(name, _)| name).collect()
}

impl VersionArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let version = kopsform_spec::KOPS_VERSION;
        let server = if self.server { Some(self.server_version(invocation).await?) } else { None };
        let mut text = if self.short {
            format!("{version}\n")
        } else {
            format!("Client version: {version} (git-v{version})\n{NAME} {RELEASE}\n")
        };
        if let Some(server) = &server {
            text.push_str(&if self.short { server.clone() } else { format!("Last applied server version: {server}") });
            text.push('\n');
        }
        let document = Version {
            version: RELEASE,
            kops: version,
            commit: COMMIT.filter(|commit| !commit.is_empty()),
            targets: &TARGETS,
            features: features(),
            server,
        };
        self.output.report(&invocation.ui, &text, &document)?;
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
