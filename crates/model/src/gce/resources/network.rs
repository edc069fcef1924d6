//! The network, its subnets and the way out of private ones.

use crate::graph::reference::{resource, without_references};
use crate::{In, Ref, Text};

resource! {
    /// A VPC network, which is global.
    pub struct Network {
        /// Its name in the project.
        pub name: Text,
    }

    /// A subnet of a region.
    pub struct Subnetwork {
        /// Its name in the project.
        pub name: Text,
        /// Its network.
        pub network: In<Network>,
        /// Its region.
        pub region: String,
        /// The IPv4 range of instances.
        pub cidr: String,
        /// The address families of instances.
        pub stack: Stack,
        /// Ranges of pods and services, for IP aliases.
        pub secondary_ranges: Vec<SecondaryRange>,
    }

    /// A further IPv4 range of a subnet.
    pub struct SecondaryRange {
        /// Its name in the subnet.
        pub name: Text,
        /// The range.
        pub cidr: String,
    }

    /// A Cloud Router, in the cluster's region.
    pub struct Router {
        /// Its name in the project.
        pub name: Text,
        /// Its network.
        pub network: In<Network>,
    }

    /// Cloud NAT: lets instances without public addresses reach the internet.
    pub struct RouterNat {
        /// Its name in the router.
        pub name: Text,
        /// The router it belongs to.
        pub router: Ref<Router>,
        /// The region of the router.
        pub region: String,
        /// The subnets it serves, with all their ranges.
        pub subnetworks: Vec<Ref<Subnetwork>>,
    }
}

/// The address families of a subnet or an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// IPv4 only.
    Ipv4,
    /// IPv4 and IPv6; subnets have public IPv6 ranges.
    Dual,
}

impl Stack {
    /// Google's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPV4_ONLY",
            Self::Dual => "IPV4_IPV6",
        }
    }
}

without_references!(Stack);
