//! The disks of etcd.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::support::{found_map, link, map, name, named, number, text, unchanged, wanted_map};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::gce::resources::PersistentDisk;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.of::<PersistentDisk>(TaskKind::Disk);
    let wanted = wanted.into_iter().map(|(task, disk)| (task, path(cloud, disk)));
    search.each(wanted, |_, disk| object(disk)).await
}

fn path(cloud: &DirectCloud, disk: &PersistentDisk) -> String {
    cloud.zonal(&disk.zone, &format!("disks/{}", disk.name))
}

pub(super) fn object(disk: &Json) -> Object {
    Object::new(text(disk, "name"))
        .field("Labels", Value::Map(map(disk, "labels")))
        .field("SizeGB", number(disk, "sizeGb"))
        .field("VolumeIops", number(disk, "provisionedIops"))
        .field("VolumeThroughput", number(disk, "provisionedThroughput"))
        .field("VolumeType", name(disk, "type"))
}

/// etcd-manager finds the disk by its labels, so it has them from the first request on.
pub(super) fn body(cloud: &DirectCloud, disk: &PersistentDisk) -> Json {
    let labels: BTreeMap<&str, &str> = disk.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let mut body = json!({
        "name": disk.name.as_str(),
        "sizeGb": disk.size.to_string(),
        "type": link(&cloud.zonal(&disk.zone, &format!("diskTypes/{}", disk.disk_type))),
        "labels": labels,
    });
    if let Some(iops) = disk.iops {
        body["provisionedIops"] = json!(iops.to_string());
    }
    if let Some(throughput) = disk.throughput {
        body["provisionedThroughput"] = json!(throughput.to_string());
    }
    body
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let disk = cloud.resource::<PersistentDisk>(operation.task)?;
    cloud.insert(&cloud.zonal(&disk.zone, "disks"), &body(cloud, disk)).await?;
    Ok(named(disk.name.as_str()))
}

/// Adds the cluster's labels, and keeps others.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    if operation.changes("Labels") {
        let disk = cloud.resource::<PersistentDisk>(operation.task)?;
        let mut labels = found_map(operation, "Labels");
        labels.extend(wanted_map(operation.task, "Labels"));
        cloud.set_labels(&path(cloud, disk), &labels).await?;
    }
    unchanged(operation)
}
