//! Subnets, DNS and the way to the API.

use std::collections::BTreeSet;

use super::{Choices, DesignError, gce};
use crate::cloud::Cloud;
use crate::v1alpha2::{
    Api, Cluster, DnsAccess, DnsTopology, DnsType, LoadBalancerAccess, LoadBalancerClass, LoadBalancerType, Subnet,
    SubnetType, Topology,
};

pub(super) fn design(choices: &Choices, cluster: &mut Cluster) -> Result<(), DesignError> {
    if choices.zones.is_empty() {
        return Err(DesignError::NoZones);
    }
    let private = is_private(choices)?;
    match choices.cloud {
        Cloud::Aws => on_aws(choices, cluster, private),
        Cloud::Gce => gce::design(choices, cluster, private)?,
    }
    let spec = &mut cluster.spec;
    if choices.ipv6 {
        spec.non_masquerade_cidr = "::/0".to_owned();
        spec.cloud_controller_manager.get_or_insert_default();
    }
    spec.topology = Some(Topology { dns: Some(DnsTopology { r#type: Some(dns(choices)?) }), ..Topology::default() });
    cluster.spec.api = Some(api(choices, cluster, private)?);
    Ok(())
}

fn on_aws(choices: &Choices, cluster: &mut Cluster, private: bool) {
    let spec = &mut cluster.spec;
    spec.network_id.clone_from(&choices.network_id);
    if let Some((first, more)) = choices.network_cidrs.split_first() {
        spec.network_cidr.clone_from(first);
        spec.additional_network_cidrs = more.to_vec();
    }
    spec.disable_subnet_tags = choices.disable_subnet_tags.then_some(true);
    spec.subnets = subnets(choices, private);
    if choices.ipv6 {
        for (index, subnet) in spec.subnets.iter_mut().enumerate() {
            subnet.ipv6_cidr = format!("/64#{index:x}");
        }
    }
}

/// Whether instances are put into private subnets.
pub(super) fn is_private(choices: &Choices) -> Result<bool, DesignError> {
    let private = match choices.topology.as_str() {
        "" => choices.ipv6,
        "public" => false,
        "private" => true,
        other => {
            return Err(DesignError::Unknown {
                what: "invalid topology",
                value: other.to_owned(),
                known: &["public", "private"],
            });
        }
    };
    if choices.bastion && !private {
        return Err(DesignError::Conflict("bastion supports --topology='private' only".to_owned()));
    }
    if private && choices.networking == "kubenet" {
        return Err(DesignError::Conflict(
            "invalid networking option kubenet. Kubenet does not support private topology".to_owned(),
        ));
    }
    Ok(private)
}

fn subnets(choices: &Choices, private: bool) -> Vec<Subnet> {
    let zones: BTreeSet<&String> = choices.zones.iter().chain(&choices.control_plane_zones).collect();
    let kind = if private { SubnetType::Private } else { SubnetType::Public };
    let subnet = |name: String, zone: &str, kind, id: Option<&String>| Subnet {
        name,
        zone: zone.to_owned(),
        id: id.cloned().unwrap_or_default(),
        r#type: Some(kind),
        ..Subnet::default()
    };
    let mut subnets: Vec<Subnet> =
        zones.iter().map(|zone| subnet((*zone).clone(), zone, kind, choices.subnets.get(*zone))).collect();
    // Each further network of the VPC gets a subnet of its own, in one zone after the other.
    for (i, cidr) in choices.network_cidrs.iter().skip(1).enumerate() {
        let zone = &choices.zones[i % choices.zones.len()];
        let name = format!("{zone}-{}", i + 1);
        subnets.push(Subnet { cidr: cidr.clone(), ..subnet(name, zone, kind, choices.subnets.get(zone)) });
    }
    if private {
        let beside = |prefix: &str, kind| -> Vec<Subnet> {
            let names = subnets.iter().map(|s| (format!("{prefix}-{}", s.name), s.zone.as_str()));
            names.map(|(name, zone)| subnet(name, zone, kind, choices.utility_subnets.get(zone))).collect()
        };
        let dual_stack = if choices.ipv6 { beside("dualstack", SubnetType::DualStack) } else { Vec::new() };
        let utility = beside("utility", SubnetType::Utility);
        subnets.extend(dual_stack.into_iter().chain(utility));
    }
    subnets
}

fn dns(choices: &Choices) -> Result<DnsType, DesignError> {
    match choices.dns.to_lowercase().as_str() {
        "" if choices.dns_zone.is_empty() => Ok(DnsType::None),
        "" | "public" => Ok(DnsType::Public),
        "private" => Ok(DnsType::Private),
        "none" => Ok(DnsType::None),
        _ => Err(DesignError::Unknown {
            what: "unknown DNSType:",
            value: choices.dns.clone(),
            known: &["public", "private", "none"],
        }),
    }
}

/// A load balancer where one was asked for, where instances are private, or where no name leads to them.
fn api(choices: &Choices, cluster: &Cluster, private: bool) -> Result<Api, DesignError> {
    let asked = !choices.api_load_balancer_type.is_empty() || !choices.api_ssl_certificate.is_empty();
    if !(asked || private || !cluster.publishes_dns_records()) {
        return Ok(Api { dns: Some(DnsAccess {}), ..Api::default() });
    }
    let kind = match choices.api_load_balancer_type.as_str() {
        "" | "public" => LoadBalancerType::Public,
        "internal" => LoadBalancerType::Internal,
        _ => {
            return Err(DesignError::Unknown {
                what: "unknown api-loadbalancer-type:",
                value: choices.api_load_balancer_type.clone(),
                known: &["public", "internal"],
            });
        }
    };
    let class = match choices.api_load_balancer_class.as_str() {
        "" if choices.cloud == Cloud::Gce => None,
        "" | "network" => Some(LoadBalancerClass::Network),
        "classic" => Some(LoadBalancerClass::Classic),
        _ => {
            return Err(DesignError::Unknown {
                what: "unknown api-loadbalancer-class:",
                value: choices.api_load_balancer_class.clone(),
                known: &["network", "classic"],
            });
        }
    };
    let balancer = LoadBalancerAccess {
        class,
        r#type: Some(kind),
        ssl_certificate: choices.api_ssl_certificate.clone(),
        ..LoadBalancerAccess::default()
    };
    Ok(Api { load_balancer: Some(balancer), ..Api::default() })
}
