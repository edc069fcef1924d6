//! `export kubeconfig`.

use std::path::PathBuf;
use std::time::Duration;

use super::target::Context;
use super::{CliError, Invocation, flags};
use crate::ops::export_kubeconfig::{self, ExportOptions};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::ClusterStore;

/// Export what other tools need to reach a cluster
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ExportCommand {
    #[command(alias = "kubecfg")]
    Kubeconfig(KubeconfigArgs),
}

/// Write how kubectl reaches a cluster
///
/// Adds cluster, user and context to kubectl's configuration, or brings them up to date, and makes the context the current
/// one. Everything else in the file stays as it is.
#[derive(Debug, clap::Args)]
struct KubeconfigArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// The file to write, instead of those of KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// All clusters of the state store
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    login: LoginArgs,
    /// Have kubectl ask kopsform for a certificate when it needs one
    #[arg(long)]
    auth_plugin: bool,
    /// Address of the Kubernetes API, instead of what is known about the cluster
    #[arg(long, value_name = "URL")]
    api_server: Option<String>,
}

/// Who logs in, and where.
#[derive(Debug, Clone, clap::Args)]
pub struct LoginArgs {
    /// Make an administrator's certificate too, that holds this long [default with no value: 18h]
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "18h",
        value_parser = flags::duration)]
    pub admin: Option<Duration>,
    /// Use a user that is in the file already
    #[arg(long)]
    pub user: Option<String>,
    /// Use the API's name inside the network
    #[arg(long)]
    pub internal: bool,
}

impl LoginArgs {
    /// What is to be written for these flags.
    ///
    /// # Errors
    /// When they contradict each other.
    pub fn options(&self) -> Result<ExportOptions, CliError> {
        // kops takes a lifetime of nothing for no certificate.
        let admin = self.admin.filter(|lifetime| !lifetime.is_zero());
        let user = self.user.clone().filter(|user| !user.is_empty());
        if admin.is_some() && user.is_some() {
            return Err(CliError::message("cannot use both --admin and --user"));
        }
        Ok(ExportOptions { admin, user, internal: self.internal, ..ExportOptions::default() })
    }
}

impl ExportArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let ExportCommand::Kubeconfig(args) = self.command;
        args.run(invocation).await
    }
}

impl KubeconfigArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.all && !self.cluster.is_empty() {
            return Err(CliError::message("cannot use both --all flag and positional arguments"));
        }
        let options = ExportOptions {
            auth_plugin: self.auth_plugin,
            api_server: self.api_server.clone().filter(|url| !url.is_empty()),
            kubeconfig: self.kubeconfig.clone(),
            ..self.login.options()?
        };
        let state = invocation.state_store()?;
        let clusters = if self.all {
            let found = get::clusters(&state, &[]).await?;
            found.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
            found.clusters
        } else {
            let name = invocation.cluster_name(&self.cluster, Context::Allowed)?;
            vec![ClusterStore::load(&state, &name).await?.1.object]
        };
        export(invocation, &clusters, &options).await?;
        Ok(ExitCode::Done)
    }
}

/// Writes the entries and says what was done.
pub(super) async fn export(
    invocation: &Invocation,
    clusters: &[kopsform_spec::v1alpha2::Cluster],
    options: &ExportOptions,
) -> Result<(), CliError> {
    let (state, source) = (invocation.state_store()?, invocation.key_source()?);
    let exported = export_kubeconfig::run(&state, clusters, options, &invocation.environment, &*source).await?;
    exported.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
    for context in exported.contexts {
        invocation.ui.data(&format!("kopsform has set your kubectl context to {context}\n"));
    }
    Ok(())
}
