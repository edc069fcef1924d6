//! Load balancers of the API.

use kopsform_model::gce::resources::{
    Address, BackendService, ForwardingRule, HttpHealthCheck, RegionHealthCheck, Scheme, TargetPool,
};
use kopsform_model::{NodeId, Ref};

use super::super::{Builder, task_of};
use super::{all_labels, in_network, in_subnetwork};
use crate::ids::Attribute;
use crate::task::{Task, TaskKind};
use crate::value::{Reference, Value};

impl Builder<'_> {
    pub(in crate::desired) fn address(&self, id: &NodeId, address: &Address) -> Task {
        let task = Task::new(TaskKind::Address, id.name.as_str(), id.clone());
        match &address.subnetwork {
            None => task,
            // Several forwarding rules share an internal address.
            Some(subnetwork) => in_subnetwork(
                task.fixed("IPAddressType", "INTERNAL").fixed("Purpose", "SHARED_LOADBALANCER_VIP"),
                "Subnetwork",
                subnetwork,
            ),
        }
    }

    pub(in crate::desired) fn http_health_check(&self, id: &NodeId, check: &HttpHealthCheck) -> Task {
        Task::new(TaskKind::HttpHealthCheck, id.name.as_str(), id.clone())
            .update("Port", check.port)
            .update("RequestPath", &check.path)
    }

    pub(in crate::desired) fn region_health_check(&self, id: &NodeId, check: &RegionHealthCheck) -> Task {
        Task::new(TaskKind::HealthCheck, id.name.as_str(), id.clone())
            .fixed("Port", check.port)
            .fixed("Protocol", if check.tls { "SSL" } else { "TCP" })
    }

    /// The pool, and the health check in it.
    pub(in crate::desired) fn target_pool(&self, id: &NodeId, pool: &TargetPool) -> Vec<Task> {
        let name = id.name.as_str();
        let check = task_of(TaskKind::HttpHealthCheck, &pool.health_check);
        let task = Task::new(TaskKind::TargetPool, name, id.clone())
            .initial("HealthCheck", check.name.as_str())
            .after(check.clone());
        let association = Task::new(TaskKind::PoolHealthCheck, name, id.clone())
            .initial("Healthcheck", check.name.as_str())
            .initial("Pool", name)
            .after(check)
            .after(task.id.clone());
        vec![task, association]
    }

    pub(in crate::desired) fn backend_service(&self, id: &NodeId, backend: &BackendService) -> Task {
        let check = task_of(TaskKind::HealthCheck, &backend.health_check);
        let groups: Vec<_> =
            backend.groups.iter().map(|group| task_of(TaskKind::InstanceGroupManager, group)).collect();
        let names = groups.iter().map(|group| Value::from(&group.name)).collect();
        let task = Task::new(TaskKind::BackendService, id.name.as_str(), id.clone())
            .update("HealthChecks", Value::set([check.name.as_str()]))
            // An update of some groups knows no others, so none is ever removed.
            .update("InstanceGroupManagers", Value::Includes(names))
            .fixed("LoadBalancingScheme", "INTERNAL")
            .fixed("Protocol", "TCP")
            .after(check);
        groups.into_iter().fold(task, Task::after)
    }

    pub(in crate::desired) fn forwarding_rule(&self, id: &NodeId, rule: &ForwardingRule) -> Task {
        let address = task_of(TaskKind::Address, &rule.address);
        let task = Task::new(TaskKind::ForwardingRule, id.name.as_str(), id.clone())
            .fixed("IPAddress", Reference { task: address, attribute: Attribute::PublicAddress })
            .fixed("IPProtocol", "TCP")
            .update("Labels", all_labels(&rule.labels));
        match &rule.scheme {
            Scheme::External(pool) => {
                let pool = task_of(TaskKind::TargetPool, pool);
                task.fixed("LoadBalancingScheme", "EXTERNAL")
                    .fixed("PortRange", format!("{0}-{0}", rule.port))
                    .fixed("TargetPool", pool.name.as_str())
                    .after(pool)
            }
            Scheme::Internal { backend, network, subnetwork } => {
                let backend = task_of(TaskKind::BackendService, backend);
                let task = task
                    // With the first group of API servers, kops-controller gets a backend service of its own.
                    .update("BackendService", backend.name.as_str())
                    .fixed("LoadBalancingScheme", "INTERNAL")
                    .fixed("Ports", Value::list([rule.port.to_string()]))
                    .after(backend);
                in_subnetwork(in_network(task, network), "Subnetwork", subnetwork)
            }
        }
    }
}

/// The task of a pool.
pub(super) fn pool_name(pool: &Ref<TargetPool>) -> String {
    task_of(TaskKind::TargetPool, pool).name
}
