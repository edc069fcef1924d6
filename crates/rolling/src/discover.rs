//! From what AWS and Kubernetes say to the facts a plan needs. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::facts::{ClusterFacts, GroupFacts, InstanceFacts, Reason};
use super::ports::{CloudSnapshot, Ec2Instance, LoadBalancerRef, Member, Node, ScalingGroup};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, InstanceManager};

/// Why the facts make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// Nothing to compare instances with.
    #[error("auto scaling group {0:?} has neither a launch template nor a launch configuration")]
    NoLaunchSource(String),
}

impl kopsform_diagnostics::Explain for DiscoverError {}

/// The name that kops gives a group's auto scaling group.
pub fn scaling_group_name(group: &InstanceGroup, cluster: &str) -> String {
    let infix = match group.role() {
        InstanceGroupRole::ControlPlane => ".masters",
        InstanceGroupRole::ApiServer => ".apiservers",
        InstanceGroupRole::Node | InstanceGroupRole::Bastion => "",
    };
    format!("{}{infix}.{cluster}", group.metadata.name)
}

/// Brings instance groups, auto scaling groups, instances and nodes together.
pub fn discover(
    cluster: &str,
    groups: &[InstanceGroup],
    snapshot: &CloudSnapshot,
    nodes: &[Arc<Node>],
) -> Result<ClusterFacts, DiscoverError> {
    let nodes: HashMap<&str, &Arc<Node>> = nodes.iter().map(|n| (n.instance.as_str(), n)).collect();
    let mut by_group: HashMap<&str, BTreeMap<&str, &Ec2Instance>> = HashMap::new();
    for instance in &snapshot.instances {
        by_group.entry(&instance.group).or_default().insert(&instance.id, instance);
    }
    let mut scaling: HashMap<&str, &ScalingGroup> = HashMap::new();
    let mut facts = ClusterFacts { cluster: cluster.to_owned(), ..ClusterFacts::default() };
    for group in &snapshot.groups {
        match &group.status {
            Some(status) => facts.notes.push(format!("auto scaling group {} is left out: {status}", group.name)),
            None => _ = scaling.insert(&group.name, group),
        }
    }
    let none = BTreeMap::new();
    for group in groups {
        let instances = by_group.get(group.metadata.name.as_str()).unwrap_or(&none);
        let name = scaling_group_name(group, cluster);
        let found = scaling.remove(name.as_str());
        let builder = Builder { group, instances, nodes: &nodes };
        if group.spec.manager == Some(InstanceManager::Karpenter) {
            facts.groups.push(builder.karpenter());
        } else if let Some(found) = found {
            facts.groups.push(builder.scaling(found)?);
        }
    }
    facts.groups.sort_by(|a, b| a.name.cmp(&b.name));
    facts.unmatched = scaling.into_keys().map(str::to_owned).collect();
    facts.unmatched.sort();
    Ok(facts)
}

/// One instance group with the instances that carry its tag.
struct Builder<'a> {
    group: &'a InstanceGroup,
    instances: &'a BTreeMap<&'a str, &'a Ec2Instance>,
    nodes: &'a HashMap<&'a str, &'a Arc<Node>>,
}

impl Builder<'_> {
    fn empty(&self, manager: InstanceManager, cloud_name: &str) -> GroupFacts {
        GroupFacts {
            name: self.group.metadata.name.clone(),
            role: self.group.role(),
            manager,
            rolling_update: self.group.spec.rolling_update.clone(),
            cloud_name: cloud_name.to_owned(),
            min: 0,
            target: 0,
            max: 0,
            balancers: Vec::new(),
            instances: Vec::new(),
        }
    }

    /// Karpenter has no auto scaling group: every instance with the tag belongs to it and counts as up to date.
    fn karpenter(&self) -> GroupFacts {
        let mut facts = self.empty(InstanceManager::Karpenter, &self.group.metadata.name);
        facts.instances = self.instances.values().map(|i| self.instance(i, Vec::new())).collect();
        facts
    }

    fn scaling(&self, found: &ScalingGroup) -> Result<GroupFacts, DiscoverError> {
        let launch = found.launch.as_deref().ok_or_else(|| DiscoverError::NoLaunchSource(found.name.clone()))?;
        let mut facts = self.empty(InstanceManager::CloudGroup, &found.name);
        facts.min = found.min;
        facts.target = found.desired;
        facts.max = found.max;
        facts.balancers = found
            .classic_balancers
            .iter()
            .cloned()
            .map(LoadBalancerRef::Classic)
            .chain(found.target_groups.iter().cloned().map(LoadBalancerRef::TargetGroup))
            .collect();
        let mut seen = HashSet::new();
        for member in found.members.iter().chain(&found.warm) {
            let detaching = member.lifecycle.starts_with("Detach");
            if !detaching {
                seen.insert(member.id.as_str());
            }
            let leaving = detaching || member.lifecycle.starts_with("Terminat");
            let Some(instance) = self.instances.get(member.id.as_str()).filter(|_| !leaving) else {
                continue;
            };
            let mut known = self.instance(instance, outdated(member, launch));
            known.warm = member.lifecycle.starts_with("Warmed");
            facts.instances.push(known);
        }
        for instance in self.instances.values() {
            if instance.detached_from.is_some() && !seen.contains(instance.id.as_str()) {
                let mut known = self.instance(instance, vec![Reason::Detached]);
                known.detached = true;
                facts.instances.push(known);
            }
        }
        Ok(facts)
    }

    /// An instance with its node; the node's annotation is a reason of its own.
    fn instance(&self, instance: &Ec2Instance, mut reasons: Vec<Reason>) -> InstanceFacts {
        let node = self.nodes.get(instance.id.as_str()).map(|n| Arc::clone(n));
        if node.as_ref().is_some_and(|n| n.needs_update) {
            reasons.push(Reason::Annotation);
        }
        InstanceFacts {
            id: instance.id.clone(),
            node,
            warm: false,
            detached: false,
            reasons,
            machine_type: instance.machine_type.clone(),
            roles: instance.roles.clone(),
            internal_ip: instance.private_ip.clone(),
        }
    }
}

/// Why a member is not what its group would start now.
fn outdated(member: &Member, launch: &str) -> Vec<Reason> {
    let from = member.launch.clone().unwrap_or_default();
    let to = launch.to_owned();
    if from == to {
        Vec::new()
    } else if from.starts_with("lt-") || to.starts_with("lt-") {
        vec![Reason::LaunchTemplate { from, to }]
    } else {
        vec![Reason::LaunchConfiguration { from, to }]
    }
}

/// The auto scaling groups that may have a warm pool: instances carry their group's tag, are no members and not
/// detached. AWS lists a warm pool only group by group, so the others need not be asked.
pub fn groups_with_strays<'a>(cluster: &str, snapshot: &'a CloudSnapshot) -> Vec<&'a str> {
    let members: HashSet<&str> = snapshot.groups.iter().flat_map(|g| &g.members).map(|m| m.id.as_str()).collect();
    let strays: HashSet<&str> = snapshot
        .instances
        .iter()
        .filter(|i| i.detached_from.is_none() && !members.contains(i.id.as_str()))
        .map(|i| i.group.as_str())
        .collect();
    let suffix = format!(".{cluster}");
    let group_of = |name: &'a str| {
        let name = name.strip_suffix(&suffix).unwrap_or(name);
        name.strip_suffix(".masters").or_else(|| name.strip_suffix(".apiservers")).unwrap_or(name)
    };
    snapshot.groups.iter().map(|g| g.name.as_str()).filter(|name| strays.contains(group_of(name))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::Status;

    fn group(name: &str, role: InstanceGroupRole) -> InstanceGroup {
        let mut group = InstanceGroup::default();
        group.metadata.name = name.into();
        group.spec.role = Some(role);
        group
    }

    fn instance(id: &str, group: &str) -> Ec2Instance {
        Ec2Instance { id: id.into(), group: group.into(), ..Ec2Instance::default() }
    }

    fn member(id: &str, launch: &str, lifecycle: &str) -> Member {
        Member { id: id.into(), launch: Some(launch.into()), lifecycle: lifecycle.into() }
    }

    fn statuses(group: &GroupFacts) -> Vec<(&str, Status)> {
        group.instances.iter().map(|i| (i.id.as_str(), i.status())).collect()
    }

    #[test]
    fn each_instance_has_its_status() {
        let snapshot = CloudSnapshot {
            groups: vec![
                ScalingGroup {
                    name: "nodes.c".into(),
                    launch: Some("lt-1:2".into()),
                    members: vec![
                        member("i-old", "lt-1:1", "InService"),
                        member("i-new", "lt-1:2", "InService"),
                        member("i-marked", "lt-1:2", "InService"),
                        member("i-ending", "lt-1:1", "Terminating:Wait"),
                        member("i-unlisted", "lt-1:1", "InService"),
                        member("i-leaving", "lt-1:1", "Detaching"),
                    ],
                    warm: vec![member("i-warm", "lt-1:1", "Warmed:Stopped")],
                    ..ScalingGroup::default()
                },
                ScalingGroup { name: "a.masters.c".into(), launch: Some("lt-2:1".into()), ..ScalingGroup::default() },
                ScalingGroup { name: "gone.c".into(), launch: Some("lt-3:1".into()), ..ScalingGroup::default() },
                ScalingGroup {
                    name: "dying.c".into(),
                    status: Some("Delete in progress".into()),
                    ..Default::default()
                },
            ],
            instances: ["i-old", "i-new", "i-marked", "i-ending", "i-warm"]
                .map(|id| instance(id, "nodes"))
                .into_iter()
                .chain(
                    ["i-out", "i-leaving"]
                        .map(|id| Ec2Instance { detached_from: Some("nodes.c".into()), ..instance(id, "nodes") }),
                )
                .collect(),
        };
        let node = Node { name: "n".into(), instance: "i-marked".into(), needs_update: true, ..Node::default() };
        let groups = [group("nodes", InstanceGroupRole::Node), group("a", InstanceGroupRole::ControlPlane)];
        let facts = discover("c", &groups, &snapshot, &[Arc::new(node)]).unwrap();

        let nodes = facts.group("nodes").unwrap();
        assert_eq!(
            statuses(nodes),
            [
                ("i-old", Status::NeedsUpdate),
                ("i-new", Status::UpToDate),
                ("i-marked", Status::NeedsUpdate),
                ("i-warm", Status::NeedsUpdate),
                ("i-leaving", Status::Detached),
                ("i-out", Status::Detached),
            ]
        );
        let order: Vec<_> = nodes.needing_update().map(|i| i.id.as_str()).collect();
        assert_eq!(order, ["i-old", "i-warm", "i-leaving", "i-out", "i-marked"], "annotated instances come last");
        assert_eq!(facts.unmatched, ["gone.c"]);
        assert_eq!(facts.notes.len(), 1, "the dying group is named: {:?}", facts.notes);
    }

    #[test]
    fn karpenter_instances_are_up_to_date_until_annotated() {
        let mut karpenter = group("spot", InstanceGroupRole::Node);
        karpenter.spec.manager = Some(InstanceManager::Karpenter);
        let snapshot =
            CloudSnapshot { groups: Vec::new(), instances: vec![instance("i-1", "spot"), instance("i-2", "spot")] };
        let node = Node { name: "n".into(), instance: "i-2".into(), needs_update: true, ..Node::default() };
        let facts = discover("c", &[karpenter], &snapshot, &[Arc::new(node)]).unwrap();
        assert_eq!(statuses(&facts.groups[0]), [("i-1", Status::UpToDate), ("i-2", Status::NeedsUpdate)]);
        assert_eq!((facts.groups[0].target, facts.groups[0].cloud_name.as_str()), (0, "spot"));
    }

    #[test]
    fn only_groups_with_strays_are_asked_for_a_warm_pool() {
        let named = |name: &str, id: &str| ScalingGroup {
            name: name.into(),
            members: vec![member(id, "lt-1:1", "InService")],
            ..ScalingGroup::default()
        };
        let snapshot = CloudSnapshot {
            groups: vec![named("a.c", "i-1"), named("b.masters.c", "i-2"), named("d.c", "i-3")],
            instances: vec![
                instance("i-1", "a"),
                instance("i-9", "b"),
                Ec2Instance { detached_from: Some("d.c".into()), ..instance("i-4", "d") },
            ],
        };
        assert_eq!(groups_with_strays("c", &snapshot), ["b.masters.c"]);
    }

    #[test]
    fn a_group_without_a_launch_source_is_an_error() {
        let snapshot = CloudSnapshot {
            groups: vec![ScalingGroup { name: "nodes.c".into(), ..ScalingGroup::default() }],
            instances: Vec::new(),
        };
        let error = discover("c", &[group("nodes", InstanceGroupRole::Node)], &snapshot, &[]).unwrap_err();
        assert!(error.to_string().contains("nodes.c"));
    }
}
