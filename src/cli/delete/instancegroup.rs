//! `delete instancegroup`.

use crate::cli::confirm::confirm;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::delete::{self, GroupDeletionTarget};
use kopsform_diagnostics::exit::ExitCode;

/// Delete an instance group
///
/// Takes it out of the state store. Its auto scaling group and its instances stay until the next `kopsform update cluster`
/// and `terraform apply`; with --cloud they are deleted at once, without a drain, and the launch template with them.
#[derive(Debug, clap::Args)]
pub struct DeleteInstanceGroupArgs {
    /// Name of the instance group
    #[arg(value_name = "INSTANCE_GROUP")]
    group: Vec<String>,
    /// Do it without asking
    #[arg(long, short = 'y')]
    yes: bool,
    /// Delete what the group has in AWS, too, rather than leaving that to Terraform
    #[arg(long, conflicts_with = "store_only")]
    cloud: bool,
    /// Leave AWS alone, as is done without --cloud anyway
    #[arg(long, hide = true)]
    store_only: bool,
}

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
        delete(invocation, &cluster, group, true, self.cloud).await?;
        Ok(ExitCode::Done)
    }
}

/// Deletes a group, or without `yes` says that it would.
pub(super) async fn delete(
    invocation: &Invocation,
    cluster: &str,
    group: &str,
    yes: bool,
    cloud: bool,
) -> Result<(), CliError> {
    let (state, ui) = (invocation.state_store()?, &invocation.ui);
    let doomed = delete::find_group(&state, cluster, group).await?;
    ui.data(&format!("InstanceGroup {group:?} found for deletion\n"));
    for etcd in doomed.etcd_members() {
        ui.warn(&format!("etcd cluster {etcd} has a member on {group}: take it out with `kopsform edit cluster`"));
    }
    if !yes {
        ui.data("\nMust specify --yes to delete instancegroup\n");
        return Ok(());
    }
    let holder = invocation.holder("delete instancegroup");
    delete::check_unlocked(&state, cluster, &holder).await?;
    if cloud {
        in_aws(invocation, cluster, &doomed).await?;
    } else {
        ui.note("what it has in AWS stays until the next `kopsform update cluster` and `terraform apply`");
    }
    delete::instance_group(&state, doomed, &holder).await?;
    ui.data(&format!("\nDeleted InstanceGroup: {group:?}\n"));
    Ok(())
}

#[cfg(feature = "aws")]
async fn in_aws(invocation: &Invocation, cluster: &str, doomed: &GroupDeletionTarget) -> Result<(), CliError> {
    use kopsform_aws::{Clients, ClusterGroups};
    let region = kopsform_model::facts::region_of(&doomed.cluster);
    let region = Some(region.as_str()).filter(|region| !region.is_empty());
    let cloud = ClusterGroups::new(Clients::load(&invocation.environment, region).await, cluster);
    crate::ops::delete_ig_cloud::delete(&cloud, cluster, &doomed.group.object).await?;
    Ok(())
}

#[cfg(not(feature = "aws"))]
async fn in_aws(_: &Invocation, _: &str, _: &GroupDeletionTarget) -> Result<(), CliError> {
    Err(CliError::message("this program was built without AWS support").hint("leave --cloud out"))
}
