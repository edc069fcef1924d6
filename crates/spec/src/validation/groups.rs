//! Rules across instance groups and their cluster.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::checker::{Checker, with_suggestion};
use super::facts::ClusterFacts;
use super::{Scope, Specs};
use crate::names::terraform_name;
use crate::v1alpha2::{
    Cluster, DnsType, InstanceGroup, InstanceGroupRole, InstanceGroupSpec, InstanceManager, Subnet, SubnetType,
};
use kopsform_diagnostics::Rule;

/// What the rules of a group need of its cluster and the other groups.
pub(super) struct GroupContext<'a> {
    cluster: &'a Cluster,
    subnets: HashMap<&'a str, &'a Subnet>,
    zones: BTreeSet<&'a str>,
    /// Instance profile → role and name of the first group that has it.
    profiles: BTreeMap<&'a str, (Option<InstanceGroupRole>, &'a str)>,
    /// Terraform name → the first group that has it.
    addresses: HashMap<String, &'a str>,
    karpenter: bool,
    subnets_known: bool,
}

impl<'a> GroupContext<'a> {
    /// Collects it once for all groups.
    pub(super) fn of(specs: &Specs<'a>, facts: &ClusterFacts) -> Self {
        let cluster = &specs.cluster.object;
        let (mut profiles, mut addresses) = (BTreeMap::new(), HashMap::new());
        for group in specs.groups.iter().map(|g| &g.object) {
            addresses.entry(terraform_name(&group.metadata.name)).or_insert(group.metadata.name.as_str());
            if let Some(profile) = group.spec.iam.as_ref().and_then(|iam| iam.profile.as_deref()) {
                profiles.entry(profile).or_insert((group.spec.role, group.metadata.name.as_str()));
            }
        }
        Self {
            cluster,
            subnets: cluster.spec.subnets.iter().map(|s| (s.name.as_str(), s)).collect(),
            zones: cluster.spec.subnets.iter().map(|s| s.zone.as_str()).filter(|z| !z.is_empty()).collect(),
            profiles,
            addresses,
            karpenter: facts.karpenter,
            subnets_known: !cluster.spec.subnets.is_empty(),
        }
    }
}

/// What a cluster needs of its groups.
pub(super) fn check_cluster(cx: &mut Checker<'_>, specs: &Specs<'_>) {
    if specs.scope == Scope::Whole {
        roles(cx, specs);
    }
    members(cx, specs);
}

/// A cluster has a control plane and nodes.
fn roles(cx: &mut Checker<'_>, specs: &Specs<'_>) {
    let roles: Vec<Option<InstanceGroupRole>> = specs.groups.iter().map(|g| g.object.spec.role).collect();
    // A group whose role is invalid may have any role.
    let unknown = roles.contains(&None);
    let control_plane = roles.iter().filter(|r| **r == Some(InstanceGroupRole::ControlPlane)).count();
    if control_plane == 0 && !unknown {
        let hint = "add an InstanceGroup with role: Master";
        cx.error(Rule::MissingGroup, "metadata.name", ("the cluster has no group of the control plane", hint));
    }
    if control_plane == roles.len() && !unknown {
        let hint = "add an InstanceGroup with role: Node";
        cx.error(Rule::MissingGroup, "metadata.name", ("the cluster has no group of nodes", hint));
    }
}

/// Etcd members are in existing control-plane groups, each in one zone.
fn members(cx: &mut Checker<'_>, specs: &Specs<'_>) {
    let cluster = &specs.cluster.object;
    let groups: HashMap<&str, &InstanceGroup> =
        specs.groups.iter().map(|g| (g.object.metadata.name.as_str(), &g.object)).collect();
    let control_plane = || specs.groups.iter().filter(|g| g.object.is_control_plane());
    for (i, etcd) in cluster.spec.etcd_clusters.iter().enumerate() {
        for (j, member) in etcd.etcd_members.iter().enumerate() {
            let Some(name) = member.instance_group.as_deref().filter(|n| !n.is_empty()) else { continue };
            let path = format!("spec.etcdClusters[{i}].etcdMembers[{j}].instanceGroup");
            let Some(group) = groups.get(name) else {
                if specs.scope == Scope::Whole {
                    let names = control_plane().map(|g| g.object.metadata.name.as_str());
                    let message = format!("there is no instance group {name}");
                    cx.error(Rule::UnknownGroup, path, with_suggestion(message, name, names));
                }
                continue;
            };
            if !group.is_control_plane() && group.spec.role.is_some() {
                let message = format!("{name} is not a group of the control plane");
                cx.error(Rule::WrongRole, path, (message, "etcd runs on groups with role: Master"));
                continue;
            }
            let zones: BTreeSet<&str> =
                group.spec.subnets.iter().filter_map(|s| cluster.subnet(s)).map(|s| s.zone.as_str()).collect();
            if zones.len() > 1 {
                let zones: Vec<&str> = zones.into_iter().collect();
                let message =
                    format!("{name} is in {}, but the volume of an etcd member is in one zone", zones.join(" and "));
                cx.error(Rule::SeveralZones, path, (message, format!("give {name} subnets of one zone")));
            }
        }
    }
    if specs.scope == Scope::Partial {
        return;
    }
    for group in control_plane().map(|g| &g.object.metadata.name).filter(|name| !name.is_empty()) {
        for (i, etcd) in cluster.spec.etcd_clusters.iter().enumerate() {
            if !etcd.etcd_members.iter().any(|m| m.instance_group.as_deref() == Some(group.as_str())) {
                let message = format!("the control-plane group {group} has no member in etcd cluster {}", etcd.name);
                let hint = format!("add a member with instanceGroup: {group}");
                cx.error(Rule::MissingMember, format_args!("spec.etcdClusters[{i}].etcdMembers"), (message, hint));
            }
        }
    }
}

/// What a group needs of its cluster.
pub(super) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup, context: &GroupContext<'_>) {
    let spec = &group.spec;
    if let Some(kubelet) = &spec.kubelet {
        super::kubelet::cloud_provider(cx, "spec.kubelet", kubelet, context.cluster, Checker::strict);
    }
    if spec.role == Some(InstanceGroupRole::ApiServer) && context.cluster.dns_type() == DnsType::None {
        let message = "groups of role APIServer are found by DNS, which the cluster does not have";
        cx.error(Rule::WrongRole, "spec.role", (message, "remove the group, or write topology.dns.type: Private"));
    }
    names(cx, &group.metadata.name, context);
    placement(cx, spec, context);
    if !context.cluster.is_on_gce() {
        on_aws(cx, group, context);
    }
    if let Some(profile) = spec.iam.as_ref().and_then(|iam| iam.profile.as_deref())
        && let Some((role, first)) = context.profiles.get(profile)
        && *role != spec.role
        && *first != group.metadata.name
    {
        let message = format!("the group {first}, which has another role, uses this instance profile too");
        cx.error(Rule::Conflict, "spec.iam.profile", (message, "use one profile for each role"));
    }
}

/// What only clusters on AWS have.
fn on_aws(cx: &mut Checker<'_>, group: &InstanceGroup, context: &GroupContext<'_>) {
    launch_template(cx, &group.metadata.name, context);
    if context.subnets_known {
        zones(cx, &group.spec, context);
    }
    karpenter(cx, group, context);
    warm_pool(cx, group, context);
}

/// The longest name of a launch template that AWS accepts.
const LONGEST_NAME: usize = 128;

/// The name of a group is part of addresses in Terraform.
fn names(cx: &mut Checker<'_>, name: &str, context: &GroupContext<'_>) {
    if let Some(first) = context.addresses.get(&terraform_name(name)).filter(|first| **first != name) {
        let message = format!("the group {first} has the same address in Terraform, where dots are hyphens");
        cx.strict(Rule::DuplicateAddress, "metadata.name", (message, "rename one of them"));
    }
}

fn launch_template(cx: &mut Checker<'_>, name: &str, context: &GroupContext<'_>) {
    let whole = format!("{name}.{}", context.cluster.metadata.name);
    if whole.len() > LONGEST_NAME && name.split('.').all(|part| part.len() <= 63) {
        let message = format!("the launch template {whole} has {} characters, AWS takes {LONGEST_NAME}", whole.len());
        cx.strict(Rule::BadName, "metadata.name", (message, "choose a shorter name"));
    }
}

fn placement(cx: &mut Checker<'_>, spec: &InstanceGroupSpec, context: &GroupContext<'_>) {
    if !context.subnets_known {
        return;
    }
    let mut first_type: Option<(SubnetType, &str)> = None;
    for (i, name) in spec.subnets.iter().enumerate() {
        let path = format!("spec.subnets[{i}]");
        let Some(subnet) = context.subnets.get(name.as_str()) else {
            let message = format!("the cluster has no subnet {name}");
            let names = context.cluster.spec.subnets.iter().map(|s| s.name.as_str());
            cx.error(Rule::UnknownSubnet, path, with_suggestion(message, name, names));
            continue;
        };
        if spec.subnets[..i].contains(name) {
            cx.strict(Rule::DuplicateItem, &path, format!("{name} is in the list already"));
        }
        let Some(kind) = subnet.r#type else { continue };
        match first_type {
            None => first_type = Some((kind, name)),
            Some((first, other)) if first != kind => {
                let message =
                    format!("{name} is {kind:?} and {other} is {first:?}; subnets of a group are of one type");
                cx.error(Rule::MixedSubnets, path, message);
            }
            Some(_) => {}
        }
    }
    if let Some((SubnetType::Utility, name)) = first_type
        && spec.role == Some(InstanceGroupRole::Node)
        && !context.cluster.is_on_gce()
    {
        let message = format!("{name} is a utility subnet, which is for load balancers and bastions");
        cx.warning(Rule::SurprisingCombination, "spec.subnets", (message, "place nodes in private or public subnets"));
    }
}

/// The zones of a group are those of its subnets.
fn zones(cx: &mut Checker<'_>, spec: &InstanceGroupSpec, context: &GroupContext<'_>) {
    for (i, zone) in spec.zones.iter().enumerate().filter(|(_, zone)| !zone.is_empty()) {
        if !context.zones.contains(zone.as_str()) {
            let message = format!("the cluster has no subnet in {zone}");
            let known = context.zones.iter().copied();
            cx.strict(Rule::UnknownZone, format_args!("spec.zones[{i}]"), with_suggestion(message, zone, known));
        }
    }
}

fn karpenter(cx: &mut Checker<'_>, group: &InstanceGroup, context: &GroupContext<'_>) {
    let spec = &group.spec;
    if spec.manager != Some(InstanceManager::Karpenter) {
        return;
    }
    if !matches!(spec.role, Some(InstanceGroupRole::Node) | None) {
        cx.error(
            Rule::WrongRole,
            "spec.role",
            ("Karpenter manages groups of role Node only", "write manager: CloudGroup"),
        );
    }
    if !context.karpenter {
        let message = "Karpenter is not enabled, so nothing starts these nodes";
        cx.strict(
            Rule::NeedsKarpenter,
            "spec.manager",
            (message, "write `karpenter: {enabled: true}` in the cluster's spec"),
        );
    }
    if spec.max_size.is_some_and(|max| max <= 0) {
        cx.error(Rule::OutOfRange, "spec.maxSize", "maxSize of a group of Karpenter is at least 1");
    }
    let Some(min) = spec.min_size else { return };
    if min <= 0 {
        let message = "minSize of a group of Karpenter is its static capacity, at least 1";
        cx.error(Rule::OutOfRange, "spec.minSize", (message, "remove it"));
    } else if !static_capacity(context.cluster) {
        let message = "static capacity needs the feature gate StaticCapacity";
        let hint = "add StaticCapacity=true to spec.karpenter.featureGates of the cluster, or remove minSize";
        cx.error(Rule::FeatureFlag, "spec.minSize", (message, hint));
    }
}

/// Whether Karpenter keeps nodes without pods: by default, and where the feature gates include StaticCapacity.
fn static_capacity(cluster: &Cluster) -> bool {
    let gates = cluster.spec.karpenter.as_ref().map_or("", |k| k.feature_gates.as_str());
    if gates.is_empty() {
        return true;
    }
    let value =
        gates.split(',').filter_map(|gate| gate.split_once('=')).rfind(|(name, _)| name.trim() == "StaticCapacity");
    value.is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("true"))
}

fn warm_pool(cx: &mut Checker<'_>, group: &InstanceGroup, context: &GroupContext<'_>) {
    let spec = &group.spec;
    let Some(pool) = group.warm_pool_settings(context.cluster) else { return };
    if pool.max_size != Some(0) {
        if !matches!(spec.role, Some(InstanceGroupRole::Node | InstanceGroupRole::ApiServer) | None) {
            let message = "only groups of role Node and APIServer can have a warm pool";
            cx.error(Rule::WrongRole, "spec.warmPool", (message, "remove it"));
        }
        if spec.max_price.is_some() {
            let hint = "remove maxPrice, or write `warmPool: {maxSize: 0}`";
            cx.error(Rule::Conflict, "spec.warmPool", ("spot instances can't wait in a warm pool", hint));
        }
    }
    if spec.warm_pool.is_some() {
        super::addons::warm_pool(cx, "spec.warmPool", pool.min_size, pool.max_size);
    }
    if pool.max_size != Some(0) && spec.mixed_instances_policy.is_some() {
        let message = "AWS has no warm pools for groups with a mixed instances policy";
        cx.strict(Rule::Conflict, "spec.warmPool", (message, "remove one of the two"));
    }
}
