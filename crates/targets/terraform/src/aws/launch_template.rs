//! Launch templates.

use super::autoscaling::{group_comment, group_place};
use crate::block::{Block, Body, GroupTags};
use crate::layout::INSTANCE_GROUPS_FILE;
use crate::naming::short_name;
use crate::readable::place::Place;
use kopsform_model::aws::resources::{Disk, DiskContent, InstanceVolume, LaunchTemplate, SpotOptions};

/// What instances start with that carries tags.
const TAGGED: [&str; 3] = ["instance", "volume", "network-interface"];

impl Block for LaunchTemplate {
    const TYPE: &'static str = "aws_launch_template";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    fn place(&self, name: &str) -> Place {
        group_place(&self.tags, name)
    }

    fn comment(&self) -> Option<String> {
        group_comment(&self.tags)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let place = self.place(&short_name(&self.name));
        let tags = GroupTags(&place, &self.tags);
        body.blocks("block_device_mappings", &self.disks, disk)
            .blocks("credit_specification", &self.cpu_credits, |credits, body| {
                body.set("cpu_credits", credits);
            })
            .set("ebs_optimized", self.ebs_optimized)
            .block("iam_instance_profile", |body| {
                body.set("name", &self.profile);
            })
            .set("image_id", &self.image)
            .blocks("instance_market_options", &self.spot, spot)
            .set("instance_type", &self.instance_type)
            .set("key_name", &self.key)
            // The group refers to the template, so the new one must be there before the old one goes.
            .block("lifecycle", |body| {
                body.set("create_before_destroy", true);
            })
            .block("metadata_options", |body| {
                body.set("http_endpoint", "enabled")
                    .set("http_protocol_ipv6", if self.metadata.ipv6 { "enabled" } else { "disabled" })
                    .set("http_put_response_hop_limit", self.metadata.hop_limit)
                    .set("http_tokens", &self.metadata.tokens);
            })
            .block("monitoring", |body| {
                body.set("enabled", self.detailed_monitoring);
            })
            .set("name", &self.name)
            .block("network_interfaces", |body| {
                body.set("associate_public_ip_address", self.network_interface.public_ip)
                    .set("delete_on_termination", true)
                    .set("ipv6_address_count", self.network_interface.ipv6_addresses)
                    .set("security_groups", &self.network_interface.security_groups);
            })
            .blocks("placement", &self.tenancy, |tenancy, body| {
                body.set("tenancy", tenancy);
            })
            .blocks("tag_specifications", TAGGED, |kind, body| {
                body.set("resource_type", kind).set("tags", &tags);
            })
            .set("tags", &tags);
        if let Some(user_data) = &self.user_data {
            body.base64_file("user_data", "user_data", user_data.as_str());
        }
    }
}

fn disk(disk: &Disk, body: &mut Body<'_, '_>) {
    body.set("device_name", &disk.device);
    match &disk.content {
        DiskContent::Volume(disk) => body.block("ebs", |body| volume(disk, body)),
        DiskContent::InstanceStore(number) => body.set("virtual_name", format!("ephemeral{number}")),
    };
}

fn volume(volume: &InstanceVolume, body: &mut Body<'_, '_>) {
    // kops has never passed `deleteOnTermination` on to Terraform.
    body.set("delete_on_termination", true)
        .set("encrypted", volume.encrypted)
        .set("iops", volume.iops)
        .set("kms_key_id", &volume.kms_key)
        .set("throughput", volume.throughput)
        .set("volume_size", volume.size)
        .set("volume_type", &volume.volume_type);
}

fn spot(options: &SpotOptions, body: &mut Body<'_, '_>) {
    body.set("market_type", "spot").block("spot_options", |body| {
        body.set("block_duration_minutes", options.duration_minutes)
            .set("instance_interruption_behavior", &options.interruption_behavior)
            .set("max_price", &options.max_price);
    });
}
