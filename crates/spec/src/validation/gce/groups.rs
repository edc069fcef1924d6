//! Zones, machines and accelerators of instance groups.

use super::super::checker::{Checker, duplicates};
use super::disks::{self, Disk};
use crate::formats::{Format, is_google_name};
use crate::v1alpha2::{Cluster, InstanceGroup, InstanceGroupSpec, InstanceManager};
use crate::zone::region_of_google_zone;
use kopsform_diagnostics::Rule;

/// The most characters of a group's name, which instances are named after.
const MAX_NAME: usize = 58;
/// The most bytes of a value of instance metadata.
const MAX_METADATA: usize = 256 * 1024;

pub(super) fn check(cx: &mut Checker<'_>, group: &InstanceGroup) {
    let spec = &group.spec;
    let name = &group.metadata.name;
    let is_accepted = name.is_empty() || is_google_name(name) && name.len() <= MAX_NAME;
    if !is_accepted {
        let message = format!("{name} begins the names of instances, which Google Cloud refuses");
        let hint = format!("up to {MAX_NAME} lower-case letters, digits and hyphens, a letter first");
        cx.strict(Rule::BadName, "metadata.name", (message, hint));
    }
    zones(cx, group);
    if spec.subnets.len() > 1 {
        let message = "a group is in one subnet, which spans the zones of its region";
        cx.error(Rule::Conflict, "spec.subnets[1]", (message, "keep one of them, or make a group for each"));
    }
    if spec.manager == Some(InstanceManager::Karpenter) {
        let message = "Karpenter manages groups on AWS only";
        cx.error(Rule::UnsupportedValue, "spec.manager", (message, "remove it"));
    }
    accelerators(cx, spec);
    if spec.containerd.as_ref().and_then(|c| c.nvidia_gpu.as_ref()).is_some_and(|gpu| gpu.enabled == Some(true)) {
        nvidia(cx);
    }
    let disk = Disk {
        kind: spec.root_volume_type.as_deref().unwrap_or("pd-standard"),
        iops: spec.root_volume_iops,
        throughput: spec.root_volume_throughput,
    };
    disks::check(cx, &disk, "spec.rootVolumeIops", "spec.rootVolumeThroughput");
    let length: usize = spec.additional_user_data.iter().map(|part| part.content.len()).sum();
    if length > MAX_METADATA {
        let message = format!("the parts have {length} bytes, instance metadata takes {MAX_METADATA}");
        let hint = "move them to a file that instances download";
        cx.strict(Rule::OutOfRange, "spec.additionalUserData", (message, hint));
    }
}

/// Refuses the settings that install the drivers of GPUs.
pub(super) fn nvidia(cx: &mut Checker<'_>) {
    let message = "kops installs GPU drivers on AWS and OpenStack only";
    cx.error(Rule::UnsupportedField, "spec.containerd.nvidiaGPU", (message, "remove it, and install them yourself"));
}

fn zones(cx: &mut Checker<'_>, group: &InstanceGroup) {
    let zones = &group.spec.zones;
    if zones.is_empty() {
        return cx.required("spec.zones", ("the group has no zones", "such as zones: [us-central1-a]"));
    }
    duplicates(cx, "spec.zones", zones, Checker::strict);
    if group.is_control_plane() && zones.len() > 1 {
        let message = format!("the disk of an etcd member is in one zone, not in {}", zones.join(" and "));
        cx.error(Rule::SeveralZones, "spec.zones[1]", (message, "make a group of the control plane for each zone"));
    }
}

fn accelerators(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    for (i, accelerator) in spec.guest_accelerators.iter().enumerate() {
        let path = |field: &str| format!("spec.guestAccelerators[{i}].{field}");
        for (field, missing, hint) in [
            ("acceleratorType", accelerator.accelerator_type.is_empty(), "such as nvidia-tesla-t4"),
            ("acceleratorCount", accelerator.accelerator_count == 0, "such as 1"),
        ] {
            if missing && !cx.holds_value(&path(field)) {
                cx.strict(Rule::MissingField, path(field), (format!("{field} is missing"), hint));
            }
        }
    }
}

/// Groups are in zones of the cluster's region. kops does not look.
pub(super) fn check_zones(cx: &mut Checker<'_>, group: &InstanceGroup, cluster: &Cluster) {
    let region = cluster.region();
    // Other strings are reported as invalid regions.
    if Format::named("gce-region").is_none_or(|format| format.check(region).is_err()) {
        return;
    }
    for (i, zone) in group.spec.zones.iter().enumerate() {
        // Other strings are reported as invalid zones.
        if region_of_google_zone(zone).is_some_and(|of| of != region) {
            let message = format!("{zone} is not in {region}, the region of the cluster");
            cx.strict(Rule::UnknownZone, format_args!("spec.zones[{i}]"), (message, format!("such as {region}-a")));
        }
    }
}
