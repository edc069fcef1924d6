//! SSH keys.

use aws_sdk_ec2::types as ec2;
use aws_smithy_types::Blob;

use super::support::{filter, plain, sent, tagged, tags_value, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::KeyPair;
use kopsform_rolling::ports::ApiError;

/// A key is found by its name. Others refer to it by name, and tags are set by its id.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<KeyPair>(TaskKind::KeyPair);
    if wanted.is_empty() {
        return Ok(found);
    }
    let names = wanted.iter().map(|(_, key)| key.name.as_str());
    let call = search.cloud.clients.ec2().describe_key_pairs().filters(filter("key-name", names));
    let described = call.send().await.map_err(failed("DescribeKeyPairs"))?;
    for (task, key) in &wanted {
        if let Some(existing) = described.key_pairs().iter().find(|pair| pair.key_name() == Some(key.name.as_str())) {
            let object = Object::new(existing.key_pair_id().unwrap_or_default());
            found.objects.insert(task.id.clone(), object.field("Tags", tags_value(existing.tags())));
        }
    }
    Ok(found)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let key = cloud.resource::<KeyPair>(operation.task)?;
    let call = cloud
        .clients
        .ec2()
        .import_key_pair()
        .key_name(key.name.as_str())
        .public_key_material(Blob::new(key.public_key.as_bytes()))
        .set_tag_specifications(tagged(ec2::ResourceType::KeyPair, &plain(&key.tags)));
    let created = sent!(call, "ImportKeyPair {}", key.name)?;
    Ok(with_id(created.key_pair_id().unwrap_or_default()))
}
