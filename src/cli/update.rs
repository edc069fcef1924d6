//! `update cluster`.

mod apply_progress;
pub(in crate::cli) mod cloudformation;
pub(in crate::cli) mod direct;
pub(in crate::cli) mod target;

use std::path::{Path, PathBuf};

use super::allow::AllowArgs;
use super::existing_state::StateArgs;
use super::export::LoginArgs;
use super::flags::{LookupArgs, go_bool};
use super::output::OutputArgs;
use super::target::Context;
use super::terraform::TerraformArgs;
use super::{CliError, Invocation, export, progress};
use crate::ops::export_kubeconfig::ExportOptions;
use crate::ops::support::differences::Difference;
use crate::ops::update_cluster::{self, UpdateOptions, UpdatePlan};
use crate::ops::{export_kubeconfig, sshkeys, version_skew};
use crate::project::Target;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::nearest;
use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_model::{Lifecycle, Lifecycles, TASKS_WITHOUT_RESOURCES};
use kopsform_rolling::selection;
use kopsform_state::{MissingKeys, StateStore, Write, commit};
use kopsform_terraform::{self as terraform, ForeignFiles};

/// Update clusters to match their specs, or write Terraform or CloudFormation
#[derive(Debug, clap::Args)]
pub struct UpdateArgs {
    #[command(subcommand)]
    command: UpdateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum UpdateCommand {
    Cluster(Box<UpdateClusterArgs>),
}

/// Update a cluster to match its specs
///
/// Reads the cluster's specs from the state store, compares them with the resources in the cloud and the files in the state store, and
/// prints the differences. With `--yes`, applies them. After an interruption, the next run continues.
///
/// With `--target terraform`, looks up what the specs refer to in the cloud or in a lock file, creates missing keys and writes
/// Terraform files. It changes nothing in the cloud: `terraform apply` does that.
///
/// With `--target cloudformation`, writes CloudFormation templates, and lists the parts that CloudFormation has no resource for, such
/// as objects in the state store. With `--yes`, writes those parts, too.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct UpdateClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Target: direct, which shows what would change in the cloud and changes it with --yes, or terraform or cloudformation, which write
    /// files [default: target of kopsform.yaml, else direct]
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Output directory [default: the project's, else out/terraform or out/cloudformation]
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
    /// Also write the cluster's kubeconfig, as `export kubeconfig` does [default: true with --target direct --yes, else false]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool, value_name = "BOOL")]
    create_kube_config: Option<bool>,
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
  Show what would change in the cloud, and change it
    kopsform update cluster demo.example.com
    kopsform update cluster demo.example.com --yes

  Write Terraform to a directory and apply it
    kopsform update cluster demo.example.com --target terraform --out out/terraform
    cd out/terraform && terraform init && terraform apply

  Take over a directory that kops wrote, without a change in `terraform plan`
    kopsform update cluster demo.example.com --target terraform --out . --keep-equivalent

  Write next to existing Terraform that has the provider blocks
    kopsform update cluster demo.example.com --target terraform --out . --provider-blocks none

  Write CloudFormation templates and the parts that they cannot contain, and deploy them
    kopsform update cluster demo.example.com --target cloudformation --out out/cloudformation --yes
    aws cloudformation deploy --template-file out/cloudformation/kubernetes.template.yaml --stack-name demo \
      --capabilities CAPABILITY_NAMED_IAM --s3-bucket BUCKET

  Use recorded facts only, so that the output is the same everywhere
    kopsform lock demo.example.com
    kopsform update cluster demo.example.com --target terraform --out . --lock kopsform.lock --offline --no-create-keys
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
    #[command(flatten)]
    output: OutputArgs,
    /// The version of the control plane is always read through the kubeconfig.
    #[arg(long, hide = true)]
    use_kubeconfig: bool,
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
        let named = target::named(self.target.as_deref(), invocation)?;
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let state = invocation.state_store()?;
        let chosen = match named {
            Some(target) => target,
            None => target::by_default(invocation, &state, &name, self.out.as_deref(), &self.terraform_flags()).await?,
        };
        match chosen {
            Target::Direct => return self.run_direct(invocation, &state, &name).await,
            Target::CloudFormation => return self.run_cloudformation(invocation, &state, &name).await,
            Target::Terraform => {}
        }
        let export = self.export(false)?;
        for task in self.lifecycle_overrides.iter().filter_map(|pair| pair.split('=').next()) {
            if TASKS_WITHOUT_RESOURCES.contains(&task) {
                invocation.ui.warn(&format!("the lifecycle of {task} has no effect: it is no resource in Terraform"));
            }
        }
        let out = invocation.terraform_out(self.out.as_ref(), &name)?;
        let options = self.options(out.clone(), &name, invocation).await?;
        if !self.check {
            warn_if_recovered(invocation, &out)?;
        }
        let key = self.ssh_key(&state, &name, invocation).await?;
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = invocation.update_deps(&options.lookup, &mut warn)?;
        // Nothing is stored before everything that follows from it is known to be valid.
        let preview = state.preview(key.iter().map(Write::planned));
        progress::phase("looking up what the specs refer to");
        let plan = update_cluster::plan(&preview, &name, &options, deps).await?;
        if self.check {
            let mut found: Vec<_> = key.iter().filter_map(Difference::of_write).collect();
            found.extend(plan.differences(&preview).await?);
            if let Some(options) = &export {
                found.extend(kubeconfig_differences(invocation, &plan, options).await?);
            }
            return report_differences(&invocation.ui, &found, self.compatibility.output);
        }
        commit(&state, &name, key.into_iter().collect(), &invocation.holder("update cluster")).await?;
        progress::phase("storing keys and writing Terraform");
        let updated = update_cluster::apply(plan, &state).await?;
        // Checked before the export below adds the context.
        let known = invocation.knows(&updated.cluster);
        let mut contexts = Vec::new();
        if let Some(options) = export {
            contexts = export::export(invocation, std::slice::from_ref(&updated.cluster), &options).await?;
        }
        let output = self.compatibility.output;
        if output.is_document() {
            output.report(&invocation.ui, "", &updated_document(&updated, &out, &contexts))?;
        } else {
            export::report(invocation, &contexts);
            invocation.report_update(&updated, &out, known);
        }
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
        let project = invocation.terraform_defaults(name)?;
        Ok(UpdateOptions {
            out,
            terraform: self.terraform.over(project.options)?,
            foreign: foreign_files(self.force),
            moves: self.state.moves.or(project.moves).unwrap_or_default(),
            allow_replace: self.state.allow_replace,
            keep_equivalent: self.state.keep_equivalent || project.keep_equivalent,
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
            unstored: None,
        })
    }

    /// The flags that were given and only matter for Terraform.
    fn terraform_flags(&self) -> Vec<&'static str> {
        let own = [
            ("--out", self.out.is_some()),
            ("--force", self.force),
            ("--check", self.check),
            ("--offline", self.lookup.offline),
        ];
        let own = own.into_iter().filter_map(|(flag, given)| given.then_some(flag));
        own.chain(self.terraform.given()).chain(self.state.given()).collect()
    }

    /// What to write to the kubeconfig: as in kops, everything that a flag asks for, and else what is usual for the target.
    fn export(&self, usual: bool) -> Result<Option<ExportOptions>, CliError> {
        let options = self.login.options()?;
        let asked = options.admin.is_some() || options.user.is_some() || options.internal;
        let asked = asked || self.create_kube_config.unwrap_or(usual);
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

/// What an update wrote, for `-o json`.
fn updated_document(updated: &update_cluster::Updated, out: &Path, contexts: &[String]) -> serde_json::Value {
    serde_json::json!({
        "cluster": updated.cluster.metadata.name,
        "target": "terraform",
        "out": out.display().to_string(),
        "written": updated.files.written,
        "removed": updated.files.removed,
        "createdKeysets": updated.created_keysets,
        "kubeconfigContexts": contexts,
    })
}

/// Lists what would be written, on a line each or as a document, for `--check`.
pub(super) fn report_differences(
    ui: &super::ui::Ui,
    differences: &[Difference],
    output: OutputArgs,
) -> Result<ExitCode, CliError> {
    let text: String = differences.iter().map(|difference| format!("{difference}\n")).collect();
    output.report(ui, &text, &serde_json::json!({ "differences": differences }))?;
    Ok(if differences.is_empty() { ExitCode::Done } else { ExitCode::ChangeNeeded })
}

/// The hint for a command that created a cluster and failed once its specs were stored: it cannot run again.
pub(super) fn stored_hint(command: &str) -> String {
    format!("the specs are stored; run `{command}`: it continues with what is left")
}

/// What `--force` means for files in the output directory that are not ours.
pub(super) fn foreign_files(force: bool) -> ForeignFiles {
    if force { ForeignFiles::Overwrite } else { ForeignFiles::KeepUnlessForced }
}

/// Completes the change of an output directory in which an earlier run was interrupted, before anything else can fail.
pub(super) fn warn_if_recovered(invocation: &Invocation, out: &Path) -> Result<(), CliError> {
    if terraform::recover(out)? {
        invocation.ui.warn(&update_cluster::recovered(out));
    }
    Ok(())
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
