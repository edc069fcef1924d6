//! Instance templates: how the instances of a group start.

use std::collections::BTreeMap;

use super::accounts::{account_of, scopes};
use super::names::{GROUP_LABEL, ROLE_LABEL_PREFIX, roles};
use super::network::PODS_RANGE;
use super::resources::{Accelerator, AliasRange, BootDisk, GroupIdentity, InstanceTemplate, Interface, Labels};
use crate::aws::group_tags::Taint;
use crate::aws::tags::NODE_TAINT_PREFIX;
use crate::{Context, Graph, GraphError, Layer, Ref, Text, text};
use kopsform_spec::names::gce::Role;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, Subnet, SubnetType};

/// The type of disks that instances start from, where none is given.
const DEFAULT_DISK_TYPE: &str = "pd-standard";
/// The user that SSH keys are for.
const SSH_USER: &str = "admin";
/// The provisioning model of instances that Google may stop at any time.
const SPOT: &str = "SPOT";
/// Families of machine types with accelerators, whose instances cannot move to other hosts.
const ACCELERATED_FAMILIES: [&str; 6] = ["a2", "a3", "a4", "a4x", "g2", "g4"];
/// The bits of the prefix that instances get of the pods' range, where nothing else is set.
const POD_PREFIX_LENGTH: i64 = 24;
/// The project of Container-Optimized OS.
const CONTAINER_OPTIMIZED_OS: &str = "cos-cloud/";

/// Adds the instance template of a group.
pub(super) fn build(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &InstanceGroup,
    user_data: Option<String>,
) -> Result<Ref<InstanceTemplate>, GraphError> {
    let spec = &group.spec;
    let subnet = context.subnet_of(group)?;
    let accelerators: Vec<Accelerator> = spec
        .guest_accelerators
        .iter()
        .map(|accelerator| Accelerator {
            accelerator_type: accelerator.accelerator_type.clone(),
            count: accelerator.accelerator_count,
        })
        .collect();
    let spot = spec.gcp_provisioning_model.as_deref() == Some(SPOT);
    let family = spec.machine_type.split('-').next().unwrap_or_default();
    let template = InstanceTemplate {
        name_prefix: context.template_prefix(group),
        machine_type: spec.machine_type.clone(),
        can_ip_forward: !context.cluster.uses_ip_aliases(),
        boot_disk: boot_disk(context, group),
        labels: labels(context, group),
        metadata: metadata(context, group, user_data),
        interface: interface(context, group, subnet),
        spot,
        migrates: !spot && accelerators.is_empty() && !ACCELERATED_FAMILIES.contains(&family),
        accelerators,
        account: account_of(context, group),
        scopes: scopes(context, group),
        tags: context.role_tags(roles(group.role())),
        group: identity(group),
    };
    graph.add(Layer::Cluster, context.template_name(group), template)
}

/// The group as its resources know it.
pub(super) fn identity(group: &InstanceGroup) -> GroupIdentity {
    GroupIdentity { name: group.metadata.name.clone(), is_control_plane: group.is_control_plane() }
}

fn boot_disk(context: &Context<'_>, group: &InstanceGroup) -> BootDisk {
    let spec = &group.spec;
    let (project, image) = spec.image.split_once('/').unwrap_or((context.project(), &spec.image));
    let positive = |value: Option<i32>| value.map_or(0, i64::from).max(0);
    BootDisk {
        image_project: project.to_owned(),
        image: image.to_owned(),
        size: spec.root_volume_size.filter(|size| *size > 0).unwrap_or(group.role().default_root_volume_size()).into(),
        disk_type: spec
            .root_volume_type
            .clone()
            .filter(|t| !t.is_empty())
            .unwrap_or_else(|| DEFAULT_DISK_TYPE.to_owned()),
        iops: positive(spec.root_volume_iops),
        throughput: positive(spec.root_volume_throughput),
    }
}

/// Labels of the group win over those of the cluster; those that make the cluster work win over both.
fn labels(context: &Context<'_>, group: &InstanceGroup) -> Labels {
    let given = context.cluster.spec.cloud_labels.iter().chain(&group.spec.cloud_labels);
    let mut labels: Labels = given.map(|(key, value)| (key.into(), value.into())).collect();
    for taint in group.spec.taints.iter().filter_map(|taint| Taint::parse(taint)) {
        labels.insert(text![NODE_TAINT_PREFIX, taint.key], text![taint.value, ":", taint.effect]);
    }
    labels.extend(context.cluster_labels());
    for role in roles(group.role()) {
        labels.insert(text![ROLE_LABEL_PREFIX, role.name()], role.name().into());
    }
    labels.insert(GROUP_LABEL.into(), group.metadata.name.as_str().into());
    labels
}

/// The keys of the metadata that may have the boot script; a template has one of them.
pub const BOOT_SCRIPTS: [&str; 2] = ["user-data", "startup-script"];

/// What instances and the cluster autoscaler read from the metadata of the template.
fn metadata(context: &Context<'_>, group: &InstanceGroup, user_data: Option<String>) -> BTreeMap<String, Text> {
    let mut metadata = BTreeMap::from([
        ("cluster-name".to_owned(), context.cluster_name()),
        ("kops-k8s-io-instance-group-name".to_owned(), group.metadata.name.as_str().into()),
    ]);
    let keys: Vec<String> = context.ssh_keys.values().map(|key| format!("{SSH_USER}: {}", key.trim_end())).collect();
    if !keys.is_empty() {
        metadata.insert("ssh-keys".to_owned(), keys.join("\n").into());
    }
    if let Some(user_data) = user_data {
        let cloud = context.cluster.spec.cloud_config.as_ref();
        let is_startup_script = cloud.is_some_and(|cloud| cloud.gce_use_startup_script == Some(true));
        let [usual, at_each_start] = BOOT_SCRIPTS;
        let key = if is_startup_script { at_each_start } else { usual };
        metadata.insert(key.to_owned(), user_data.into());
    }
    if group.role() == InstanceGroupRole::Node {
        metadata.insert("kube-env".to_owned(), autoscaler_environment(group).into());
    }
    metadata
}

/// What the cluster autoscaler knows of nodes before there are any.
fn autoscaler_environment(group: &InstanceGroup) -> String {
    let spec = &group.spec;
    let distribution = if spec.image.starts_with(CONTAINER_OPTIMIZED_OS) { "cos" } else { "ubuntu" };
    let mut variables = format!("AUTOSCALER_ENV_VARS: os_distribution={distribution};arch=amd64;os=linux");
    let labels: Vec<String> = spec.node_labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    for (name, values) in [("node_labels", labels.join(",")), ("node_taints", spec.taints.join(","))] {
        if !values.is_empty() {
            variables.push_str(&format!(";{name}={values}"));
        }
    }
    variables
}

fn interface(context: &Context<'_>, group: &InstanceGroup, subnet: &Subnet) -> Interface {
    let controller_manager = context.cluster.spec.kube_controller_manager.as_ref();
    let mask = controller_manager.and_then(|manager| manager.node_cidr_mask_size).map(i64::from);
    let pods = context
        .cluster
        .uses_ip_aliases()
        .then(|| AliasRange { range: context.suffixed(PODS_RANGE), prefix_length: mask.unwrap_or(POD_PREFIX_LENGTH) });
    let is_reachable = matches!(subnet.r#type, Some(SubnetType::Public | SubnetType::Utility));
    let is_bastion = roles(group.role()) == [Role::Bastion];
    Interface {
        network: context.google_network(),
        subnetwork: context.subnetwork(subnet),
        stack: context.stack(),
        has_public_address: group.spec.associate_public_ip.unwrap_or(is_reachable || is_bastion),
        pods,
    }
}
