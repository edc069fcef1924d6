//! VPC, subnets, gateways and routes.

use super::Tags;
use super::define::{block, resource};
use crate::aws::resources::{Argument, ToArgument};
use crate::value::{Input, Ipv6Subnet};

resource! {
    /// A virtual private cloud.
    Vpc("aws_vpc", "VPC") {
        /// Whether Amazon gives it an IPv6 network.
        assign_generated_ipv6_cidr_block: Option<bool>,
        /// The primary IPv4 network.
        cidr_block: String,
        /// Whether instances get DNS names.
        enable_dns_hostnames: Option<bool>,
        /// Whether Amazon's resolver answers inside.
        enable_dns_support: Option<bool>,
        /// Tags.
        tags: Tags,
    }
}

block! {
    /// A VPC that exists already, found by its id.
    VpcData {
        /// `vpc-…`.
        id: String,
    }
}

resource! {
    /// A further IPv4 network of a VPC.
    VpcIpv4CidrBlockAssociation("aws_vpc_ipv4_cidr_block_association", "VPCCIDRBlock") {
        /// The network.
        cidr_block: String,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// What instances learn by DHCP.
    VpcDhcpOptions("aws_vpc_dhcp_options", "DHCPOptions") {
        /// The search domain.
        domain_name: String,
        /// The resolvers.
        domain_name_servers: Vec<String>,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// Gives a VPC its DHCP options.
    VpcDhcpOptionsAssociation("aws_vpc_dhcp_options_association", "VPCDHCPOptionsAssociation") {
        /// The options.
        dhcp_options_id: Input,
        /// The VPC.
        vpc_id: Input,
    }
}

/// An IPv6 network of a subnet.
#[derive(Debug, Clone, PartialEq)]
pub enum SubnetIpv6Cidr {
    /// Known from the spec.
    Known(String),
    /// A part of the VPC's network, whatever that will be.
    OfVpc(Ipv6Subnet),
}

impl ToArgument for SubnetIpv6Cidr {
    fn to_argument(&self) -> Option<Argument> {
        match self {
            Self::Known(cidr) => cidr.to_argument(),
            Self::OfVpc(subnet) => subnet.to_argument(),
        }
    }
}

resource! {
    /// A subnet.
    Subnet("aws_subnet", "Subnet") {
        /// Whether instances get an IPv6 address; true where there is an IPv6 network.
        assign_ipv6_address_on_creation: Option<bool>,
        /// The availability zone.
        availability_zone: String,
        /// The IPv4 network, none for IPv6-only subnets.
        cidr_block: Option<String>,
        /// Whether names of IPv4 hosts are answered with NAT64 addresses.
        enable_dns64: Option<bool>,
        /// Whether the resource name resolves to the IPv4 address.
        enable_resource_name_dns_a_record_on_launch: Option<bool>,
        /// Whether the resource name resolves to the IPv6 address.
        enable_resource_name_dns_aaaa_record_on_launch: Option<bool>,
        /// The IPv6 network.
        ipv6_cidr_block: Option<SubnetIpv6Cidr>,
        /// Whether there is no IPv4 in it.
        ipv6_native: Option<bool>,
        /// `resource-name` or `ip-name`: what instances are called after.
        private_dns_hostname_type_on_launch: Option<String>,
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// The way to and from the internet.
    InternetGateway("aws_internet_gateway", "InternetGateway") {
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// The way out over IPv6, with none back in.
    EgressOnlyInternetGateway("aws_egress_only_internet_gateway", "EgressOnlyInternetGateway") {
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// A public IPv4 address that stays.
    Eip("aws_eip", "ElasticIP") {
        /// Always `vpc`.
        domain: String,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// The way out for private subnets of a zone.
    NatGateway("aws_nat_gateway", "NatGateway") {
        /// The public address it uses.
        allocation_id: Input,
        /// The subnet it stands in.
        subnet_id: Input,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// A table of routes.
    RouteTable("aws_route_table", "RouteTable") {
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// One route of a table. Exactly one of the targets is set.
    Route("aws_route", "Route") {
        /// Where packets go, IPv4.
        destination_cidr_block: Option<String>,
        /// Where packets go, IPv6.
        destination_ipv6_cidr_block: Option<String>,
        /// Through this egress-only gateway.
        egress_only_gateway_id: Option<Input>,
        /// Through this internet gateway.
        gateway_id: Option<Input>,
        /// Through this instance.
        instance_id: Option<Input>,
        /// Through this NAT gateway.
        nat_gateway_id: Option<Input>,
        /// The table.
        route_table_id: Input,
        /// Through this transit gateway.
        transit_gateway_id: Option<Input>,
        /// Through this peering.
        vpc_peering_connection_id: Option<Input>,
    }
}

resource! {
    /// Gives a subnet its table of routes.
    RouteTableAssociation("aws_route_table_association", "RouteTableAssociation") {
        /// The table.
        route_table_id: Input,
        /// The subnet.
        subnet_id: Input,
    }
}
