//! The part of `delete instancegroup` in the cloud: the group, its instances and its launch template.
//!
//! Where a cluster is run with Terraform, `terraform apply` does this; `--cloud` does it at once.

use std::collections::BTreeSet;

use super::clouds::{ClusterCloud, Unsupported};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_rolling::discover::groups_of;
use kopsform_rolling::ports::{ApiError, CloudGroup, CloudInstance, CloudSnapshot};
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

/// What belongs to a group in the cloud, as kind and id: the cloud's groups, their template and instances, also those that an
/// update detached from them.
///
/// # Errors
/// The first call that fails.
pub async fn find(
    environment: &Environment,
    cluster: &Cluster,
    group: &InstanceGroup,
) -> Result<Vec<(&'static str, String)>, DeleteGroupError> {
    let cloud = ClusterCloud::open(environment, cluster).await?;
    let cloud = cloud.groups();
    let snapshot = cloud.snapshot().await?;
    let found = groups_of(group, &cluster.metadata.name, &snapshot);
    let groups = found.iter().map(|group| (cloud.capabilities().group, group.name.clone()));
    let templates: BTreeSet<_> = (found.iter())
        .filter_map(|group| group.own_template.as_ref())
        .map(|template| (template.kind, template.name.clone()))
        .collect();
    let members = found.iter().flat_map(|group| group.members.iter().chain(&group.warm)).map(|member| &member.id);
    let detached = detached_from(&found, &snapshot).map(|instance| &instance.id);
    let instances = members.chain(detached).map(|id| ("instance", id.clone()));
    Ok(groups.chain(templates).chain(instances).collect())
}

/// The instances that an update detached from groups.
fn detached_from<'s>(
    groups: &'s [&CloudGroup],
    snapshot: &'s CloudSnapshot,
) -> impl Iterator<Item = &'s CloudInstance> {
    let is_one = |from: &str| groups.iter().any(|group| group.name == from);
    snapshot.instances.iter().filter(move |instance| instance.detached_from.as_deref().is_some_and(is_one))
}

/// Terminates the instances that an update detached from the group, then deletes the cloud's groups with their other
/// instances.
///
/// # Errors
/// The first call that fails.
pub async fn delete(
    environment: &Environment,
    cluster: &Cluster,
    group: &InstanceGroup,
) -> Result<(), DeleteGroupError> {
    let cloud = ClusterCloud::open(environment, cluster).await?;
    let cloud = cloud.groups();
    let snapshot = cloud.snapshot().await?;
    let found = groups_of(group, &cluster.metadata.name, &snapshot);
    for instance in detached_from(&found, &snapshot) {
        cloud.terminate(&instance.id).await?;
    }
    Ok(cloud.delete_groups(&group.metadata.name, &found).await?)
}
