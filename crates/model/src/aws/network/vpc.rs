//! The VPC, what is attached to it, and the route table of its public subnets.

use super::{is_private, is_shared, is_unmanaged};
use crate::aws::resources::{
    Cidr, DhcpOptions, DhcpOptionsAssociation, EgressOnlyInternetGateway, InternetGateway, Route, RouteTable,
    RouteTarget, Vpc, VpcCidrBlock,
};
use crate::aws::tags::ROUTE_TABLE_ROLE;
use crate::{Context, Graph, GraphError, Layer, Ref, Text, text};

/// The gateways of the VPC. `None` where none is needed, or a shared VPC has none.
pub struct Gateways {
    /// Into and out of the internet.
    pub internet: Option<Ref<InternetGateway>>,
    /// Out of private subnets over IPv6.
    pub egress_only: Option<Ref<EgressOnlyInternetGateway>>,
}

/// Adds the VPC and the resources that exist once for each VPC.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<Gateways, GraphError> {
    let vpc = match context.cluster.has_shared_vpc() {
        true => shared_vpc(context, graph)?,
        false => own_vpc(context, graph)?,
    };
    graph.export(&vpc, "vpc_id", vpc.id())?;
    graph.export(&vpc, "vpc_cidr_block", vpc.ipv4_cidr())?;
    graph.export(&vpc, "vpc_ipv6_cidr_block", vpc.ipv6_cidr())?;
    graph.export(&vpc, "vpc_ipv6_cidr_length", vpc.ipv6_prefix_length())?;
    let managed = || context.cluster.spec.subnets.iter().filter(|subnet| !is_unmanaged(subnet));
    let mut gateways = Gateways { internet: None, egress_only: None };
    if managed().next().is_some() {
        gateways.internet = internet_gateway(context, graph)?;
        if context.cluster.spec.subnets.iter().any(|subnet| !is_shared(subnet)) {
            public_route_table(context, graph, gateways.internet.as_ref())?;
        }
    }
    if context.is_ipv6_only() && managed().any(is_private) {
        gateways.egress_only = egress_only_gateway(context, graph)?;
    }
    Ok(gateways)
}

fn shared_vpc(context: &Context<'_>, graph: &mut Graph) -> Result<Ref<Vpc>, GraphError> {
    let spec = &context.cluster.spec;
    let vpc = Vpc {
        cidr: spec.network_cidr.clone(),
        amazon_ipv6: false,
        dns_hostnames: false,
        // Instances find each other by name.
        dns_support: true,
        tags: if spec.disable_subnet_tags == Some(true) { Default::default() } else { context.shared_tags() },
    };
    graph.add_existing(Layer::Network, context.vpc_name(), vpc, Some(spec.network_id.clone()))
}

fn own_vpc(context: &Context<'_>, graph: &mut Graph) -> Result<Ref<Vpc>, GraphError> {
    let (name, spec) = (context.vpc_name(), &context.cluster.spec);
    let vpc = Vpc {
        cidr: spec.network_cidr.clone(),
        amazon_ipv6: true,
        dns_hostnames: true,
        dns_support: true,
        tags: context.owned_tags(&name),
    };
    let vpc = graph.add(Layer::Network, &name, vpc)?;
    for cidr in &spec.additional_network_cidrs {
        graph.add(Layer::Network, cidr, VpcCidrBlock { vpc: vpc.clone(), cidr: cidr.clone() })?;
    }
    let region = context.region();
    let options = DhcpOptions {
        domain_name: match region.as_str() {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        },
        domain_name_servers: vec!["AmazonProvidedDNS".to_owned()],
        tags: context.owned_tags(&name),
    };
    let options = graph.add(Layer::Network, &name, options)?;
    graph.add(Layer::Network, &name, DhcpOptionsAssociation { vpc: vpc.clone(), options })?;
    Ok(vpc)
}

fn internet_gateway(context: &Context<'_>, graph: &mut Graph) -> Result<Option<Ref<InternetGateway>>, GraphError> {
    let name = context.vpc_name();
    if context.cluster.has_shared_vpc() {
        let vpc = context.facts.vpcs.get(&context.cluster.spec.network_id);
        let id = vpc.and_then(|vpc| vpc.internet_gateway.clone());
        let is_known = id.is_some();
        let gateway = InternetGateway { vpc: context.vpc(), tags: Default::default() };
        let gateway = graph.add_existing(Layer::Network, name, gateway, id)?;
        return Ok(is_known.then_some(gateway));
    }
    let gateway = InternetGateway { vpc: context.vpc(), tags: context.owned_tags(&name) };
    graph.add(Layer::Network, name, gateway).map(Some)
}

fn egress_only_gateway(
    context: &Context<'_>,
    graph: &mut Graph,
) -> Result<Option<Ref<EgressOnlyInternetGateway>>, GraphError> {
    let name = context.vpc_name();
    if context.cluster.has_shared_vpc() {
        let vpc = context.facts.vpcs.get(&context.cluster.spec.network_id);
        let id = vpc.and_then(|vpc| vpc.egress_only_internet_gateway.clone());
        let is_known = id.is_some();
        let gateway = EgressOnlyInternetGateway { vpc: context.vpc(), tags: Default::default() };
        let gateway = graph.add_existing(Layer::Network, name, gateway, id)?;
        return Ok(is_known.then_some(gateway));
    }
    let gateway = EgressOnlyInternetGateway { vpc: context.vpc(), tags: context.owned_tags(&name) };
    graph.add(Layer::Network, name, gateway).map(Some)
}

/// Adds a route table with its role, which is also the name of its export.
pub fn route_table(
    context: &Context<'_>,
    graph: &mut Graph,
    name: Text,
    role: &str,
) -> Result<Ref<RouteTable>, GraphError> {
    let mut tags = context.owned_tags(&name);
    tags.insert(ROUTE_TABLE_ROLE.into(), role.into());
    let table = graph.add(Layer::Network, name, RouteTable { vpc: context.vpc(), tags })?;
    graph.export(&table, format!("route_table_{role}_id"), table.id())?;
    Ok(table)
}

fn public_route_table(
    context: &Context<'_>,
    graph: &mut Graph,
    gateway: Option<&Ref<InternetGateway>>,
) -> Result<(), GraphError> {
    let table = route_table(context, graph, context.vpc_name(), "public")?;
    default_routes(context, graph, &table, "", gateway)
}

/// Adds the routes of a table to all of the internet, over IPv4 and IPv6.
///
/// # Errors
/// When there is no internet gateway.
pub fn default_routes(
    context: &Context<'_>,
    graph: &mut Graph,
    table: &Ref<RouteTable>,
    prefix: &str,
    gateway: Option<&Ref<InternetGateway>>,
) -> Result<(), GraphError> {
    let gateway = gateway.ok_or_else(|| GraphError::Unsupported {
        path: "spec.networkID".to_owned(),
        message: format!(
            "VPC {} has no internet gateway, and the public subnets need one for their default route",
            context.cluster.spec.network_id
        ),
    })?;
    for destination in ["0.0.0.0/0", "::/0"] {
        let target = RouteTarget::InternetGateway(gateway.clone().into());
        add_route(graph, table, prefix, destination, target)?;
    }
    Ok(())
}

/// Adds a route of a table whose routes have a prefix in their names.
pub fn add_route(
    graph: &mut Graph,
    table: &Ref<RouteTable>,
    prefix: &str,
    destination: &str,
    target: RouteTarget,
) -> Result<(), GraphError> {
    let route = Route { table: table.clone(), destination: Cidr::of(destination), target };
    graph.add(Layer::Network, text![prefix, destination], route).map(|_| ())
}
