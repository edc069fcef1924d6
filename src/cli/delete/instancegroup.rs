//! `delete instancegroup`.

use crate::cli::confirm::confirm;
use crate::cli::output::OutputArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::{delete, delete_ig_cloud};
use kopsform_diagnostics::exit::ExitCode;

/// Delete an instance group
///
/// Removes it from the state store. Its auto scaling group and instances remain until the next `kopsform update cluster`
/// and `terraform apply`; with --cloud they are deleted at once, without a drain, together with the launch template.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteInstanceGroupArgs {
    /// Name of the instance group
    #[arg(value_name = "INSTANCE_GROUP")]
    group: Vec<String>,
    /// Delete without asking for confirmation
    #[arg(long, short = 'y')]
    yes: bool,
    /// Also delete the group's resources in AWS, instead of leaving that to Terraform
    #[arg(long, conflicts_with = "store_only")]
    cloud: bool,
    /// Delete from the state store only, which is the default
    #[arg(long, hide = true)]
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
        let question = format!("Do you really want to delete instance group {group:?}? This action cannot be undone.");
        if !self.yes && !confirm(invocation, &question) {
            return Ok(ExitCode::Error);
        }
        delete(invocation, &cluster, group, true, self.cloud, self.output).await?;
        Ok(ExitCode::Done)
    }
}

/// Deletes a group; without `yes`, only reports it.
pub(super) async fn delete(
    invocation: &Invocation,
    cluster: &str,
    group: &str,
    yes: bool,
    cloud: bool,
    output: OutputArgs,
) -> Result<(), CliError> {
    let (state, ui) = (invocation.state_store()?, &invocation.ui);
    let document = |deleted| serde_json::json!({ "cluster": cluster, "instanceGroup": group, "deleted": deleted });
    let target = delete::find_group(&state, cluster, group).await?;
    if !output.is_document() {
        ui.text(&format!("InstanceGroup {group:?} found for deletion\n"));
    }
    for etcd in target.etcd_members() {
        ui.warn(&format!("etcd cluster {etcd} has a member on {group}: remove it with `kopsform edit cluster`"));
    }
    if !yes {
        return output.report(ui, "\nMust specify --yes to delete instancegroup\n", &document(false));
    }
    let holder = invocation.holder("delete instancegroup");
    delete::check_unlocked(&state, cluster, &holder).await?;
    if cloud {
        delete_ig_cloud::delete(&invocation.environment, &target.cluster, &target.group.object).await?;
    } else {
        ui.note("its resources in AWS remain until the next `kopsform update cluster` and `terraform apply`");
    }
    delete::instance_group(&state, target, &holder).await?;
    output.report(ui, &format!("\nDeleted InstanceGroup: {group:?}\n"), &document(true))
}
