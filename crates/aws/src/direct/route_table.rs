//! Route tables, their routes, and which subnets have them.

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, change_failed, filter, has_code, id_in, id_of, matching, plain, sent, sent_once, tagged, tags_value,
    unchanged, with_id,
};
use super::{DirectCloud, Search};
use kopsform_direct::desired::task_of;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::{Cidr, Route, RouteTable, RouteTableAssociation, RouteTarget};
use kopsform_rolling::ports::ApiError;

pub(super) async fn describe(search: &Search<'_>) -> Result<Vec<ec2::RouteTable>, ApiError> {
    if !search.has(&[TaskKind::RouteTable]) {
        return Ok(Vec::new());
    }
    let call = search.cloud.clients.ec2().describe_route_tables().set_filters(Some(search.cloud.of_cluster()));
    all!(call, "DescribeRouteTables")
}

/// Adds tables, their routes and their associations to what was found, the subnets among it.
pub(super) fn add(search: &Search<'_>, tables: &[ec2::RouteTable], found: &mut Found) -> Result<(), ApiError> {
    for (task, _) in search.of::<RouteTable>(TaskKind::RouteTable) {
        let Some(table) = matching(task, tables, ec2::RouteTable::route_table_id, ec2::RouteTable::tags)? else {
            continue;
        };
        let object = Object::new(table.route_table_id().unwrap_or_default())
            .field("Tags", tags_value(table.tags()))
            .field("VPC", table.vpc_id());
        found.objects.insert(task.id.clone(), object);
        for (of_route, route) in search.of::<Route>(TaskKind::Route) {
            let existing = table.routes().iter().find(|existing| leads_to(existing, &route.destination));
            if let Some(existing) = existing.filter(|_| task_of(TaskKind::RouteTable, &route.table) == task.id) {
                found.objects.insert(of_route.id.clone(), route_object(table, existing));
            }
        }
    }
    for (task, association) in search.of::<RouteTableAssociation>(TaskKind::RouteTableAssociation) {
        let subnet = found.objects.get(&task_of(TaskKind::Subnet, &association.subnet)).map(Object::id);
        let mut all = tables.iter().flat_map(|table| table.associations());
        if let Some(existing) = all.find(|existing| subnet.is_some() && existing.subnet_id() == subnet) {
            let object = Object::new(existing.route_table_association_id().unwrap_or_default());
            found.objects.insert(task.id.clone(), object.field("RouteTable", existing.route_table_id()));
        }
    }
    Ok(())
}

fn leads_to(route: &ec2::Route, destination: &Cidr) -> bool {
    match destination {
        Cidr::V4(cidr) => route.destination_cidr_block() == Some(cidr.as_str()),
        Cidr::V6(cidr) => route.destination_ipv6_cidr_block() == Some(cidr.as_str()),
    }
}

/// A route by what it leads through; one into nothing has no target.
fn route_object(table: &ec2::RouteTable, route: &ec2::Route) -> Object {
    let active = route.state() != Some(&ec2::RouteState::Blackhole);
    let target = |id: Option<&str>| Value::or_absent(id.filter(|id| active && !id.is_empty()));
    Object::new(table.route_table_id().unwrap_or_default())
        .field("InternetGateway", target(route.gateway_id()))
        .field("NatGateway", target(route.nat_gateway_id()))
        .field("EgressOnlyInternetGateway", target(route.egress_only_internet_gateway_id()))
        .field("TransitGatewayID", target(route.transit_gateway_id()))
        .field("VPCPeeringConnectionID", target(route.vpc_peering_connection_id()))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let table = cloud.resource::<RouteTable>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &table.vpc)?;
    let call = cloud.clients.ec2().create_route_table().vpc_id(vpc);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::RouteTable, &plain(&table.tags)));
    let created = sent_once!(call, "CreateRouteTable in {vpc}")?;
    Ok(with_id(created.route_table().and_then(|table| table.route_table_id()).unwrap_or_default()))
}

/// Associates a subnet with its table, instead of the one that it may have.
pub(super) async fn associate(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let association = cloud.resource::<RouteTableAssociation>(operation.task)?;
    let table = id_of(operation, TaskKind::RouteTable, &association.table)?;
    let subnet = id_of(operation, TaskKind::Subnet, &association.subnet)?;
    if let Some(existing) = operation.found {
        return replace_association(cloud, existing.id(), table).await;
    }
    let client = cloud.clients.ec2();
    match client.associate_route_table().route_table_id(table).subnet_id(subnet).send().await {
        Ok(associated) => Ok(with_id(associated.association_id().unwrap_or_default())),
        // The subnet has a table that is not the cluster's.
        Err(error) if has_code(&error, "Resource.AlreadyAssociated") => {
            let call = client.describe_route_tables().filters(filter("association.subnet-id", [subnet]));
            let tables: Vec<ec2::RouteTable> = all!(call, "DescribeRouteTables")?;
            let mut associations = tables.iter().flat_map(|table| table.associations());
            let existing = associations.find(|association| association.subnet_id() == Some(subnet));
            let existing = existing.and_then(|association| association.route_table_association_id());
            replace_association(cloud, existing.unwrap_or_default(), table).await
        }
        Err(error) => Err(change_failed(format!("AssociateRouteTable {subnet}"))(error)),
    }
}

async fn replace_association(cloud: &DirectCloud, association: &str, table: &str) -> Result<Attributes, CloudError> {
    let call = cloud.clients.ec2().replace_route_table_association().association_id(association).route_table_id(table);
    let replaced = sent!(call, "ReplaceRouteTableAssociation {association}")?;
    Ok(with_id(replaced.new_association_id().unwrap_or_default()))
}

/// What a route leads through: at most one of gateway, NAT gateway, egress-only gateway, transit gateway and VPC peering.
#[derive(Default)]
struct Target {
    gateway: Option<String>,
    nat_gateway: Option<String>,
    egress_only: Option<String>,
    transit_gateway: Option<String>,
    peering: Option<String>,
}

fn target(operation: &Operation<'_>, route: &Route) -> Result<Target, CloudError> {
    let owned = |id: &str| Some(id.to_owned());
    Ok(match &route.target {
        RouteTarget::InternetGateway(gateway) => {
            Target { gateway: owned(id_in(operation, TaskKind::InternetGateway, gateway)?), ..Target::default() }
        }
        RouteTarget::NatGateway(gateway) => {
            Target { nat_gateway: owned(id_in(operation, TaskKind::NatGateway, gateway)?), ..Target::default() }
        }
        RouteTarget::EgressOnlyInternetGateway(gateway) => {
            let id = id_in(operation, TaskKind::EgressOnlyInternetGateway, gateway)?;
            Target { egress_only: owned(id), ..Target::default() }
        }
        RouteTarget::TransitGateway(id) => Target { transit_gateway: owned(id), ..Target::default() },
        RouteTarget::VpcPeering(id) => Target { peering: owned(id), ..Target::default() },
    })
}

fn destinations(route: &Route) -> (Option<String>, Option<String>) {
    match &route.destination {
        Cidr::V4(cidr) => (Some(cidr.clone()), None),
        Cidr::V6(cidr) => (None, Some(cidr.clone())),
    }
}

pub(super) async fn create_route(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let route = cloud.resource::<Route>(operation.task)?;
    let table = id_of(operation, TaskKind::RouteTable, &route.table)?;
    let (target, (ipv4, ipv6)) = (target(operation, route)?, destinations(route));
    let call = cloud
        .clients
        .ec2()
        .create_route()
        .route_table_id(table)
        .set_destination_cidr_block(ipv4)
        .set_destination_ipv6_cidr_block(ipv6)
        .set_gateway_id(target.gateway)
        .set_nat_gateway_id(target.nat_gateway)
        .set_egress_only_internet_gateway_id(target.egress_only)
        .set_transit_gateway_id(target.transit_gateway)
        .set_vpc_peering_connection_id(target.peering);
    match call.send().await {
        Ok(_) => Ok(with_id(table)),
        // A request that was sent again after a broken connection.
        Err(error) if has_code(&error, "RouteAlreadyExists") => replace_route(cloud, operation).await,
        Err(error) => Err(change_failed(format!("CreateRoute {}", operation.task.id.name))(error)),
    }
}

pub(super) async fn replace_route(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let route = cloud.resource::<Route>(operation.task)?;
    let table = id_of(operation, TaskKind::RouteTable, &route.table)?;
    let (target, (ipv4, ipv6)) = (target(operation, route)?, destinations(route));
    let call = cloud
        .clients
        .ec2()
        .replace_route()
        .route_table_id(table)
        .set_destination_cidr_block(ipv4)
        .set_destination_ipv6_cidr_block(ipv6)
        .set_gateway_id(target.gateway)
        .set_nat_gateway_id(target.nat_gateway)
        .set_egress_only_internet_gateway_id(target.egress_only)
        .set_transit_gateway_id(target.transit_gateway)
        .set_vpc_peering_connection_id(target.peering);
    sent!(call, "ReplaceRoute {}", operation.task.id.name)?;
    unchanged(operation)
}
