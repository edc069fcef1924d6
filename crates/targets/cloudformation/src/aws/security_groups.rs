//! Security groups, their rules, and SSH keys.

use serde_json::{Map, Value, json};

use crate::declare::{Declare, IdBy, Scope};
use crate::resource::Stack;
use crate::site::{Body, Site};
use kopsform_model::aws::resources::{Direction, KeyPair, Protocol, RulePeer, SecurityGroup, SecurityGroupRule};
use kopsform_model::{In, NodeId, Ref, Text};

impl Declare for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const PREFIX: &'static str = "SecurityGroup";
    // Next to the VPC, whose IPv6 network must come after its groups: see `Vpc`.
    const STACK: Stack = Stack::Network;
    const ID: IdBy = IdBy::Attribute("GroupId");

    fn declare(&self, site: &mut Site<'_>) {
        let own: In<Self> = Ref::new(&site.id.name).into();
        // An egress rule of its own takes away a rule for all traffic that the group has, so all are written with the group.
        let egress = egress_rules(site, |rule| rule.group == own);
        site.resource(|body| {
            let rules: Vec<Value> =
                egress.iter().map(|(_, rule)| Value::Object(rule_of(body, rule, PEER_OF_EGRESS))).collect();
            body.set("GroupDescription", &self.description)
                .set("GroupName", &self.name)
                .set("SecurityGroupEgress", rules)
                .set("Tags", &self.tags)
                .set("VpcId", &self.vpc);
        });
    }
}

/// The egress rules that this run writes, by name.
fn egress_rules<'a>(
    site: &Site<'a>,
    wanted: impl Fn(&SecurityGroupRule) -> bool,
) -> Vec<(&'a Text, &'a SecurityGroupRule)> {
    let rules = site.scope.graph.all::<SecurityGroupRule>();
    let is_written = |name: &Text| site.scope.selection.keeps(&Ref::<SecurityGroupRule>::new(name).node());
    rules.filter(|(name, rule)| rule.direction == Direction::Egress && is_written(name) && wanted(rule)).collect()
}

/// The properties of the other end: a network, a prefix list, a group.
const PEER_OF_INGRESS: [&str; 2] = ["SourcePrefixListId", "SourceSecurityGroupId"];
const PEER_OF_EGRESS: [&str; 2] = ["DestinationPrefixListId", "DestinationSecurityGroupId"];

/// What a rule lets through, without the group whose rule it is.
fn rule_of(
    body: &Body<'_>,
    rule: &SecurityGroupRule,
    [list_property, group_property]: [&str; 2],
) -> Map<String, Value> {
    let mut properties = Map::from_iter([("IpProtocol".to_owned(), json!(protocol(rule.traffic.protocol())))]);
    let (name, end) = match &rule.peer {
        RulePeer::Ipv4(network) => ("CidrIp", body.value(network)),
        RulePeer::Ipv6(network) => ("CidrIpv6", body.value(network)),
        RulePeer::PrefixList(list) => (list_property, body.value(list)),
        RulePeer::Group(group) => (group_property, body.value(group)),
    };
    properties.insert(name.to_owned(), end);
    // Other protocols have no ports.
    if matches!(rule.traffic.protocol(), Protocol::Tcp | Protocol::Udp | Protocol::Icmp)
        && let Some((from, to)) = rule.traffic.ports()
    {
        properties.insert("FromPort".to_owned(), from.into());
        properties.insert("ToPort".to_owned(), to.into());
    }
    properties
}

impl Declare for SecurityGroupRule {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupIngress";
    const PREFIX: &'static str = "SecurityGroupRule";
    const STACK: Stack = Stack::Security;

    fn declare(&self, site: &mut Site<'_>) {
        if self.is_repeated(site.scope, &site.id.name) {
            return;
        }
        if self.direction == Direction::Egress {
            return self.declare_egress(site);
        }
        site.resource(|body| {
            for (name, value) in rule_of(body, self, PEER_OF_INGRESS) {
                body.set(&name, value);
            }
            body.set("GroupId", &self.group);
        });
    }
}

/// What is particular to rules of groups that others made, with `securityGroupOverride`.
trait Foreign {
    fn is_repeated(&self, scope: &Scope<'_>, name: &Text) -> bool;
    fn is_all_ipv4(&self) -> bool;
    fn declare_egress(&self, site: &mut Site<'_>);
}

impl Foreign for SecurityGroupRule {
    /// Whether a rule of another name is the same: instance groups of several roles may be in one group. EC2 refuses the second one
    /// as a duplicate.
    fn is_repeated(&self, scope: &Scope<'_>, name: &Text) -> bool {
        let is_same = |other: &Self| {
            (&other.group, other.direction, &other.peer) == (&self.group, self.direction, &self.peer)
                && other.traffic == self.traffic
        };
        matches!(self.group, In::Existing(_))
            && scope.graph.all::<Self>().any(|(other, rule)| {
                other < name && is_same(rule) && scope.selection.keeps(&Ref::<Self>::new(other).node())
            })
    }

    fn is_all_ipv4(&self) -> bool {
        let is_everywhere = matches!(&self.peer, RulePeer::Ipv4(network) if network == "0.0.0.0/0");
        is_everywhere && self.traffic.protocol() == Protocol::All
    }

    /// Rules of groups of the stack are written with these.
    fn declare_egress(&self, site: &mut Site<'_>) {
        let group: Option<NodeId> = match &self.group {
            In::Node(group) => Some(group.node()),
            In::Existing(_) => None,
        };
        if group.is_some_and(|group| site.scope.selection.is_managed(&group)) {
            return;
        }
        site.resource_of("AWS::EC2::SecurityGroupEgress", |body| {
            for (name, value) in rule_of(body, self, PEER_OF_EGRESS) {
                body.set(&name, value);
            }
            body.set("GroupId", &self.group);
            // Every other egress rule takes the one for all IPv4 traffic away, so that one comes last. Source:
            // aws-cloudformation/cfn-language-discussion issue 157.
            if self.is_all_ipv4() {
                let scope = body.scope;
                body.after_all(|name, other: &Self| {
                    other.direction == Direction::Egress
                        && other.group == self.group
                        && !other.is_all_ipv4()
                        && !other.is_repeated(scope, name)
                });
            }
        });
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::All => "-1",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::IcmpV6 => "icmpv6",
        Protocol::IpInIp => "4",
    }
}

impl Declare for KeyPair {
    const TYPE: &'static str = "AWS::EC2::KeyPair";
    const PREFIX: &'static str = "KeyPair";
    const STACK: Stack = Stack::Security;
    const ID: IdBy = IdBy::Name;

    /// A cluster has one key, whose name has its fingerprint.
    fn label(_: &Text) -> String {
        String::new()
    }

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("KeyName", &self.name)
                // Without it, AWS makes a key of its own and keeps the private part.
                .set("PublicKeyMaterial", self.public_key.trim_end())
                .set("Tags", &self.tags);
        });
    }
}
