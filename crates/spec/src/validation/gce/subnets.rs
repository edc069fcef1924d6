//! Subnets, which are in a region instead of a zone.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::super::checker::Checker;
use super::super::facts::{ClusterFacts, overlap};
use crate::formats::{is_google_name, parse_cidr};
use crate::names::terraform_name;
use crate::v1alpha2::{Cluster, Subnet, SubnetType};
use kopsform_diagnostics::Rule;

/// How many subnets further ones are compared with.
const MAX_COMPARED: usize = 2_000;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let subnets = &cluster.spec.subnets;
    if subnets.is_empty() {
        let hint = "add one, with a name, a region and a type";
        return cx.required("spec.subnets", ("the cluster has no subnets", hint));
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    let mut addresses: BTreeMap<String, usize> = BTreeMap::new();
    let mut nets: Vec<(usize, IpNet)> = Vec::new();
    let has_id =
        |cx: &Checker<'_>, i: usize| !subnets[i].id.is_empty() || cx.holds_value(&format!("spec.subnets[{i}].id"));
    for (i, subnet) in subnets.iter().enumerate() {
        let path = |field: &str| format!("spec.subnets[{i}].{field}");
        one(cx, facts, i, subnet);
        if let Some(first) = names.insert(&subnet.name, i).filter(|_| !subnet.name.is_empty()) {
            cx.error(Rule::DuplicateName, path("name"), format!("spec.subnets[{first}] is named {} too", subnet.name));
        }
        let same_address = addresses.insert(terraform_name(&subnet.name), i);
        if let Some(first) = same_address.filter(|first| subnets[*first].name != subnet.name) {
            let message =
                format!("the subnet {} has the same address in Terraform, where dots are hyphens", subnets[first].name);
            cx.strict(Rule::DuplicateAddress, path("name"), (message, "rename one of them"));
        }
        if let Some(first) = ids.insert(&subnet.id, i).filter(|_| !subnet.id.is_empty()) {
            cx.strict(Rule::DuplicateId, path("id"), format!("spec.subnets[{first}] has the id {} too", subnet.id));
        }
        if has_id(cx, i) != has_id(cx, 0) {
            let message = "existing subnets (with id) and new ones can't be mixed";
            cx.error(Rule::MixedSubnets, path("id"), (message, "give all subnets an id, or none"));
        }
        if let Some(net) = parse_cidr(&subnet.cidr) {
            if let Some((first, other)) = nets.iter().find(|(_, other)| overlap(other, &net)) {
                let message = format!("{net} overlaps {other} of spec.subnets[{first}]");
                cx.strict(Rule::Overlap, path("cidr"), message);
            }
            if nets.len() < MAX_COMPARED {
                nets.push((i, net));
            }
        }
        let region = &subnet.region;
        if let Some(first) = facts.region.as_ref().filter(|first| *first != region && !region.is_empty()) {
            let message = format!("{region} is not {first}, the region of the subnets before it");
            cx.error(Rule::SeveralRegions, path("region"), (message, "a cluster is in one region"));
        }
    }
    if cluster.uses_ip_aliases() && subnets.len() > 1 {
        let message = "clusters whose pods have IP aliases have exactly one subnet";
        cx.error(Rule::Conflict, "spec.subnets[1]", (message, "keep one subnet, or use another network plugin"));
    }
    if subnets.iter().any(|s| !s.id.is_empty())
        && cluster.spec.network_id.is_empty()
        && !cx.holds_value("spec.networkID")
    {
        let hint = "write spec.networkID, the name of their network";
        cx.strict(Rule::MissingField, "spec.networkID", ("existing subnets need the name of their network", hint));
    }
}

fn one(cx: &mut Checker<'_>, facts: &ClusterFacts, i: usize, subnet: &Subnet) {
    let path = |field: &str| format!("spec.subnets[{i}].{field}");
    if subnet.name.is_empty() {
        cx.required(path("name"), "the subnet has no name");
    } else if subnet.id.is_empty() && !is_google_name(&subnet.name) {
        let message = format!("{} begins the name of a subnet, which Google Cloud refuses", subnet.name);
        let hint = "write lower-case letters, digits and hyphens, a letter first";
        cx.strict(Rule::BadName, path("name"), (message, hint));
    }
    if subnet.region.is_empty() {
        cx.required(path("region"), ("the subnet has no region", "such as us-central1"));
    }
    if subnet.r#type.is_none() {
        cx.required(path("type"), ("the subnet has no type", "Public, Private, DualStack or Utility"));
    }
    if let Some(net) = parse_cidr(&subnet.cidr) {
        cidr(cx, facts, &path("cidr"), &net);
    }
    let private = matches!(subnet.r#type, Some(SubnetType::Private | SubnetType::DualStack) | None);
    if !subnet.egress.is_empty() && subnet.egress != "External" && !private {
        let message = "only private subnets have an egress";
        cx.error(Rule::BadEgress, path("egress"), (message, "remove it, or make the subnet Private"));
    }
    if subnet.r#type == Some(SubnetType::DualStack) && !facts.ipv6 {
        let message = "DualStack subnets are for IPv6 clusters";
        cx.error(Rule::NeedsIpv6, path("type"), (message, "write Private, or nonMasqueradeCIDR: ::/0"));
    }
}

fn cidr(cx: &mut Checker<'_>, facts: &ClusterFacts, path: &str, net: &IpNet) {
    if let Some(pods) = facts.pods.filter(|pods| overlap(pods, net)) {
        cx.error(Rule::Overlap, path, format!("{net} overlaps podCIDR {pods}"));
    }
    if let Some(services) = facts.services.filter(|services| overlap(services, net)) {
        cx.error(Rule::Overlap, path, format!("{net} overlaps serviceClusterIPRange {services}"));
    }
    if !net.addr().is_ipv4() {
        cx.strict(Rule::BadCidr, path, (format!("{net} is not an IPv4 network"), "such as 10.0.16.0/20"));
    } else if !(4..=29).contains(&net.prefix_len()) {
        let message = format!("subnets on Google Cloud are /4 to /29, not /{}", net.prefix_len());
        cx.strict(Rule::BadCidr, path, (message, "choose a network of another size"));
    }
}
