//! What a CloudFormation template cannot hold, written as target direct writes it: tags of what exists already, the association of a
//! private zone with a VPC, and records that hold a place.

use std::collections::BTreeSet;

use super::{ApplyDeps, Desired, DirectError, publish};
use crate::ops::update_cluster::{Model, UpdateOptions};
use kopsform_direct::desired::ASSOCIATED_GATEWAY;
use kopsform_direct::{ApplyOptions, Cloud as _, Expected, Task, TaskId, TaskKind};
use kopsform_model::aws::resources::{DnsRecord, Vpc};
use kopsform_model::{Graph, Presence};
use kopsform_pki::Keysets;
use kopsform_state::{ClusterStore, StateStore, acquire};

/// What was written besides a template.
#[derive(Debug, Default)]
pub(in crate::ops) struct Written {
    /// `Kind/name` of what was changed.
    pub done: BTreeSet<TaskId>,
    /// Whether the VPC of the stack does not exist yet, so that it is not associated with the zone.
    pub waits_for_vpc: bool,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Whether a task is about something that exists already and has the cluster's tags.
fn tags_existing(task: &Task) -> bool {
    let is_tagged = matches!(task.id.kind, TaskKind::Subnet | TaskKind::NatGateway | TaskKind::ElasticIp);
    is_tagged && matches!(task.expected, Expected::Existing { .. })
}

/// The tasks that are not in a template. Of what exists already, only tags are the cluster's.
fn tasks(all: Vec<Task>) -> Vec<Task> {
    let is_needed = |task: &Task| tags_existing(task) || matches!(task.id.kind, TaskKind::HostedZone | TaskKind::Vpc);
    let mut tasks: Vec<Task> = all.into_iter().filter(is_needed).collect();
    for task in &mut tasks {
        if task.id.kind == TaskKind::NatGateway {
            // It is about tables and subnets of the stack.
            task.fields.retain(|field| field.name != ASSOCIATED_GATEWAY);
        }
    }
    let ids: BTreeSet<TaskId> = tasks.iter().map(|task| task.id.clone()).collect();
    tasks.iter_mut().for_each(|task| task.needs.retain(|need| ids.contains(need)));
    tasks
}

/// Names of the records that a stack makes: CloudFormation fails where one exists.
fn records_of_stack(graph: &Graph) -> BTreeSet<String> {
    graph.all::<DnsRecord>().map(|(_, record)| record.name.to_string()).collect()
}

/// Writes it, under the cluster's lock. What exists as desired is left alone.
///
/// # Errors
/// When another process holds the lock, what exists cannot be read, or not all was written. Running it again continues.
pub(in crate::ops) async fn write(
    model: &Model<'_>,
    keysets: &Keysets,
    options: &UpdateOptions,
    (state, store): (&StateStore, &ClusterStore),
    deps: &ApplyDeps<'_>,
) -> Result<Written, DirectError> {
    let mut desired = Desired::of(model, keysets, options, store).await?;
    desired.tasks = tasks(std::mem::take(&mut desired.tasks));
    let guard = acquire(state, store.name(), &deps.holder).await?;
    let outcome = write_locked(&desired, deps).await;
    guard.release().await;
    let mut written = outcome?;
    let except = records_of_stack(&desired.graph);
    written.warnings.extend(publish(model, &desired, options, &except).await);
    Ok(written)
}

async fn write_locked(desired: &Desired, deps: &ApplyDeps<'_>) -> Result<Written, DirectError> {
    let mut written = Written::default();
    let mut found = desired.cloud.find(&desired.tasks).await.map_err(DirectError::Find)?;
    // What the cluster no longer has is for the stack to delete.
    found.residue.clear();
    found.unwanted.clear();
    let is_of_stack = desired.graph.all::<Vpc>().any(|(name, _)| {
        let node = desired.graph.node(&kopsform_model::Ref::<Vpc>::new(name).node());
        node.is_some_and(|node| node.presence == Presence::Managed)
    });
    let has_vpc = found.objects.keys().any(|task| task.kind == TaskKind::Vpc);
    let has_zone = desired.tasks.iter().any(|task| task.id.kind == TaskKind::HostedZone);
    written.waits_for_vpc = has_zone && is_of_stack && !has_vpc;
    let wanted: Vec<Task> = desired
        .tasks
        .iter()
        .filter(|task| {
            task.id.kind != TaskKind::Vpc && !(written.waits_for_vpc && task.id.kind == TaskKind::HostedZone)
        })
        .cloned()
        .collect();
    let plan = kopsform_direct::diff(&wanted, found)?;
    written.warnings.extend(plan.warnings.iter().cloned());
    let options = ApplyOptions { prune: false, stop: deps.stop.clone(), ..ApplyOptions::default() };
    let report = kopsform_direct::apply(&plan, &desired.cloud, &*deps.clock, &options, deps.observe).await;
    written.done = report.map_err(|error| DirectError::Apply(Box::new(error)))?.done;
    Ok(written)
}
