//! What AWS calls the resources of a running cluster.

use super::{Desired, DirectError};
use crate::ops::update_cluster::{Model, UpdateOptions};
use kopsform_cloudformation::import::Existing;
use kopsform_direct::{Attribute, Cloud as _, Task, TaskKind};
use kopsform_model::Kind;
use kopsform_pki::Keysets;
use kopsform_state::ClusterStore;

/// Whether a task is about the resource of its node, not about a part of it.
fn is_main(task: &Task) -> bool {
    match task.id.kind {
        TaskKind::VpcIpv6Block | TaskKind::WarmPool | TaskKind::InstanceProfileRole => false,
        TaskKind::IamRolePolicy => task.node.kind == Kind::IamRolePolicy,
        TaskKind::LifecycleHook => task.node.kind == Kind::LifecycleHook,
        TaskKind::NatGateway => task.node.kind == Kind::NatGateway,
        TaskKind::ElasticIp => task.node.kind == Kind::ElasticIp,
        _ => true,
    }
}

/// Finds the resources. Nothing is written.
///
/// # Errors
/// When what exists cannot be read.
pub(in crate::ops) async fn find(
    model: &Model<'_>,
    keysets: &Keysets,
    options: &UpdateOptions,
    store: &ClusterStore,
) -> Result<Existing, DirectError> {
    let desired = Desired::of(model, keysets, options, store).await?;
    let found = desired.cloud.find(&desired.tasks).await.map_err(DirectError::Find)?;
    let mut existing = Existing::default();
    for task in desired.tasks.iter().filter(|task| is_main(task)) {
        let Some(object) = found.objects.get(&task.id) else { continue };
        existing.ids.insert(task.node.clone(), object.id().to_owned());
        if let Some(arn) = object.attributes.get(&Attribute::Arn) {
            existing.arns.insert(task.node.clone(), arn.clone());
        }
        if let Some(address) = object.attributes.get(&Attribute::PublicAddress) {
            existing.addresses.insert(task.node.clone(), address.clone());
        }
    }
    Ok(existing)
}
