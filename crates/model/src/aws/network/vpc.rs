//! The VPC, what is attached to it, and the route table of its public subnets.

use super::{is_private, is_shared, is_unmanaged};
use crate::aws::resources::{
    DataSource, EgressOnlyInternetGateway, InternetGateway, Route, RouteTable, Vpc, VpcData, VpcDhcpOptions,
    VpcDhcpOptionsAssociation, VpcIpv4CidrBlockAssociation,
};
use crate::{Context, Graph, GraphError, Input, Layer, Reference, ReferenceKind, Value};

/// The tag by which route tables are told apart.
pub const ROLE_TAG: &str = "kubernetes.io/kops/role";

/// The gateways of the VPC. `None` where none is needed, or a shared VPC has none.
pub struct Gateways {
    /// Into and out of the internet.
    pub internet: Option<Input>,
    /// Out of private subnets over IPv6.
    pub egress_only: Option<Input>,
}

/// Adds the VPC and what there is once in it.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<Gateways, GraphError> {
    match context.cluster.has_shared_vpc() {
        true => shared_vpc(context, graph)?,
        false => own_vpc(context, graph)?,
    }
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

/// The outputs that describe the VPC, own or shared.
fn vpc_outputs(context: &Context<'_>, graph: &mut Graph, kind: ReferenceKind) -> Result<(), GraphError> {
    let attribute = |attribute| Reference { kind, ..Vpc::attribute(context.vpc_name(), attribute) };
    graph.output("vpc_id", context.vpc_id())?;
    graph.output("vpc_cidr_block", attribute("cidr_block"))?;
    graph.output("vpc_ipv6_cidr_block", attribute("ipv6_cidr_block"))?;
    graph.output("vpc_ipv6_cidr_length", Value::VpcIpv6PrefixLength)
}

fn shared_vpc(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let data = VpcData { id: context.cluster.spec.network_id.clone() };
    if graph.add_data(Layer::Network, context.vpc_name(), DataSource::Vpc(data))? {
        vpc_outputs(context, graph, ReferenceKind::Data)?;
    }
    Ok(())
}

fn own_vpc(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let (name, spec) = (context.vpc_name(), &context.cluster.spec);
    let vpc = Vpc {
        assign_generated_ipv6_cidr_block: Some(true),
        cidr_block: spec.network_cidr.clone(),
        enable_dns_hostnames: Some(true),
        enable_dns_support: Some(true),
        tags: context.owned_tags(name),
    };
    if graph.add(Layer::Network, name, vpc)? {
        vpc_outputs(context, graph, ReferenceKind::Resource)?;
    }
    for cidr in &spec.additional_network_cidrs {
        let association = VpcIpv4CidrBlockAssociation { cidr_block: cidr.clone(), vpc_id: context.vpc_id() };
        graph.add(Layer::Network, format!("cidr-{cidr}"), association)?;
    }
    let region = context.region();
    let options = VpcDhcpOptions {
        domain_name: match region.as_str() {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        },
        domain_name_servers: vec!["AmazonProvidedDNS".to_owned()],
        tags: context.owned_tags(name),
    };
    graph.add(Layer::Network, name, options)?;
    let association =
        VpcDhcpOptionsAssociation { dhcp_options_id: VpcDhcpOptions::id_of(name), vpc_id: context.vpc_id() };
    graph.add(Layer::Network, name, association)?;
    Ok(())
}

fn internet_gateway(context: &Context<'_>, graph: &mut Graph) -> Result<Option<Input>, GraphError> {
    if context.cluster.has_shared_vpc() {
        graph.wants::<InternetGateway>(Layer::Network, context.vpc_name())?;
        let vpc = context.facts.vpcs.get(&context.cluster.spec.network_id);
        return Ok(vpc.and_then(|vpc| vpc.internet_gateway.clone()).map(Input::Known));
    }
    let name = context.vpc_name();
    graph.add(Layer::Network, name, InternetGateway { tags: context.owned_tags(name), vpc_id: context.vpc_id() })?;
    Ok(Some(InternetGateway::id_of(name)))
}

fn egress_only_gateway(context: &Context<'_>, graph: &mut Graph) -> Result<Option<Input>, GraphError> {
    if context.cluster.has_shared_vpc() {
        graph.wants::<EgressOnlyInternetGateway>(Layer::Network, context.vpc_name())?;
        let vpc = context.facts.vpcs.get(&context.cluster.spec.network_id);
        return Ok(vpc.and_then(|vpc| vpc.egress_only_internet_gateway.clone()).map(Input::Known));
    }
    let name = context.vpc_name();
    let gateway = EgressOnlyInternetGateway { tags: context.owned_tags(name), vpc_id: context.vpc_id() };
    graph.add(Layer::Network, name, gateway)?;
    Ok(Some(EgressOnlyInternetGateway::id_of(name)))
}

/// Adds a route table with its role, which is also the name of its output.
pub fn route_table(context: &Context<'_>, graph: &mut Graph, name: &str, role: &str) -> Result<(), GraphError> {
    let mut tags = context.owned_tags(name);
    tags.insert(ROLE_TAG.to_owned(), role.to_owned());
    if graph.add(Layer::Network, name, RouteTable { tags, vpc_id: context.vpc_id() })? {
        graph.output(&format!("route_table_{role}_id"), RouteTable::attribute(name, "id"))?;
    }
    Ok(())
}

/// The internet gateway as the target of a route.
///
/// # Errors
/// When a shared VPC has none.
pub fn required_internet_gateway(context: &Context<'_>, gateway: Option<&Input>) -> Result<Input, GraphError> {
    gateway.cloned().ok_or_else(|| GraphError::Unsupported {
        path: "spec.networkID".to_owned(),
        message: format!(
            "VPC {} has no internet gateway, and the public subnets need one for their default route",
            context.cluster.spec.network_id
        ),
    })
}

fn public_route_table(context: &Context<'_>, graph: &mut Graph, gateway: Option<&Input>) -> Result<(), GraphError> {
    let table = context.vpc_name();
    route_table(context, graph, table, "public")?;
    default_routes(context, graph, table, "", gateway)
}

/// Adds the routes of a table to all of the internet, over IPv4 and IPv6.
pub fn default_routes(
    context: &Context<'_>,
    graph: &mut Graph,
    table: &str,
    prefix: &str,
    gateway: Option<&Input>,
) -> Result<(), GraphError> {
    let route = Route {
        gateway_id: Some(required_internet_gateway(context, gateway)?),
        route_table_id: RouteTable::id_of(table),
        ..Route::default()
    };
    let ipv4 = Route { destination_cidr_block: Some("0.0.0.0/0".to_owned()), ..route.clone() };
    graph.add(Layer::Network, format!("route-{prefix}0.0.0.0/0"), ipv4)?;
    let ipv6 = Route { destination_ipv6_cidr_block: Some("::/0".to_owned()), ..route };
    graph.add(Layer::Network, format!("route-{prefix}::/0"), ipv6)?;
    Ok(())
}
