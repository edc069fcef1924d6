//! etcd's volumes.

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, filter, found_tags, int, matching, own_id, plain, sent, sent_once, tagged, tags_value, unchanged, wanted_tags,
    with_id,
};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::EbsVolume;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<EbsVolume>(TaskKind::EbsVolume);
    if wanted.is_empty() {
        return Ok(found);
    }
    let mut filters = search.cloud.of_cluster();
    filters.push(filter("status", ["creating", "available", "in-use", "error"]));
    let call = search.cloud.clients.ec2().describe_volumes().set_filters(Some(filters));
    let volumes: Vec<ec2::Volume> = all!(call, "DescribeVolumes")?;
    for (task, _) in wanted {
        let Some(volume) = matching(task, &volumes, ec2::Volume::volume_id, ec2::Volume::tags)? else { continue };
        let object = Object::new(volume.volume_id().unwrap_or_default())
            .field("AvailabilityZone", volume.availability_zone())
            .field("Encrypted", volume.encrypted().unwrap_or_default())
            .field("KmsKeyId", volume.kms_key_id())
            .field("SizeGB", volume.size().map(i64::from))
            .field("Tags", tags_value(volume.tags()))
            .field("VolumeIops", volume.iops().map(i64::from))
            .field("VolumeThroughput", volume.throughput().map(i64::from))
            .field("VolumeType", volume.volume_type().map(ec2::VolumeType::as_str));
        found.objects.insert(task.id.clone(), object);
    }
    Ok(found)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let volume = cloud.resource::<EbsVolume>(operation.task)?;
    let call = cloud
        .clients
        .ec2()
        .create_volume()
        .availability_zone(&volume.zone)
        .volume_type(ec2::VolumeType::from(volume.volume_type.as_str()))
        .size(int(volume.size))
        .encrypted(volume.encrypted)
        .set_kms_key_id(volume.kms_key.clone())
        .set_iops(volume.iops.map(int))
        .set_throughput(volume.throughput.map(int))
        .set_tag_specifications(tagged(ec2::ResourceType::Volume, &plain(&volume.tags)));
    let created = sent_once!(call, "CreateVolume {}", operation.task.id.name)?;
    Ok(with_id(created.volume_id().unwrap_or_default()))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let volume = cloud.resource::<EbsVolume>(operation.task)?;
    let id = own_id(operation)?;
    let changed = ["SizeGB", "VolumeType", "VolumeIops", "VolumeThroughput"];
    if changed.iter().any(|field| operation.changes(field)) {
        let mut call = cloud.clients.ec2().modify_volume().volume_id(id);
        if operation.changes("SizeGB") {
            call = call.size(int(volume.size));
        }
        // Type, IOPS and throughput depend on each other.
        call = call
            .volume_type(ec2::VolumeType::from(volume.volume_type.as_str()))
            .set_iops(volume.iops.map(int))
            .set_throughput(volume.throughput.map(int));
        sent!(call, "ModifyVolume {id}")?;
    }
    if operation.changes("Tags") {
        cloud.retag(id, &wanted_tags(operation.task), &found_tags(operation)).await?;
    }
    unchanged(operation)
}
