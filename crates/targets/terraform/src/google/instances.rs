//! Instance templates, managed instance groups and disks.

use hcl::expr::{Expression, Object, ObjectKey, Variable};

use super::{InAttribute, ListOf};
use crate::block::{AttributeOf, Block, Body};
use crate::layout::{ETCD_FILE, INSTANCE_GROUPS_FILE};
use crate::readable::place::{CONTROL_PLANE, Place};
use kopsform_model::gce::resources::{
    BootDisk, GroupIdentity, InstanceGroupManager, InstanceTemplate, Interface, PersistentDisk,
};

/// What the block of an instance group's resource is headed with.
fn group_comment(group: &GroupIdentity) -> Option<String> {
    Some(match group.is_control_plane {
        true => "The instance groups of the control plane.".to_owned(),
        false => format!("Instance group {}.", group.name),
    })
}

impl Block for InstanceTemplate {
    const TYPE: &'static str = "google_compute_instance_template";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    fn place(&self, _name: &str) -> Place {
        match self.group.is_control_plane {
            true => Place::each(CONTROL_PLANE, &self.group.name),
            false => Place::Own(self.group.name.clone()),
        }
    }

    fn comment(&self) -> Option<String> {
        group_comment(&self.group)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let metadata = metadata(self, body);
        body.set("can_ip_forward", self.can_ip_forward)
            .block("disk", |body| boot_disk(&self.boot_disk, body))
            .blocks("guest_accelerator", &self.accelerators, |accelerator, body| {
                body.set("count", accelerator.count).set("type", &accelerator.accelerator_type);
            })
            .set("labels", &self.labels)
            // Groups refer to the template, so the new one must be there before the old one goes.
            .block("lifecycle", |body| {
                body.set("create_before_destroy", true);
            })
            .set("machine_type", &self.machine_type)
            .set("metadata", metadata)
            .set("name_prefix", &self.name_prefix)
            .block("network_interface", |body| interface(&self.interface, body))
            .block("scheduling", |body| {
                body.set("automatic_restart", !self.spot)
                    .set("on_host_maintenance", if self.migrates { "MIGRATE" } else { "TERMINATE" })
                    .set("preemptible", self.spot)
                    .set("provisioning_model", if self.spot { "SPOT" } else { "STANDARD" });
            })
            .block("service_account", |body| {
                body.set("email", InAttribute(&self.account, "email")).set("scopes", &self.scopes);
            })
            .set("tags", &self.tags);
    }
}

/// Values of several lines are files.
fn metadata(template: &InstanceTemplate, body: &mut Body<'_, '_>) -> Expression {
    let entries = template.metadata.iter().map(|(key, value)| {
        let value = match value.contains('\n') {
            true => body.file_value(&format!("metadata_{key}"), value.as_str()),
            false => body.text(value),
        };
        (ObjectKey::Expression(Expression::String(key.clone())), value)
    });
    Expression::Object(entries.collect::<Object<_, _>>())
}

fn boot_disk(disk: &BootDisk, body: &mut Body<'_, '_>) {
    let image =
        format!("https://www.googleapis.com/compute/v1/projects/{}/global/images/{}", disk.image_project, disk.image);
    body.set("auto_delete", true)
        .set("boot", true)
        .set("device_name", "persistent-disks-0")
        // kops writes these although they are empty.
        .set("disk_name", "")
        .set("interface", "")
        .set("source", "")
        .set("disk_size_gb", disk.size)
        .set("disk_type", &disk.disk_type)
        .set("mode", "READ_WRITE")
        .set("provisioned_iops", disk.iops)
        .set("provisioned_throughput", disk.throughput)
        .set("source_image", image)
        .set("type", "PERSISTENT");
}

/// kops leaves the range of pods (`Interface::pods`) out of Terraform.
fn interface(interface: &Interface, body: &mut Body<'_, '_>) {
    if interface.has_public_address {
        body.block("access_config", |_| ());
    }
    body.set("network", InAttribute(&interface.network, "name"))
        .set("stack_type", interface.stack.as_str())
        .set("subnetwork", InAttribute(&interface.subnetwork, "name"));
}

impl Block for InstanceGroupManager {
    const TYPE: &'static str = "google_compute_instance_group_manager";
    const FILE: &'static str = INSTANCE_GROUPS_FILE;

    /// Groups of the control plane are in one zone each, others have a manager in each of their zones.
    fn place(&self, _name: &str) -> Place {
        match self.group.is_control_plane {
            true => Place::each(CONTROL_PLANE, &self.group.name),
            false => Place::each(&self.group.name, &self.zone),
        }
    }

    fn comment(&self) -> Option<String> {
        group_comment(&self.group)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("base_instance_name", &self.base_instance_name)
            // The cluster autoscaler and users change it.
            .block("lifecycle", |body| {
                let size = Expression::Variable(Variable::sanitized("target_size"));
                body.set("ignore_changes", Expression::Array(vec![size]));
            })
            .set("list_managed_instances_results", "PAGINATED")
            .set("name", &self.name)
            .set("target_pools", ListOf(&self.target_pools, "self_link"))
            .set("target_size", self.target_size)
            .block("update_policy", |body| {
                body.set("minimal_action", "REPLACE").set("type", "OPPORTUNISTIC");
            })
            .block("version", |body| {
                body.set("instance_template", AttributeOf(&self.template, "self_link"));
            })
            .set("zone", &self.zone);
    }
}

impl Block for PersistentDisk {
    const TYPE: &'static str = "google_compute_disk";
    const FILE: &'static str = ETCD_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each("etcd", name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("labels", &self.labels)
            .set("name", &self.name)
            .set("provisioned_iops", self.iops)
            .set("provisioned_throughput", self.throughput)
            .set("size", self.size)
            .set("type", &self.disk_type)
            .set("zone", &self.zone);
    }
}
