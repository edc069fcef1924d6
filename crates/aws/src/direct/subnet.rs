//! Subnets.

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, existing_id, filter, id_of, matching, own_id, plain, sent, sent_once, tagged, tags_value, with_id,
};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::Subnet;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<Subnet>(TaskKind::Subnet);
    let shared: Vec<&str> = wanted.iter().filter_map(|(task, _)| existing_id(task)).collect();
    let (own, given) = futures::try_join!(
        async {
            match wanted.len() > shared.len() {
                true => describe(search, search.cloud.of_cluster()).await,
                false => Ok(Vec::new()),
            }
        },
        async {
            // A filter finds those that exist; ids that do not exist would fail the call.
            match shared.is_empty() {
                true => Ok(Vec::new()),
                false => describe(search, vec![filter("subnet-id", shared.iter().copied())]).await,
            }
        },
    )?;
    for (task, _) in &wanted {
        let among = if existing_id(task).is_some() { &given } else { &own };
        if let Some(subnet) = matching(task, among, ec2::Subnet::subnet_id, ec2::Subnet::tags)? {
            found.objects.insert(task.id.clone(), object(subnet));
        }
    }
    Ok(found)
}

async fn describe(search: &Search<'_>, filters: Vec<ec2::Filter>) -> Result<Vec<ec2::Subnet>, ApiError> {
    all!(search.cloud.clients.ec2().describe_subnets().set_filters(Some(filters)), "DescribeSubnets")
}

fn object(subnet: &ec2::Subnet) -> Object {
    let names = subnet.private_dns_name_options_on_launch();
    let by_resource = names.and_then(|names| names.hostname_type()) == Some(&ec2::HostnameType::ResourceName);
    let mut ipv6 = subnet.ipv6_cidr_block_association_set().iter().filter(|block| {
        use ec2::SubnetCidrBlockStateCode::{Associated, Associating};
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        matches!(state, Some(Associated | Associating))
    });
    let ipv6 = ipv6.next().and_then(|block| block.ipv6_cidr_block());
    Object::new(subnet.subnet_id().unwrap_or_default())
        .field("AssignIPv6AddressOnCreation", subnet.assign_ipv6_address_on_creation().unwrap_or_default())
        .field("AvailabilityZone", subnet.availability_zone().unwrap_or_default())
        .field("CIDR", subnet.cidr_block().filter(|cidr| !cidr.is_empty()))
        .field("IPv6CIDR", ipv6)
        .field("ResourceBasedNaming", by_resource)
        .field("Tags", tags_value(subnet.tags()))
        .field("VPC", subnet.vpc_id())
}

/// The IPv6 network that a subnet should have.
fn ipv6_of(operation: &Operation<'_>) -> Result<Option<String>, CloudError> {
    match operation.task.value("IPv6CIDR").map(|value| value.resolve(operation.ids)) {
        None => Ok(None),
        Some(Value::Text(cidr)) => Ok(Some(cidr)),
        Some(unknown) => Err(CloudError::Failed(ApiError::permanent(
            operation.task.id.to_string(),
            format!("its IPv6 network {unknown} is not part of the VPC's"),
        ))),
    }
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let subnet = cloud.resource::<Subnet>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &subnet.vpc)?;
    let call = cloud
        .clients
        .ec2()
        .create_subnet()
        .vpc_id(vpc)
        .availability_zone(&subnet.zone)
        .set_cidr_block(subnet.ipv4.clone())
        .set_ipv6_cidr_block(ipv6_of(operation)?)
        .set_ipv6_native(subnet.ipv4.is_none().then_some(true))
        .set_tag_specifications(tagged(ec2::ResourceType::Subnet, &plain(&subnet.tags)));
    let created = sent_once!(call, "CreateSubnet in {vpc}")?;
    let id = created.subnet().and_then(|subnet| subnet.subnet_id()).unwrap_or_default();
    if subnet.ipv6.is_some() {
        assign_ipv6(cloud, id, true).await?;
    }
    if subnet.ipv4.is_none() {
        translate_names(cloud, id).await?;
    }
    if subnet.named_by_resource {
        name_by_resource(cloud, id, subnet).await?;
    }
    Ok(with_id(id))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let subnet = cloud.resource::<Subnet>(operation.task)?;
    let id = own_id(operation)?;
    if operation.changes("IPv6CIDR") {
        let call = cloud.clients.ec2().associate_subnet_cidr_block().subnet_id(id);
        sent!(call.set_ipv6_cidr_block(ipv6_of(operation)?), "AssociateSubnetCidrBlock {id}")?;
    }
    if operation.changes("AssignIPv6AddressOnCreation") {
        assign_ipv6(cloud, id, subnet.ipv6.is_some()).await?;
    }
    if operation.changes("ResourceBasedNaming") {
        name_by_resource(cloud, id, subnet).await?;
    }
    super::support::update_tags(cloud, operation).await
}

fn value(value: bool) -> ec2::AttributeBooleanValue {
    ec2::AttributeBooleanValue::builder().value(value).build()
}

async fn assign_ipv6(cloud: &DirectCloud, id: &str, assign: bool) -> Result<(), CloudError> {
    let call = cloud.clients.ec2().modify_subnet_attribute().subnet_id(id);
    sent!(call.assign_ipv6_address_on_creation(value(assign)), "ModifySubnetAttribute {id}").map(|_| ())
}

/// Instances without IPv4 reach IPv4 hosts by translated addresses.
async fn translate_names(cloud: &DirectCloud, id: &str) -> Result<(), CloudError> {
    let call = cloud.clients.ec2().modify_subnet_attribute().subnet_id(id).enable_dns64(value(true));
    sent!(call, "ModifySubnetAttribute {id} EnableDns64").map(|_| ())
}

/// Names instances after themselves, or after their addresses. AWS takes one attribute a call.
async fn name_by_resource(cloud: &DirectCloud, id: &str, subnet: &Subnet) -> Result<(), CloudError> {
    let client = cloud.clients.ec2();
    let by_resource = subnet.named_by_resource;
    let kind = if by_resource { ec2::HostnameType::ResourceName } else { ec2::HostnameType::IpName };
    let call = client.modify_subnet_attribute().subnet_id(id).private_dns_hostname_type_on_launch(kind);
    sent!(call, "ModifySubnetAttribute {id} PrivateDnsHostnameTypeOnLaunch")?;
    if subnet.ipv4.is_some() {
        let call = client.modify_subnet_attribute().subnet_id(id);
        let call = call.enable_resource_name_dns_a_record_on_launch(value(by_resource));
        sent!(call, "ModifySubnetAttribute {id} EnableResourceNameDnsARecordOnLaunch")?;
    }
    if subnet.ipv6.is_some() {
        let call = client.modify_subnet_attribute().subnet_id(id);
        let call = call.enable_resource_name_dns_aaaa_record_on_launch(value(by_resource));
        sent!(call, "ModifySubnetAttribute {id} EnableResourceNameDnsAAAARecordOnLaunch")?;
    }
    Ok(())
}
