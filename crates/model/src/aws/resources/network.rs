//! VPC, subnets, gateways and routes.

use super::Tags;
use crate::graph::reference::{resource, without_references};
use crate::graph::{In, NodeId, Ref, References};

resource! {
    /// A virtual private cloud.
    pub struct Vpc {
        /// The primary IPv4 network, `10.0.0.0/16`.
        pub cidr: String,
        /// Whether Amazon gives it an IPv6 network.
        pub amazon_ipv6: bool,
        /// Whether instances get DNS names.
        pub dns_hostnames: bool,
        /// Whether Amazon's resolver answers inside.
        pub dns_support: bool,
        pub tags: Tags,
    }

    /// A further IPv4 network of a VPC.
    pub struct VpcCidrBlock {
        pub vpc: Ref<Vpc>,
        /// The network, `10.1.0.0/16`.
        pub cidr: String,
    }

    /// What instances learn by DHCP.
    pub struct DhcpOptions {
        /// The search domain.
        pub domain_name: String,
        /// Addresses of resolvers, or `AmazonProvidedDNS`, in order.
        pub domain_name_servers: Vec<String>,
        pub tags: Tags,
    }

    /// Associates a VPC with its DHCP options.
    pub struct DhcpOptionsAssociation {
        pub vpc: Ref<Vpc>,
        pub options: Ref<DhcpOptions>,
    }

    /// A subnet. Where there is an IPv6 network, instances get an address from it.
    pub struct Subnet {
        pub vpc: Ref<Vpc>,
        /// The availability zone, `us-east-1a`.
        pub zone: String,
        /// The IPv4 network; none for subnets that have IPv6 only.
        pub ipv4: Option<String>,
        pub ipv6: Option<SubnetIpv6>,
        /// Whether instances are called after their ids (`i-…`), not after their IPv4 addresses.
        pub named_by_resource: bool,
        pub tags: Tags,
    }

    /// The way to and from the internet.
    pub struct InternetGateway {
        pub vpc: Ref<Vpc>,
        pub tags: Tags,
    }

    /// The way out over IPv6, with none back in.
    pub struct EgressOnlyInternetGateway {
        pub vpc: Ref<Vpc>,
        pub tags: Tags,
    }

    /// A public IPv4 address that stays.
    pub struct ElasticIp {
        /// The address of the spec, which exists already and stays when the cluster goes; `None` for one that is allocated.
        pub existing: Option<String>,
        pub tags: Tags,
    }

    /// The way out for the private subnets of a zone.
    pub struct NatGateway {
        /// The subnet it is in.
        pub subnet: Ref<Subnet>,
        /// The public address it uses.
        pub address: In<ElasticIp>,
        pub tags: Tags,
    }

    /// A table of routes.
    pub struct RouteTable {
        pub vpc: Ref<Vpc>,
        pub tags: Tags,
    }

    /// One route of a table.
    pub struct Route {
        pub table: Ref<RouteTable>,
        /// Where packets go.
        pub destination: Cidr,
        /// What they go through.
        pub target: RouteTarget,
    }

    /// Associates a subnet with its route table.
    pub struct RouteTableAssociation {
        pub table: Ref<RouteTable>,
        pub subnet: Ref<Subnet>,
    }
}

/// An IPv6 network of a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubnetIpv6 {
    /// Known from the spec.
    Known(String),
    /// A part of the VPC's network, which is known only once the VPC exists.
    Nth(NthSubnet),
}

/// The n-th network of a size inside the VPC's IPv6 network, written `/64#a` in a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NthSubnet {
    /// Bits of the network's prefix, 64 as a rule.
    pub prefix_length: u8,
    /// Which of them, from 0.
    pub index: i64,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cidr {
    /// `10.0.0.0/8`.
    V4(String),
    /// `2001:db8::/32`.
    V6(String),
}

impl Cidr {
    /// A network by its notation: IPv6 has colons.
    pub fn of(text: &str) -> Self {
        if text.contains(':') { Self::V6(text.to_owned()) } else { Self::V4(text.to_owned()) }
    }
}

/// What a route leads through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTarget {
    /// Into the internet.
    InternetGateway(In<InternetGateway>),
    /// Into the internet over IPv6, with no way back in.
    EgressOnlyInternetGateway(In<EgressOnlyInternetGateway>),
    /// Into the internet from private addresses.
    NatGateway(In<NatGateway>),
    /// A transit gateway by its id.
    TransitGateway(String),
    /// A VPC peering connection by its id.
    VpcPeering(String),
}

impl References for RouteTarget {
    fn references(&self, found: &mut Vec<NodeId>) {
        match self {
            Self::InternetGateway(gateway) => gateway.references(found),
            Self::EgressOnlyInternetGateway(gateway) => gateway.references(found),
            Self::NatGateway(gateway) => gateway.references(found),
            Self::TransitGateway(_) | Self::VpcPeering(_) => {}
        }
    }
}

without_references!(SubnetIpv6, Cidr);
