//! One way in or out of a security group, and what it is called.

use super::groups::Group;
use crate::aws::resources::{ResourceKind as _, SecurityGroupRule};
use crate::{Graph, GraphError, Layer};
use kopsform_spec::names::terraform_name;

/// What is let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traffic {
    /// Everything.
    All,
    /// TCP to these ports, both included.
    Tcp(u16, u16),
    /// UDP to these ports, both included.
    Udp(u16, u16),
    /// ICMP type 3, code 4: a packet was too large. Without it, large packets vanish.
    PathMtu,
    /// All of ICMPv6, which finds out packet sizes the same way.
    PathMtuIpv6,
    /// IP in IP, protocol 4, the overlay of some networking providers.
    IpInIp,
}

impl Traffic {
    /// TCP to one port.
    pub fn tcp(port: u16) -> Self {
        Self::Tcp(port, port)
    }

    fn protocol(&self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Tcp(..) => Some("tcp"),
            Self::Udp(..) => Some("udp"),
            Self::PathMtu => Some("icmp"),
            Self::PathMtuIpv6 => Some("icmpv6"),
            Self::IpInIp => Some("4"),
        }
    }

    /// First and last port, or ICMP type and code; `None` where there is no such thing.
    fn ports(&self) -> Option<(i64, i64)> {
        match *self {
            Self::All | Self::IpInIp => None,
            Self::Tcp(from, to) | Self::Udp(from, to) => Some((from.into(), to.into())),
            Self::PathMtu => Some((3, 4)),
            Self::PathMtuIpv6 => Some((-1, -1)),
        }
    }
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer<'a> {
    /// What is in a group.
    Group(&'a Group),
    /// A network such as `10.0.0.0/8` or `::/0`, or a managed prefix list, `pl-…`.
    Network(&'a str),
}

impl Peer<'_> {
    /// Whether it has IPv4 addresses; of a prefix list nobody knows.
    pub fn may_be_ipv4(&self) -> bool {
        !matches!(self, Self::Network(network) if is_ipv6(network))
    }

    /// Whether it has IPv6 addresses; of a prefix list nobody knows.
    pub fn may_be_ipv6(&self) -> bool {
        !matches!(self, Self::Network(network) if !is_ipv6(network) && !is_prefix_list(network))
    }
}

fn is_prefix_list(network: &str) -> bool {
    network.starts_with("pl-")
}

fn is_ipv6(network: &str) -> bool {
    network.parse::<ipnet::Ipv6Net>().is_ok_and(|network| network.addr().to_ipv4_mapped().is_none())
}

/// Which way connections are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// One way in or out of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<'a> {
    group: &'a Group,
    peer: Peer<'a>,
    traffic: Traffic,
    direction: Direction,
}

impl<'a> Rule<'a> {
    /// A rule that lets traffic in.
    pub fn ingress(group: &'a Group, peer: Peer<'a>, traffic: Traffic) -> Self {
        Self { group, peer, traffic, direction: Direction::Ingress }
    }

    /// A rule that lets everything out to a network.
    pub fn egress(group: &'a Group, network: &'a str) -> Self {
        Self { group, peer: Peer::Network(network), traffic: Traffic::All, direction: Direction::Egress }
    }

    /// The name made of all that the rule says. Prefix lists go by the name of the whole internet.
    fn generated_name(&self) -> String {
        match self.peer {
            Peer::Network(network) if is_prefix_list(network) => self.name_with_peer("0.0.0.0/0"),
            Peer::Network(network) => self.name_with_peer(network),
            Peer::Group(group) => self.name_with_peer(&group.name),
        }
    }

    fn name_with_peer(&self, peer: &str) -> String {
        let (from, to) = match self.direction {
            Direction::Ingress => (peer, self.group.name.as_str()),
            Direction::Egress => (self.group.name.as_str(), peer),
        };
        let (first, last) = self.traffic.ports().unwrap_or_default();
        let protocol = self.traffic.protocol().unwrap_or("all");
        format!("from-{from}-{}-{protocol}-{first}to{last}-{to}", self.direction.as_str())
    }

    fn resource(&self) -> SecurityGroupRule {
        // All protocols go with no ports, a protocol without ports with all of them.
        let ports = match self.traffic {
            Traffic::All => (0, 0),
            _ => self.traffic.ports().unwrap_or((0, 65535)),
        };
        let mut rule = SecurityGroupRule {
            from_port: ports.0,
            protocol: self.traffic.protocol().unwrap_or("-1").to_owned(),
            security_group_id: self.group.id.clone(),
            to_port: ports.1,
            r#type: self.direction.as_str().to_owned(),
            ..SecurityGroupRule::default()
        };
        match self.peer {
            Peer::Group(group) => rule.source_security_group_id = Some(group.id.clone()),
            Peer::Network(network) if is_prefix_list(network) => rule.prefix_list_ids.push(network.to_owned()),
            Peer::Network(network) if is_ipv6(network) => rule.ipv6_cidr_blocks.push(network.to_owned()),
            Peer::Network(network) => rule.cidr_blocks.push(network.to_owned()),
        }
        rule
    }
}

impl Graph {
    /// Adds a rule under the name that is made of all it says.
    ///
    /// # Errors
    /// When the name is taken by another rule, or the lifecycle forbids it.
    pub fn add_rule(&mut self, rule: &Rule<'_>) -> Result<(), GraphError> {
        let name = rule.generated_name();
        let address = (SecurityGroupRule::TYPE, terraform_name(&name));
        let is_taken = self.resources.get(&address).is_some_and(|named| named.item != rule.resource().into());
        match rule.peer {
            // A second prefix list, or one beside the whole internet.
            Peer::Network(list) if is_taken && is_prefix_list(list) => {
                self.add_named_rule(&rule.name_with_peer(list), rule)
            }
            _ => self.add_named_rule(&name, rule),
        }
    }

    /// Adds a rule under a name of its own. The same rule twice is one rule.
    ///
    /// # Errors
    /// As for [`Graph::add_rule`].
    pub fn add_named_rule(&mut self, name: &str, rule: &Rule<'_>) -> Result<(), GraphError> {
        self.ensure(Layer::Security, name, rule.resource())?;
        Ok(())
    }

    /// Adds what lets a group reach everything.
    ///
    /// # Errors
    /// As for [`Graph::add_rule`].
    pub fn add_full_egress(&mut self, group: &Group) -> Result<(), GraphError> {
        for network in ["0.0.0.0/0", "::/0"] {
            self.add_rule(&Rule::egress(group, network))?;
        }
        Ok(())
    }

    /// Adds what lets a network tell a group that packets were too large, over IPv4 and IPv6.
    ///
    /// # Errors
    /// As for [`Graph::add_rule`].
    pub fn add_path_mtu_rules(&mut self, group: &Group, network: &str, place: &str) -> Result<(), GraphError> {
        let peer = Peer::Network(network);
        if peer.may_be_ipv6() {
            let rule = Rule::ingress(group, peer, Traffic::PathMtuIpv6);
            self.add_named_rule(&format!("icmpv6-pmtu-{place}-{network}"), &rule)?;
        }
        if peer.may_be_ipv4() {
            let rule = Rule::ingress(group, peer, Traffic::PathMtu);
            self.add_named_rule(&format!("icmp-pmtu-{place}-{network}"), &rule)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_say_who_reaches_whom() {
        let (nodes, masters) = (Group::own("nodes.a".into(), ""), Group::own("masters.a".into(), ""));
        let rule = Rule::ingress(&masters, Peer::Group(&nodes), Traffic::Tcp(1, 2379));
        assert_eq!(rule.generated_name(), "from-nodes.a-ingress-tcp-1to2379-masters.a");
        assert_eq!(Rule::egress(&nodes, "::/0").generated_name(), "from-nodes.a-egress-all-0to0-::/0");
        let rule = Rule::ingress(&masters, Peer::Network("pl-1"), Traffic::tcp(22));
        assert_eq!(rule.generated_name(), "from-0.0.0.0/0-ingress-tcp-22to22-masters.a");
        let rule = Rule::ingress(&masters, Peer::Group(&nodes), Traffic::IpInIp);
        assert_eq!(rule.generated_name(), "from-nodes.a-ingress-4-0to0-masters.a");
        assert_eq!((rule.resource().from_port, rule.resource().to_port), (0, 65535));
    }

    #[test]
    fn a_network_goes_where_its_kind_belongs() {
        let group = Group::own("a".into(), "");
        let rule = |network| Rule::ingress(&group, Peer::Network(network), Traffic::tcp(22)).resource();
        assert_eq!(rule("10.0.0.0/8").cidr_blocks, ["10.0.0.0/8"]);
        assert_eq!(rule("2001:db8::/32").ipv6_cidr_blocks, ["2001:db8::/32"]);
        assert_eq!(rule("pl-0123").prefix_list_ids, ["pl-0123"]);
        assert!(Peer::Network("pl-0123").may_be_ipv4() && Peer::Network("pl-0123").may_be_ipv6());
        assert!(!Peer::Network("::/0").may_be_ipv4() && !Peer::Network("0.0.0.0/0").may_be_ipv6());
    }
}
