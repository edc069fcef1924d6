//! etcd's volumes.

use crate::block::{Block, Body};
use crate::layout::ETCD_FILE;
use crate::readable::place::Place;
use kopsform_model::aws::resources::EbsVolume;
use kopsform_model::{Text, text};

impl Block for EbsVolume {
    const TYPE: &'static str = "aws_ebs_volume";
    const FILE: &'static str = ETCD_FILE;

    /// Addresses do not begin with a digit; volumes have had this prefix since Terraform 0.12.
    fn address_name(name: &Text) -> Text {
        if name.starts_with(|c: char| c.is_ascii_digit()) { text!["ebs-", name] } else { name.clone() }
    }

    fn place(&self, name: &str) -> Place {
        Place::each("etcd", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("availability_zone", &self.zone)
            .set("encrypted", self.encrypted)
            .set("iops", self.iops)
            .set("kms_key_id", &self.kms_key)
            .set("size", self.size)
            .set("tags", &self.tags)
            .set("throughput", self.throughput)
            .set("type", &self.volume_type);
    }
}
