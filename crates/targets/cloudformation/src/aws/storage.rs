//! etcd's volumes.

use crate::declare::Declare;
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::Text;
use kopsform_model::aws::resources::EbsVolume;

impl Declare for EbsVolume {
    const TYPE: &'static str = "AWS::EC2::Volume";
    const PREFIX: &'static str = "Volume";
    const STACK: Stack = Stack::Storage;

    /// `a.etcd-main` is the volume of member a of the cluster main.
    fn label(name: &Text) -> String {
        let name = name.without_cluster_name();
        match name.split_once(".etcd-") {
            Some((member, cluster @ ("main" | "events" | "cilium"))) => format!("etcd-{cluster}-{member}"),
            _ => name,
        }
    }

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            body.set("AvailabilityZone", &self.zone)
                .set("Encrypted", self.encrypted)
                .set("Iops", self.iops)
                .set("KmsKeyId", &self.kms_key)
                .set("Size", self.size)
                .set("Tags", &self.tags)
                .set("Throughput", self.throughput)
                .set("VolumeType", &self.volume_type)
                .retain();
        });
    }
}
