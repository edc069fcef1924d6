//! VPC, subnets, gateways and routes.

use serde_json::{Value, json};

use crate::declare::{Declare, GATEWAY_ATTACHMENT, IPV6_BLOCK, IdBy, companion_id, get_att, id_of};
use crate::error::SpecField;
use crate::outside::Outside;
use crate::resource::Stack;
use crate::site::{Body, Site};
use kopsform_model::aws::resources::{
    Cidr, DhcpOptions, DhcpOptionsAssociation, EgressOnlyInternetGateway, ElasticIp, InternetGateway, NatGateway,
    NthSubnet, Route, RouteTable, RouteTableAssociation, RouteTarget, SecurityGroup, Subnet, SubnetIpv6, Tags, Vpc,
    VpcCidrBlock,
};
use kopsform_model::{In, Ref};

/// The tag by which kops finds the NAT gateway of a route table whose gateway is not its own.
const ASSOCIATED_GATEWAY: &str = "AssociatedNatgateway";
/// How many parts of a VPC's IPv6 network `Fn::Cidr` can give: AWS assigns a /56 network, which has 256 of size /64.
const IPV6_PARTS: i64 = 256;

impl Declare for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const PREFIX: &'static str = "Vpc";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        // kops only looks at a shared VPC.
        if !site.is_managed() {
            return;
        }
        site.resource(|body| {
            body.set("CidrBlock", &self.cidr)
                .set("EnableDnsHostnames", self.dns_hostnames)
                .set("EnableDnsSupport", self.dns_support)
                .set("Tags", &self.tags);
        });
        if self.amazon_ipv6 {
            let vpc: Ref<Self> = Ref::new(&site.id.name);
            site.companion::<Self>(IPV6_BLOCK, VpcCidrBlock::TYPE, |body| {
                body.set("AmazonProvidedIpv6CidrBlock", true).set("VpcId", &vpc);
                // In a VPC with an IPv6 network, EC2 gives a new group a rule for all IPv6 traffic besides the one for IPv4, and
                // refuses that of the template as a duplicate (InvalidPermission.Duplicate).
                body.after_all(|_, group: &SecurityGroup| group.vpc == vpc);
            });
        }
    }
}

impl Declare for VpcCidrBlock {
    const TYPE: &'static str = "AWS::EC2::VPCCidrBlock";
    const PREFIX: &'static str = "CidrBlock";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("CidrBlock", &self.cidr).set("VpcId", &self.vpc);
        });
    }
}

impl Declare for DhcpOptions {
    const TYPE: &'static str = "AWS::EC2::DHCPOptions";
    const PREFIX: &'static str = "DhcpOptions";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("DomainName", &self.domain_name)
                .set("DomainNameServers", &self.domain_name_servers)
                .set("Tags", &self.tags);
        });
    }
}

impl Declare for DhcpOptionsAssociation {
    const TYPE: &'static str = "AWS::EC2::VPCDHCPOptionsAssociation";
    const PREFIX: &'static str = "DhcpOptionsAssociation";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("DhcpOptionsId", &self.options).set("VpcId", &self.vpc);
        });
    }
}

impl Declare for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
    const PREFIX: &'static str = "Subnet";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        if !site.is_managed() {
            if !self.tags.is_empty()
                && let Some(id) = site.scope.existing_id(site.id)
            {
                site.outside(Outside::Tags { task: site.id.kind.task(), id: id.to_owned() });
            }
            return;
        }
        site.resource(|body| {
            let (has_ipv4, has_ipv6) = (self.ipv4.is_some(), self.ipv6.is_some());
            // Defaults of AWS are left out.
            let only = |condition: bool| condition.then_some(true);
            let names = body.object([
                ("EnableResourceNameDnsAAAARecord", &only(self.named_by_resource && has_ipv6) as _),
                ("EnableResourceNameDnsARecord", &only(self.named_by_resource && has_ipv4) as _),
                ("HostnameType", &self.named_by_resource.then(|| "resource-name".to_owned()) as _),
            ]);
            let ipv6 = match &self.ipv6 {
                None => None,
                Some(SubnetIpv6::Known(network)) => Some(json!(network)),
                Some(SubnetIpv6::Nth(part)) => Some(nth_subnet(body, &self.vpc, *part)),
            };
            body.set("AssignIpv6AddressOnCreation", only(has_ipv6))
                .set("AvailabilityZone", &self.zone)
                .set("CidrBlock", &self.ipv4)
                .set("EnableDns64", only(!has_ipv4))
                .set("Ipv6CidrBlock", ipv6)
                .set("Ipv6Native", only(!has_ipv4))
                .set("PrivateDnsNameOptionsOnLaunch", names)
                .set("Tags", &self.tags)
                .set("VpcId", &self.vpc);
            // A subnet is in one of the VPC's networks, and the reference leads to the VPC only.
            body.after_all(|_, block: &VpcCidrBlock| block.vpc == self.vpc);
            if has_ipv6 {
                after_ipv6(body, &self.vpc);
            }
        });
    }
}

/// `n` networks of a size inside the VPC's, which is known only once the VPC exists, and one of them.
fn nth_subnet(body: &Body<'_>, vpc: &Ref<Vpc>, part: NthSubnet) -> Value {
    let vpc = vpc.node();
    let network = match body.scope.existing_id(&vpc) {
        Some(_) => body.scope.attribute(&vpc, &vpc, "Ipv6CidrBlocks"),
        None => get_att(&id_of(&vpc), "Ipv6CidrBlocks"),
    };
    let network = json!({ "Fn::Select": [0, network] });
    let count = (part.index + 1).max(IPV6_PARTS.min(1 << part.prefix_length.saturating_sub(56).min(8)));
    json!({ "Fn::Select": [part.index, { "Fn::Cidr": [network, count, 128 - i64::from(part.prefix_length)] }] })
}

/// Makes a resource come after the IPv6 network that AWS gives a VPC.
fn after_ipv6(body: &mut Body<'_>, vpc: &Ref<Vpc>) {
    let has_block = body.scope.graph.get(vpc).is_some_and(|vpc| vpc.amazon_ipv6);
    if has_block && body.scope.selection.is_managed(&vpc.node()) {
        body.after(companion_id::<Vpc>(IPV6_BLOCK, vpc.name()));
    }
}

impl Declare for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
    const PREFIX: &'static str = "InternetGateway";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        // The gateway of a shared VPC is its owner's.
        if !site.is_managed() {
            return;
        }
        let gateway: Ref<Self> = Ref::new(&site.id.name);
        site.resource(|body| {
            body.set("Tags", &self.tags);
        });
        site.companion::<Self>(GATEWAY_ATTACHMENT, "AWS::EC2::VPCGatewayAttachment", |body| {
            body.set("InternetGatewayId", &gateway).set("VpcId", &self.vpc);
        });
    }
}

/// Makes a resource come after the attachments of internet gateways: AWS refuses public addresses in a VPC without one.
pub fn after_gateways(body: &mut Body<'_>) {
    let names: Vec<_> = body.scope.graph.all::<InternetGateway>().map(|(name, _)| name.clone()).collect();
    for name in names {
        if body.scope.selection.is_managed(&Ref::<InternetGateway>::new(&name).node()) {
            body.after(companion_id::<InternetGateway>(GATEWAY_ATTACHMENT, &name));
        }
    }
}

impl Declare for EgressOnlyInternetGateway {
    const TYPE: &'static str = "AWS::EC2::EgressOnlyInternetGateway";
    const PREFIX: &'static str = "EgressOnlyInternetGateway";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        if !site.is_managed() {
            return;
        }
        site.resource(|body| {
            body.set("Tags", &self.tags).set("VpcId", &self.vpc);
        });
    }
}

impl Declare for ElasticIp {
    const TYPE: &'static str = "AWS::EC2::EIP";
    const PREFIX: &'static str = "ElasticIp";
    const STACK: Stack = Stack::Network;
    const ID: IdBy = IdBy::Attribute("AllocationId");

    fn declare(&self, site: &mut Site<'_>) {
        if let Some(address) = &self.existing {
            site.unsupported(
                SpecField::of_cluster("spec.subnets[].publicIP").with_value(address),
                format!("CloudFormation cannot look up the allocation of the existing address {address}"),
                "set egress of the subnet to the allocation instead: eipalloc-…",
            );
            return;
        }
        site.resource(|body| {
            body.set("Domain", "vpc").set("Tags", &self.tags);
            after_gateways(body);
        });
    }
}

impl Declare for NatGateway {
    const TYPE: &'static str = "AWS::EC2::NatGateway";
    const PREFIX: &'static str = "NatGateway";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        if let In::Existing(id) = &self.address {
            site.outside(Outside::Tags { task: "ElasticIP", id: id.clone() });
        }
        site.resource(|body| {
            body.set("AllocationId", &self.address).set("SubnetId", &self.subnet).set("Tags", &self.tags);
            after_gateways(body);
        });
    }
}

impl Declare for RouteTable {
    const TYPE: &'static str = "AWS::EC2::RouteTable";
    const PREFIX: &'static str = "RouteTable";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        let table: Ref<Self> = Ref::new(&site.id.name);
        let mut tags: Tags = self.tags.clone();
        // kops finds a gateway that the spec names by the table of the zone.
        for (_, route) in site.scope.graph.all::<Route>() {
            if let Some(gateway) = shared_gateway(route)
                && route.table == table
            {
                tags.insert(ASSOCIATED_GATEWAY.into(), gateway.into());
            }
        }
        site.resource(|body| {
            body.set("Tags", &tags).set("VpcId", &self.vpc);
        });
    }
}

/// The NAT gateway that the spec names, through which the private subnets of a zone leave.
fn shared_gateway(route: &Route) -> Option<&String> {
    match &route.target {
        RouteTarget::NatGateway(In::Existing(gateway)) if route.destination == Cidr::of("0.0.0.0/0") => Some(gateway),
        _ => None,
    }
}

impl Declare for Route {
    const TYPE: &'static str = "AWS::EC2::Route";
    const PREFIX: &'static str = "Route";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        if let Some(gateway) = shared_gateway(self) {
            site.outside(Outside::Tags { task: "NatGateway", id: gateway.clone() });
        }
        site.resource(|body| {
            match &self.destination {
                Cidr::V4(network) => body.set("DestinationCidrBlock", network),
                Cidr::V6(network) => body.set("DestinationIpv6CidrBlock", network),
            };
            match &self.target {
                RouteTarget::InternetGateway(gateway) => body.set("GatewayId", gateway),
                RouteTarget::EgressOnlyInternetGateway(gateway) => body.set("EgressOnlyInternetGatewayId", gateway),
                RouteTarget::NatGateway(gateway) => body.set("NatGatewayId", gateway),
                RouteTarget::TransitGateway(id) => body.set("TransitGatewayId", id),
                RouteTarget::VpcPeering(id) => body.set("VpcPeeringConnectionId", id),
            };
            body.set("RouteTableId", &self.table);
            if matches!(self.target, RouteTarget::InternetGateway(In::Node(_))) {
                after_gateways(body);
            }
            let vpc = body.scope.graph.get(&self.table).map(|table| table.vpc.clone());
            if let (Cidr::V6(_), Some(vpc)) = (&self.destination, vpc) {
                after_ipv6(body, &vpc);
            }
        });
    }
}

impl Declare for RouteTableAssociation {
    const TYPE: &'static str = "AWS::EC2::SubnetRouteTableAssociation";
    const PREFIX: &'static str = "RouteTableAssociation";
    const STACK: Stack = Stack::Network;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("RouteTableId", &self.table).set("SubnetId", &self.subnet);
        });
    }
}
