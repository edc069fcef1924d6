//! The subnets of a cluster.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::super::checker::Checker;
use super::super::facts::{ClusterFacts, overlap};
use crate::formats::parse_cidr;
use crate::names::terraform_name;
use crate::v1alpha2::{Cluster, Subnet, SubnetType};
use crate::zone::region_of_zone;
use kopsform_diagnostics::Rule;

/// The egress of subnets whose routes kops does not manage.
const UNMANAGED: &str = "External";

/// How many subnets further ones are compared with. A VPC has far fewer, 200 without a raised quota.
const MAX_COMPARED: usize = 2_000;

pub(in crate::validation) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let subnets = &cluster.spec.subnets;
    if subnets.is_empty() {
        return cx.required("spec.subnets", ("the cluster has no subnets", "add one, with a name, a zone and a type"));
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    let mut addresses: BTreeMap<String, usize> = BTreeMap::new();
    let mut nets: Vec<(usize, IpNet)> = Vec::new();
    // An invalid id is an id all the same.
    let has_id =
        |cx: &Checker<'_>, i: usize| !subnets[i].id.is_empty() || cx.holds_value(&format!("spec.subnets[{i}].id"));
    for (i, subnet) in subnets.iter().enumerate() {
        one(cx, cluster, facts, i, subnet);
        if let Some(first) = names.insert(&subnet.name, i).filter(|_| !subnet.name.is_empty()) {
            let message = format!("spec.subnets[{first}] is named {} too", subnet.name);
            cx.error(Rule::DuplicateName, format_args!("spec.subnets[{i}].name"), message);
        }
        let same_address = addresses.insert(terraform_name(&subnet.name), i);
        if let Some(first) = same_address.filter(|first| subnets[*first].name != subnet.name) {
            let message =
                format!("the subnet {} has the same address in Terraform, where dots are hyphens", subnets[first].name);
            cx.strict(Rule::DuplicateAddress, format_args!("spec.subnets[{i}].name"), (message, "rename one of them"));
        }
        if let Some(first) = ids.insert(&subnet.id, i).filter(|_| !subnet.id.is_empty()) {
            let message = format!("spec.subnets[{first}] has the id {} too", subnet.id);
            cx.strict(Rule::DuplicateId, format_args!("spec.subnets[{i}].id"), message);
        }
        if has_id(cx, i) != has_id(cx, 0) {
            let message = "existing subnets (with id) and new ones can't be mixed";
            cx.error(
                Rule::MixedSubnets,
                format_args!("spec.subnets[{i}].id"),
                (message, "give all subnets an id, or none"),
            );
        }
        if let Some(net) = parse_cidr(&subnet.cidr) {
            if let Some((first, other)) = nets.iter().find(|(_, other)| overlap(other, &net)) {
                let message = format!("{net} overlaps {other} of spec.subnets[{first}]");
                cx.strict(Rule::Overlap, format_args!("spec.subnets[{i}].cidr"), message);
            }
            if nets.len() < MAX_COMPARED {
                nets.push((i, net));
            }
        }
        if let (Some(region), Some(first)) = (region_of_zone(&subnet.zone), &facts.region)
            && region != first
        {
            let message = format!("the zone {} is not in {first}, the region of the subnets before it", subnet.zone);
            cx.error(
                Rule::SeveralRegions,
                format_args!("spec.subnets[{i}].zone"),
                (message, "all subnets are in one region"),
            );
        }
    }
    egress_of_zones(cx, subnets);
    if subnets.iter().any(|s| !s.id.is_empty())
        && cluster.spec.network_id.is_empty()
        && !cx.holds_value("spec.networkID")
    {
        let hint = "write spec.networkID, the id of their VPC";
        cx.strict(Rule::MissingField, "spec.networkID", ("existing subnets need the id of their VPC", hint));
    }
}

fn one(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts, i: usize, subnet: &Subnet) {
    let path = |field: &str| format!("spec.subnets[{i}].{field}");
    if subnet.name.is_empty() {
        cx.required(path("name"), "the subnet has no name");
    }
    if subnet.zone.is_empty() {
        cx.required(path("zone"), ("the subnet has no availability zone", "such as us-east-1a"));
    }
    if subnet.r#type.is_none() {
        cx.required(path("type"), ("the subnet has no type", "Public, Private, DualStack or Utility"));
    }
    if let Some(net) = parse_cidr(&subnet.cidr) {
        cidr(cx, cluster, facts, &path("cidr"), &net);
    }
    if let (Some(net), Some(services)) = (parse_cidr(&subnet.ipv6_cidr), &facts.services)
        && overlap(&net, services)
    {
        cx.error(Rule::Overlap, path("ipv6CIDR"), format!("{net} overlaps serviceClusterIPRange {services}"));
    }
    let private = matches!(subnet.r#type, Some(SubnetType::Private | SubnetType::DualStack));
    let public_ipv6 = subnet.r#type == Some(SubnetType::Public) && !subnet.ipv6_cidr.is_empty();
    if !subnet.egress.is_empty() && subnet.egress != UNMANAGED && !private && !public_ipv6 && subnet.r#type.is_some() {
        let message = "only private subnets, and public ones with IPv6, have an egress";
        cx.error(Rule::BadEgress, path("egress"), (message, "remove it, or make the subnet Private"));
    }
    if !subnet.public_ip.is_empty() && (!private || !subnet.egress.is_empty()) {
        let message = "publicIP is the address of the NAT gateway of a private subnet, and this subnet has none";
        cx.strict(Rule::Conflict, path("publicIP"), (message, "remove it, or the egress"));
    }
    if subnet.r#type == Some(SubnetType::DualStack) && !facts.ipv6 {
        let message = "DualStack subnets are for IPv6 clusters";
        cx.error(Rule::NeedsIpv6, path("type"), (message, "write Private, or nonMasqueradeCIDR: ::/0"));
    }
    routes(cx, facts, i, subnet);
}

fn cidr(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts, path: &str, net: &IpNet) {
    if facts.network.is_some() && !facts.networks().any(|network| network.contains(net)) {
        let networks: Vec<String> = facts.networks().map(|n| n.to_string()).collect();
        let message = format!("{net} is outside of the VPC's network {}", networks.join(" or "));
        cx.error(Rule::OutsideNetwork, path, (message, "see spec.networkCIDR and spec.additionalNetworkCIDRs"));
    }
    let amazon_vpc = cluster.spec.networking.as_ref().is_some_and(|n| n.amazonvpc.is_some());
    if let Some(pods) = facts.pods.filter(|pods| overlap(pods, net) && !amazon_vpc) {
        cx.error(Rule::Overlap, path, format!("{net} overlaps podCIDR {pods}"));
    }
    if let Some(services) = facts.services.filter(|services| overlap(services, net)) {
        cx.error(Rule::Overlap, path, format!("{net} overlaps serviceClusterIPRange {services}"));
    }
    if !(16..=28).contains(&net.prefix_len()) && net.addr().is_ipv4() {
        let message = format!("AWS subnets are /16 to /28, not /{}", net.prefix_len());
        cx.strict(Rule::BadCidr, path, (message, "choose a network of another size"));
    }
}

fn routes(cx: &mut Checker<'_>, facts: &ClusterFacts, i: usize, subnet: &Subnet) {
    if subnet.additional_routes.is_empty() {
        return;
    }
    let path = format!("spec.subnets[{i}].additionalRoutes");
    if !subnet.id.is_empty() {
        cx.error(Rule::Conflict, &path, ("the routes of an existing subnet are not changed", "remove them"));
    } else if !matches!(subnet.r#type, Some(SubnetType::Private) | None) {
        cx.error(Rule::Conflict, &path, ("only private subnets have additional routes", "remove them"));
    }
    let mut seen: Vec<IpNet> = facts.networks().collect();
    for (j, route) in subnet.additional_routes.iter().enumerate() {
        if route.target.is_empty() {
            cx.required(format_args!("{path}[{j}].target"), "the route has no target");
        }
        if route.cidr.is_empty() {
            cx.required(format_args!("{path}[{j}].cidr"), "the route has no network");
        }
        let Some(net) = parse_cidr(&route.cidr) else { continue };
        if route.target.starts_with("pcx-") && facts.networks().any(|network| network.contains(&net.network())) {
            let message = format!("{net} is inside of the VPC, where a peering connection can't be a target");
            let note = (message, "name an interface or instance, or a network outside");
            cx.error(Rule::BadTarget, format_args!("{path}[{j}].target"), note);
        }
        if seen.contains(&net) {
            cx.error(
                Rule::DuplicateRoute,
                format_args!("{path}[{j}].cidr"),
                format!("there is a route to {net} already"),
            );
        }
        seen.push(net);
    }
}

/// The private subnets of a zone share one egress: by default a NAT gateway in the utility subnet of the zone.
fn egress_of_zones(cx: &mut Checker<'_>, subnets: &[Subnet]) {
    let mut zones: BTreeMap<&str, Vec<(usize, &Subnet)>> = BTreeMap::new();
    for (i, subnet) in subnets.iter().enumerate() {
        zones.entry(&subnet.zone).or_default().push((i, subnet));
    }
    for (zone, members) in zones.into_iter().filter(|(zone, _)| !zone.is_empty()) {
        let needs_egress = |(_, s): &&(usize, &Subnet)| {
            let private = matches!(s.r#type, Some(SubnetType::Private | SubnetType::DualStack));
            private && s.id.is_empty() && s.egress != UNMANAGED
        };
        let private: Vec<_> = members.iter().filter(needs_egress).collect();
        let Some((first, leader)) = private.first() else { continue };
        let utility = members.iter().filter(|(_, s)| s.r#type == Some(SubnetType::Utility)).count();
        if utility == 0 && members.iter().all(|(_, s)| s.r#type.is_some()) {
            let message = format!("the zone {zone} has a private subnet and no utility subnet for its NAT gateway");
            let hint = format!("add a subnet of type Utility in {zone}, or write egress: External");
            cx.error(Rule::NoUtilitySubnet, format_args!("spec.subnets[{first}].zone"), (message, hint));
        } else if utility > 1 {
            let second = members.iter().filter(|(_, s)| s.r#type == Some(SubnetType::Utility)).nth(1);
            let message =
                format!("the zone {zone} has several utility subnets, so the one for its NAT gateway is ambiguous");
            cx.error(
                Rule::SeveralUtilitySubnets,
                format_args!("spec.subnets[{}].type", second.map_or(0, |s| s.0)),
                message,
            );
        }
        for (i, subnet) in &private[1..] {
            if subnet.egress != leader.egress {
                let message =
                    format!("private subnets of {zone} share one egress; spec.subnets[{first}] has another one");
                cx.error(Rule::MixedEgress, format_args!("spec.subnets[{i}].egress"), message);
            }
            if subnet.public_ip != leader.public_ip {
                let message =
                    format!("private subnets of {zone} share one publicIP; spec.subnets[{first}] has another one");
                cx.error(Rule::MixedEgress, format_args!("spec.subnets[{i}].publicIP"), message);
            }
        }
    }
}
