//! The network, its subnets, Cloud NAT and firewall rules.

use std::collections::BTreeMap;

use kopsform_model::gce::resources::{Allowed, FirewallRule, Router, RouterNat, Sources, Stack, Subnetwork};
use kopsform_model::{Kind, Layer, NodeId, Ref};

use super::super::{Builder, task_of};
use super::{in_network, name_of};
use crate::task::{Expected, OnChange, Task, TaskKind};
use crate::value::Value;

/// Who may reach the IPv6 addresses of a subnet: everyone, unless firewall rules forbid it.
const IPV6_ACCESS: &str = "EXTERNAL";

impl Builder<'_> {
    /// The network is global and has the subnets of the cluster only.
    pub(in crate::desired) fn google_network(&self, id: &NodeId) -> Task {
        Task::new(TaskKind::Network, id.name.as_str(), id.clone()).fixed("Mode", "custom").initial("Shared", false)
    }

    pub(in crate::desired) fn subnetwork(&self, id: &NodeId, subnetwork: &Subnetwork) -> Task {
        let task = Task::new(TaskKind::Subnet, id.name.as_str(), id.clone())
            .fixed("CIDR", &subnetwork.cidr)
            .initial("Region", &subnetwork.region)
            .update("SecondaryIpRanges", Value::Map(ranges(subnetwork)))
            .initial("Shared", false);
        in_network(with_stack(task, subnetwork.stack, OnChange::Update), &subnetwork.network)
    }

    /// Something that exists already, by the id in the spec.
    fn of_others(&self, task: Task, id: &str) -> Task {
        let lifecycle = self.settings.lifecycles.of(Layer::Network, task.id.kind.as_str());
        Task { expected: Expected::Existing { id: Some(id.to_owned()) }, lifecycle, ..task }
    }

    /// A network that the spec names.
    pub(super) fn existing_network(&self, network: &str) -> Task {
        let node = NodeId { kind: Kind::Network, name: name_of(network).into() };
        let task = Task::new(TaskKind::Network, name_of(network), node).initial("Shared", true);
        self.of_others(task, network)
    }

    /// A subnet that the spec names. As in kops, it gets the secondary ranges that it lacks, and keeps all others.
    pub(super) fn existing_subnetwork(&self, id: &str, subnetwork: &Subnetwork) -> Task {
        let node = NodeId { kind: Kind::Subnetwork, name: name_of(id).into() };
        let mut task = Task::new(TaskKind::Subnet, name_of(id), node)
            .initial("Region", &subnetwork.region)
            .initial("Shared", true)
            .update("SecondaryIpRanges", Value::TagsOfInterest(ranges(subnetwork)));
        if !subnetwork.cidr.is_empty() {
            task = task.field("CIDR", &subnetwork.cidr, OnChange::Others);
        }
        self.of_others(in_network(with_stack(task, subnetwork.stack, OnChange::Others), &subnetwork.network), id)
    }

    /// The router, with Cloud NAT in it.
    pub(in crate::desired) fn router(&self, id: &NodeId, router: &Router) -> Task {
        let reference: Ref<Router> = Ref::new(&id.name);
        let nat = self.graph.all::<RouterNat>().find(|(_, nat)| nat.router == reference).map(|(_, nat)| nat);
        let mut task = Task::new(TaskKind::Router, id.name.as_str(), id.clone()).initial("Region", &self.graph.region);
        if let Some(nat) = nat {
            let subnetworks: Vec<_> = nat.subnetworks.iter().map(|subnet| task_of(TaskKind::Subnet, subnet)).collect();
            task = task
                .update("NATIPAllocationOption", "AUTO_ONLY")
                .update("SourceSubnetworkIPRangesToNAT", "LIST_OF_SUBNETWORKS")
                .update("Subnetworks", Value::set(subnetworks.iter().map(|subnet| subnet.name.as_str())));
            task = subnetworks.into_iter().fold(task, Task::after);
        }
        in_network(task, &router.network)
    }

    pub(in crate::desired) fn firewall_rule(&self, id: &NodeId, rule: &FirewallRule) -> Task {
        let (ranges, tags) = match &rule.sources {
            Sources::Ranges(ranges) => (ranges.clone(), Vec::new()),
            Sources::Tags(tags) => (Vec::new(), tags.iter().map(ToString::to_string).collect()),
        };
        let family = rule.pair.as_ref().map(|pair| if pair.ipv6 { "ipv6" } else { "ipv4" });
        let task = Task::new(TaskKind::FirewallRule, id.name.as_str(), id.clone())
            .update("Allowed", Value::set(rule.allowed.iter().map(allowed_text)))
            .update("Disabled", rule.disabled)
            .initial("Family", family)
            .update("SourceRanges", Value::set(ranges))
            .update("SourceTags", Value::set(tags))
            .update("TargetTags", Value::set(rule.targets.iter().map(ToString::to_string)));
        in_network(task, &rule.network)
    }
}

/// The secondary ranges of a subnet by name.
fn ranges(subnetwork: &Subnetwork) -> BTreeMap<String, String> {
    subnetwork.secondary_ranges.iter().map(|range| (range.name.to_string(), range.cidr.clone())).collect()
}

fn with_stack(task: Task, stack: Stack, on_change: OnChange) -> Task {
    let task = task.field("StackType", stack.as_str(), on_change);
    match stack {
        Stack::Ipv4 => task,
        Stack::Dual => task.field("Ipv6AccessType", IPV6_ACCESS, on_change),
    }
}

/// What a rule lets in, as kops prints it: `tcp:443`.
pub fn allowed_text(allowed: &Allowed) -> String {
    match allowed.ports.as_slice() {
        [] => allowed.protocol.clone(),
        ports => ports.iter().map(|port| format!("{}:{port}", allowed.protocol)).collect::<Vec<_>>().join(","),
    }
}
