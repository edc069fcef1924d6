//! `delete instancegroup`.

use crate::cli::confirm::confirm;
use crate::cli::output::OutputArgs;
use crate::cli::target::Context;
use crate::cli::update::target;
use crate::cli::{CliError, Invocation, table};
use crate::ops::{delete, delete_ig_cloud};
use crate::project::Target;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::{Holder, locked};

/// Delete an instance group
///
/// Deletes its auto scaling group or managed instance groups, its instances and its template in the cloud, then the group from the
/// state store. Without --yes, lists them and asks first. Nodes are not drained: cordon and drain them first if their workloads must not
/// be interrupted.
///
/// For a cluster that is run with Terraform or CloudFormation, only the state store is changed; the rest remains until the next
/// `kopsform update cluster` with that target and `terraform apply` or the deployment of the stack, or is deleted at once with
/// --cloud.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteInstanceGroupArgs {
    /// Name of the instance group
    #[arg(value_name = "INSTANCE_GROUP")]
    group: Vec<String>,
    /// Delete without asking for confirmation
    #[arg(long, short = 'y')]
    yes: bool,
    /// Also delete the group's resources in the cloud where the cluster is run with Terraform or CloudFormation
    #[arg(long, conflicts_with = "store_only")]
    cloud: bool,
    /// Delete from the state store only
    #[arg(long)]
    store_only: bool,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Delete a group, and its resources with the next `terraform apply`
    kopsform delete ig nodes-spot --name demo.example.com --yes
    kopsform update cluster demo.example.com --target terraform --out .
";

impl DeleteInstanceGroupArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let group = match self.group.as_slice() {
            [group] => group,
            [] => return Err(CliError::message("must specify the name of the instance group to delete")),
            _ => return Err(CliError::message("can only delete one instance group at a time")),
        };
        let resources = match (self.cloud, self.store_only) {
            (true, _) => Resources::Deleted,
            (_, true) => Resources::Kept,
            _ => Resources::of(invocation, &cluster).await?,
        };
        let confirmation = if self.yes { Confirmation::Given } else { Confirmation::Asked };
        delete(invocation, &cluster, group, confirmation, resources, self.output).await
    }
}

/// Whether the user has confirmed the deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// With `--yes`.
    Given,
    /// The user is asked.
    Asked,
    /// No: what would be deleted is only listed.
    Missing,
}

/// What happens to a group's resources in the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resources {
    /// They are deleted with it.
    Deleted,
    /// They stay until Terraform or CloudFormation deletes them.
    LeftTo(Target),
    /// They stay.
    Kept,
}

impl Resources {
    /// What happens to them by default: what runs the cluster decides.
    pub async fn of(invocation: &Invocation, cluster: &str) -> Result<Self, CliError> {
        let state = invocation.state_store()?;
        Ok(match target::of_cluster(invocation, &state, cluster, None).await?.target {
            Target::Direct => Self::Deleted,
            other => Self::LeftTo(other),
        })
    }
}

/// Deletes a group. Without `--yes`, what will be deleted is listed first.
pub(super) async fn delete(
    invocation: &Invocation,
    cluster: &str,
    group: &str,
    confirmation: Confirmation,
    resources: Resources,
    output: OutputArgs,
) -> Result<ExitCode, CliError> {
    let (state, ui) = (invocation.state_store()?, &invocation.ui);
    let document = |deleted| serde_json::json!({ "cluster": cluster, "instanceGroup": group, "deleted": deleted });
    let target = delete::find_group(&state, cluster, group).await?;
    let show = |text: &str| {
        if !output.is_document() {
            ui.text(text);
        }
    };
    show(&format!("InstanceGroup {group:?} found for deletion\n"));
    for etcd in target.etcd_members() {
        ui.warn(&format!("etcd cluster {etcd} has a member on {group}: remove it with `kopsform edit cluster`"));
    }
    if resources == Resources::Deleted && confirmation != Confirmation::Given {
        let found = delete_ig_cloud::find(&invocation.environment, &target.cluster, &target.group.object).await?;
        let rows = found.into_iter().map(|(kind, id)| [kind.to_owned(), id]).collect::<Vec<_>>();
        if !rows.is_empty() {
            show(&table::render(["TYPE", "ID"], rows));
        }
    }
    let question = format!("Do you really want to delete instance group {group:?}? This action cannot be undone.");
    match confirmation {
        Confirmation::Given => {}
        Confirmation::Missing => {
            output.report(ui, "\nMust specify --yes to delete instancegroup\n", &document(false))?;
            return Ok(ExitCode::Done);
        }
        Confirmation::Asked if confirm(invocation, &question)? => {}
        Confirmation::Asked => return Ok(ExitCode::Error),
    }
    let holder = invocation.holder("delete instancegroup");
    let work = async |holder: &Holder| -> Result<(), CliError> {
        if resources == Resources::Deleted {
            delete_ig_cloud::delete(&invocation.environment, &target.cluster, &target.group.object).await?;
        }
        Ok(delete::instance_group(&state, target, holder).await?)
    };
    locked(&state, cluster, &holder, work).await??;
    match resources {
        Resources::Deleted => {}
        Resources::LeftTo(target) => {
            let apply = if target == Target::Terraform { "`terraform apply`" } else { "deployment of the stack" };
            let update = format!("kopsform update cluster --target {}", target.name());
            ui.note(&format!("its resources in the cloud remain until the next `{update}` and {apply}"));
        }
        Resources::Kept => ui.note("its resources in the cloud remain"),
    }
    output.report(ui, &format!("\nDeleted InstanceGroup: {group:?}\n"), &document(true))?;
    Ok(ExitCode::Done)
}
