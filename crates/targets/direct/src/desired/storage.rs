//! etcd's volumes.

use kopsform_model::NodeId;
use kopsform_model::aws::resources::EbsVolume;

use super::{Builder, all_tags};
use crate::task::{Task, TaskKind};

impl Builder<'_> {
    pub(super) fn ebs_volume(&self, id: &NodeId, volume: &EbsVolume) -> Vec<Task> {
        let mut task = Task::new(TaskKind::EbsVolume, id.name.as_str(), id.clone())
            .fixed("AvailabilityZone", &volume.zone)
            .fixed("Encrypted", volume.encrypted)
            .update("SizeGB", volume.size)
            .update("Tags", all_tags(&volume.tags))
            .update("VolumeType", &volume.volume_type);
        // What is not set is for AWS to choose.
        if let Some(key) = &volume.kms_key {
            task = task.fixed("KmsKeyId", key);
        }
        if let Some(iops) = volume.iops {
            task = task.update("VolumeIops", iops);
        }
        if let Some(throughput) = volume.throughput {
            task = task.update("VolumeThroughput", throughput);
        }
        vec![task]
    }
}
