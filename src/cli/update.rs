//! `update cluster`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;

use super::export::LoginArgs;
use super::target::Context;
use super::{CliError, Invocation, export};
use crate::exit::ExitCode;
use crate::model::{Lifecycle, Lifecycles};
use crate::ops::export_kubeconfig::ExportOptions;
use crate::ops::facts::LookupOptions;
use crate::ops::update_cluster::{self, UpdateOptions};
use crate::pki::{Missing, SystemKeySource};
use crate::terraform;

/// Write what the specs in the state store call for
#[derive(Debug, clap::Args)]
pub struct UpdateArgs {
    #[command(subcommand)]
    command: UpdateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UpdateCommand {
    Cluster(Box<UpdateClusterArgs>),
}

/// Write a cluster as Terraform
///
/// Reads the cluster's specs from the state store, looks up what they refer to in AWS (or in a lock file), makes keys
/// that are missing and writes Terraform files. Nothing is changed in AWS: `terraform apply` does that.
#[derive(Debug, clap::Args)]
struct UpdateClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// What to write; only terraform is supported
    #[arg(long, default_value = "terraform")]
    target: String,
    /// Folder for the files [default: out/terraform]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Which provider and terraform blocks to write
    #[arg(long, value_enum, default_value_t = ProviderBlocks::Full)]
    provider_blocks: ProviderBlocks,
    /// How to spread blocks over files
    #[arg(long, value_enum, default_value_t = Layout::Single)]
    layout: Layout,
    /// Only these instance groups; the others are left out of the output
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    instance_group: Vec<String>,
    /// Only instance groups of these roles (control-plane, apiserver, node, bastion)
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    instance_group_roles: Vec<String>,
    /// Only one part: network, security or cluster
    #[arg(long)]
    phase: Option<String>,
    /// Lifecycles of single kinds of resources, such as SecurityGroup=Ignore
    #[arg(long, value_name = "TASK=LIFECYCLE", value_delimiter = ',')]
    lifecycle_overrides: Vec<String>,
    /// Go on when a newer release wrote the cluster last
    #[arg(long)]
    allow_kops_downgrade: bool,
    /// Refuse instead of making keysets and secrets that are missing
    #[arg(long)]
    no_create_keys: bool,
    /// Recorded facts [env: KOPSFORM_LOCK]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Use nothing but recorded facts
    #[arg(long)]
    offline: bool,
    /// Write how kubectl reaches the cluster, as `export kubeconfig` does
    #[arg(long)]
    create_kube_config: bool,
    #[command(flatten)]
    login: LoginArgs,
    /// Address of the Kubernetes API for kubectl, instead of what is known about the cluster
    #[arg(long, value_name = "URL")]
    api_server: Option<String>,
    /// Apply changes directly (not supported)
    #[arg(long, short = 'y', hide = true)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProviderBlocks {
    /// All of them
    Full,
    /// Only required_providers, for use as a module
    Required,
    /// None: your own files have them
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Layout {
    /// One kubernetes.tf
    Single,
    /// A file a concern
    Split,
    /// A module with variables and described outputs
    Module,
}

impl UpdateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            UpdateCommand::Cluster(args) => args.run(invocation).await,
        }
    }
}

impl UpdateClusterArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if !self.target.eq_ignore_ascii_case("terraform") {
            return Err(CliError::message(format!("target {:?} is not supported", self.target))
                .hint("use --target terraform and apply with terraform"));
        }
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let export = self.export()?;
        let state = invocation.state_store()?;
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("out/terraform"));
        let options = UpdateOptions {
            out: out.clone(),
            terraform: terraform::Options { provider_blocks: self.provider_blocks.into(), layout: self.layout.into() },
            groups: self.instance_group.clone(),
            roles: self.instance_group_roles.iter().map(|role| parse_role(role)).collect::<Result<_, _>>()?,
            lifecycles: lifecycles(self.phase.as_deref(), &self.lifecycle_overrides)?,
            missing_keys: if self.no_create_keys { Missing::Refuse } else { Missing::Create },
            allow_downgrade: self.allow_kops_downgrade,
            worker_version: None,
            lookup: LookupOptions { lock: self.lock.clone(), offline: self.offline },
        };
        let source = Arc::new(SystemKeySource::from_environment(&invocation.environment)?);
        let updated = update_cluster::run(&state, &name, &options, &invocation.environment, source).await?;
        for warning in &updated.warnings {
            invocation.ui.warn(warning);
        }
        for keyset in &updated.created_keysets {
            invocation.ui.note(&format!("made keyset {keyset}"));
        }
        invocation.ui.data(&format!("\nTerraform output has been placed into {}\n", out.display()));
        if let Some(options) = export {
            export::export(invocation, std::slice::from_ref(&updated.cluster), &options).await?;
        }
        Ok(ExitCode::Done)
    }

    /// What is to be told kubectl, if anything: writing Terraform changes nothing outside its folder unless it is asked for.
    fn export(&self) -> Result<Option<ExportOptions>, CliError> {
        let options = self.login.options()?;
        let asked = self.create_kube_config || options.admin.is_some() || options.user.is_some() || options.internal;
        Ok(asked.then(|| ExportOptions { api_server: self.api_server.clone(), offline: self.offline, ..options }))
    }
}

impl From<ProviderBlocks> for terraform::ProviderBlocks {
    fn from(blocks: ProviderBlocks) -> Self {
        match blocks {
            ProviderBlocks::Full => Self::Full,
            ProviderBlocks::Required => Self::Required,
            ProviderBlocks::None => Self::None,
        }
    }
}

impl From<Layout> for terraform::Layout {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Single => Self::Single,
            Layout::Split => Self::Split,
            Layout::Module => Self::Module,
        }
    }
}

/// A role as people type it: `control-plane`, `ControlPlane`, `master`, `node`, …
fn parse_role(text: &str) -> Result<crate::api::v1alpha2::InstanceGroupRole, CliError> {
    use crate::api::v1alpha2::InstanceGroupRole as Role;
    match text.to_lowercase().replace('-', "").as_str() {
        "controlplane" | "master" => Ok(Role::ControlPlane),
        "apiserver" => Ok(Role::ApiServer),
        "node" => Ok(Role::Node),
        "bastion" => Ok(Role::Bastion),
        _ => Err(CliError::message(format!("unknown role {text:?}"))
            .hint("roles are control-plane, apiserver, node and bastion")),
    }
}

/// What `--phase` and `--lifecycle-overrides` mean for each part of the model.
fn lifecycles(phase: Option<&str>, overrides: &[String]) -> Result<Lifecycles, CliError> {
    let mut lifecycles = Lifecycles::default();
    match phase.map(str::to_lowercase).as_deref() {
        None | Some("") => {}
        Some("network") => {
            lifecycles.security = Lifecycle::Ignore;
            lifecycles.cluster = Lifecycle::Ignore;
        }
        Some("security" | "iam") => {
            lifecycles.network = Lifecycle::ExistsAndWarnIfChanges;
            lifecycles.cluster = Lifecycle::Ignore;
        }
        Some("cluster") => {
            lifecycles.network = Lifecycle::ExistsAndWarnIfChanges;
            lifecycles.security = Lifecycle::ExistsAndWarnIfChanges;
        }
        Some(other) => {
            return Err(CliError::message(format!(
                "unknown phase {other:?}, available phases: cluster,network,security"
            )));
        }
    }
    for text in overrides {
        let Some((task, lifecycle)) = text.split_once('=') else {
            return Err(CliError::message(format!(
                "incorrect syntax for lifecyle-overrides, correct syntax is TaskName=lifecycleName, override provided: {text:?}"
            )));
        };
        let lifecycle = lifecycle.parse().map_err(|error| {
            CliError::message(format!("{error}")).hint(
                "lifecycles are Sync, Ignore, WarnIfInsufficientAccess, ExistsAndValidates and ExistsAndWarnIfChanges",
            )
        })?;
        lifecycles.overrides.insert(task.to_owned(), lifecycle);
    }
    Ok(lifecycles)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn phases_choose_what_is_written() {
        let network = lifecycles(Some("Network"), &[]).unwrap();
        assert_eq!((network.network, network.cluster), (Lifecycle::Sync, Lifecycle::Ignore));
        assert!(lifecycles(Some("all"), &[]).is_err());
        let overridden = lifecycles(None, &["VPC=Ignore".to_owned()]).unwrap();
        assert_eq!(overridden.overrides["VPC"], Lifecycle::Ignore);
        assert!(lifecycles(None, &["VPC".to_owned()]).is_err());
    }
}
