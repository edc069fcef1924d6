//! Public IPv4 addresses that stay.

use aws_sdk_ec2::types as ec2;

use super::support::{existing_id, filter, matching, plain, sent_once, tagged, tags_value, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind};
use kopsform_model::aws::resources::{ElasticIp, NatGateway};
use kopsform_rolling::ports::ApiError;

/// Addresses are found by their tags, with which they are allocated: nothing needs to refer to them yet. Those of the spec are found
/// by the address, or by the id that a NAT gateway names.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let own = search.of::<ElasticIp>(TaskKind::ElasticIp);
    let own: Vec<(&Task, Key)> = own
        .into_iter()
        .map(|(task, _)| (task, if existing_id(task).is_some() { Key::Address } else { Key::Tags }))
        .collect();
    let named = search.of::<NatGateway>(TaskKind::ElasticIp).into_iter().map(|(task, _)| (task, Key::Id));
    let wanted: Vec<(&Task, Key)> = own.into_iter().chain(named).collect();
    let mut found = Found::default();
    for key in [Key::Tags, Key::Address, Key::Id] {
        let tasks: Vec<&Task> = wanted.iter().filter(|(_, of)| *of == key).map(|(task, _)| *task).collect();
        if tasks.is_empty() {
            continue;
        }
        let ids = tasks.iter().filter_map(|task| existing_id(task));
        let filters = match key {
            Key::Tags => search.cloud.of_cluster(),
            Key::Address => vec![filter("public-ip", ids)],
            Key::Id => vec![filter("allocation-id", ids)],
        };
        let call = search.cloud.clients.ec2().describe_addresses().set_filters(Some(filters));
        let described = call.send().await.map_err(failed("DescribeAddresses"))?;
        let id = |address: &ec2::Address| match key {
            Key::Address => address.public_ip.clone(),
            Key::Tags | Key::Id => address.allocation_id.clone(),
        };
        for task in tasks {
            let address = match existing_id(task) {
                Some(wanted) => described.addresses().iter().find(|address| id(address).as_deref() == Some(wanted)),
                None => matching(task, described.addresses(), ec2::Address::allocation_id, ec2::Address::tags)?,
            };
            if let Some(address) = address {
                let object = Object::new(address.allocation_id().unwrap_or_default());
                found.objects.insert(task.id.clone(), object.field("Tags", tags_value(address.tags())));
            }
        }
    }
    Ok(found)
}

/// How an address is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Tags,
    Address,
    Id,
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let address = cloud.resource::<ElasticIp>(operation.task)?;
    let call = cloud.clients.ec2().allocate_address().domain(ec2::DomainType::Vpc);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::ElasticIp, &plain(&address.tags)));
    let allocated = sent_once!(call, "AllocateAddress")?;
    Ok(with_id(allocated.allocation_id().unwrap_or_default()))
}
