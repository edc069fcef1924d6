//! The ranges of subnets, pods and services: the first free blocks of 10.0.0.0/8.

use ipnet::{IpNet, Ipv4Net};

use crate::defaults::DefaultsError;
use crate::facts::{Facts, NetworkNeed, lacks_ranges};
use kopsform_spec::v1alpha2::Cluster;

/// The network that ranges are chosen from.
const ALL: &str = "10.0.0.0/8";
/// The length of the prefix of the nodes' range with IP aliases.
const NODES: u8 = 19;
/// That of the pods' range.
const PODS: u8 = 14;
/// That of the services' range.
const SERVICES: u8 = 16;
/// That of a subnet without IP aliases.
const SUBNET: u8 = 20;

/// Fills in the ranges that a cluster lacks. With IP aliases, kops chooses all of them again unless all are written.
///
/// # Errors
/// When there are several subnets with IP aliases, the network is not known, or nothing is free.
pub(in crate::defaults) fn assign_ranges(cluster: &mut Cluster, facts: &Facts) -> Result<(), DefaultsError> {
    if cluster.uses_ip_aliases() && cluster.spec.subnets.len() != 1 {
        let message = "spec.subnets: clusters whose pods have IP aliases have exactly one subnet";
        return Err(DefaultsError::Invalid(message.to_owned()));
    }
    if !lacks_ranges(cluster) {
        return Ok(());
    }
    let need = NetworkNeed::of(cluster);
    let unknown = || DefaultsError::Unknown { kind: "network", name: need.network.clone() };
    let known = facts.gce.network(&need).ok_or_else(unknown)?;
    let bad =
        |value: &String| DefaultsError::BadCidr { field: format!("network {}", need.network), value: value.clone() };
    let taken = known.ranges.iter().map(|range| range.parse().map_err(|_| bad(range)));
    let mut free = FreeBlocks { taken: taken.collect::<Result<_, _>>()? };
    let aliases = cluster.uses_ip_aliases();
    let spec = &mut cluster.spec;
    if aliases {
        spec.pod_cidr = free.take(PODS, "podCIDR")?;
        spec.service_cluster_ip_range = free.take(SERVICES, "serviceClusterIPRange")?;
        spec.subnets[0].cidr = free.take(NODES, "subnets[0].cidr")?;
        spec.non_masquerade_cidr = ALL.to_owned();
        return Ok(());
    }
    for (i, subnet) in spec.subnets.iter_mut().enumerate() {
        if subnet.cidr.is_empty() && subnet.id.is_empty() {
            subnet.cidr = free.take(SUBNET, &format!("subnets[{i}].cidr"))?;
        }
    }
    Ok(())
}

/// Blocks that overlap nothing that is taken.
struct FreeBlocks {
    taken: Vec<IpNet>,
}

impl FreeBlocks {
    /// The first free block of a prefix length, which is then taken. As in kops, the very first block is never chosen.
    fn take(&mut self, length: u8, field: &str) -> Result<String, DefaultsError> {
        let all: Ipv4Net =
            ALL.parse().map_err(|_| DefaultsError::BadCidr { field: field.to_owned(), value: ALL.to_owned() })?;
        let blocks = all.subnets(length).into_iter().flatten().skip(1).map(IpNet::V4);
        let overlaps = |block: &IpNet| self.taken.iter().any(|taken| taken.contains(block) || block.contains(taken));
        let free = blocks.into_iter().find(|block| !overlaps(block));
        let free = free.ok_or_else(|| {
            DefaultsError::Invalid(format!("spec.{field}: no range of /{length} in {ALL} is free in the network"))
        })?;
        self.taken.push(free);
        Ok(free.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::NetworkFact;
    use kopsform_spec::v1alpha2::{GceNetworking, Networking, Subnet};
    use proptest::prelude::*;

    fn cluster(subnets: &[(&str, &str)], aliases: bool) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.example.com".to_owned();
        cluster.spec.cloud_provider = "gce".to_owned();
        cluster.spec.project = "p".to_owned();
        cluster.spec.networking =
            Some(Networking { gce: aliases.then_some(GceNetworking {}), ..Networking::default() });
        let subnet =
            |(id, cidr): &(&str, &str)| Subnet { id: (*id).to_owned(), cidr: (*cidr).to_owned(), ..Subnet::default() };
        cluster.spec.subnets = subnets.iter().map(subnet).collect();
        cluster
    }

    fn facts(ranges: &[&str]) -> Facts {
        let mut facts = Facts::default();
        let ranges = ranges.iter().map(|range| (*range).to_owned()).collect();
        let network = NetworkFact { exists: true, ranges };
        facts.gce.networks.entry("p".to_owned()).or_default().insert("a-example-com".to_owned(), network);
        facts
    }

    fn cidrs(cluster: &Cluster) -> Vec<&str> {
        cluster.spec.subnets.iter().map(|subnet| subnet.cidr.as_str()).collect()
    }

    #[test]
    fn the_first_free_blocks_are_chosen() {
        let mut aliases = cluster(&[("", "")], true);
        assign_ranges(&mut aliases, &facts(&[])).unwrap();
        let spec = &aliases.spec;
        assert_eq!((spec.pod_cidr.as_str(), spec.service_cluster_ip_range.as_str()), ("10.4.0.0/14", "10.1.0.0/16"));
        assert_eq!((cidrs(&aliases), spec.non_masquerade_cidr.as_str()), (vec!["10.0.32.0/19"], "10.0.0.0/8"));

        let mut plain = cluster(&[("", ""), ("existing", ""), ("", "10.9.0.0/20"), ("", "")], false);
        assign_ranges(&mut plain, &facts(&["10.0.16.0/24"])).unwrap();
        assert_eq!(cidrs(&plain), ["10.0.32.0/20", "", "10.9.0.0/20", "10.0.48.0/20"]);
    }

    #[test]
    fn a_written_range_is_chosen_again_unless_all_are_written() {
        let mut part = cluster(&[("", "10.9.0.0/20")], true);
        assign_ranges(&mut part, &facts(&[])).unwrap();
        assert_eq!(cidrs(&part), ["10.0.32.0/19"]);
        let whole = part.clone();
        assign_ranges(&mut part, &Facts::default()).unwrap();
        assert_eq!(part, whole, "nothing is looked up or changed");
    }

    #[test]
    fn what_does_not_fit_is_reported() {
        let message = |mut cluster: Cluster, facts: &Facts| assign_ranges(&mut cluster, facts).unwrap_err().to_string();
        assert!(message(cluster(&[("", ""), ("", "")], true), &facts(&[])).contains("exactly one subnet"));
        assert_eq!(message(cluster(&[("", "")], false), &Facts::default()), "network a-example-com is not known");
        let full = message(cluster(&[("", "")], false), &facts(&["10.0.0.0/8"]));
        assert_eq!(full, "spec.subnets[0].cidr: no range of /20 in 10.0.0.0/8 is free in the network");
    }

    proptest! {
        #[test]
        fn chosen_blocks_overlap_nothing(taken in proptest::collection::vec((0u32..1 << 24, 12u8..29), 0..20)) {
            let ranges: Vec<String> = taken
                .iter()
                .map(|(offset, length)| Ipv4Net::new((0x0a00_0000 + offset).into(), *length).unwrap().trunc().to_string())
                .collect();
            let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
            let mut cluster = cluster(&[("", "")], true);
            if assign_ranges(&mut cluster, &facts(&ranges)).is_ok() {
                let spec = &cluster.spec;
                let chosen = [&spec.pod_cidr, &spec.service_cluster_ip_range, &spec.subnets[0].cidr];
                let mut all: Vec<IpNet> = ranges.iter().map(|range| range.parse().unwrap()).collect();
                for range in chosen {
                    let range: IpNet = range.parse().unwrap();
                    prop_assert!(!all.iter().any(|other| other.contains(&range) || range.contains(other)));
                    all.push(range);
                }
            }
        }
    }
}
