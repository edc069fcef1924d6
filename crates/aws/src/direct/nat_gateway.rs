//! NAT gateways.

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, attribute_of, existing_id, filter, id_in, id_of, matching, own_id, plain, sent_once, tagged, tags_value,
    with_id,
};
use super::{DirectCloud, Search};
use kopsform_direct::desired::{ASSOCIATED_GATEWAY as ASSOCIATED, task_of, utility_subnets};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskId, TaskKind, Value};
use kopsform_model::aws::resources::{NatGateway, Route};
use kopsform_rolling::ports::ApiError;

pub(super) async fn describe(search: &Search<'_>) -> Result<Vec<ec2::NatGateway>, ApiError> {
    if !search.has(&[TaskKind::NatGateway]) {
        return Ok(Vec::new());
    }
    let client = search.cloud.clients.ec2();
    // Gateways that were deleted are described for another hour.
    let existing = || filter("state", ["pending", "available"]);
    let mut gateways: Vec<ec2::NatGateway> = Vec::new();
    let shared: Vec<&str> =
        search.of::<Route>(TaskKind::NatGateway).iter().filter_map(|(t, _)| existing_id(t)).collect();
    if !shared.is_empty() {
        let call = client.describe_nat_gateways().filter(existing()).filter(filter("nat-gateway-id", shared));
        let found: Vec<ec2::NatGateway> = all!(call, "DescribeNatGateways")?;
        gateways.extend(found);
    }
    if !search.of::<NatGateway>(TaskKind::NatGateway).is_empty() {
        let mut filters = search.cloud.of_cluster();
        filters.push(existing());
        let call = client.describe_nat_gateways().set_filter(Some(filters));
        let found: Vec<ec2::NatGateway> = all!(call, "DescribeNatGateways")?;
        gateways.extend(found);
    }
    Ok(gateways)
}

/// Adds gateways to what was found, the subnets among it.
pub(super) fn add(search: &Search<'_>, gateways: &[ec2::NatGateway], found: &mut Found) -> Result<(), ApiError> {
    for (task, resource) in search.of::<NatGateway>(TaskKind::NatGateway) {
        let existing = matching(task, gateways, ec2::NatGateway::nat_gateway_id, ec2::NatGateway::tags)?;
        let Some(gateway) = existing else { continue };
        let id = gateway.nat_gateway_id().unwrap_or_default();
        let subnet = found.objects.get(&task_of(TaskKind::Subnet, &resource.subnet));
        let associated = match subnet.and_then(|subnet| subnet.fields.get("Tags")) {
            Some(Value::Map(tags)) => tags.get(ASSOCIATED).is_some_and(|gateway| gateway == id),
            _ => false,
        };
        let address = gateway.nat_gateway_addresses().first().and_then(|address| address.allocation_id());
        let object = Object::new(id)
            .field(ASSOCIATED, associated)
            .field("ElasticIP", address)
            .field("Subnet", gateway.subnet_id())
            .field("Tags", tags_value(gateway.tags()));
        found.objects.insert(task.id.clone(), object);
    }
    for (task, route) in search.of::<Route>(TaskKind::NatGateway) {
        let existing = gateways.iter().find(|gateway| gateway.nat_gateway_id() == existing_id(task));
        if let Some(gateway) = existing {
            let id = gateway.nat_gateway_id().unwrap_or_default();
            let names_it = |task: &TaskId| match found.objects.get(task).and_then(|object| object.fields.get("Tags")) {
                Some(Value::Map(tags)) => tags.get(ASSOCIATED).is_some_and(|gateway| gateway == id),
                _ => false,
            };
            let associated = shared_with(search.cloud, &task.id.name, route).iter().all(names_it);
            let object = Object::new(id).field(ASSOCIATED, associated).field("Tags", tags_value(gateway.tags()));
            found.objects.insert(task.id.clone(), object);
        }
    }
    Ok(())
}

/// What names a shared gateway by a tag: the route table and the utility subnets of its zone.
fn shared_with(cloud: &DirectCloud, name: &str, route: &Route) -> Vec<TaskId> {
    let table = task_of(TaskKind::RouteTable, &route.table);
    std::iter::once(table).chain(utility_subnets(&cloud.graph, name)).collect()
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let gateway = cloud.resource::<NatGateway>(operation.task)?;
    let subnet = id_of(operation, TaskKind::Subnet, &gateway.subnet)?;
    let address = id_in(operation, TaskKind::ElasticIp, &gateway.address)?;
    let call = cloud.clients.ec2().create_nat_gateway().subnet_id(subnet).allocation_id(address);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::Natgateway, &plain(&gateway.tags)));
    let created = match sent_once!(call, "CreateNatGateway in {subnet}") {
        Err(CloudError::Exists(error)) if is_being_released(cloud, address).await? => {
            return Err(CloudError::NotYet(error));
        }
        outcome => outcome?,
    };
    let id = created.nat_gateway().and_then(|gateway| gateway.nat_gateway_id()).unwrap_or_default();
    associate(cloud, subnet, id).await?;
    Ok(with_id(id))
}

/// Whether a gateway that is being deleted still has an address. The deletion takes some minutes.
async fn is_being_released(cloud: &DirectCloud, address: &str) -> Result<bool, ApiError> {
    let call = cloud.clients.ec2().describe_nat_gateways().filter(filter("state", ["deleting"]));
    let gateways: Vec<ec2::NatGateway> = all!(call, "DescribeNatGateways")?;
    let mut held = gateways.iter().flat_map(|gateway| gateway.nat_gateway_addresses());
    Ok(held.any(|held| held.allocation_id() == Some(address)))
}

async fn associate(cloud: &DirectCloud, subnet: &str, gateway: &str) -> Result<(), CloudError> {
    cloud.tag(subnet, &[(ASSOCIATED.to_owned(), gateway.to_owned())].into()).await
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    if let (true, Ok(route)) = (operation.changes(ASSOCIATED), cloud.resource::<Route>(operation.task)) {
        let id = own_id(operation)?;
        for task in shared_with(cloud, &operation.task.id.name, route) {
            associate(cloud, attribute_of(operation, &task, Attribute::Id)?, id).await?;
        }
    } else if operation.changes(ASSOCIATED) {
        let gateway = cloud.resource::<NatGateway>(operation.task)?;
        associate(cloud, id_of(operation, TaskKind::Subnet, &gateway.subnet)?, own_id(operation)?).await?;
    }
    super::support::update_tags(cloud, operation).await
}
