//! The load balancer of the API.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::super::checker::{Checker, duplicates, with_suggestion};
use super::super::facts::ClusterFacts;
use crate::formats::parse_cidr;
use crate::v1alpha2::{Cluster, DnsType, LoadBalancerAccess, LoadBalancerClass, LoadBalancerType, Subnet, SubnetType};
use kopsform_diagnostics::Rule;

const PATH: &str = "spec.api.loadBalancer";

pub(in crate::validation) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    if cluster.dns_type() == DnsType::None
        && let Some((class, _)) = facts.load_balancer
        && class != LoadBalancerClass::Network
    {
        let path = if cx.holds(PATH) { format!("{PATH}.class") } else { "spec.topology.dns.type".to_owned() };
        let message = "without DNS records, the API needs a network load balancer";
        cx.error(Rule::NeedsNetworkLoadBalancer, path, (message, "write `api: {loadBalancer: {class: Network}}`"));
    }
    let outside = |s: &Subnet| matches!(s.r#type, Some(SubnetType::Public | SubnetType::Utility) | None);
    if let Some((_, LoadBalancerType::Public)) = facts.load_balancer
        && !cluster.spec.subnets.is_empty()
        && !cluster.spec.subnets.iter().any(outside)
    {
        let path = if cx.holds(PATH) { format!("{PATH}.type") } else { "spec.subnets".to_owned() };
        let message = "a public load balancer needs a public or utility subnet";
        cx.strict(Rule::NoPublicSubnet, path, (message, "add one to spec.subnets, or write type: Internal"));
    }
    let Some(balancer) = cluster.spec.api.as_ref().and_then(|api| api.load_balancer.as_ref()) else { return };
    let network = balancer.class == Some(LoadBalancerClass::Network);
    let internal = balancer.r#type == Some(LoadBalancerType::Internal);
    let path = |field: &str| format!("{PATH}.{field}");
    if balancer.class.is_none() && !cx.holds_value(&path("class")) && cluster.dns_type() != DnsType::None {
        let message = "the default class is Classic, a previous-generation load balancer";
        cx.warning(
            Rule::SurprisingDefault,
            PATH,
            (message, "write class: Network, as new clusters have it, or class: Classic"),
        );
    }
    let subnets = &cluster.spec.subnets;
    // A subnet whose type is invalid may be private.
    let may_be_private = |s: &Subnet| matches!(s.r#type, Some(SubnetType::Private) | None);
    if internal && !subnets.is_empty() && !subnets.iter().any(may_be_private) {
        let message = "an internal load balancer needs a private subnet";
        cx.error(
            Rule::NoPrivateSubnet,
            path("type"),
            (message, "make a subnet of spec.subnets Private, or write type: Public"),
        );
    }
    for (field, given) in [("securityGroupOverride", &balancer.security_group_override)] {
        if given.as_ref().is_some_and(|group| group.trim().is_empty()) {
            cx.error(Rule::BadId, path(field), ("the security group is empty", "remove the field"));
        }
    }
    duplicates(cx, &path("additionalSecurityGroups"), &balancer.additional_security_groups, Checker::error);
    if network && internal && balancer.use_for_internal_api {
        let message = "an internal network load balancer can't serve the internal API name: its targets can't reach themselves through it";
        cx.error(Rule::Conflict, path("useForInternalApi"), (message, "remove it"));
    }
    tls(cx, balancer, network);
    placement(cx, cluster, balancer, network, internal);
    if let Some(log) = &balancer.access_log {
        let bucket = path("accessLog.bucket");
        if log.bucket.as_ref().is_none_or(String::is_empty) && !cx.holds_value(&bucket) {
            cx.strict(Rule::MissingField, bucket, ("the access log has no bucket", "write bucket: NAME"));
        }
        if !matches!(log.interval, 0 | 5 | 60) {
            cx.strict(
                Rule::OutOfRange,
                path("accessLog.interval"),
                (format!("{} is neither 5 nor 60 minutes", log.interval), "write 5 or 60"),
            );
        }
    }
    if balancer.idle_timeout_seconds.is_some() && network {
        let message = "a network load balancer has no idle timeout";
        cx.warning(Rule::NoEffect, path("idleTimeoutSeconds"), (message, "remove it"));
    }
}

fn tls(cx: &mut Checker<'_>, balancer: &LoadBalancerAccess, network: bool) {
    let path = |field: &str| format!("{PATH}.{field}");
    if !balancer.ssl_certificate.is_empty() && !network {
        let message = "a certificate needs a network load balancer";
        cx.error(Rule::NeedsNetworkLoadBalancer, path("sslCertificate"), (message, "write class: Network"));
    }
    if balancer.ssl_policy.is_none() {
        return;
    }
    if !network {
        let message = "a TLS policy needs a network load balancer";
        cx.error(Rule::NeedsNetworkLoadBalancer, path("sslPolicy"), (message, "write class: Network"));
    }
    if balancer.ssl_certificate.is_empty() {
        cx.error(
            Rule::NeedsField,
            path("sslPolicy"),
            ("a TLS policy needs a certificate", "write sslCertificate, or remove it"),
        );
    }
}

fn placement(cx: &mut Checker<'_>, cluster: &Cluster, balancer: &LoadBalancerAccess, network: bool, internal: bool) {
    let mut listed = BTreeSet::new();
    for (i, subnet) in balancer.subnets.iter().enumerate() {
        let path = |field: &str| format!("{PATH}.subnets[{i}].{field}");
        let found = cluster.subnet(&subnet.name);
        if subnet.name.is_empty() {
            cx.required(path("name"), "the name of a subnet is missing");
        } else if found.is_none() {
            let names = cluster.spec.subnets.iter().map(|s| s.name.as_str());
            let message = format!("the cluster has no subnet {}", subnet.name);
            cx.error(Rule::UnknownSubnet, path("name"), with_suggestion(message, &subnet.name, names));
        }
        if !subnet.name.is_empty() && !listed.insert(subnet.name.as_str()) {
            cx.strict(Rule::DuplicateItem, path("name"), format!("{} is in the list already", subnet.name));
        }
        if let Some(address) = &subnet.private_ipv4_address {
            match address.parse::<Ipv4Addr>() {
                Err(_) => {
                    let message = format!("{address:?} is not an IPv4 address");
                    cx.error(Rule::BadAddress, path("privateIPv4Address"), message);
                }
                Ok(address) => {
                    let net = found.and_then(|s| parse_cidr(&s.cidr));
                    if let Some(net) = net.filter(|net| !net.contains(&std::net::IpAddr::V4(address))) {
                        let message = format!("{address} is not in the subnet's network {net}");
                        cx.error(Rule::OutsideNetwork, path("privateIPv4Address"), message);
                    }
                }
            }
            if !(network && internal) {
                let message = "only an internal network load balancer can have fixed private addresses";
                cx.error(
                    Rule::Conflict,
                    path("privateIPv4Address"),
                    (message, "write class: Network and type: Internal"),
                );
            }
        }
        if let Some(allocation) = &subnet.allocation_id {
            if allocation.is_empty() {
                cx.error(Rule::MissingField, path("allocationId"), ("the allocation is empty", "remove the field"));
            }
            if !network || internal {
                let message = "only a public network load balancer can have elastic IP addresses";
                cx.error(Rule::Conflict, path("allocationId"), (message, "write class: Network and type: Public"));
            }
        }
    }
}
