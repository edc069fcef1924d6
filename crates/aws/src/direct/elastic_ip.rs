//! Public IPv4 addresses that stay.

use aws_sdk_ec2::types as ec2;

use super::support::{existing_id, matching, plain, sent, tagged, tags_value, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::ElasticIp;
use kopsform_rolling::ports::ApiError;

/// Addresses are found by their tags, with which they are allocated: nothing needs to refer to them yet. Those of the spec are found
/// by the address.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<ElasticIp>(TaskKind::ElasticIp);
    let shared: Vec<&str> = wanted.iter().filter_map(|(task, _)| existing_id(task)).collect();
    let client = search.cloud.clients.ec2();
    let mut addresses: Vec<ec2::Address> = Vec::new();
    if wanted.len() > shared.len() {
        let call = client.describe_addresses().set_filters(Some(search.cloud.of_cluster()));
        let described = call.send().await.map_err(failed("DescribeAddresses"))?;
        addresses.extend(described.addresses().iter().cloned());
    }
    if !shared.is_empty() {
        let call = client.describe_addresses().filters(super::support::filter("public-ip", shared));
        let described = call.send().await.map_err(failed("DescribeAddresses"))?;
        addresses.extend(described.addresses().iter().cloned());
    }
    for (task, _) in &wanted {
        if let Some(address) = matching(task, &addresses, ec2::Address::public_ip, ec2::Address::tags)? {
            let object = Object::new(address.allocation_id().unwrap_or_default());
            found.objects.insert(task.id.clone(), object.field("Tags", tags_value(address.tags())));
        }
    }
    Ok(found)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let address = cloud.resource::<ElasticIp>(operation.task)?;
    let call = cloud.clients.ec2().allocate_address().domain(ec2::DomainType::Vpc);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::ElasticIp, &plain(&address.tags)));
    let allocated = sent!(call, "AllocateAddress")?;
    Ok(with_id(allocated.allocation_id().unwrap_or_default()))
}
