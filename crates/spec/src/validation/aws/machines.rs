//! Settings of a group that only AWS has: instance types, EBS volumes and mixed instances policies.

use std::collections::BTreeMap;

use super::super::checker::{Checker, duplicates};
use super::volumes::{self, Volume};
use crate::meta::Duration;
use crate::v1alpha2::{InstanceGroupRole, InstanceGroupSpec, InstanceManager};
use kopsform_diagnostics::Rule;

pub(in crate::validation) fn check(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    machine(cx, spec);
    architectures(cx, spec);
    disks(cx, spec);
    mixed_instances(cx, spec);
    duplicates(cx, "spec.suspendProcesses", &spec.suspend_processes, Checker::strict);
    user_data(cx, spec);
}

/// The most bytes of user data that EC2 takes.
const MAX_USER_DATA: usize = 16 * 1024;

fn user_data(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let length: usize = spec.additional_user_data.iter().map(|part| part.content.len()).sum();
    // What instances read at boot comes on top. Compressed, most user data is a fraction of that.
    if length > MAX_USER_DATA && spec.compress_user_data != Some(true) {
        let message = format!("the parts have {length} bytes, EC2 takes {MAX_USER_DATA} bytes of user data in all");
        let hint = "write compressUserData: true, or move them to a file that instances download";
        cx.strict(Rule::OutOfRange, "spec.additionalUserData", (message, hint));
    }
}

/// Series and attributes of an instance type: `m` and `g` for `m7g.large`.
fn family(machine_type: &str) -> (&str, &str) {
    let family = machine_type.split('.').next().unwrap_or_default();
    let letters = family.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = family[letters..].bytes().take_while(u8::is_ascii_digit).count();
    (&family[..letters], &family[letters + digits..])
}

/// Whether an instance type is arm64.
fn is_arm(machine_type: &str) -> bool {
    let (series, attributes) = family(machine_type);
    series == "a" || attributes.split('-').next().unwrap_or_default().contains('g')
}

/// Whether an instance type has GPUs, or accelerators that kops counts as such.
fn has_gpu(machine_type: &str) -> bool {
    matches!(family(machine_type).0, "g" | "gr" | "p" | "dl")
}

/// Image and instance types have the same architecture, as far as their names show it.
fn architectures(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let image = spec.image.to_lowercase();
    let says = |names: [&str; 2]| names.iter().any(|name| image.contains(name));
    let arm = match (says(["arm64", "aarch64"]), says(["amd64", "x86_64"])) {
        (true, false) => true,
        (false, true) => false,
        _ => return,
    };
    let others = spec.mixed_instances_policy.iter().flat_map(|policy| policy.instances.iter().enumerate());
    let types = std::iter::once(("spec.machineType".to_owned(), &spec.machine_type))
        .chain(others.map(|(i, kind)| (format!("spec.mixedInstancesPolicy.instances[{i}]"), kind)));
    for (path, kind) in types.filter(|(_, kind)| kind.contains('.') && is_arm(kind) != arm) {
        let (image, wanted) = if arm { ("arm64", "m7g.large") } else { ("amd64", "m7i.large") };
        let message = format!("{kind} does not run an image for {image}");
        cx.error(Rule::WrongProcessor, path, (message, format!("use a type such as {wanted}, or another image")));
    }
}

fn machine(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let day = Duration::from_secs(86_400);
    if let Some(lifetime) = spec.max_instance_lifetime
        && lifetime.as_secs() != 0
        && lifetime < day
    {
        cx.error(
            Rule::OutOfRange,
            "spec.maxInstanceLifetime",
            (format!("{lifetime} is less than a day"), "write 24h or more, or 0"),
        );
    }
    if let Some(minutes) = spec.spot_duration_in_minutes {
        if !(60..=360).contains(&minutes) || minutes % 60 != 0 {
            let message = format!("{minutes} is not 60, 120, 180, 240, 300 or 360");
            cx.error(Rule::UnknownValue, "spec.spotDurationInMinutes", (message, "remove it"));
        } else {
            let message = "AWS stopped offering spot instances with a duration to new accounts in July 2021";
            cx.warning(Rule::DeprecatedField, "spec.spotDurationInMinutes", (message, "remove it"));
        }
    }
    if spec.instance_interruption_behavior.is_some() && spec.max_price.is_none() && !cx.holds_value("spec.maxPrice") {
        let message = "the group has no spot instances";
        cx.warning(Rule::NoEffect, "spec.instanceInterruptionBehavior", (message, "write maxPrice, or remove it"));
    }
    let family = spec.machine_type.split('.').next().unwrap_or_default();
    if spec.cpu_credits.is_some() && !family.is_empty() && !family.starts_with('t') {
        let message = format!("{} is not a burstable type and has no CPU credits", spec.machine_type);
        cx.strict(Rule::NoEffect, "spec.cpuCredits", (message, "remove it"));
    }
    if !matches!(spec.tenancy.as_str(), "" | "default") && spec.machine_type.starts_with("t2.") {
        let message = format!("{} does not support dedicated tenancy", spec.machine_type);
        cx.error(Rule::Conflict, "spec.tenancy", (message, "use another type, such as one of m5"));
    }
    if spec.role == Some(InstanceGroupRole::ApiServer) && spec.security_group_override.is_some() {
        let message = "groups of role APIServer use the security group that kops creates";
        cx.error(Rule::UnsupportedField, "spec.securityGroupOverride", (message, "write additionalSecurityGroups"));
    }
    if spec.security_group_override.as_deref() == Some("") {
        cx.strict(Rule::BadId, "spec.securityGroupOverride", ("the security group is empty", "remove the field"));
    }
}

fn disks(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let root = Volume {
        kind: spec.root_volume_type.as_deref(),
        size: spec.root_volume_size.map(i64::from),
        default_size: spec.role.unwrap_or(InstanceGroupRole::Node).default_root_volume_size().into(),
        iops: spec.root_volume_iops.map(i64::from),
        throughput: spec.root_volume_throughput.map(i64::from),
    };
    volumes::check_unchecked(cx, &root, |part| format!("spec.{}", part.root_field()));
    if spec.root_volume_encryption_key.is_some() && spec.root_volume_encryption == Some(false) {
        let message = "a key is given, but the root volume is not encrypted";
        cx.strict(Rule::Conflict, "spec.rootVolumeEncryptionKey", (message, "remove one of the two"));
    }
    let mut devices: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, disk) in spec.volumes.iter().enumerate() {
        let path = |field: &str| format!("spec.volumes[{i}].{field}");
        if disk.device.is_empty() {
            cx.required(path("device"), ("the volume has no device", "such as /dev/xvdd"));
        } else if let Some(first) = devices.insert(&disk.device, i) {
            let message = format!("spec.volumes[{first}] is {} too", disk.device);
            cx.strict(Rule::DuplicateDevice, path("device"), message);
        }
        if disk.size <= 0 {
            let path = path("size");
            if disk.size < 0 {
                cx.error(Rule::OutOfRange, path, (format!("a volume can't have {} GiB", disk.size), "write 1 or more"));
            } else if !cx.holds_value(&path) {
                cx.error(Rule::MissingField, path, ("the volume has no size", "write GiB, such as 100"));
            } else if cx.holds_number(&path) {
                cx.error(Rule::OutOfRange, path, ("a volume has at least 1 GiB", "such as 100"));
            }
        }
        let volume = Volume {
            kind: Some(&disk.r#type),
            size: Some(disk.size),
            default_size: 1,
            iops: disk.iops,
            throughput: disk.throughput,
        };
        if disk.size > 0 {
            volumes::check_unchecked(cx, &volume, |part| path(part.field()));
        }
        if disk.key.is_some() && disk.encrypted == Some(false) {
            let message = "a key is given, but the volume is not encrypted";
            cx.strict(Rule::Conflict, path("key"), (message, "remove one of the two"));
        }
    }
}

fn mixed_instances(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let Some(policy) = &spec.mixed_instances_policy else { return };
    let path = |field: &str| format!("spec.mixedInstancesPolicy.{field}");
    duplicates(cx, &path("instances"), &policy.instances, Checker::strict);
    if spec.manager == Some(InstanceManager::Karpenter) && spec.machine_type.is_empty() {
        let message = "groups of Karpenter get no default type, which kops requires with a mixed instances policy";
        cx.required("spec.machineType", (message, "write one of the types here, or remove mixedInstancesPolicy"));
    }
    for (i, kind) in
        policy.instances.iter().enumerate().filter(|(_, kind)| has_gpu(kind) != has_gpu(&spec.machine_type))
    {
        let machine_type = if spec.machine_type.is_empty() { "the default type" } else { &spec.machine_type };
        let message = format!("of {kind} and {machine_type}, only one has GPUs");
        cx.error(Rule::MixedProcessors, path(&format!("instances[{i}]")), (message, "make a group for each"));
    }
    let max = spec.max_size.unwrap_or_else(|| spec.role.unwrap_or(InstanceGroupRole::Node).default_size());
    if let Some(base) = policy.on_demand_base.filter(|base| *base > i64::from(max))
        && (spec.max_size.is_some() || !cx.holds_value("spec.maxSize"))
    {
        let message = format!("{base} is more than maxSize, which is {max}");
        cx.error(Rule::OutOfRange, path("onDemandBase"), (message, "write a greater maxSize, or less here"));
    }
    if let Some(requirements) = &policy.instance_requirements {
        if !policy.instances.is_empty() {
            let message = "instances and instanceRequirements exclude each other";
            cx.strict(Rule::Conflict, path("instanceRequirements"), (message, "keep one of the two"));
        }
        for (field, range) in [("cpu", &requirements.cpu), ("memory", &requirements.memory)] {
            let Some(range) = range else { continue };
            let amount = |q: &Option<crate::meta::Quantity>| q.as_ref().and_then(|q| q.nanos());
            if let (Some(min), Some(max)) = (amount(&range.min), amount(&range.max))
                && max < min
            {
                let path = path(&format!("instanceRequirements.{field}.max"));
                cx.strict(Rule::OutOfRange, path, ("max is less than min", "write as much as min, or more"));
            }
        }
    }
    if policy.spot_instance_pools.is_some()
        && policy.spot_allocation_strategy.as_deref().is_some_and(|s| s != "lowest-price")
    {
        let message = "spot pools apply to the strategy lowest-price only";
        cx.strict(Rule::NoEffect, path("spotInstancePools"), (message, "remove it"));
    }
}
