//! How a zone's subnets reach the internet: NAT gateways, elastic addresses, route tables, routes.

use super::vpc::{Gateways, default_routes, route_table};
use super::zones::Zone;
use super::{is_private, subnet_error};
use crate::aws::resources::{Eip, NatGateway, Route, RouteTable};
use crate::{Context, Graph, GraphError, Input, Layer};
use kopsform_spec::v1alpha2::{AdditionalRoute, Subnet, SubnetType};

/// IPv4 hosts as IPv6-only instances see them.
const NAT64_NETWORK: &str = "64:ff9b::/96";

/// Where a zone's traffic to IPv4 hosts goes.
enum Egress {
    Nat(Input),
    TransitGateway(String),
}

impl Egress {
    fn into_route(self, table: &str) -> Route {
        let route = Route { route_table_id: RouteTable::id_of(table), ..Route::default() };
        match self {
            Self::Nat(id) => Route { nat_gateway_id: Some(id), ..route },
            Self::TransitGateway(id) => Route { transit_gateway_id: Some(Input::Known(id)), ..route },
        }
    }
}

/// Adds the way out of one zone.
pub fn build(context: &Context<'_>, graph: &mut Graph, gateways: &Gateways, zone: &Zone<'_>) -> Result<(), GraphError> {
    let egress = || egress_of(context, zone);
    add_nat_gateway(context, graph, zone)?;
    if zone.has_private_subnet() {
        let table = context.private_route_table_name(zone.name);
        let prefix = format!("private-{}-", zone.name);
        route_table(context, graph, &table, prefix.trim_end_matches('-'))?;
        let ipv4 = Route { destination_cidr_block: Some("0.0.0.0/0".to_owned()), ..egress()?.into_route(&table) };
        graph.add(Layer::Network, format!("route-{prefix}0.0.0.0/0"), ipv4)?;
        if context.is_ipv6_only() {
            nat64_route(graph, &prefix, egress()?.into_route(&table))?;
            let gateway = gateways.egress_only.clone().ok_or_else(|| GraphError::Unsupported {
                path: "spec.networkID".to_owned(),
                message: format!(
                    "VPC {} has no egress-only internet gateway, and the private subnets need one for IPv6",
                    context.cluster.spec.network_id
                ),
            })?;
            let ipv6 = Route {
                destination_ipv6_cidr_block: Some("::/0".to_owned()),
                egress_only_gateway_id: Some(gateway),
                route_table_id: RouteTable::id_of(&table),
                ..Route::default()
            };
            graph.add(Layer::Network, format!("route-{prefix}::/0"), ipv6)?;
        }
        // The zone's table has the routes of all its private subnets, those that leave another way among them.
        let of_zone = |subnet: &&Subnet| subnet.zone == zone.name && is_private(subnet);
        for subnet in context.cluster.spec.subnets.iter().filter(of_zone) {
            for route in &subnet.additional_routes {
                additional_route(context, graph, subnet, route, &table)?;
            }
        }
    }
    if zone.has_public_ipv6_subnet() {
        let table = context.public_route_table_name(zone.name);
        let prefix = format!("public-{}-", zone.name);
        route_table(context, graph, &table, prefix.trim_end_matches('-'))?;
        default_routes(context, graph, &table, &prefix, gateways.internet.as_ref())?;
        nat64_route(graph, &prefix, egress()?.into_route(&table))?;
    }
    Ok(())
}

fn nat64_route(graph: &mut Graph, prefix: &str, route: Route) -> Result<(), GraphError> {
    let route = Route { destination_ipv6_cidr_block: Some(NAT64_NETWORK.to_owned()), ..route };
    graph.add(Layer::Network, format!("route-{prefix}{NAT64_NETWORK}"), route)?;
    Ok(())
}

/// The one egress of all subnets of a zone; they share a route table.
fn common_egress<'a>(context: &Context<'_>, zone: &Zone<'a>) -> Result<&'a Subnet, GraphError> {
    let first = zone.subnets[0];
    let other_egress = |subnet: &&&Subnet| subnet.egress != first.egress;
    let other_address = |subnet: &&&Subnet| subnet.public_ip != first.public_ip;
    let others = || zone.subnets.iter();
    let odd =
        others().find(other_egress).map(|s| (s, "egress")).or(others().find(other_address).map(|s| (s, "publicIP")));
    match odd {
        None => Ok(first),
        Some((subnet, field)) => {
            let message =
                format!("differs from that of {:?}, which leaves zone {} the same way", first.name, zone.name);
            Err(subnet_error(context, subnet, field, message))
        }
    }
}

fn egress_of(context: &Context<'_>, zone: &Zone<'_>) -> Result<Egress, GraphError> {
    let subnet = common_egress(context, zone)?;
    let egress = subnet.egress.as_str();
    if egress.starts_with("nat-") {
        Ok(Egress::Nat(Input::Known(egress.to_owned())))
    } else if egress.starts_with("tgw-") {
        Ok(Egress::TransitGateway(egress.to_owned()))
    } else if egress.is_empty() || egress.starts_with("eipalloc-") {
        Ok(Egress::Nat(NatGateway::id_of(context.qualified(zone.name))))
    } else if egress.starts_with("i-") {
        Err(subnet_error(context, subnet, "egress", "a route through an instance cannot be made with Terraform"))
    } else {
        let message = "is none of nat-…, eipalloc-…, tgw-… and External";
        Err(subnet_error(context, subnet, "egress", format!("{egress:?} {message}")))
    }
}

/// Adds the zone's NAT gateway with its address, unless its subnets leave another way.
fn add_nat_gateway(context: &Context<'_>, graph: &mut Graph, zone: &Zone<'_>) -> Result<(), GraphError> {
    let subnet = common_egress(context, zone)?;
    let name = context.qualified(zone.name);
    let allocation_id = match subnet.egress.as_str() {
        "" => {
            let tags = match subnet.public_ip.is_empty() {
                true => context.owned_tags(&name),
                false => context.shared_tags(),
            };
            graph.add(Layer::Network, &name, Eip { domain: "vpc".to_owned(), tags })?;
            Eip::id_of(&name)
        }
        egress if egress.starts_with("eipalloc-") => Input::Known(egress.to_owned()),
        _ => return Ok(()),
    };
    let home = gateway_subnet(context, zone)?;
    let gateway = NatGateway { allocation_id, subnet_id: context.subnet_id(home), tags: context.owned_tags(&name) };
    graph.add(Layer::Network, &name, gateway)?;
    Ok(())
}

/// The subnet that the zone's NAT gateway stands in: the only utility subnet, or the only public one where there are
/// no private ones.
fn gateway_subnet<'a>(context: &Context<'a>, zone: &Zone<'_>) -> Result<&'a Subnet, GraphError> {
    let (wanted, word) = match zone.has_private_subnet() {
        true => (SubnetType::Utility, "utility"),
        false => (SubnetType::Public, "public"),
    };
    let mut found = context.cluster.spec.subnets.iter().filter(|s| s.zone == zone.name && s.r#type == Some(wanted));
    let message = match (found.next(), found.next()) {
        (Some(subnet), None) => return Ok(subnet),
        (None, _) => format!("zone {} has no {word} subnet for its NAT gateway", zone.name),
        (Some(_), Some(_)) => {
            format!("zone {} has several {word} subnets, and its NAT gateway must stand in one", zone.name)
        }
    };
    Err(GraphError::Unsupported { path: "spec.subnets".to_owned(), message })
}

fn additional_route(
    context: &Context<'_>,
    graph: &mut Graph,
    subnet: &Subnet,
    route: &AdditionalRoute,
    table: &str,
) -> Result<(), GraphError> {
    let target = || Some(Input::Known(route.target.clone()));
    let is_ipv6 = route.cidr.contains(':');
    let mut resource = Route {
        destination_cidr_block: (!is_ipv6).then(|| route.cidr.clone()),
        destination_ipv6_cidr_block: is_ipv6.then(|| route.cidr.clone()),
        route_table_id: RouteTable::id_of(table),
        ..Route::default()
    };
    match route.target.split_once('-').map(|(prefix, _)| prefix) {
        Some("pcx") => resource.vpc_peering_connection_id = target(),
        Some("nat") => resource.nat_gateway_id = target(),
        Some("tgw") => resource.transit_gateway_id = target(),
        Some("igw") => resource.gateway_id = target(),
        Some("eigw") => resource.egress_only_gateway_id = target(),
        _ => {
            let message = format!("a route to {:?} cannot be made with Terraform", route.target);
            return Err(subnet_error(context, subnet, "additionalRoutes", message));
        }
    }
    graph.add(Layer::Network, format!("route-{}.{}", subnet.name, route.cidr), resource)?;
    Ok(())
}
