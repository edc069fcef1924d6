//! Dependencies that follow from kinds, not from references.

use std::collections::{BTreeMap, BTreeSet};

use crate::task::{Task, TaskId, TaskKind};

/// What instances use as soon as they run: they start only once all of it is there.
const BEFORE_INSTANCES: [TaskKind; 14] = [
    TaskKind::BucketIamMember,
    TaskKind::DhcpOptionsAssociation,
    TaskKind::Disk,
    TaskKind::EbsVolume,
    TaskKind::FirewallRule,
    TaskKind::IamRolePolicy,
    TaskKind::InstanceProfileRole,
    TaskKind::ManagedFile,
    TaskKind::PoolHealthCheck,
    TaskKind::ProjectIamBinding,
    TaskKind::Route,
    TaskKind::RouteTableAssociation,
    TaskKind::Router,
    TaskKind::SecurityGroupRule,
];

/// Adds the dependencies by kind, and removes those on tasks that are not there.
pub fn complete(tasks: &mut BTreeMap<TaskId, Task>) {
    let ids: BTreeSet<TaskId> = tasks.keys().cloned().collect();
    let of_kinds =
        |kinds: &[TaskKind]| -> Vec<TaskId> { ids.iter().filter(|id| kinds.contains(&id.kind)).cloned().collect() };
    let before_instances = of_kinds(&BEFORE_INSTANCES);
    let networks = of_kinds(&[TaskKind::VpcCidrBlock, TaskKind::VpcIpv6Block]);
    let gateways = of_kinds(&[TaskKind::InternetGateway]);
    let addons = of_kinds(&[TaskKind::AddonManifest]);
    // Addons are written last, and their list after them: the cluster applies it as soon as it changes.
    let all_but_addons: Vec<TaskId> = ids
        .iter()
        .filter(|id| !matches!(id.kind, TaskKind::AddonManifest | TaskKind::BootstrapChannel))
        .cloned()
        .collect();
    let mut hooks: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
    for task in tasks.values().filter(|task| task.id.kind == TaskKind::LifecycleHook) {
        for group in task.needs.iter().filter(|need| need.kind == TaskKind::AutoscalingGroup) {
            hooks.entry(group.clone()).or_default().push(task.id.clone());
        }
    }
    // A target group is of the same revision as its load balancer.
    let listeners = tasks.values().filter(|task| task.id.kind == TaskKind::Listener);
    let balancers: Vec<(TaskId, TaskId)> = listeners
        .flat_map(|listener| {
            let of = |kind: TaskKind| listener.needs.iter().filter(move |need| need.kind == kind);
            of(TaskKind::TargetGroup)
                .flat_map(move |group| of(TaskKind::NetworkLoadBalancer).map(|b| (group.clone(), b.clone())))
                .collect::<Vec<_>>()
        })
        .collect();
    for (group, balancer) in balancers {
        if let Some(group) = tasks.get_mut(&group) {
            group.needs.insert(balancer);
        }
    }
    // Instances read the addresses of the API's load balancer. AWS takes them from the subnets as they are free, so they are
    // the same with each update only if load balancers that share subnets are created in one order.
    let (of_api, others): (Vec<TaskId>, Vec<TaskId>) =
        of_kinds(&[TaskKind::NetworkLoadBalancer]).into_iter().partition(|id| id.name.starts_with("api."));
    for balancer in of_api {
        if let Some(balancer) = tasks.get_mut(&balancer) {
            balancer.needs.extend(others.iter().cloned());
        }
    }
    for task in tasks.values_mut() {
        match task.id.kind {
            TaskKind::AutoscalingGroup | TaskKind::InstanceGroupManager => {
                task.needs.extend(before_instances.iter().cloned())
            }
            // A subnet is in one of the VPC's networks.
            TaskKind::Subnet => task.needs.extend(networks.iter().cloned()),
            // AWS refuses public addresses in a VPC without a way to the internet.
            TaskKind::NetworkLoadBalancer
            | TaskKind::ClassicLoadBalancer
            | TaskKind::NatGateway
            | TaskKind::ElasticIp => task.needs.extend(gateways.iter().cloned()),
            TaskKind::AddonManifest => task.needs.extend(all_but_addons.iter().cloned()),
            TaskKind::BootstrapChannel => {
                task.needs.extend(all_but_addons.iter().cloned());
                task.needs.extend(addons.iter().cloned());
            }
            TaskKind::WarmPool => {
                let group = TaskId::new(TaskKind::AutoscalingGroup, task.id.name.clone());
                task.needs.extend(hooks.get(&group).into_iter().flatten().cloned());
            }
            TaskKind::LaunchTemplate => {
                let profiles = task.needs.iter().filter(|need| need.kind == TaskKind::InstanceProfile);
                let roles: Vec<TaskId> =
                    profiles.map(|id| TaskId::new(TaskKind::InstanceProfileRole, id.name.clone())).collect();
                task.needs.extend(roles);
            }
            _ => {}
        }
        task.needs.retain(|need| ids.contains(need) && *need != task.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_model::{Kind, NodeId};

    #[test]
    fn load_balancers_get_the_same_addresses_with_each_update() {
        let task = |name: &str| {
            let node = NodeId { kind: Kind::NetworkLoadBalancer, name: name.into() };
            Task::new(TaskKind::NetworkLoadBalancer, name, node)
        };
        let (api, bastion) = (task("api.a.example.com"), task("bastion.a.example.com"));
        let mut tasks = [api.clone(), bastion.clone()].map(|task| (task.id.clone(), task)).into();
        complete(&mut tasks);
        assert_eq!(tasks[&api.id].needs, [bastion.id.clone()].into());
        assert!(tasks[&bastion.id].needs.is_empty());
    }
}
