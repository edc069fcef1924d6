//! `edit`: changes clusters and instance groups, in an editor or field by field.

mod editor;

use super::allow::AllowArgs;
use super::flags::LookupArgs;
use super::target::Context;
use super::{CliError, Invocation, flags};
use crate::ops::edit::{self, EditDeps, EditSource, Edited, Failed};
use crate::ops::support::facts::FactFinder;
pub(super) use editor::ProcessEditor;
use kopsform_diagnostics::exit::ExitCode;

/// Edit clusters and instance groups
#[derive(Debug, clap::Args)]
pub struct EditArgs {
    #[command(subcommand)]
    command: EditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum EditCommand {
    Cluster(EditClusterArgs),
    #[command(name = "instancegroup", aliases = ["instancegroups", "ig"])]
    InstanceGroup(EditInstanceGroupArgs),
}

/// Edit a cluster's spec
///
/// Opens the editor (KUBE_EDITOR or EDITOR) unless --set or --unset is given. An invalid spec is opened again with its errors
/// at the top. If it cannot be stored, it is kept in a file.
#[derive(Debug, clap::Args)]
#[command(after_long_help = CLUSTER_EXAMPLES)]
struct EditClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    #[command(flatten)]
    fields: FieldArgs,
    #[command(flatten)]
    lookup: LookupArgs,
}

const CLUSTER_EXAMPLES: &str = "\
Examples:
  In the editor
    kopsform edit cluster demo.example.com

  Without an editor
    kopsform edit cluster demo.example.com --set spec.kubernetesVersion=1.36.2 --unset spec.sshAccess
";

/// Edit an instance group
///
/// Opens the editor (KUBE_EDITOR or EDITOR) unless --set or --unset is given. An invalid spec is opened again with its errors
/// at the top. If it cannot be stored, it is kept in a file.
#[derive(Debug, clap::Args)]
#[command(after_long_help = GROUP_EXAMPLES)]
struct EditInstanceGroupArgs {
    /// Name of the instance group
    #[arg(value_name = "INSTANCE_GROUP")]
    group: Vec<String>,
    #[command(flatten)]
    fields: FieldArgs,
}

const GROUP_EXAMPLES: &str = "\
Examples:
  In the editor
    kopsform edit ig nodes-1 --name demo.example.com

  Without an editor
    kopsform edit ig nodes-1 --name demo.example.com --set spec.maxSize=10
";

/// Fields to change without an editor.
#[derive(Debug, clap::Args)]
struct FieldArgs {
    /// Set a field, such as spec.kubernetesVersion=1.36.0
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Clear a field
    #[arg(long, value_name = "PATH")]
    unset: Vec<String>,
    #[command(flatten)]
    allow: AllowArgs,
}

impl EditArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            EditCommand::Cluster(args) => args.run(invocation).await,
            EditCommand::InstanceGroup(args) => args.run(invocation).await,
        }
    }
}

impl EditClusterArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let mut facts = FactFinder::open(&invocation.lookup(&self.lookup)?, environment)?;
        let (now, allowed) = (jiff::Timestamp::now(), self.fields.allow.rules(invocation)?);
        let deps = EditDeps { environment, facts: &mut facts, etcd_exists: true, now, allowed };
        let holder = invocation.holder("edit cluster");
        let (fields, editor) = (self.fields.read(), ProcessEditor::from_environment(environment));
        let outcome = edit::cluster(&state, &name, fields.source(&editor), deps, &holder).await;
        fields.finish(invocation, outcome)
    }
}

impl EditInstanceGroupArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let group = match self.group.as_slice() {
            [group] => group,
            [] => return Err(CliError::message("must specify the name of the instance group to edit")),
            _ => return Err(CliError::message("can only edit one instance group at a time")),
        };
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let holder = invocation.holder("edit instancegroup");
        let (fields, editor) = (self.fields.read(), ProcessEditor::from_environment(environment));
        let deps = (environment, jiff::Timestamp::now(), self.fields.allow.rules(invocation)?);
        let outcome = edit::instance_group(&state, &cluster, group, fields.source(&editor), deps, &holder).await;
        fields.finish(invocation, outcome)
    }
}

/// Fields to change, one per element.
struct Fields {
    sets: Vec<String>,
    unsets: Vec<String>,
}

impl FieldArgs {
    fn read(&self) -> Fields {
        Fields { sets: flags::split_lists(&self.set), unsets: flags::split_lists(&self.unset) }
    }
}

impl Fields {
    fn are_named(&self) -> bool {
        !(self.sets.is_empty() && self.unsets.is_empty())
    }

    fn source<'a>(&'a self, editor: &'a ProcessEditor) -> EditSource<'a> {
        if self.are_named() {
            return EditSource::Fields { unsets: &self.unsets, sets: &self.sets };
        }
        EditSource::Editor(editor)
    }

    fn finish(&self, invocation: &Invocation, outcome: Result<Edited, Failed>) -> Result<ExitCode, CliError> {
        match outcome {
            Ok(Edited::Unchanged) if !self.are_named() => invocation.ui.text("Edit cancelled: no changes made.\n"),
            Ok(Edited::Aborted) => invocation.ui.text("Edit cancelled: saved file was empty.\n"),
            Ok(Edited::Stored(warnings)) => {
                warnings.warnings().for_each(|warning| invocation.ui.warn(&warning.to_string()));
            }
            Ok(Edited::Unchanged) => {}
            Err(Failed { error, kept }) => {
                if let Some(path) = kept {
                    let path = path.display().to_string();
                    invocation.ui.text(&format!("A copy of your changes has been stored to {path:?}\n"));
                }
                return Err((*error).into());
            }
        }
        Ok(ExitCode::Done)
    }
}
