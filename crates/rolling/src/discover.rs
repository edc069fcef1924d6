//! Joins what the cloud and Kubernetes report into the facts a plan needs. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::facts::{CloudGroupFacts, ClusterFacts, GroupFacts, InstanceFacts, Reason};
use super::ports::{Capabilities, CloudGroup, CloudInstance, CloudSnapshot, LaunchSource, Lifecycle, Member, Node};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, InstanceManager};

/// Why the facts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// The group names nothing to compare its instances with.
    #[error("group {0:?} has no launch template")]
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

/// The cloud's groups of an instance group that are in normal operation.
pub fn groups_of<'s>(group: &InstanceGroup, cluster: &str, snapshot: &'s CloudSnapshot) -> Vec<&'s CloudGroup> {
    let name = scaling_group_name(group, cluster);
    let is_own = |found: &CloudGroup| match &found.instance_group {
        Some(of) => *of == group.metadata.name,
        None => found.name == name,
    };
    snapshot.groups.iter().filter(|found| found.status.is_none() && is_own(found)).collect()
}

/// Joins instance groups, the cloud's groups, instances and nodes.
pub fn discover(
    cluster: &str,
    groups: &[InstanceGroup],
    snapshot: &CloudSnapshot,
    capabilities: Capabilities,
    nodes: &[Arc<Node>],
) -> Result<ClusterFacts, DiscoverError> {
    let nodes: HashMap<&str, &Arc<Node>> = nodes.iter().map(|n| (n.instance.as_str(), n)).collect();
    let mut by_group: HashMap<&str, BTreeMap<&str, &CloudInstance>> = HashMap::new();
    for instance in &snapshot.instances {
        by_group.entry(&instance.group).or_default().insert(&instance.id, instance);
    }
    let mut scaling: HashMap<&str, &CloudGroup> = HashMap::new();
    let mut recorded: BTreeMap<&str, Vec<&CloudGroup>> = BTreeMap::new();
    let mut facts = ClusterFacts { cluster: cluster.to_owned(), ..ClusterFacts::default() };
    for group in &snapshot.groups {
        match (&group.status, &group.instance_group) {
            (Some(status), _) => facts.notes.push(format!("skipping auto scaling group {}: {status}", group.name)),
            (None, Some(of)) => recorded.entry(of).or_default().push(group),
            (None, None) => _ = scaling.insert(&group.name, group),
        }
    }
    let none = BTreeMap::new();
    for group in groups {
        let instances = by_group.get(group.metadata.name.as_str()).unwrap_or(&none);
        let named = scaling.remove(scaling_group_name(group, cluster).as_str());
        let mut found = recorded.remove(group.metadata.name.as_str()).unwrap_or_default();
        found.extend(named);
        let builder = Builder { group, instances, nodes: &nodes, capabilities };
        if group.spec.manager == Some(InstanceManager::Karpenter) {
            facts.groups.push(builder.karpenter());
        } else if !found.is_empty() {
            facts.groups.push(builder.scaling(&found)?);
        }
    }
    facts.groups.sort_by(|a, b| a.name.cmp(&b.name));
    let unmatched = recorded.into_values().flatten().chain(scaling.into_values());
    facts.unmatched = unmatched.map(|group| group.name.clone()).collect();
    facts.unmatched.sort();
    Ok(facts)
}

/// One instance group with the instances that carry its tag.
struct Builder<'a> {
    group: &'a InstanceGroup,
    instances: &'a BTreeMap<&'a str, &'a CloudInstance>,
    nodes: &'a HashMap<&'a str, &'a Arc<Node>>,
    capabilities: Capabilities,
}

impl Builder<'_> {
    fn empty(&self, manager: InstanceManager, cloud_name: String) -> GroupFacts {
        GroupFacts {
            name: self.group.metadata.name.clone(),
            role: self.group.role(),
            manager,
            can_detach: manager != InstanceManager::Karpenter && self.capabilities.detach,
            rolling_update: self.group.spec.rolling_update.clone(),
            cloud_name,
            cloud_groups: Vec::new(),
            suspended: Vec::new(),
            leaving: Vec::new(),
            load_balancers: Vec::new(),
            instances: Vec::new(),
        }
    }

    /// Karpenter has no group in the cloud: every instance with the tag belongs to it and counts as up to date.
    fn karpenter(&self) -> GroupFacts {
        let name = &self.group.metadata.name;
        let mut facts = self.empty(InstanceManager::Karpenter, name.clone());
        facts.instances = self.instances.values().map(|i| self.instance(i, name, Vec::new())).collect();
        facts
    }

    fn scaling(&self, found: &[&CloudGroup]) -> Result<GroupFacts, DiscoverError> {
        let names: Vec<_> = found.iter().map(|group| group.name.as_str()).collect();
        let mut facts = self.empty(InstanceManager::CloudGroup, names.join(", "));
        let mut seen = HashSet::new();
        for group in found {
            self.add(group, &mut facts, &mut seen)?;
        }
        for instance in self.instances.values() {
            if let Some(from) = &instance.detached_from
                && !seen.contains(instance.id.as_str())
            {
                let mut known = self.instance(instance, from, vec![Reason::Detached]);
                known.detached = true;
                facts.instances.push(known);
            }
        }
        Ok(facts)
    }

    /// Adds one of the cloud's groups with its members, and their ids to `seen`.
    fn add<'s>(
        &self,
        found: &'s CloudGroup,
        facts: &mut GroupFacts,
        seen: &mut HashSet<&'s str>,
    ) -> Result<(), DiscoverError> {
        let launch = found.launch.as_ref().ok_or_else(|| DiscoverError::NoLaunchSource(found.name.clone()))?;
        facts.cloud_groups.push(CloudGroupFacts {
            name: found.name.clone(),
            min: found.min,
            target: found.desired,
            max: found.max,
        });
        facts.suspended.extend(found.suspended.iter().cloned());
        facts.load_balancers.extend(found.load_balancers.iter().cloned());
        for member in found.members.iter().chain(&found.warm) {
            let detaching = member.lifecycle == Lifecycle::Detaching;
            if !detaching {
                seen.insert(member.id.as_str());
            }
            let leaving = detaching || member.lifecycle == Lifecycle::Terminating;
            if leaving {
                facts.leaving.push((member.id.clone(), member.state.clone()));
            }
            let Some(instance) = self.instances.get(member.id.as_str()).filter(|_| !leaving) else {
                continue;
            };
            let mut known = self.instance(instance, &found.name, outdated(member, launch));
            known.warm = member.lifecycle == Lifecycle::Warm;
            facts.instances.push(known);
        }
        Ok(())
    }

    /// An instance with its node; the node's annotation is a reason of its own.
    fn instance(&self, instance: &CloudInstance, cloud_group: &str, mut reasons: Vec<Reason>) -> InstanceFacts {
        let or_id = |text: &str| if text.is_empty() { instance.id.clone() } else { text.to_owned() };
        let node_key = or_id(&instance.node_key);
        let node = self.nodes.get(node_key.as_str()).map(|n| Arc::clone(n));
        if node.as_ref().is_some_and(|n| n.needs_update) {
            reasons.push(Reason::Annotation);
        }
        InstanceFacts {
            id: instance.id.clone(),
            node_key,
            link: or_id(&instance.link),
            cloud_group: cloud_group.to_owned(),
            node,
            warm: false,
            detached: false,
            reasons,
            machine_type: instance.machine_type.clone(),
            roles: instance.roles.clone(),
            internal_ip: instance.private_ip.clone(),
            external_ip: instance.public_ip.clone(),
            state: instance.state.clone(),
        }
    }
}

/// Why a member is out of date; empty if it is up to date.
fn outdated(member: &Member, launch: &LaunchSource) -> Vec<Reason> {
    match &member.launch {
        Some(from) if from == launch => Vec::new(),
        from => vec![Reason::Launch { from: from.clone(), to: launch.clone() }],
    }
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

    fn instance(id: &str, group: &str) -> CloudInstance {
        CloudInstance { id: id.into(), group: group.into(), ..CloudInstance::default() }
    }

    const AWS: Capabilities = Capabilities::AUTO_SCALING_GROUPS;

    fn template(id: &str, version: u32) -> LaunchSource {
        LaunchSource { kind: "launch template", id: id.into(), version: Some(version.to_string()) }
    }

    fn member(id: &str, version: u32, lifecycle: Lifecycle) -> Member {
        let state = format!("{lifecycle:?}");
        Member { id: id.into(), launch: Some(template("lt-1", version)), lifecycle, state }
    }

    fn statuses(group: &GroupFacts) -> Vec<(&str, Status)> {
        group.instances.iter().map(|i| (i.id.as_str(), i.status())).collect()
    }

    #[test]
    fn each_instance_has_its_status() {
        let snapshot = CloudSnapshot {
            groups: vec![
                CloudGroup {
                    name: "nodes.c".into(),
                    launch: Some(template("lt-1", 2)),
                    members: vec![
                        member("i-old", 1, Lifecycle::Active),
                        member("i-new", 2, Lifecycle::Active),
                        member("i-marked", 2, Lifecycle::Active),
                        member("i-ending", 1, Lifecycle::Terminating),
                        member("i-unlisted", 1, Lifecycle::Active),
                        member("i-leaving", 1, Lifecycle::Detaching),
                    ],
                    warm: vec![member("i-warm", 1, Lifecycle::Warm)],
                    ..CloudGroup::default()
                },
                CloudGroup { name: "a.masters.c".into(), launch: Some(template("lt-2", 1)), ..CloudGroup::default() },
                CloudGroup { name: "gone.c".into(), launch: Some(template("lt-3", 1)), ..CloudGroup::default() },
                CloudGroup { name: "dying.c".into(), status: Some("Delete in progress".into()), ..Default::default() },
            ],
            instances: ["i-old", "i-new", "i-marked", "i-ending", "i-warm"]
                .map(|id| instance(id, "nodes"))
                .into_iter()
                .chain(
                    ["i-out", "i-leaving"]
                        .map(|id| CloudInstance { detached_from: Some("nodes.c".into()), ..instance(id, "nodes") }),
                )
                .collect(),
        };
        let node = Node { name: "n".into(), instance: "i-marked".into(), needs_update: true, ..Node::default() };
        let groups = [group("nodes", InstanceGroupRole::Node), group("a", InstanceGroupRole::ControlPlane)];
        let facts = discover("c", &groups, &snapshot, AWS, &[Arc::new(node)]).unwrap();

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
        let leaving = [("i-ending", "Terminating"), ("i-leaving", "Detaching")];
        assert_eq!(nodes.leaving, leaving.map(|(id, state)| (id.to_owned(), state.to_owned())));
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
        let facts = discover("c", &[karpenter], &snapshot, AWS, &[Arc::new(node)]).unwrap();
        assert_eq!(statuses(&facts.groups[0]), [("i-1", Status::UpToDate), ("i-2", Status::NeedsUpdate)]);
        assert_eq!((facts.groups[0].target(), facts.groups[0].cloud_name.as_str()), (0, "spot"));
    }

    #[test]
    fn an_instance_group_with_a_group_in_each_zone_is_one_group() {
        let zonal = |zone: &str, id: &str, version| CloudGroup {
            name: format!("{zone}-nodes-c"),
            instance_group: Some("nodes".into()),
            desired: 1,
            launch: Some(template("lt-1", 2)),
            members: vec![member(id, version, Lifecycle::Active)],
            ..CloudGroup::default()
        };
        // Two zones may have instances of the same name.
        let of =
            |id: &str, key: &str| CloudInstance { node_key: key.into(), link: key.into(), ..instance(id, "nodes") };
        let snapshot = CloudSnapshot {
            groups: vec![zonal("a", "a/x#1", 1), zonal("b", "b/x#2", 2)],
            instances: vec![of("a/x#1", "a/x"), of("b/x#2", "b/x")],
        };
        let node = Node { name: "x".into(), instance: "b/x".into(), ..Node::default() };
        let groups = [group("nodes", InstanceGroupRole::Node)];
        let google = Capabilities::MANAGED_INSTANCE_GROUPS;
        let facts = discover("c", &groups, &snapshot, google, &[Arc::new(node)]).unwrap();
        let nodes = &facts.groups[0];
        assert_eq!(statuses(nodes), [("a/x#1", Status::NeedsUpdate), ("b/x#2", Status::UpToDate)]);
        assert_eq!((nodes.target(), nodes.can_detach, nodes.node_count()), (2, false, 1));
        let parts: Vec<_> = nodes.instances.iter().map(|i| (i.cloud_group.as_str(), i.node_name())).collect();
        assert_eq!(parts, [("a-nodes-c", None), ("b-nodes-c", Some("x"))]);
        let none = discover("c", &[], &snapshot, google, &[]).unwrap();
        assert_eq!(none.unmatched, ["a-nodes-c", "b-nodes-c"]);
    }

    #[test]
    fn a_group_without_a_launch_source_is_an_error() {
        let snapshot = CloudSnapshot {
            groups: vec![CloudGroup { name: "nodes.c".into(), ..CloudGroup::default() }],
            instances: Vec::new(),
        };
        let error = discover("c", &[group("nodes", InstanceGroupRole::Node)], &snapshot, AWS, &[]).unwrap_err();
        assert!(error.to_string().contains("nodes.c"));
    }
}
