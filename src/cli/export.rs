//! `export kubeconfig`.

use std::path::PathBuf;
use std::time::Duration;

use super::output::OutputArgs;
use super::target::Context;
use super::{CliError, Invocation, flags, progress};
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

/// Write a cluster's kubeconfig
///
/// Adds or updates the cluster, user and context in kubectl's configuration and makes the context current. Everything else in
/// the file is left unchanged.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct KubeconfigArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// File to write [default: KUBECONFIG, ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Export all clusters of the state store
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    login: LoginArgs,
    /// Make kubectl run kopsform for a certificate when it needs one
    #[arg(long)]
    auth_plugin: bool,
    /// Address of the Kubernetes API, instead of the cluster's own
    #[arg(long, value_name = "URL")]
    api_server: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Let kubectl reach a cluster with an admin certificate for a day
    kopsform export kubeconfig demo.example.com --admin=24h

  Let kubectl fetch a certificate whenever it needs one
    kopsform export kubeconfig demo.example.com --auth-plugin

  All clusters of the state store, in a file of their own
    kopsform export kubeconfig --all --admin --kubeconfig clusters.yaml
";

/// Which credentials and address are exported.
#[derive(Debug, Clone, clap::Args)]
pub struct LoginArgs {
    /// Also create an admin certificate, valid for this long [default with no value: 18h]
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "18h",
        value_parser = lifetime)]
    pub admin: Option<Duration>,
    /// Use a user that is already in the file
    #[arg(long)]
    pub user: Option<String>,
    /// Use the API's internal name
    #[arg(long)]
    pub internal: bool,
}

/// The lifetime of a certificate. kops issues certificates that have expired already for negative ones.
fn lifetime(value: &str) -> Result<Duration, String> {
    let lifetime = flags::duration(value)?;
    match value.trim_start().starts_with('-') && value.chars().any(|digit| matches!(digit, '1'..='9')) {
        true => Err("a certificate cannot have a negative lifetime".to_owned()),
        false => Ok(lifetime),
    }
}

impl LoginArgs {
    /// # Errors
    /// If the flags contradict each other.
    pub fn options(&self) -> Result<ExportOptions, CliError> {
        // As in kops, a lifetime of zero creates no certificate.
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
        let contexts = export(invocation, &clusters, &options).await?;
        if self.output.is_document() {
            self.output.report(&invocation.ui, "", &serde_json::json!({ "contexts": contexts }))?;
        } else {
            report(invocation, &contexts);
        }
        Ok(ExitCode::Done)
    }
}

/// Writes the entries and returns the contexts.
pub(super) async fn export(
    invocation: &Invocation,
    clusters: &[kopsform_spec::v1alpha2::Cluster],
    options: &ExportOptions,
) -> Result<Vec<String>, CliError> {
    let (state, source) = (invocation.state_store()?, invocation.key_source()?);
    progress::phase("writing the kubeconfig");
    let exported = export_kubeconfig::run(&state, clusters, options, &invocation.environment, &*source).await?;
    exported.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
    Ok(exported.contexts)
}

/// Reports the contexts that were written.
pub(super) fn report(invocation: &Invocation, contexts: &[String]) {
    for context in contexts {
        invocation.ui.text(&format!("kopsform has set your kubectl context to {context}\n"));
    }
}
