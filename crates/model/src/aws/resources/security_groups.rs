//! Security groups, their rules, and SSH keys.

use super::{Tags, Vpc};
use crate::Text;
use crate::graph::reference::{resource, without_references};
use crate::graph::{In, NodeId, Ref, References};

resource! {
    /// Instances or load balancers that share rules.
    pub struct SecurityGroup {
        pub vpc: Ref<Vpc>,
        pub name: Text,
        /// What it is for; AWS cannot change it.
        pub description: String,
        pub tags: Tags,
    }

    /// One way into or out of a security group.
    pub struct SecurityGroupRule {
        /// The group whose rule it is.
        pub group: In<SecurityGroup>,
        pub direction: Direction,
        /// Who is at the other end.
        pub peer: RulePeer,
        pub traffic: Traffic,
        /// Only the cloud's API can set them: Terraform's resource and CloudFormation's have none. A rule may have no tags.
        pub tags: Tags,
    }

    /// The SSH key that instances accept.
    pub struct KeyPair {
        /// Its name in EC2, with the colons of the key's fingerprint.
        pub name: Text,
        /// A line as in `authorized_keys`.
        pub public_key: String,
        pub tags: Tags,
    }
}

/// Which way connections are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the group.
    Ingress,
    /// Out of it.
    Egress,
}

impl Direction {
    /// AWS' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// Who is at the other end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulePeer {
    /// An IPv4 network.
    Ipv4(String),
    /// An IPv6 network.
    Ipv6(String),
    /// A managed prefix list, `pl-…`.
    PrefixList(String),
    /// What is in a security group.
    Group(In<SecurityGroup>),
}

impl References for RulePeer {
    fn references(&self, found: &mut Vec<NodeId>) {
        if let Self::Group(group) = self {
            group.references(found);
        }
    }
}

/// What a rule lets through.
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
    /// IP in IP, the overlay of some networking providers.
    IpInIp,
}

/// A protocol over IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Every protocol.
    All,
    /// Number 6.
    Tcp,
    /// Number 17.
    Udp,
    /// Number 1.
    Icmp,
    /// Number 58.
    IcmpV6,
    /// Number 4.
    IpInIp,
}

impl Traffic {
    /// TCP to one port.
    pub fn tcp(port: u16) -> Self {
        Self::Tcp(port, port)
    }

    /// Its protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::All => Protocol::All,
            Self::Tcp(..) => Protocol::Tcp,
            Self::Udp(..) => Protocol::Udp,
            Self::PathMtu => Protocol::Icmp,
            Self::PathMtuIpv6 => Protocol::IcmpV6,
            Self::IpInIp => Protocol::IpInIp,
        }
    }

    /// First and last port, or ICMP type and code with -1 for all; `None` where there is no such thing.
    pub fn ports(&self) -> Option<(i64, i64)> {
        match *self {
            Self::All | Self::IpInIp => None,
            Self::Tcp(from, to) | Self::Udp(from, to) => Some((from.into(), to.into())),
            Self::PathMtu => Some((3, 4)),
            Self::PathMtuIpv6 => Some((-1, -1)),
        }
    }
}

without_references!(Direction, Traffic);
