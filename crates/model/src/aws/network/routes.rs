//! How a zone's subnets reach the internet: NAT gateways, elastic addresses, route tables, routes.

use super::vpc::{Gateways, add_route, default_routes, route_table};
use super::zones::Zone;
use super::{is_private, subnet_error};
use crate::aws::resources::{ElasticIp, NatGateway, RouteTable, RouteTarget};
use crate::{Context, Graph, GraphError, In, Layer, Ref};
use kopsform_spec::v1alpha2::{AdditionalRoute, Subnet, SubnetType};

/// IPv4 hosts as IPv6-only instances see them.
const NAT64_NETWORK: &str = "64:ff9b::/96";

/// Adds the way out of one zone.
pub fn build(context: &Context<'_>, graph: &mut Graph, gateways: &Gateways, zone: &Zone<'_>) -> Result<(), GraphError> {
    let egress = || egress_of(context, zone);
    add_nat_gateway(context, graph, zone)?;
    if zone.has_private_subnet() {
        let prefix = format!("private-{}-", zone.name);
        let name = context.private_route_table_name(zone.name);
        let table = route_table(context, graph, name, prefix.trim_end_matches('-'))?;
        add_route(graph, &table, &prefix, "0.0.0.0/0", egress()?)?;
        if context.is_ipv6_only() {
            add_route(graph, &table, &prefix, NAT64_NETWORK, egress()?)?;
            let gateway = gateways.egress_only.clone().ok_or_else(|| GraphError::Unsupported {
                path: "spec.networkID".to_owned(),
                message: format!(
                    "VPC {} has no egress-only internet gateway, and the private subnets need one for IPv6",
                    context.cluster.spec.network_id
                ),
            })?;
            let target = RouteTarget::EgressOnlyInternetGateway(gateway.into());
            add_route(graph, &table, &prefix, "::/0", target)?;
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
        let prefix = format!("public-{}-", zone.name);
        let name = context.public_route_table_name(zone.name);
        let table = route_table(context, graph, name, prefix.trim_end_matches('-'))?;
        default_routes(context, graph, &table, &prefix, gateways.internet.as_ref())?;
        add_route(graph, &table, &prefix, NAT64_NETWORK, egress()?)?;
    }
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

/// Where the zone's traffic to IPv4 hosts goes.
fn egress_of(context: &Context<'_>, zone: &Zone<'_>) -> Result<RouteTarget, GraphError> {
    let subnet = common_egress(context, zone)?;
    let egress = subnet.egress.as_str();
    if egress.starts_with("nat-") {
        Ok(RouteTarget::NatGateway(egress.into()))
    } else if egress.starts_with("tgw-") {
        Ok(RouteTarget::TransitGateway(egress.to_owned()))
    } else if egress.is_empty() || egress.starts_with("eipalloc-") {
        Ok(RouteTarget::NatGateway(Ref::new(context.qualified(zone.name)).into()))
    } else if egress.starts_with("i-") {
        Err(subnet_error(context, subnet, "egress", "a route through an instance cannot be made with Terraform"))
    } else {
        let message = "is not supported, use nat-…, eipalloc-…, tgw-… or External";
        Err(subnet_error(context, subnet, "egress", format!("{egress:?} {message}")))
    }
}

/// Adds the zone's NAT gateway with its address, unless its subnets leave another way.
fn add_nat_gateway(context: &Context<'_>, graph: &mut Graph, zone: &Zone<'_>) -> Result<(), GraphError> {
    let subnet = common_egress(context, zone)?;
    let name = context.qualified(zone.name);
    let address: In<ElasticIp> = match subnet.egress.as_str() {
        "" => {
            let tags = match subnet.public_ip.is_empty() {
                true => context.owned_tags(&name),
                false => context.shared_tags(),
            };
            let existing = Some(subnet.public_ip.clone()).filter(|address| !address.is_empty());
            graph.add(Layer::Network, &name, ElasticIp { existing, tags })?.into()
        }
        egress if egress.starts_with("eipalloc-") => egress.into(),
        _ => return Ok(()),
    };
    let subnet = context.subnet(gateway_subnet(context, zone)?);
    let gateway = NatGateway { subnet, address, tags: context.owned_tags(&name) };
    graph.add(Layer::Network, name, gateway).map(|_| ())
}

/// The subnet of the zone's NAT gateway: the only utility subnet, or the only public one where there are
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
            format!("zone {} has several {word} subnets, and its NAT gateway needs exactly one", zone.name)
        }
    };
    Err(GraphError::Unsupported { path: "spec.subnets".to_owned(), message })
}

fn additional_route(
    context: &Context<'_>,
    graph: &mut Graph,
    subnet: &Subnet,
    route: &AdditionalRoute,
    table: &Ref<RouteTable>,
) -> Result<(), GraphError> {
    let id = || route.target.as_str();
    let target = match route.target.split_once('-').map(|(prefix, _)| prefix) {
        Some("pcx") => RouteTarget::VpcPeering(id().to_owned()),
        Some("nat") => RouteTarget::NatGateway(id().into()),
        Some("tgw") => RouteTarget::TransitGateway(id().to_owned()),
        Some("igw") => RouteTarget::InternetGateway(id().into()),
        Some("eigw") => RouteTarget::EgressOnlyInternetGateway(id().into()),
        _ => {
            let message = format!("a route to {:?} cannot be made with Terraform", route.target);
            return Err(subnet_error(context, subnet, "additionalRoutes", message));
        }
    };
    add_route(graph, table, &format!("{}.", subnet.name), &route.cidr, target)
}
