//! `update cluster`.

mod cloudformation;
mod direct;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;

use super::allow::AllowArgs;
use super::existing_state::StateArgs;
use super::export::LoginArgs;
use super::flags::LookupArgs;
use super::target::Context;
use super::terraform::TerraformArgs;
use super::{CliError, Invocation, export};
use crate::ops::export_kubeconfig::ExportOptions;
use crate::ops::support::differences::Difference;
use crate::ops::support::facts::FactFinder;
use crate::ops::update_cluster::{self, UpdateDeps, UpdateOptions, UpdatePlan};
use crate::ops::{export_kubeconfig, sshkeys, version_skew};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::nearest;
use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_model::{Lifecycle, Lifecycles, TASKS_WITHOUT_RESOURCES};
use kopsform_pki::SystemKeySource;
use kopsform_rolling::selection;
use kopsform_state::{MissingKeys, StateStore, Write, commit};
use kopsform_terraform::{self as terraform, ForeignFiles};

/// Write Terraform for the specs in the state store
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
/// Reads the cluster's specs from the state store, looks up what they refer to in AWS or in a lock file, creates missing keys
/// and writes Terraform files. Nothing is changed in AWS: `terraform apply` does that.
///
/// With `--target direct`, compares the cluster with what exists in AWS and in the state store, and prints what differs. With
/// `--yes`, changes it.
///
/// With `--target cloudformation`, writes CloudFormation templates, and lists what CloudFormation has no resource for, such as
/// objects in the state store. With `--yes`, writes that too.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct UpdateClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Output target: terraform or cloudformation, which write files, or direct, which shows what would change in AWS and changes it
    /// with --yes
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Output directory [default: out/terraform or out/cloudformation]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    terraform: TerraformArgs,
    /// Overwrite files in the output directory that kopsform did not write, or that were edited since
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    state: StateArgs,
    /// Write nothing; list what would be written, and exit with code 2 if there is anything
    #[arg(long)]
    check: bool,
    /// Write only these instance groups
    #[arg(long, visible_alias = "ig", alias = "instance-groups", value_name = "NAME", value_delimiter = ',')]
    instance_group: Vec<String>,
    /// Write only instance groups of these roles (control-plane, apiserver, node, bastion)
    #[arg(long, aliases = ["role", "roles", "instance-group-role"], value_name = "ROLE", value_delimiter = ',')]
    instance_group_roles: Vec<String>,
    /// Write only one phase: network, security or cluster
    #[arg(long)]
    phase: Option<String>,
    /// Lifecycles for kinds of resources, such as SecurityGroup=Ignore
    #[arg(long, value_name = "TASK=LIFECYCLE", value_delimiter = ',')]
    lifecycle_overrides: Vec<String>,
    /// Allow updating a cluster that a newer release updated last
    #[arg(long)]
    allow_kops_downgrade: bool,
    /// Configure workers for the spec's Kubernetes version even if the control plane runs an older one
    #[arg(long)]
    ignore_kubelet_version_skew: bool,
    /// Fail instead of creating missing keysets and secrets
    #[arg(long)]
    no_create_keys: bool,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    lookup: LookupArgs,
    /// Also write the cluster's kubeconfig, as `export kubeconfig` does
    #[arg(long)]
    create_kube_config: bool,
    #[command(flatten)]
    login: LoginArgs,
    /// Address of the Kubernetes API for kubectl, instead of the cluster's own
    #[arg(long, value_name = "URL")]
    api_server: Option<String>,
    /// Add an SSH public key first (deprecated: use `create sshpublickey`)
    #[arg(long, value_name = "FILE", hide = true)]
    ssh_public_key: Option<String>,
    #[command(flatten)]
    compatibility: CompatibilityArgs,
}

const EXAMPLES: &str = "\
Examples:
  Write Terraform to a directory and apply it
    kopsform update cluster demo.example.com --target terraform --out out/terraform
    cd out/terraform && terraform init && terraform apply

  Take over a directory that kops wrote, without a change in `terraform plan`
    kopsform update cluster demo.example.com --out . --keep-equivalent

  Write next to existing Terraform that has the provider blocks
    kopsform update cluster demo.example.com --out . --provider-blocks none

  Show what would change in AWS, and change it
    kopsform update cluster demo.example.com --target direct
    kopsform update cluster demo.example.com --target direct --yes

  Write CloudFormation templates and what these cannot hold, and deploy them
    kopsform update cluster demo.example.com --target cloudformation --out out/cloudformation --yes
    aws cloudformation deploy --template-file out/cloudformation/kubernetes.template.yaml --stack-name demo \
      --capabilities CAPABILITY_NAMED_IAM --s3-bucket BUCKET

  Use recorded facts only, so that the output is the same everywhere
    kopsform lock demo.example.com
    kopsform update cluster demo.example.com --out . --lock kopsform.lock --offline --no-create-keys
";

/// Flags of target direct. Scripts also pass them for Terraform, where they have no effect: Terraform deletes what is no longer
/// in its files, and writing files needs no confirmation.
#[derive(Debug, clap::Args)]
struct CompatibilityArgs {
    /// With --target direct: also delete what may still be in use, such as rules that the spec no longer has
    #[arg(long)]
    prune: bool,
    /// With --target direct: apply the changes instead of only printing them
    #[arg(long, short = 'y')]
    yes: bool,
    /// With --target direct: print the changes in this format
    #[arg(long, short = 'o', value_enum, default_value_t = PreviewFormat::Text, hide_default_value = true)]
    output: PreviewFormat,
    /// The version of the control plane is always read through the kubeconfig.
    #[arg(long, hide = true)]
    use_kubeconfig: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PreviewFormat {
    /// As kops prints it
    Text,
    /// For programs
    Json,
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
        if self.target.as_deref().is_some_and(|target| target.eq_ignore_ascii_case(direct::TARGET)) {
            return self.run_direct(invocation).await;
        }
        if self.target.as_deref().is_some_and(|target| target.eq_ignore_ascii_case(cloudformation::TARGET)) {
            return self.run_cloudformation(invocation).await;
        }
        check_target(self.target.as_deref(), self.compatibility.yes)?;
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let export = self.export()?;
        for task in self.lifecycle_overrides.iter().filter_map(|pair| pair.split('=').next()) {
            if TASKS_WITHOUT_RESOURCES.contains(&task) {
                invocation.ui.warn(&format!("the lifecycle of {task} has no effect: it is no resource in Terraform"));
            }
        }
        let state = invocation.state_store()?;
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("out/terraform"));
        let options = self.options(out.clone(), &name, invocation).await?;
        let environment = &invocation.environment;
        if !self.check {
            warn_if_recovered(invocation, &out)?;
        }
        let key = self.ssh_key(&state, &name, invocation).await?;
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = UpdateDeps {
            environment,
            finder: FactFinder::open(&options.lookup, environment)?,
            source: Arc::new(SystemKeySource::from_environment(environment)?),
            warn: &mut warn,
        };
        // Nothing is stored before everything that follows from it is known to be valid.
        let preview = state.preview(key.iter().map(Write::planned));
        let plan = update_cluster::plan(&preview, &name, &options, deps).await?;
        if self.check {
            let mut found: Vec<_> = key.iter().filter_map(Difference::of_write).collect();
            found.extend(plan.differences(&preview).await?);
            if let Some(options) = &export {
                found.extend(kubeconfig_differences(invocation, &plan, options).await?);
            }
            return report_differences(&invocation.ui, &found, None);
        }
        commit(&state, &name, key.into_iter().collect(), &invocation.holder("update cluster")).await?;
        let updated = update_cluster::apply(plan, &state).await?;
        // Checked before the export below adds the context.
        let known = invocation.knows(&updated.cluster);
        if let Some(options) = export {
            export::export(invocation, std::slice::from_ref(&updated.cluster), &options).await?;
        }
        invocation.report_update(&updated, &out, known);
        Ok(ExitCode::Done)
    }

    /// The SSH key to store first.
    async fn ssh_key(
        &self,
        state: &StateStore,
        name: &str,
        invocation: &Invocation,
    ) -> Result<Option<Write>, CliError> {
        let Some(file) = &self.ssh_public_key else { return Ok(None) };
        invocation.ui.warn("--ssh-public-key is deprecated here: use `kopsform create sshpublickey -i FILE`");
        let key = read_bounded(&invocation.expanded(file), TEXT_LIMIT).map_err(|error| {
            let reason = std::io::Error::from(error);
            CliError::message(format!("error reading SSH key file {file:?}: {reason}"))
        })?;
        Ok(Some(sshkeys::plan(state, name, &key).await?.write))
    }

    /// What was typed, as options of the operation.
    async fn options(&self, out: PathBuf, name: &str, invocation: &Invocation) -> Result<UpdateOptions, CliError> {
        Ok(UpdateOptions {
            out,
            terraform: self.terraform.over(terraform::Options::default())?,
            foreign: foreign_files(self.force),
            moves: self.state.moves.unwrap_or_default(),
            allow_replace: self.state.allow_replace,
            keep_equivalent: self.state.keep_equivalent,
            check: self.check,
            groups: self.instance_group.clone(),
            roles: self
                .instance_group_roles
                .iter()
                .map(|role| selection::parse_role(role))
                .collect::<Result<_, _>>()?,
            lifecycles: lifecycles(self.phase.as_deref(), &self.lifecycle_overrides)?,
            missing_keys: if self.no_create_keys { MissingKeys::Refuse } else { MissingKeys::Create },
            allow_downgrade: self.allow_kops_downgrade,
            worker_version: self.running_version(name, invocation).await,
            lookup: invocation.lookup(&self.lookup)?,
            allowed: self.allow.rules(invocation)?,
        })
    }

    /// What to write to the kubeconfig: nothing, unless a flag asks for it.
    fn export(&self) -> Result<Option<ExportOptions>, CliError> {
        let options = self.login.options()?;
        let asked = self.create_kube_config || options.admin.is_some() || options.user.is_some() || options.internal;
        Ok(asked.then(|| ExportOptions {
            api_server: self.api_server.clone(),
            offline: self.lookup.offline,
            ..options
        }))
    }

    /// The version that the control plane runs now. As in kops, an unreachable control plane is not an error: it may not exist
    /// yet.
    async fn running_version(&self, cluster: &str, invocation: &Invocation) -> Option<String> {
        if self.compatibility.use_kubeconfig && !kopsform_kubeconfig::has_context(&invocation.environment, cluster) {
            invocation.ui.warn(&format!("--use-kubeconfig has no effect: the kubeconfig has no context {cluster}"));
        }
        if self.ignore_kubelet_version_skew || self.lookup.offline {
            return None;
        }
        match version_skew::running_version(cluster, &invocation.environment).await {
            Ok(version) => version,
            Err(reason) => {
                invocation.ui.note(&format!(
                    "cannot determine the version of the running control plane, using that of the spec: {reason}"
                ));
                None
            }
        }
    }
}

/// The files of kubectl's configuration that the update would change.
async fn kubeconfig_differences(
    invocation: &Invocation,
    plan: &UpdatePlan<'_>,
    options: &ExportOptions,
) -> Result<Vec<Difference>, CliError> {
    let (state, environment) = (invocation.state_store()?, &invocation.environment);
    if plan.makes_keys() {
        // The authority that the configuration is made from does not exist yet.
        let files = options.kubeconfig.clone().into_iter().chain(kopsform_kubeconfig::paths(environment));
        let files = files.take(1).map(|file| Difference::new(file.display().to_string(), terraform::Change::Changed));
        return Ok(files.collect());
    }
    let source = invocation.key_source()?;
    let files = export_kubeconfig::differences(&state, plan.cluster(), options, environment, &*source).await?;
    let difference = |file: PathBuf| {
        let change = if file.exists() { terraform::Change::Changed } else { terraform::Change::New };
        Difference::new(file.display().to_string(), change)
    };
    Ok(files.into_iter().map(difference).collect())
}

/// Lists what would be written, on a line each or as the given document, for `--check`.
pub(super) fn report_differences(
    ui: &super::ui::Ui,
    differences: &[Difference],
    document: Option<serde_json::Value>,
) -> Result<ExitCode, CliError> {
    let text = match document {
        Some(value) => {
            serde_json::to_string_pretty(&value).map_err(|error| CliError::message(error.to_string()))? + "\n"
        }
        None => differences.iter().map(|difference| format!("{difference}\n")).collect(),
    };
    ui.data(&text);
    Ok(if differences.is_empty() { ExitCode::Done } else { ExitCode::ChangeNeeded })
}

/// What `--force` means for files in the output directory that are not ours.
pub(super) fn foreign_files(force: bool) -> ForeignFiles {
    if force { ForeignFiles::Overwrite } else { ForeignFiles::Keep }
}

/// Completes the change of an output directory in which an earlier run was interrupted, before anything else can fail.
pub(super) fn warn_if_recovered(invocation: &Invocation, out: &Path) -> Result<(), CliError> {
    if terraform::recover(out)? {
        invocation.ui.warn(&update_cluster::recovered(out));
    }
    Ok(())
}

/// Refuses other targets than Terraform, and `--yes` without a target: kops' default is to apply changes directly, and a script
/// that relies on it must not go on as if the cluster were there.
fn check_target(target: Option<&str>, yes: bool) -> Result<(), CliError> {
    let refused = |target: &str, reason: &str| CliError::message(format!("target {target:?} is not supported{reason}"));
    match target.map(str::to_lowercase).as_deref() {
        Some("terraform") => Ok(()),
        None if !yes => Ok(()),
        None => Err(CliError::message(
            "--yes without --target: kops applies the changes to AWS here, which kopsform does not support",
        )
        .hint("use --target terraform --out DIR, and run terraform apply")),
        Some(target @ "dryrun") => {
            Err(refused(target, "").hint("use --target terraform --out DIR; terraform plan shows what would change"))
        }
        Some(target) => Err(refused(target, "").hint("use terraform")),
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
    for pair in overrides {
        let Some((task, lifecycle)) = pair.split_once('=') else {
            return Err(CliError::message(format!(
                "incorrect syntax for lifecyle-overrides, correct syntax is TaskName=lifecycleName, override provided: {pair:?}"
            )));
        };
        if !kopsform_model::tasks().contains(task) && !TASKS_WITHOUT_RESOURCES.contains(&task) {
            let error = CliError::message(format!("unknown task {task:?} in --lifecycle-overrides {pair:?}"));
            return Err(error.hint(match nearest(task, kopsform_model::tasks()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("tasks are {}", kopsform_model::tasks().into_iter().collect::<Vec<_>>().join(", ")),
            }));
        }
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
    fn nothing_is_confirmed_that_is_not_done() {
        assert!(check_target(None, false).is_ok());
        assert!(check_target(Some("Terraform"), true).is_ok());
        let error = check_target(None, true).unwrap_err();
        assert!(error.message.contains("--yes without --target"), "{}", error.message);
        assert!(error.hints[0].contains("--target terraform"), "{:?}", error.hints);
        assert!(check_target(Some("dryrun"), false).is_err());
    }

    #[test]
    fn phases_select_what_is_written() {
        let network = lifecycles(Some("Network"), &[]).unwrap();
        assert_eq!((network.network, network.cluster), (Lifecycle::Sync, Lifecycle::Ignore));
        assert!(lifecycles(Some("all"), &[]).is_err());
        let overridden = lifecycles(None, &["VPC=Ignore".to_owned()]).unwrap();
        assert_eq!(overridden.overrides["VPC"], Lifecycle::Ignore);
        assert!(lifecycles(None, &["VPC".to_owned()]).is_err());
        assert!(lifecycles(None, &["Keypair=Ignore".to_owned(), "AddonManifest=Ignore".to_owned()]).is_ok());
        let unknown = |pair: &str| lifecycles(None, &[pair.to_owned()]).unwrap_err();
        // The example in kops' own help names no task.
        let error = unknown("SecurityGroups=Ignore");
        assert!(error.message.contains("unknown task \"SecurityGroups\""), "{}", error.message);
        assert_eq!(error.hints, ["did you mean SecurityGroup?"]);
        assert!(unknown("Anything=Ignore").hints[0].contains("AutoscalingGroup"));
        assert!(unknown("VPC=Skip").message.contains("unknown lifecycle \"Skip\""));
    }
}
