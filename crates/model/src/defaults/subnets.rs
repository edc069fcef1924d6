//! Networks of subnets without one.
//!
//! The cluster's network is cut into 1, 2, 4 or 8 blocks. Public, private and dual-stack subnets get a block each; utility
//! subnets share the first free block, cut into eight.

use ipnet::Ipv4Net;

use super::DefaultsError;
use crate::facts::Facts;
use kopsform_spec::v1alpha2::{Cluster, Subnet, SubnetType};

/// Fills in the CIDRs of subnets: those of existing subnets are facts, others are blocks of the cluster's network.
pub(super) fn assign_subnets(cluster: &mut Cluster, facts: &Facts) -> Result<(), DefaultsError> {
    if all_have_networks(cluster) {
        return Ok(());
    }
    if !cluster.spec.network_id.is_empty() {
        take_existing(cluster, facts)?;
    }
    if all_have_networks(cluster) {
        return Ok(());
    }
    cut_out(cluster)
}

fn all_have_networks(cluster: &Cluster) -> bool {
    cluster.spec.subnets.iter().all(|s| !s.cidr.is_empty() || is_ipv6_only(s))
}

/// Private subnets with an IPv6 network need no IPv4 one.
fn is_ipv6_only(subnet: &Subnet) -> bool {
    !subnet.ipv6_cidr.is_empty() && subnet.r#type == Some(SubnetType::Private)
}

fn take_existing(cluster: &mut Cluster, facts: &Facts) -> Result<(), DefaultsError> {
    let vpc = cluster.spec.network_id.clone();
    for (index, subnet) in cluster.spec.subnets.iter_mut().enumerate().filter(|(_, s)| !s.id.is_empty()) {
        let unknown = || DefaultsError::Unknown { kind: "subnet", name: format!("{} of {vpc}", subnet.id) };
        let existing = facts.subnets.get(&subnet.id).ok_or_else(unknown)?;
        if existing.vpc != vpc {
            let (id, actual) = (subnet.id.clone(), existing.vpc.clone());
            return Err(DefaultsError::SubnetElsewhere { index, id, actual, vpc });
        }
        let differs = |field, written: &str, actual: &str| DefaultsError::SubnetDiffers {
            index,
            id: subnet.id.clone(),
            field,
            written: written.to_owned(),
            actual: actual.to_owned(),
        };
        if subnet.zone != existing.zone {
            return Err(differs("zone", &subnet.zone, &existing.zone));
        }
        if subnet.cidr.is_empty() {
            subnet.cidr.clone_from(&existing.cidr);
        } else if subnet.cidr != existing.cidr {
            return Err(differs("cidr", &subnet.cidr, &existing.cidr));
        }
    }
    Ok(())
}

fn cut_out(cluster: &mut Cluster) -> Result<(), DefaultsError> {
    let spec = &mut cluster.spec;
    let bad = |field: &str, value: &str| DefaultsError::BadCidr { field: field.to_owned(), value: value.to_owned() };
    let network: Ipv4Net = spec.network_cidr.parse().map_err(|_| bad("networkCIDR", &spec.network_cidr))?;

    let mut taken = Vec::new();
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for (index, subnet) in spec.subnets.iter().enumerate() {
        if !subnet.cidr.is_empty() {
            let own: Ipv4Net = subnet.cidr.parse().map_err(|_| bad(&format!("subnets[{index}].cidr"), &subnet.cidr))?;
            if !network.contains(&own.network()) {
                continue; // in an additional network of the VPC
            }
            taken.push(own);
        }
        match subnet.r#type {
            Some(SubnetType::Utility) => small.push(index),
            _ => large.push(index),
        }
    }
    large.sort_by(|a, b| spec.subnets[*a].zone.cmp(&spec.subnets[*b].zone));
    small.sort_by(|a, b| spec.subnets[*a].zone.cmp(&spec.subnets[*b].zone));

    let halvings = match large.len() + usize::from(!small.is_empty()) {
        0..=1 => 0,
        2 => 1,
        3..=4 => 2,
        _ => 3,
    };
    let overlaps = |a: &Ipv4Net, b: &Ipv4Net| a.contains(&b.network()) || b.contains(&a.network());
    let mut blocks = split(network, halvings).into_iter().filter(|block| !taken.iter().any(|t| overlaps(t, block)));

    let mut assign = |indexes: &[usize], blocks: &mut dyn Iterator<Item = Ipv4Net>| {
        for &index in indexes {
            let subnet = &mut spec.subnets[index];
            if subnet.cidr.is_empty() && !(subnet.r#type != Some(SubnetType::Utility) && is_ipv6_only(subnet)) {
                let full = || DefaultsError::NetworkFull { network: network.to_string(), subnet: subnet.name.clone() };
                subnet.cidr = blocks.next().ok_or_else(full)?.trunc().to_string();
            }
        }
        Ok(())
    };
    if !small.is_empty() {
        let eighths = blocks.next().map(|block| split(block, 3)).unwrap_or_default();
        assign(&small, &mut eighths.into_iter())?;
    }
    assign(&large, &mut blocks)
}

/// The network cut in half `halvings` times, lowest part first.
fn split(network: Ipv4Net, halvings: u8) -> Vec<Ipv4Net> {
    network.subnets(network.prefix_len() + halvings).map(Iterator::collect).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::SubnetFact;

    fn cluster(subnets: &[(&str, SubnetType, &str)]) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.spec.network_cidr = "172.20.0.0/16".to_owned();
        cluster.spec.subnets = subnets
            .iter()
            .map(|(zone, kind, cidr)| Subnet {
                name: format!("{zone}-{kind:?}"),
                zone: (*zone).to_owned(),
                cidr: (*cidr).to_owned(),
                r#type: Some(*kind),
                ..Subnet::default()
            })
            .collect();
        cluster
    }

    fn networks(mut cluster: Cluster) -> Vec<String> {
        assign_subnets(&mut cluster, &Facts::default()).unwrap();
        cluster.spec.subnets.into_iter().map(|s| s.cidr).collect()
    }

    #[test]
    fn one_subnet_takes_the_whole_network() {
        assert_eq!(networks(cluster(&[("a", SubnetType::Public, "")])), ["172.20.0.0/16"]);
    }

    #[test]
    fn utility_subnets_share_the_first_block() {
        let got = networks(cluster(&[
            ("b", SubnetType::Private, ""),
            ("a", SubnetType::Private, ""),
            ("a", SubnetType::Utility, ""),
            ("b", SubnetType::Utility, ""),
        ]));
        assert_eq!(got, ["172.20.128.0/18", "172.20.64.0/18", "172.20.0.0/21", "172.20.8.0/21"]);
    }

    #[test]
    fn blocks_in_use_are_left_alone() {
        let got = networks(cluster(&[("a", SubnetType::Public, "172.20.0.0/24"), ("b", SubnetType::Public, "")]));
        assert_eq!(got, ["172.20.0.0/24", "172.20.128.0/17"]);
    }

    #[test]
    fn a_full_network_is_an_error() {
        let mut full = cluster(&[("a", SubnetType::Public, "172.20.0.0/16"), ("b", SubnetType::Public, "")]);
        let error = assign_subnets(&mut full, &Facts::default()).unwrap_err();
        assert_eq!(error.to_string(), "spec.subnets: no part of 172.20.0.0/16 is free for subnet b-Public");
    }

    #[test]
    fn existing_subnets_lend_their_network_and_must_agree() {
        let mut shared = cluster(&[("us-east-1a", SubnetType::Public, "")]);
        shared.spec.network_id = "vpc-1".to_owned();
        shared.spec.subnets[0].id = "subnet-1".to_owned();
        let fact = |cidr: &str| SubnetFact {
            vpc: "vpc-1".to_owned(),
            zone: "us-east-1a".to_owned(),
            cidr: cidr.to_owned(),
            ipv6_cidr: None,
        };
        let facts = Facts { subnets: [("subnet-1".to_owned(), fact("10.0.0.0/24"))].into(), ..Facts::default() };
        assign_subnets(&mut shared, &facts).unwrap();
        assert_eq!(shared.spec.subnets[0].cidr, "10.0.0.0/24");

        let mut elsewhere = cluster(&[("us-east-1b", SubnetType::Public, "")]);
        elsewhere.spec.network_id = "vpc-1".to_owned();
        elsewhere.spec.subnets[0].id = "subnet-1".to_owned();
        let error = assign_subnets(&mut elsewhere, &facts).unwrap_err();
        assert!(matches!(error, DefaultsError::SubnetDiffers { field: "zone", .. }), "{error}");
    }
}
