//! The part of `delete instancegroup` that is about AWS: the auto scaling group, its instances and its launch template.
//!
//! With Terraform this is left to `terraform apply`; it is done here for those who ask for it with `--cloud`.

use kopsform_diagnostics::Explain;
use kopsform_rolling::discover::scaling_group_name;
use kopsform_rolling::ports::{ApiError, Cloud};
use kopsform_spec::v1alpha2::InstanceGroup;

/// Why a group could not be deleted.
#[derive(Debug, thiserror::Error)]
#[error("error deleting cloud resources for InstanceGroup: {0}")]
pub struct DeleteGroupError(#[from] ApiError);

impl Explain for DeleteGroupError {}

/// Terminates instances that an update detached from the group, then deletes the group with the rest of them.
///
/// Gives the name of the auto scaling group; `None` when there is none, as with Karpenter.
pub async fn delete(
    cloud: &dyn Cloud,
    cluster: &str,
    group: &InstanceGroup,
) -> Result<Option<String>, DeleteGroupError> {
    let snapshot = cloud.snapshot().await?;
    let name = scaling_group_name(group, cluster);
    let Some(found) = snapshot.groups.iter().find(|g| g.name == name && g.status.is_none()) else {
        return Ok(None);
    };
    for instance in snapshot.instances.iter().filter(|i| i.detached_from.as_deref() == Some(&name)) {
        cloud.terminate(&instance.id).await?;
    }
    cloud.delete_group(found).await?;
    Ok(Some(name))
}
