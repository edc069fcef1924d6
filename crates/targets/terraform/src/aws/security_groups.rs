//! Security groups, their rules, and SSH keys.

use crate::block::{Block, Body};
use crate::layout::{INSTANCE_GROUPS_FILE, SECURITY_GROUPS_FILE};
use crate::readable::place::{CLUSTER, Place};
use kopsform_model::aws::resources::{
    Direction, KeyPair, Protocol, RulePeer, SecurityGroup, SecurityGroupRule, Traffic,
};
use kopsform_model::{Part, Text};

impl Block for SecurityGroup {
    const TYPE: &'static str = "aws_security_group";
    const FILE: &'static str = SECURITY_GROUPS_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("description", &self.description)
            .set("name", &self.name)
            .set("tags", &self.tags)
            .set("vpc_id", &self.vpc);
    }
}

impl Block for SecurityGroupRule {
    const TYPE: &'static str = "aws_security_group_rule";
    const FILE: &'static str = SECURITY_GROUPS_FILE;

    fn place(&self, name: &str) -> Place {
        let label = match (self.direction, &self.peer) {
            (Direction::Egress, _) => "egress",
            (Direction::Ingress, RulePeer::Group(_)) => "from_groups",
            (Direction::Ingress, _) => "from_networks",
        };
        Place::each(label, name)
    }

    fn comment(&self) -> Option<String> {
        let comment = match (self.direction, &self.peer) {
            (Direction::Egress, _) => "What the cluster may reach.",
            (Direction::Ingress, RulePeer::Group(_)) => "Ingress from other security groups.",
            (Direction::Ingress, _) => "Ingress from networks.",
        };
        Some(comment.to_owned())
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        // All protocols go with no ports, a protocol without ports with all of them.
        let (from, to) = match self.traffic {
            Traffic::All => (0, 0),
            _ => self.traffic.ports().unwrap_or((0, 65535)),
        };
        body.set("from_port", from)
            .set("protocol", protocol(self.traffic.protocol()))
            .set("security_group_id", &self.group)
            .set("to_port", to)
            .set("type", self.direction.as_str());
        match &self.peer {
            RulePeer::Ipv4(network) => body.set("cidr_blocks", vec![network]),
            RulePeer::Ipv6(network) => body.set("ipv6_cidr_blocks", vec![network]),
            RulePeer::PrefixList(list) => body.set("prefix_list_ids", vec![list]),
            RulePeer::Group(group) => body.set("source_security_group_id", group),
        };
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

impl Block for KeyPair {
    const TYPE: &'static str = "aws_key_pair";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    /// kops leaves the colons of fingerprints out of addresses.
    fn address_name(name: &Text) -> Text {
        let mut address = Text::default();
        for part in name.parts() {
            match part {
                Part::Literal(text) => address.push(text.replace(':', "")),
                other => address.push(other.clone()),
            }
        }
        address
    }

    /// A cluster has one key, whose name has its fingerprint.
    fn place(&self, _: &str) -> Place {
        Place::Own("ssh".to_owned())
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("key_name", &self.name)
            .file("public_key", "public_key", self.public_key.as_str())
            .set("tags", &self.tags);
    }
}
