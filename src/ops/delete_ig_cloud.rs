//! The part of `delete instancegroup` in the cloud: the group, its instances and its launch template.
//!
//! Where a cluster is run with Terraform, `terraform apply` does this; `--cloud` does it at once.

use super::clouds::{ClusterCloud, Unsupported};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_rolling::discover::scaling_group_name;
use kopsform_rolling::ports::ApiError;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// Why a group could not be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteGroupError {
    /// A call to the cloud failed.
    #[error("error deleting cloud resources for InstanceGroup: {0}")]
    Call(#[from] ApiError),
    /// This build does not support the cluster's cloud.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

impl Explain for DeleteGroupError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Call(error) => error.hints(),
            Self::Unsupported(_) => vec!["--store-only deletes it from the state store only".to_owned()],
        }
    }
}

/// What belongs to a group in the cloud, as kind and id: the group, its launch template and its instances, also those that an
/// update detached from it.
///
/// # Errors
/// The first call that fails.
pub async fn find(
    environment: &Environment,
    cluster: &Cluster,
    group: &InstanceGroup,
) -> Result<Vec<(&'static str, String)>, DeleteGroupError> {
    let cloud = ClusterCloud::open(environment, cluster).await?;
    let snapshot = cloud.groups().snapshot().await?;
    let name = scaling_group_name(group, &cluster.metadata.name);
    let Some(found) = snapshot.groups.iter().find(|g| g.name == name && g.status.is_none()) else {
        return Ok(Vec::new());
    };
    let detached = snapshot.instances.iter().filter(|i| i.detached_from.as_deref() == Some(&name)).map(|i| &i.id);
    let members = found.members.iter().chain(&found.warm).map(|member| &member.id);
    let template = found.own_template.iter().map(|template| (template.kind, template.name.clone()));
    let instances = members.chain(detached).map(|id| ("instance", id.clone()));
    Ok([("autoscaling group", found.name.clone())].into_iter().chain(template).chain(instances).collect())
}

/// Terminates the instances that an update detached from the group, then deletes the group with its other instances.
///
/// Returns the name of the cloud's group; `None` if there is none, as with Karpenter.
///
/// # Errors
/// The first call that fails.
pub async fn delete(
    environment: &Environment,
    cluster: &Cluster,
    group: &InstanceGroup,
) -> Result<Option<String>, DeleteGroupError> {
    let cloud = ClusterCloud::open(environment, cluster).await?;
    let cloud = cloud.groups();
    let snapshot = cloud.snapshot().await?;
    let name = scaling_group_name(group, &cluster.metadata.name);
    let Some(found) = snapshot.groups.iter().find(|g| g.name == name && g.status.is_none()) else {
        return Ok(None);
    };
    for instance in snapshot.instances.iter().filter(|i| i.detached_from.as_deref() == Some(&name)) {
        cloud.terminate(&instance.id).await?;
    }
    cloud.delete_group(found).await?;
    Ok(Some(name))
}
