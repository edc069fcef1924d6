//! Who may reach instances from outside: SSH, node ports, and the API where it has no load balancer.

use super::groups;
use super::rules::{Peer, Rule};
use crate::aws::resources::Traffic;
use crate::{Context, Graph, GraphError};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The ports of NodePort services unless the API server says otherwise.
const NODE_PORTS: (u16, u16) = (30000, 32767);

/// Adds the rules for access from outside.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let spec = &context.cluster.spec;
    let masters = groups::of_role(context, InstanceGroupRole::ControlPlane);
    let nodes = groups::of_role(context, InstanceGroupRole::Node);

    // Where there is a bastion, SSH goes through it and nowhere else.
    if context.groups_of(InstanceGroupRole::Bastion).next().is_none() {
        for network in &spec.ssh_access {
            for group in masters.iter().chain(&nodes) {
                graph.add_rule(&Rule::ingress(group, Peer::Network(network), Traffic::tcp(22)))?;
            }
        }
    }
    if !spec.node_port_access.is_empty() {
        let (from, to) = node_ports(context)?;
        for network in &spec.node_port_access {
            for group in &nodes {
                for (protocol, traffic) in [("tcp", Traffic::Tcp(from, to)), ("udp", Traffic::Udp(from, to))] {
                    let name = format!("nodeport-{protocol}-external-to-node-{network}{}", group.suffix);
                    graph.add_named_rule(name, &Rule::ingress(group, Peer::Network(network), traffic))?;
                }
            }
        }
    }
    if context.cluster.api_load_balancer().is_none() {
        for network in &spec.kubernetes_api_access {
            for group in &masters {
                graph.add_rule(&Rule::ingress(group, Peer::Network(network), Traffic::tcp(443)))?;
            }
        }
    }
    Ok(())
}

fn node_ports(context: &Context<'_>) -> Result<(u16, u16), GraphError> {
    let configured = context.cluster.spec.kube_api_server.as_ref().map(|api| api.service_node_port_range.as_str());
    match configured.unwrap_or_default() {
        "" => Ok(NODE_PORTS),
        text => parse_ports(text).ok_or_else(|| GraphError::Unsupported {
            path: "spec.kubeAPIServer.serviceNodePortRange".to_owned(),
            message: format!("{text:?} is not a range of ports such as 30000-32767"),
        }),
    }
}

/// First and last port of `30000-32767`, `30000+2767` or `30000`.
fn parse_ports(text: &str) -> Option<(u16, u16)> {
    let text = text.trim();
    let (from, to) = if let Some((from, to)) = text.split_once('-') {
        (from.trim().parse().ok()?, to.trim().parse().ok()?)
    } else if let Some((from, count)) = text.split_once('+') {
        let from: u16 = from.trim().parse().ok()?;
        (from, from.checked_add(count.trim().parse().ok()?)?)
    } else {
        let port = text.parse().ok()?;
        (port, port)
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_ranges_come_in_three_forms() {
        assert_eq!(parse_ports("30000-32767"), Some((30000, 32767)));
        assert_eq!(parse_ports("28000+4000"), Some((28000, 32000)));
        assert_eq!(parse_ports("30000"), Some((30000, 30000)));
        for bad in ["", "a-b", "5-4", "70000-70001", "65535+1"] {
            assert_eq!(parse_ports(bad), None, "{bad}");
        }
    }
}
