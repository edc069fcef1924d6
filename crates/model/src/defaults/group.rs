//! The defaults of an instance group.

use std::collections::{BTreeMap, BTreeSet};

use super::overlay::overlay;
use super::{DefaultsContext, DefaultsError, WrongArchitecture, gce};
use crate::facts::{DEFAULT_BASTION_TYPES, DEFAULT_MACHINE_TYPES, Facts, architecture_of};
use kopsform_env::features::{Feature, Features};
use kopsform_spec::cloud::Cloud;
use kopsform_spec::conversion::Convert;
use kopsform_spec::labels;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole, InstanceManager, KubeletConfig, SubnetType};
use kopsform_spec::versions::KubernetesVersion;

/// Labels of every control-plane node, with empty values.
const CONTROL_PLANE_LABELS: [&str; 3] =
    [labels::CONTROL_PLANE, labels::KOPS_CONTROLLER_PKI, labels::EXCLUDE_FROM_LOAD_BALANCERS];
/// Types that do not support dedicated tenancy.
const NO_DEDICATED_TENANCY: [&str; 6] = ["t2.nano", "t2.micro", "t2.small", "t2.medium", "t2.large", "t2.xlarge"];

/// The default instance types of a role, the first available one is used.
pub fn default_machine_types(role: InstanceGroupRole) -> &'static [&'static str] {
    match role {
        InstanceGroupRole::Bastion => &DEFAULT_BASTION_TYPES,
        _ => &DEFAULT_MACHINE_TYPES,
    }
}

/// Fills in every default of a group of a completed cluster.
///
/// # Errors
/// When an image, instance type or subnet cannot be chosen, or API server groups are not enabled.
pub fn populate_group(
    cluster: &Cluster,
    group: &InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<InstanceGroup, DefaultsError> {
    let mut group = group.clone();
    group.convert();
    let role = group.role();
    let by_karpenter = group.spec.manager == Some(InstanceManager::Karpenter);
    let name = group.metadata.name.clone();
    let invalid = |text: &str| Err(DefaultsError::Invalid(format!("instance group {name}: {text}")));

    if role == InstanceGroupRole::ApiServer && !context.features.enabled(Feature::ApiServerNodes) {
        return invalid("groups of role APIServer need the feature flag APIServerNodes");
    }
    if group.spec.machine_type.is_empty() && !by_karpenter {
        group.spec.machine_type = default_machine_type(cluster, &group, context)?;
    }
    if !(by_karpenter && role == InstanceGroupRole::Node) {
        group.spec.min_size.get_or_insert(role.default_size());
        group.spec.max_size.get_or_insert(role.default_size());
    }
    if group.spec.image.is_empty() {
        group.spec.image = default_image(cluster, &group, context)?;
    }
    let dedicated = !matches!(group.spec.tenancy.as_str(), "" | "default");
    if dedicated && NO_DEDICATED_TENANCY.contains(&group.spec.machine_type.as_str()) {
        return invalid(&format!("{} does not support tenancy {}", group.spec.machine_type, group.spec.tenancy));
    }
    if group.spec.subnets.is_empty() {
        group.spec.subnets = default_subnets(cluster, role);
    }
    if group.spec.subnets.is_empty() {
        return invalid("spec.subnets is empty, and the cluster has no suitable subnet");
    }
    mark_hardware(cluster, &mut group, context)?;
    group.spec.manager.get_or_insert(InstanceManager::CloudGroup);
    group.spec.kubelet = Some(merged_kubelet(cluster, &group, context)?);
    Ok(group)
}

/// Whether the instance types of a populated group run its image.
///
/// # Errors
/// When one does not: AWS reports it only when instances start.
pub fn check_architectures(group: &InstanceGroup, facts: &Facts) -> Result<(), DefaultsError> {
    let spec = &group.spec;
    let Some(image) = facts.images.get(&spec.image).filter(|_| !spec.machine_type.is_empty()) else { return Ok(()) };
    let main = spec.machine_type.split(',').map(|kind| ("machineType".to_owned(), kind.trim()));
    let mixed = spec.mixed_instances_policy.iter().flat_map(|policy| policy.instances.iter().enumerate());
    let mixed = mixed.map(|(i, kind)| (format!("mixedInstancesPolicy.instances[{i}]"), kind.as_str()));
    for (field, kind) in main.chain(mixed) {
        let Some(fact) = facts.instance_types.get(kind).filter(|fact| !fact.architectures.is_empty()) else { continue };
        if !image.architecture.is_empty() && !fact.architectures.contains(&image.architecture) {
            return Err(Box::new(WrongArchitecture {
                group: group.metadata.name.clone(),
                field,
                kind: kind.to_owned(),
                architectures: fact.architectures.join(" and "),
                image: spec.image.clone(),
                architecture: image.architecture.clone(),
            })
            .into());
        }
    }
    Ok(())
}

/// Chooses image and instance type of a new group without them, as `create cluster` does: the image by the
/// instance type's architecture, the type by that of the image.
///
/// # Errors
/// When an instance type is not known, or none fits.
pub fn choose_machine(
    cluster: &Cluster,
    group: &mut InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<(), DefaultsError> {
    if group.spec.image.is_empty() {
        group.spec.image = default_image(cluster, group, context)?;
    }
    if group.spec.machine_type.is_empty() {
        group.spec.machine_type = default_machine_type(cluster, group, context)?;
    }
    Ok(())
}

fn default_machine_type(
    cluster: &Cluster,
    group: &InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<String, DefaultsError> {
    if cluster.is_on_gce() {
        return Ok(gce::default_machine_type(group.role()).to_owned());
    }
    let image = context.facts.images.get(&group.spec.image);
    let needs_arm = image.is_some_and(|image| image.architecture == "arm64");
    let fits = |machine: &&&str| machine.starts_with("t4g") == needs_arm;
    let candidates = || default_machine_types(group.role()).iter().filter(fits);
    // The first type that was found in the zones; where none was looked up, the first one.
    let known = candidates().find(|machine| context.facts.instance_types.contains_key(**machine));
    known.or_else(|| candidates().next()).map(|machine| (*machine).to_owned()).ok_or_else(|| {
        DefaultsError::Invalid(format!(
            "instance group {}: no default instance type runs its image",
            group.metadata.name
        ))
    })
}

fn default_image(
    cluster: &Cluster,
    group: &InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<String, DefaultsError> {
    let version = KubernetesVersion::parse(&cluster.spec.kubernetes_version)?;
    let first_type = group.spec.machine_type.split(',').next().unwrap_or_default().trim();
    let architecture = if first_type.is_empty() {
        "amd64"
    } else if cluster.is_on_gce() {
        gce::architecture(first_type)
    } else {
        let fact = context.facts.instance_types.get(first_type);
        let fact = fact.ok_or_else(|| DefaultsError::Unknown { kind: "instance type", name: first_type.to_owned() })?;
        architecture_of(fact)
    };
    let cloud = cluster.cloud().unwrap_or(Cloud::Aws).name();
    let image = context.channel.and_then(|channel| channel.image_of(cloud, version.version(), architecture));
    image.map(str::to_owned).ok_or_else(|| DefaultsError::NoImage {
        group: group.metadata.name.clone(),
        version: version.to_string(),
        architecture,
    })
}

/// Nodes and bastions spread over the subnets of their type; the control plane has no default.
fn default_subnets(cluster: &Cluster, role: InstanceGroupRole) -> Vec<String> {
    let all_but = |kinds: &[SubnetType]| -> Vec<String> {
        let fits = |kind: Option<SubnetType>| kind.is_none_or(|kind| !kinds.contains(&kind));
        cluster.spec.subnets.iter().filter(|s| fits(s.r#type)).map(|s| s.name.clone()).collect()
    };
    match role {
        InstanceGroupRole::ControlPlane => Vec::new(),
        InstanceGroupRole::ApiServer if cluster.is_ipv6_only() => all_but(&[SubnetType::Private, SubnetType::Utility]),
        _ => {
            let subnets = all_but(&[SubnetType::DualStack, SubnetType::Utility]);
            if subnets.is_empty() { all_but(&[SubnetType::Utility]) } else { subnets }
        }
    }
}

/// Labels and taints for GPUs and gVisor, so that only pods that request them are scheduled there.
fn mark_hardware(
    cluster: &Cluster,
    group: &mut InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<(), DefaultsError> {
    let configs = || [cluster.spec.containerd.as_ref(), group.spec.containerd.as_ref()].into_iter().flatten();
    let nvidia = configs().any(|c| c.nvidia_gpu.as_ref().is_some_and(|gpu| gpu.enabled == Some(true)));
    let gvisor = group.spec.containerd.as_ref().and_then(|c| c.gvisor.as_ref());
    let gvisor = gvisor.is_some_and(|g| g.enabled == Some(true));
    if nvidia {
        let machine = group.spec.machine_type.split(',').next().unwrap_or_default().trim().to_owned();
        let unknown = || DefaultsError::Unknown { kind: "instance type", name: machine.clone() };
        let has_gpu = !machine.is_empty() && context.facts.instance_types.get(&machine).ok_or_else(unknown)?.gpus > 0;
        if has_gpu {
            group.spec.node_labels.insert(labels::GPU.to_owned(), "1".to_owned());
            if !group.spec.taints.iter().any(|taint| taint.starts_with("nvidia.com/gpu")) {
                group.spec.taints.push("nvidia.com/gpu:NoSchedule".to_owned());
            }
        }
    }
    if gvisor {
        group.spec.node_labels.insert(labels::GVISOR.to_owned(), "1".to_owned());
    }
    Ok(())
}

/// The kubelet configuration of the group: the cluster's, then the group's own, labels and taints of both.
fn merged_kubelet(
    cluster: &Cluster,
    group: &InstanceGroup,
    context: &DefaultsContext<'_>,
) -> Result<KubeletConfig, DefaultsError> {
    let workers = cluster.spec.kubelet.clone().unwrap_or_default();
    let mut base = workers.clone();
    if group.is_control_plane() {
        base = cluster.spec.master_kubelet.clone().unwrap_or_default();
        if workers.anonymous_auth == Some(false) {
            base.anonymous_auth = Some(false);
        }
    }
    let own = group.spec.kubelet.clone().unwrap_or_default();
    base.node_labels = node_labels(cluster, group, context.features);
    let was_anonymous = base.anonymous_auth == Some(true);

    let mut taints: BTreeSet<String> = base.taints.iter().cloned().collect();
    taints.extend(group.spec.taints.iter().chain(&own.taints).chain(&workers.taints).cloned());
    match group.role() {
        InstanceGroupRole::ControlPlane => _ = taints.insert(format!("{}=:NoSchedule", labels::CONTROL_PLANE)),
        InstanceGroupRole::ApiServer => _ = taints.insert(format!("{}=:NoSchedule", labels::API_SERVER)),
        InstanceGroupRole::Node | InstanceGroupRole::Bastion => {}
    }
    if group.spec.manager == Some(InstanceManager::Karpenter) {
        // Karpenter removes it once the node is registered.
        taints.insert("karpenter.sh/unregistered=:NoExecute".to_owned());
    }

    let mut merged = overlay(&base, &own)?;
    merged.taints = taints.into_iter().collect();
    // As in the completed cluster: kops drops what was Docker's.
    merged.docker_disable_shared_pid = None;
    if was_anonymous {
        merged.anonymous_auth = Some(false);
    }
    Ok(merged)
}

/// The labels of the nodes of a group: from the kubelet configuration, the role and the group.
pub fn node_labels(cluster: &Cluster, group: &InstanceGroup, features: &Features) -> BTreeMap<String, String> {
    let base = if group.is_control_plane() { &cluster.spec.master_kubelet } else { &cluster.spec.kubelet };
    let mut own = base.as_ref().map(|k| k.node_labels.clone()).unwrap_or_default();
    own.extend(group.spec.kubelet.iter().flat_map(|k| k.node_labels.clone()));
    let mut mark = |label: &str| _ = own.insert(label.to_owned(), String::new());
    match group.role() {
        InstanceGroupRole::ControlPlane => {
            if features.enabled(Feature::ApiServerNodes) {
                mark(labels::API_SERVER);
            }
            CONTROL_PLANE_LABELS.into_iter().for_each(mark);
        }
        InstanceGroupRole::ApiServer => mark(labels::API_SERVER),
        InstanceGroupRole::Node => mark(labels::NODE),
        InstanceGroupRole::Bastion => {}
    }
    own.extend(group.spec.node_labels.clone());
    own
}
