//! Who among the instances may reach whom.

use super::groups::{self, Group};
use super::rules::{Peer, Rule};
use crate::aws::resources::Traffic;
use crate::{Context, Graph, GraphError};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// etcd's ports on the control plane, clients' and peers', of the clusters `main` and `events`.
const ETCD_PORTS: [u16; 4] = [2380, 2381, 4001, 4002];
/// The ports of the etcd cluster `leases`.
const ETCD_LEASES_PORTS: [u16; 2] = [2383, 4004];
/// The peers' port of Cilium's etcd cluster; nodes are its clients.
const ETCD_CILIUM_PEER_PORT: u16 = 2382;

/// Adds the groups of nodes and control plane, and the rules among them.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let nodes = groups::of_role(context, InstanceGroupRole::Node);
    let masters = groups::of_role(context, InstanceGroupRole::ControlPlane);
    groups::add(context, graph, &nodes)?;
    groups::add(context, graph, &masters)?;
    for group in nodes.iter().chain(&masters) {
        graph.add_full_egress(group)?;
    }
    // Nodes reach nodes, the control plane reaches everything.
    let mut reaching = |sources: &[Group], targets: &[Group]| -> Result<(), GraphError> {
        for (source, target) in sources.iter().flat_map(|s| targets.iter().map(move |t| (s, t))) {
            graph.add_rule(&Rule::ingress(target, Peer::Group(source), Traffic::All))?;
        }
        Ok(())
    };
    reaching(&nodes, &nodes)?;
    reaching(&masters, &masters)?;
    reaching(&masters, &nodes)?;
    if context.cluster.networking().is_some_and(|networking| networking.amazonvpc.is_some()) {
        // Pods have addresses of their instances, so those on the control plane are reached at any port.
        reaching(&nodes, &masters)?;
    }
    for (master, node) in masters.iter().flat_map(|m| nodes.iter().map(move |n| (m, n))) {
        for traffic in from_nodes_to_control_plane(context) {
            graph.add_rule(&Rule::ingress(master, Peer::Group(node), traffic))?;
        }
    }
    Ok(())
}

/// All but etcd: pods on the control plane are to be reached, etcd holds everything.
fn from_nodes_to_control_plane(context: &Context<'_>) -> Vec<Traffic> {
    let mut blocked = ETCD_PORTS.to_vec();
    if context.cluster.spec.etcd_clusters.iter().any(|etcd| etcd.name == "leases") {
        blocked.extend(ETCD_LEASES_PORTS);
    }
    if context.has_cilium_etcd() {
        blocked.push(ETCD_CILIUM_PEER_PORT);
    }
    let mut allowed = vec![Traffic::Udp(1, 65535)];
    allowed.extend(all_but(blocked).into_iter().map(|(from, to)| Traffic::Tcp(from, to)));
    let networking = context.cluster.networking();
    if networking.is_some_and(|networking| networking.calico.is_some() || networking.kuberouter.is_some()) {
        allowed.push(Traffic::IpInIp);
    }
    allowed
}

/// The ranges of ports from 1 on that leave some ports out.
fn all_but(mut ports: Vec<u16>) -> Vec<(u16, u16)> {
    ports.sort_unstable();
    let mut ranges = Vec::new();
    let mut next = 1;
    for port in ports {
        if next < port {
            ranges.push((next, port - 1));
        }
        next = next.max(port.saturating_add(1));
    }
    ranges.push((next, u16::MAX));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_leave_blocked_ports_out() {
        assert_eq!(all_but(ETCD_PORTS.to_vec()), [(1, 2379), (2382, 4000), (4003, 65535)]);
        assert_eq!(all_but(vec![5, 1]), [(2, 4), (6, 65535)]);
    }
}
