//! Firewall rules of the network.

use super::Network;
use crate::graph::reference::{resource, without_references};
use crate::{In, Text};

resource! {
    /// A rule that lets traffic into instances.
    pub struct FirewallRule {
        /// Its name in the project.
        pub name: Text,
        /// Its network.
        pub network: In<Network>,
        /// Where traffic comes from.
        pub sources: Sources,
        /// Tags of the instances that it reaches.
        pub targets: Vec<Text>,
        /// What is let in, in kops' order.
        pub allowed: Vec<Allowed>,
        /// Whether the rule has no effect.
        pub disabled: bool,
        /// The address family of a rule that is one of a pair, with what the pair is called.
        pub pair: Option<Pair>,
    }

    /// A protocol, with ports where it has any.
    pub struct Allowed {
        /// The name, or the number where Google knows no name.
        pub protocol: String,
        /// Ports or ranges of ports, `30000-32767`; all if empty.
        pub ports: Vec<String>,
    }

    /// One of two rules that differ in their address family, because a rule has ranges of one.
    pub struct Pair {
        /// What both are called.
        pub name: String,
        /// Whether this is the one of IPv6.
        pub ipv6: bool,
    }
}

/// Where traffic comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sources {
    /// Ranges of addresses, in CIDR notation.
    Ranges(Vec<String>),
    /// Instances with one of these tags.
    Tags(Vec<Text>),
}

without_references!(Sources);
