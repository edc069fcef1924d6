//! One way in or out of a security group, and what it is called.

use super::groups::Group;
use crate::aws::resources::{Direction, Protocol, RulePeer, SecurityGroupRule, Tags, Traffic};
use crate::aws::tags::NAME;
use crate::{Graph, GraphError, Layer, Ref, Text, text};

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer<'a> {
    /// What is in a group.
    Group(&'a Group),
    /// A network such as `10.0.0.0/8` or `::/0`, or a managed prefix list, `pl-…`.
    Network(&'a str),
}

impl Peer<'_> {
    /// Whether it may have IPv4 addresses. Those of a prefix list are unknown.
    pub fn may_be_ipv4(&self) -> bool {
        !matches!(self, Self::Network(network) if is_ipv6(network))
    }

    /// Whether it may have IPv6 addresses. Those of a prefix list are unknown.
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
    fn generated_name(&self) -> Text {
        match self.peer {
            Peer::Network(network) if is_prefix_list(network) => self.name_with_peer("0.0.0.0/0"),
            Peer::Network(network) => self.name_with_peer(network),
            Peer::Group(group) => self.name_with_peer(&group.name),
        }
    }

    fn name_with_peer(&self, peer: impl Into<Text>) -> Text {
        let (peer, group) = (peer.into(), self.group.name.clone());
        let (from, to) = match self.direction {
            Direction::Ingress => (peer, group),
            Direction::Egress => (group, peer),
        };
        let (first, last) = self.traffic.ports().unwrap_or_default();
        let protocol = protocol_name(self.traffic.protocol());
        text!["from-", from, format!("-{}-{protocol}-{first}to{last}-", self.direction.as_str()), to]
    }

    /// The tags of a rule with a generated name. kops gives no tags to others.
    fn tags(&self, name: &Text) -> Tags {
        let mut tags = self.group.rule_tags.clone();
        tags.insert(NAME.into(), name.clone());
        tags
    }

    fn resource(&self, tags: Tags) -> SecurityGroupRule {
        SecurityGroupRule {
            group: self.group.group.clone(),
            direction: self.direction,
            peer: match self.peer {
                Peer::Group(group) => RulePeer::Group(group.group.clone()),
                Peer::Network(network) if is_prefix_list(network) => RulePeer::PrefixList(network.to_owned()),
                Peer::Network(network) if is_ipv6(network) => RulePeer::Ipv6(network.to_owned()),
                Peer::Network(network) => RulePeer::Ipv4(network.to_owned()),
            },
            traffic: self.traffic.clone(),
            tags,
        }
    }
}

/// A protocol as names of rules spell it.
fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::All => "all",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::IcmpV6 => "icmpv6",
        Protocol::IpInIp => "4",
    }
}

impl Graph {
    /// Adds a rule under the name that is made of all it says.
    ///
    /// # Errors
    /// When the name is taken by another rule.
    pub fn add_rule(&mut self, rule: &Rule<'_>) -> Result<(), GraphError> {
        let mut name = rule.generated_name();
        let resource = rule.resource(rule.tags(&name));
        let present = self.get(&Ref::<SecurityGroupRule>::new(&name));
        let is_taken = present.is_some_and(|present| *present != resource);
        if let Peer::Network(list) = rule.peer
            && is_taken
            && is_prefix_list(list)
        {
            // A second prefix list, or one in addition to the whole internet.
            name = rule.name_with_peer(list);
        }
        let resource = SecurityGroupRule { tags: rule.tags(&name), ..resource };
        self.ensure(Layer::Security, name, resource).map(|_| ())
    }

    /// Adds a rule under a name of its own. The same rule twice is one rule.
    ///
    /// # Errors
    /// As for [`Graph::add_rule`].
    pub fn add_named_rule(&mut self, name: impl Into<Text>, rule: &Rule<'_>) -> Result<(), GraphError> {
        self.ensure(Layer::Security, name, rule.resource(Tags::new())).map(|_| ())
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

    /// Adds path-MTU discovery rules, for IPv4 and IPv6.
    ///
    /// # Errors
    /// As for [`Graph::add_rule`].
    pub fn add_path_mtu_rules(&mut self, group: &Group, network: &str, place: &str) -> Result<(), GraphError> {
        let peer = Peer::Network(network);
        if peer.may_be_ipv6() {
            let rule = Rule::ingress(group, peer, Traffic::PathMtuIpv6);
            self.add_named_rule(format!("icmpv6-pmtu-{place}-{network}"), &rule)?;
        }
        if peer.may_be_ipv4() {
            let rule = Rule::ingress(group, peer, Traffic::PathMtu);
            self.add_named_rule(format!("icmp-pmtu-{place}-{network}"), &rule)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fixture::Fixture;

    fn group(name: &str) -> Group {
        Group::own(&Fixture::default().context(), name.into(), "")
    }

    #[test]
    fn names_say_who_reaches_whom() {
        let (nodes, masters) = (group("nodes.a"), group("masters.a"));
        let rule = Rule::ingress(&masters, Peer::Group(&nodes), Traffic::Tcp(1, 2379));
        assert_eq!(rule.generated_name(), "from-nodes.a-ingress-tcp-1to2379-masters.a");
        assert_eq!(Rule::egress(&nodes, "::/0").generated_name(), "from-nodes.a-egress-all-0to0-::/0");
        let rule = Rule::ingress(&masters, Peer::Network("pl-1"), Traffic::tcp(22));
        assert_eq!(rule.generated_name(), "from-0.0.0.0/0-ingress-tcp-22to22-masters.a");
        let rule = Rule::ingress(&masters, Peer::Group(&nodes), Traffic::IpInIp);
        assert_eq!(rule.generated_name(), "from-nodes.a-ingress-4-0to0-masters.a");
    }

    #[test]
    fn a_network_goes_where_its_kind_belongs() {
        let group = group("a");
        let rule = |network| Rule::ingress(&group, Peer::Network(network), Traffic::tcp(22)).resource(Tags::new());
        assert_eq!(rule("10.0.0.0/8").peer, RulePeer::Ipv4("10.0.0.0/8".into()));
        assert_eq!(rule("2001:db8::/32").peer, RulePeer::Ipv6("2001:db8::/32".into()));
        assert_eq!(rule("pl-0123").peer, RulePeer::PrefixList("pl-0123".into()));
        assert!(Peer::Network("pl-0123").may_be_ipv4() && Peer::Network("pl-0123").may_be_ipv6());
        assert!(!Peer::Network("::/0").may_be_ipv4() && !Peer::Network("0.0.0.0/0").may_be_ipv6());
    }

    #[test]
    fn a_rule_of_an_existing_group_has_no_tags_of_the_cluster() {
        let mut fixture = Fixture::default();
        let nodes = fixture.groups.iter_mut().find(|group| group.metadata.name == "nodes").unwrap();
        nodes.spec.security_group_override = Some("sg-1".to_owned());
        let graph = fixture.build(super::super::build).unwrap();
        let keys = |name: &str| -> Vec<String> {
            let rule = graph.get(&Ref::<SecurityGroupRule>::new(name)).unwrap();
            rule.tags.keys().map(|key| key.to_string()).collect()
        };
        assert_eq!(keys("from-sg-1-Node-egress-all-0to0-::/0"), ["Name"]);
        let own = keys("from-masters.a.example.com-egress-all-0to0-::/0");
        assert_eq!(own, ["KubernetesCluster", "Name", "kubernetes.io/cluster/a.example.com"]);
    }
}
