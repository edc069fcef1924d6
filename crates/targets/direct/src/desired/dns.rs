//! Records and hosted zones.

use kopsform_model::NodeId;
use kopsform_model::aws::resources::{AliasTarget, DnsRecord, HostedZoneAssociation};

use super::{Builder, task_of};
use crate::ids::Attribute;
use crate::task::{Task, TaskId, TaskKind};
use crate::value::{Reference, Value};

impl Builder<'_> {
    /// kops calls the association by the zone, which it modifies.
    pub(super) fn hosted_zone_association(&self, id: &NodeId, association: &HostedZoneAssociation) -> Vec<Task> {
        let task = Task::new(TaskKind::HostedZone, id.name.as_str(), id.clone());
        vec![task.update("PrivateVPC", Value::Includes(vec![Value::id(task_of(TaskKind::Vpc, &association.vpc))]))]
    }

    pub(super) fn dns_record(&self, id: &NodeId, record: &DnsRecord) -> Vec<Task> {
        let task = Task::new(TaskKind::DnsRecord, id.name.as_str(), id.clone());
        let balancer = record_target(&record.target);
        vec![
            task.initial("ResourceName", &record.name)
                .initial("ResourceType", record.record_type.as_str())
                .update("TargetLoadBalancer", Reference { task: balancer, attribute: Attribute::DnsName }),
        ]
    }
}

/// The load balancer that a record follows.
pub fn record_target(target: &AliasTarget) -> TaskId {
    match target {
        AliasTarget::Network(balancer) => task_of(TaskKind::NetworkLoadBalancer, balancer),
        AliasTarget::Classic(balancer) => task_of(TaskKind::ClassicLoadBalancer, balancer),
    }
}
