//! VPC, subnets, gateways and routes.

use hcl::Number;
use hcl::expr::{BinaryOp, BinaryOperator, Conditional, Expression, Traversal};

use crate::block::{Argument, Block, Body};
use crate::hcl_expr::{call, traversal};
use crate::layout::NETWORK_FILE;
use crate::readable::place::{CLUSTER, Place};
use crate::renderer::Renderer;
use kopsform_model::aws::resources::{
    Cidr, DhcpOptions, DhcpOptionsAssociation, EgressOnlyInternetGateway, ElasticIp, InternetGateway, NatGateway,
    NthSubnet, Route, RouteTable, RouteTableAssociation, RouteTarget, Subnet, SubnetIpv6, Vpc, VpcCidrBlock,
};
use kopsform_model::{Text, text};

/// The local that holds the VPC's IPv6 network.
const VPC_IPV6_CIDR_BLOCK: &str = "vpc_ipv6_cidr_block";
/// The local that holds the length of its prefix.
const VPC_IPV6_CIDR_LENGTH: &str = "vpc_ipv6_cidr_length";

impl Block for Vpc {
    const TYPE: &'static str = "aws_vpc";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("assign_generated_ipv6_cidr_block", self.amazon_ipv6.then_some(true))
            .set("cidr_block", &self.cidr)
            .set("enable_dns_hostnames", self.dns_hostnames.then_some(true))
            .set("enable_dns_support", self.dns_support.then_some(true))
            .set("tags", &self.tags);
    }
}

impl Block for VpcCidrBlock {
    const TYPE: &'static str = "aws_vpc_ipv4_cidr_block_association";
    const FILE: &'static str = NETWORK_FILE;

    fn address_name(name: &Text) -> Text {
        text!["cidr-", name]
    }

    fn place(&self, name: &str) -> Place {
        Place::each("additional", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("cidr_block", &self.cidr).set("vpc_id", &self.vpc);
    }
}

impl Block for DhcpOptions {
    const TYPE: &'static str = "aws_vpc_dhcp_options";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("domain_name", &self.domain_name)
            .set("domain_name_servers", &self.domain_name_servers)
            .set("tags", &self.tags);
    }
}

impl Block for DhcpOptionsAssociation {
    const TYPE: &'static str = "aws_vpc_dhcp_options_association";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("dhcp_options_id", &self.options).set("vpc_id", &self.vpc);
    }
}

impl Block for Subnet {
    const TYPE: &'static str = "aws_subnet";
    const FILE: &'static str = NETWORK_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let (has_ipv4, has_ipv6) = (self.ipv4.is_some(), self.ipv6.is_some());
        // Defaults of AWS are left out.
        let only = |condition: bool| condition.then_some(true);
        body.set("assign_ipv6_address_on_creation", only(has_ipv6))
            .set("availability_zone", &self.zone)
            .set("cidr_block", &self.ipv4)
            .set("enable_dns64", only(!has_ipv4))
            .set("enable_resource_name_dns_a_record_on_launch", only(self.named_by_resource && has_ipv4))
            .set("enable_resource_name_dns_aaaa_record_on_launch", only(self.named_by_resource && has_ipv6))
            .set("ipv6_cidr_block", &self.ipv6)
            .set("ipv6_native", only(!has_ipv4))
            .set("private_dns_hostname_type_on_launch", self.named_by_resource.then_some("resource-name"))
            .set("tags", &self.tags)
            .set("vpc_id", &self.vpc);
    }
}

impl Argument for SubnetIpv6 {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        match self {
            Self::Known(cidr) => cidr.expression(renderer),
            Self::Nth(subnet) => Some(nth_subnet(*subnet)),
        }
    }
}

/// `cidrsubnet(network, size - length, index)`: a part of a network whose size is known only when it exists.
fn nth_subnet(subnet: NthSubnet) -> Expression {
    let new_bits = BinaryOp::new(
        Expression::Number(Number::from(subnet.prefix_length)),
        BinaryOperator::Minus,
        traversal("local", [VPC_IPV6_CIDR_LENGTH]),
    );
    let network = traversal("local", [VPC_IPV6_CIDR_BLOCK]);
    call("cidrsubnet", [network, new_bits.into(), Expression::Number(Number::from(subnet.index))])
}

/// The number after the slash of the VPC's IPv6 network, or null where there is none.
pub fn vpc_ipv6_prefix_length() -> Expression {
    let network = || traversal("local", [VPC_IPV6_CIDR_BLOCK]);
    let empty = BinaryOp::new(network(), BinaryOperator::Eq, Expression::String(String::new()));
    let digits = call("regex", [Expression::String(r".*/(\d+)".to_owned()), network()]);
    let first = Traversal::builder(digits).index(Expression::Number(Number::from(0))).build();
    Conditional::new(empty, Expression::Null, call("tonumber", [first.into()])).into()
}

impl Block for InternetGateway {
    const TYPE: &'static str = "aws_internet_gateway";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("tags", &self.tags).set("vpc_id", &self.vpc);
    }
}

impl Block for EgressOnlyInternetGateway {
    const TYPE: &'static str = "aws_egress_only_internet_gateway";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("tags", &self.tags).set("vpc_id", &self.vpc);
    }
}

impl Block for ElasticIp {
    const TYPE: &'static str = "aws_eip";
    const FILE: &'static str = NETWORK_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("domain", "vpc").set("tags", &self.tags);
    }
}

impl Block for NatGateway {
    const TYPE: &'static str = "aws_nat_gateway";
    const FILE: &'static str = NETWORK_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("allocation_id", &self.address).set("subnet_id", &self.subnet).set("tags", &self.tags);
    }
}

impl Block for RouteTable {
    const TYPE: &'static str = "aws_route_table";
    const FILE: &'static str = NETWORK_FILE;

    /// Zones have tables of their own, whose names begin with what their subnets are.
    fn place(&self, name: &str) -> Place {
        match name.split_once('-') {
            Some((kind @ ("private" | "public"), zone)) => Place::each(kind, zone),
            _ => Place::Own(name.to_owned()),
        }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("tags", &self.tags).set("vpc_id", &self.vpc);
    }
}

impl Block for Route {
    const TYPE: &'static str = "aws_route";
    const FILE: &'static str = NETWORK_FILE;

    fn address_name(name: &Text) -> Text {
        text!["route-", name]
    }

    fn place(&self, name: &str) -> Place {
        let label = match &self.target {
            RouteTarget::InternetGateway(_) => "internet_gateway",
            RouteTarget::EgressOnlyInternetGateway(_) => "egress_only_internet_gateway",
            RouteTarget::NatGateway(_) => "nat_gateway",
            RouteTarget::TransitGateway(_) => "transit_gateway",
            RouteTarget::VpcPeering(_) => "vpc_peering",
        };
        Place::each(label, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        match &self.destination {
            Cidr::V4(cidr) => body.set("destination_cidr_block", cidr),
            Cidr::V6(cidr) => body.set("destination_ipv6_cidr_block", cidr),
        };
        match &self.target {
            RouteTarget::InternetGateway(gateway) => body.set("gateway_id", gateway),
            RouteTarget::EgressOnlyInternetGateway(gateway) => body.set("egress_only_gateway_id", gateway),
            RouteTarget::NatGateway(gateway) => body.set("nat_gateway_id", gateway),
            RouteTarget::TransitGateway(id) => body.set("transit_gateway_id", id),
            RouteTarget::VpcPeering(id) => body.set("vpc_peering_connection_id", id),
        };
        body.set("route_table_id", &self.table);
    }
}

impl Block for RouteTableAssociation {
    const TYPE: &'static str = "aws_route_table_association";
    const FILE: &'static str = NETWORK_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("route_table_id", &self.table).set("subnet_id", &self.subnet);
    }
}
