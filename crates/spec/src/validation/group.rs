//! Rules for a single instance group.

use std::collections::BTreeMap;

use super::checker::{Checker, duplicates};
use super::labels::{check_node_labels, check_taints};
use super::{aws, gce, kubelet, node};
use crate::cloud::Cloud;
use crate::formats::Format;
use crate::v1alpha2::{HookPlace, InstanceGroup, InstanceGroupRole, InstanceGroupSpec, InstanceManager};
use kopsform_diagnostics::Rule;
use kopsform_env::features::Feature;

/// Checks a group; `cloud` is that of its cluster, if it is known.
pub(super) fn check(cx: &mut Checker<'_>, group: &InstanceGroup, cloud: Option<Cloud>) {
    let spec = &group.spec;
    name(cx, group);
    if let Some(label) = group.metadata.labels.keys().find(|label| label.starts_with("spotinst.io/")) {
        let note = ("Spot Ocean is not supported", "use groups with maxPrice, or Karpenter");
        cx.strict(Rule::UnsupportedField, format_args!("metadata.labels[{label:?}]"), note);
    }
    role_and_size(cx, spec);
    mounts(cx, spec);
    load_balancers(cx, spec);
    if let Some(iam) = &spec.iam
        && iam.profile.as_deref() == Some("")
    {
        cx.error(Rule::BadArn, "spec.iam.profile", ("the instance profile is empty", "remove the field"));
    }
    node::hooks(cx, "spec.hooks", &spec.hooks, HookPlace::InstanceGroup);
    node::files(cx, "spec.fileAssets", &spec.file_assets);
    if let Some(containerd) = &spec.containerd {
        node::check_containerd(cx, "spec.containerd", containerd);
        let sandbox = containerd.gvisor.as_ref().is_some_and(|gvisor| gvisor.enabled == Some(true));
        if sandbox && !matches!(spec.role, Some(InstanceGroupRole::Node) | None) {
            let message = "gVisor works on groups of role Node only";
            cx.error(Rule::WrongRole, "spec.containerd.gvisor", (message, "remove it"));
        }
    }
    if let Some(update) = &spec.rolling_update {
        node::rolling_update(cx, "spec.rollingUpdate", update, spec.role);
    }
    if let Some(kubelet) = &spec.kubelet {
        kubelet::check(cx, "spec.kubelet", kubelet, Checker::strict);
    }
    check_node_labels(cx, "spec.nodeLabels", &spec.node_labels, Checker::error);
    check_taints(cx, "spec.taints", &spec.taints, Checker::error);
    duplicates(cx, "spec.additionalSecurityGroups", &spec.additional_security_groups, Checker::error);
    match cloud {
        Some(Cloud::Gce) => gce::check_group(cx, group),
        Some(Cloud::Aws) | None => aws::check_group(cx, group),
    }
    user_data(cx, spec);
}

fn name(cx: &mut Checker<'_>, group: &InstanceGroup) {
    let name = &group.metadata.name;
    if name.is_empty() {
        return cx.required("metadata.name", "the instance group has no name");
    }
    if let Some(Err(error)) = Format::named("dns-name").map(|f| f.check(name)) {
        let message =
            format!("the name {name:?} of the group is not made of lower-case letters, digits, hyphens and dots");
        match error.hint {
            Some(hint) => cx.strict(Rule::BadName, "metadata.name", (message, hint)),
            None => cx.strict(Rule::BadName, "metadata.name", message),
        }
    }
}

fn role_and_size(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let control_plane = spec.role == Some(InstanceGroupRole::ControlPlane);
    match spec.role {
        None => cx.required("spec.role", ("the group has no role", "Master, Node, Bastion or APIServer")),
        Some(InstanceGroupRole::ControlPlane) if spec.subnets.is_empty() => {
            cx.required("spec.subnets", ("a group of the control plane needs a subnet", "write subnets: [NAME]"));
        }
        Some(InstanceGroupRole::ApiServer) if !cx.features.enabled(Feature::ApiServerNodes) => {
            let message = "groups of role APIServer need a feature flag";
            cx.error(Rule::FeatureFlag, "spec.role", (message, "set KOPS_FEATURE_FLAGS=APIServerNodes"));
        }
        _ => {}
    }
    let (min, max) = (spec.min_size, spec.max_size);
    if control_plane {
        let hint = "add further groups for further members";
        for (field, size) in [("spec.minSize", min), ("spec.maxSize", max)] {
            if size.is_some_and(|size| size > 1) {
                cx.error(Rule::OutOfRange, field, ("a group of the control plane has one instance", hint));
            }
        }
    }
    if let (Some(min), Some(max)) = (min, max)
        && max < min
    {
        let message = format!("maxSize {max} is less than minSize {min}");
        cx.error(Rule::OutOfRange, "spec.maxSize", (message, format!("write maxSize: {min} or more")));
    }
    let default = spec.role.unwrap_or(InstanceGroupRole::Node).default_size();
    match (min, max) {
        (Some(min), None)
            if min > default && !cx.holds_value("spec.maxSize") && spec.manager != Some(InstanceManager::Karpenter) =>
        {
            let message = format!("minSize {min} is more than maxSize, which is {default} by default");
            cx.error(Rule::OutOfRange, "spec.minSize", (message, "write maxSize"));
        }
        (None, Some(max))
            if max < default && !cx.holds_value("spec.minSize") && spec.manager != Some(InstanceManager::Karpenter) =>
        {
            let message = format!("maxSize {max} is less than minSize, which is {default} by default");
            cx.error(Rule::OutOfRange, "spec.maxSize", (message, "write minSize"));
        }
        _ => {}
    }
    if control_plane && max == Some(0) {
        let message = "a group of the control plane has one instance, not 0";
        cx.strict(Rule::OutOfRange, "spec.maxSize", (message, "write maxSize: 1"));
    }
}

fn user_data(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    for (i, part) in spec.additional_user_data.iter().enumerate() {
        let path = |field: &str| format!("spec.additionalUserData[{i}].{field}");
        if part.name.is_empty() {
            cx.required(path("name"), ("this part of the user data has no name", "such as setup.sh"));
        }
        if part.content.is_empty() {
            cx.required(path("content"), "this part of the user data is empty");
        }
        if part.r#type.is_empty() {
            cx.required(path("type"), ("this part of the user data has no type", "such as text/x-shellscript"));
        }
        if part.r#type == "text/x-shellscript" && !part.content.is_empty() && !part.content.starts_with("#!") {
            let message = "a script begins with #!, or it is not run";
            cx.strict(Rule::BadScript, path("content"), (message, "such as #!/bin/sh"));
        }
    }
}

fn mounts(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    let mut mounted: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, mount) in spec.volume_mounts.iter().enumerate() {
        let path = |field: &str| format!("spec.volumeMounts[{i}].{field}");
        for (field, text, what) in [
            ("device", &mount.device, "the mount has no device"),
            ("filesystem", &mount.filesystem, "the mount has no filesystem"),
            ("path", &mount.path, "the mount has no path"),
        ] {
            if text.is_empty() {
                cx.required(path(field), what);
            }
        }
        for (field, text) in [("device", &mount.device), ("path", &mount.path)] {
            if let Some(first) = mounted.insert(text, i).filter(|_| !text.is_empty()) {
                cx.strict(Rule::DuplicateDevice, path(field), format!("spec.volumeMounts[{first}] has {text} too"));
            }
        }
    }
}

/// Load balancers that exist. kops refuses what AWS would refuse, on Google Cloud too, where they have no effect.
fn load_balancers(cx: &mut Checker<'_>, spec: &InstanceGroupSpec) {
    for (i, balancer) in spec.external_load_balancers.iter().enumerate() {
        let path = format!("spec.externalLoadBalancers[{i}]");
        match (&balancer.load_balancer_name, &balancer.target_group_arn) {
            (Some(_), Some(_)) => {
                let message = "a load balancer and a target group exclude each other";
                cx.error(Rule::Conflict, &path, (message, "split it into two entries"));
            }
            (None, None) if !cx.holds_value(&format!("{path}.targetGroupArn")) => {
                let message = "neither a load balancer nor a target group is named";
                cx.strict(Rule::MissingField, &path, (message, "write loadBalancerName or targetGroupArn"));
            }
            _ => {}
        }
        if let Some(name) = &balancer.load_balancer_name {
            if name.len() > 32 {
                let message = format!("the name {name} is longer than 32 characters");
                let note = (message, "names of AWS load balancers are shorter");
                cx.error(Rule::BadName, format_args!("{path}.loadBalancerName"), note);
            } else if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                let message = format!("{name:?} is not a name of letters, digits and hyphens");
                let note = (message, "write the name it has in AWS");
                cx.strict(Rule::BadName, format_args!("{path}.loadBalancerName"), note);
            }
        }
    }
}
