//! Firewall rules: who reaches whom.
//!
//! Rules with ranges of addresses come in pairs, since one rule takes ranges of one address family.

use super::resources::{Allowed, FirewallRule, Pair, Sources};
use crate::{Context, Graph, GraphError, Layer};
use kopsform_spec::names::gce::Role;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// Where Google's health checks come from (<https://cloud.google.com/load-balancing/docs/health-check-concepts>).
const HEALTH_CHECKS: [&str; 4] = ["35.191.0.0/16", "130.211.0.0/22", "209.85.204.0/22", "209.85.152.0/22"];
/// Every IPv4 address.
const ANY_IPV4: &str = "0.0.0.0/0";
/// Every IPv6 address.
const ANY_IPV6: &str = "::/0";
/// Ports of services, where the spec says nothing.
const NODE_PORTS: &str = "30000-32767";
/// The protocols that rules can name.
const PROTOCOLS: [&str; 6] = ["tcp", "udp", "icmp", "esp", "ah", "sctp"];

/// Adds all firewall rules.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let rules = Rules { context, has_bastions: has(context, InstanceGroupRole::Bastion) };
    rules.between_instances(graph)?;
    rules.to_api(graph)?;
    rules.ssh(graph)?;
    rules.node_ports(graph)
}

fn has(context: &Context<'_>, role: InstanceGroupRole) -> bool {
    context.all_groups.iter().any(|group| group.role() == role)
}

struct Rules<'c> {
    context: &'c Context<'c>,
    has_bastions: bool,
}

impl Rules<'_> {
    /// Instances with an API server.
    fn api_servers(&self) -> Vec<Role> {
        let of_groups = has(self.context, InstanceGroupRole::ApiServer).then_some(Role::ApiServer);
        [Role::ControlPlane].into_iter().chain(of_groups).collect()
    }

    /// Instances with an API server, by all their tags.
    fn control_plane(&self) -> Vec<Role> {
        self.api_servers().into_iter().chain([Role::Master]).collect()
    }

    fn tags(&self, roles: &[Role]) -> Sources {
        Sources::Tags(self.context.role_tags(roles))
    }

    /// Adds one rule.
    fn add(
        &self,
        graph: &mut Graph,
        name: &str,
        sources: Sources,
        targets: &[Role],
        allowed: Vec<Allowed>,
    ) -> Result<(), GraphError> {
        self.add_one(graph, name, sources, targets, allowed, None, false)
    }

    #[allow(clippy::too_many_arguments)]
    fn add_one(
        &self,
        graph: &mut Graph,
        name: &str,
        sources: Sources,
        targets: &[Role],
        allowed: Vec<Allowed>,
        pair: Option<Pair>,
        disabled: bool,
    ) -> Result<(), GraphError> {
        let name = self.context.suffixed(name);
        let rule = FirewallRule {
            name: name.clone(),
            network: self.context.google_network(),
            sources,
            targets: self.context.role_tags(targets),
            allowed,
            disabled,
            pair,
        };
        graph.add(Layer::Security, name, rule).map(|_| ())
    }

    /// Adds a rule for each address family. One without sources is there, but disabled, so that it can be edited.
    fn add_pair(
        &self,
        graph: &mut Graph,
        name: &str,
        ranges: &[String],
        targets: &[Role],
        allowed: &[Allowed],
    ) -> Result<(), GraphError> {
        for ipv6 in [false, true] {
            let mut ranges: Vec<String> = ranges.iter().filter(|range| range.contains(':') == ipv6).cloned().collect();
            let disabled = ranges.is_empty();
            if disabled {
                ranges.push(if ipv6 { ANY_IPV6 } else { ANY_IPV4 }.to_owned());
            }
            self.add_of_pair(graph, name, ipv6, Sources::Ranges(ranges), targets, allowed, disabled)?;
        }
        Ok(())
    }

    /// Adds a rule for each address family, for instances as sources, which have addresses of both.
    fn add_tagged_pair(
        &self,
        graph: &mut Graph,
        name: &str,
        sources: &[Role],
        targets: &[Role],
        allowed: &[Allowed],
    ) -> Result<(), GraphError> {
        for ipv6 in [false, true] {
            self.add_of_pair(graph, name, ipv6, self.tags(sources), targets, allowed, false)?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn add_of_pair(
        &self,
        graph: &mut Graph,
        name: &str,
        ipv6: bool,
        sources: Sources,
        targets: &[Role],
        allowed: &[Allowed],
        disabled: bool,
    ) -> Result<(), GraphError> {
        let pair = Some(Pair { name: name.to_owned(), ipv6 });
        let allowed = allowed.iter().map(|allowed| if ipv6 { of_ipv6(allowed) } else { allowed.clone() }).collect();
        let name = if ipv6 { format!("{name}-ipv6") } else { name.to_owned() };
        self.add_one(graph, &name, sources, targets, allowed, pair, disabled)
    }

    /// Everything, of every protocol that can be named.
    fn everything(&self) -> Vec<Allowed> {
        let of_calico = self.uses_calico().then_some("ipip");
        PROTOCOLS.into_iter().chain(of_calico).map(|protocol| allow(protocol, [])).collect()
    }

    fn uses_calico(&self) -> bool {
        self.context.cluster.networking().is_some_and(|networking| networking.calico.is_some())
    }

    fn between_instances(&self, graph: &mut Graph) -> Result<(), GraphError> {
        let control_plane = self.control_plane();
        let node = [Role::Node];
        self.add(graph, "node-to-node", self.tags(&node), &node, self.everything())?;
        self.add(graph, "master-to-master", self.tags(&control_plane), &control_plane, self.everything())?;
        self.add(graph, "master-to-node", self.tags(&control_plane), &node, self.everything())?;
        self.add(graph, "node-to-master", self.tags(&node), &control_plane, self.nodes_to_control_plane())?;
        // Pods have addresses of their own where no overlay hides them.
        let context = self.context;
        let is_kubenet = context.cluster.networking().is_some_and(|networking| networking.kubenet.is_some());
        let has_pod_addresses = context.cluster.uses_ip_aliases() || is_kubenet;
        if has_pod_addresses && !context.is_ipv6_only() {
            let pods = std::slice::from_ref(&context.cluster.spec.pod_cidr);
            self.add_pair(graph, "pod-cidrs-to-node", pods, &node, &self.everything())?;
        }
        Ok(())
    }

    fn nodes_to_control_plane(&self) -> Vec<Allowed> {
        let context = self.context;
        let networking = context.cluster.networking();
        let mut allowed = vec![allow("tcp", ["443"]), allow("tcp", ["10250"]), allow("tcp", ["3988"])];
        if context.is_gossip() {
            for port in ["3993", "4000"] {
                allowed.extend([allow("udp", [port]), allow("tcp", [port])]);
            }
        }
        if self.uses_calico() {
            allowed.extend([allow("ipip", []), allow("tcp", ["179"])]);
        }
        if networking.is_some_and(|networking| networking.cilium.is_some()) {
            allowed.push(allow("udp", ["8472"]));
            if context.has_cilium_etcd() {
                allowed.push(allow("tcp", ["4003"]));
            }
        }
        if context.cluster.uses_ip_aliases() {
            allowed.extend(["10257", "10259", "10249", "2382"].map(|port| allow("tcp", [port])));
        }
        allowed
    }

    fn to_api(&self, graph: &mut Graph) -> Result<(), GraphError> {
        let context = self.context;
        let spec = &context.cluster.spec;
        let api_servers = self.api_servers();
        let https = [allow("tcp", ["443"])];
        if context.cluster.api_load_balancer().is_some() {
            let checks = Sources::Ranges(HEALTH_CHECKS.map(str::to_owned).into());
            self.add(graph, "lb-health-checks", checks, &api_servers, vec![allow("tcp", [])])?;
            let access = &spec.kubernetes_api_access;
            self.add_pair(graph, "https-api", access, &api_servers, &https)?;
            let control_plane = [Role::ControlPlane];
            if context.cluster.uses_load_balancer_for_kops_controller() {
                self.add_pair(graph, "kops-controller", access, &control_plane, &[allow("tcp", ["3988"])])?;
            }
            if context.has_cilium_etcd() {
                self.add_pair(graph, "cilium-etcd", access, &control_plane, &[allow("tcp", ["4003"])])?;
            }
        } else {
            let access = &spec.kubernetes_api_access;
            self.add_pair(graph, "kubernetes-master-https", access, &self.control_plane(), &https)?;
        }
        if context.cluster.uses_ip_aliases() {
            let pods = Sources::Ranges(vec![spec.pod_cidr.clone()]);
            self.add(graph, "pod-cidrs-to-https-api", pods, &api_servers, https.into())?;
        }
        Ok(())
    }

    fn ssh(&self, graph: &mut Graph) -> Result<(), GraphError> {
        let access = &self.context.cluster.spec.ssh_access;
        let ssh = [allow("tcp", ["22"])];
        let (control_plane, node, bastion) = (self.control_plane(), [Role::Node], [Role::Bastion]);
        if !self.has_bastions {
            self.add_pair(graph, "ssh-external-to-master", access, &control_plane, &ssh)?;
            return self.add_pair(graph, "ssh-external-to-node", access, &node, &ssh);
        }
        self.add_pair(graph, "ssh-external-to-bastion", access, &bastion, &ssh)?;
        self.add_tagged_pair(graph, "bastion-to-master-ssh", &bastion, &control_plane, &ssh)?;
        self.add_tagged_pair(graph, "bastion-to-node-ssh", &bastion, &node, &ssh)
    }

    fn node_ports(&self, graph: &mut Graph) -> Result<(), GraphError> {
        let spec = &self.context.cluster.spec;
        let api_server = spec.kube_api_server.as_ref();
        let range = api_server.map(|api_server| api_server.service_node_port_range.as_str());
        let range = range.filter(|range| !range.is_empty()).unwrap_or(NODE_PORTS);
        let allowed = [allow("tcp", [range]), allow("udp", [range])];
        self.add_pair(graph, "nodeport-external-to-node", &spec.node_port_access, &[Role::Node], &allowed)
    }
}

fn allow<const N: usize>(protocol: &str, ports: [&str; N]) -> Allowed {
    Allowed { protocol: protocol.to_owned(), ports: ports.map(str::to_owned).into() }
}

/// ICMP has another number in IPv6, for which Google has no name.
fn of_ipv6(allowed: &Allowed) -> Allowed {
    let protocol = if allowed.protocol == "icmp" { "58" } else { &allowed.protocol };
    Allowed { protocol: protocol.to_owned(), ports: allowed.ports.clone() }
}
