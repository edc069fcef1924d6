//! Karpenter: starts and stops instances of the groups that it manages.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::addon_context::{AddonContext, Purpose, amount_or};
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use crate::aws::group_tags::Taint;
use crate::aws::launch_template::root_volume;
use crate::defaults::node_labels;
use crate::facts::image_owner;
use crate::nodeup;
use kopsform_spec::labels;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupSpec, KubeletConfig, SubnetType};

pub(super) const ADDON: Addon = Addon { directory: "karpenter", plan };

/// Features where the spec says nothing.
const FEATURE_GATES: &str =
    "ReservedCapacity=true,SpotToSpotConsolidation=false,NodeRepair=false,NodeOverlay=false,StaticCapacity=true";
/// Tags that Karpenter sets itself and refuses from others.
const RESERVED_TAGS: [&str; 4] =
    ["eks:eks-cluster-name", "karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.k8s.aws/ec2nodeclass"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    release: &'static str,
    image: &'a str,
    feature_gates: &'a str,
    log_level: &'a str,
    cpu_request: String,
    memory_request: String,
    memory_limit: String,
    groups: Vec<Group<'a>>,
}

/// An instance group as node class and node pool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    name: &'a str,
    image: Image<'a>,
    public_ip: bool,
    root_device: &'a str,
    root_volume: RootVolume,
    tags: BTreeMap<String, String>,
    security_groups: Vec<SecurityGroup<'a>>,
    instance_profile: String,
    user_data: String,
    kubelet: Option<Kubelet<'a>>,
    /// A fixed number of nodes, if any.
    replicas: Option<i32>,
    max_nodes: Option<i32>,
    labels: BTreeMap<String, String>,
    instance_types: BTreeSet<&'a str>,
    capacity_types: &'static [&'static str],
    taints: Vec<Taint<'a>>,
}

/// How the machine image is found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Image<'a> {
    Id(&'a str),
    SsmParameter(&'a str),
    #[serde(untagged)]
    Name {
        name: &'a str,
        owner: &'a str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RootVolume {
    delete_on_termination: bool,
    encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iops: Option<i64>,
    #[serde(rename = "kmsKeyID", skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throughput: Option<i64>,
    volume_size: String,
    volume_type: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum SecurityGroup<'a> {
    Id(&'a str),
    Tags(BTreeMap<&'static str, String>),
}

/// The kubelet settings that Karpenter needs to calculate how much fits on a node.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kubelet<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_pods: Option<i32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    system_reserved: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    kube_reserved: &'a BTreeMap<String, String>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let karpenter = scene.cluster.spec.karpenter.as_ref().filter(|karpenter| karpenter.enabled);
    let Some(karpenter) = karpenter else { return Ok(None) };
    let groups = if scene.purpose == Purpose::Manifests { scene.context.groups } else { &[] };
    let managed = groups.iter().filter(|group| group.is_managed_by_karpenter());
    let values = Values {
        release: versions::KARPENTER.version(scene.minor),
        image: &karpenter.image,
        feature_gates: if karpenter.feature_gates.is_empty() { FEATURE_GATES } else { &karpenter.feature_gates },
        log_level: &karpenter.log_level,
        cpu_request: amount_or(karpenter.cpu_request.as_ref(), "500m"),
        memory_request: amount_or(karpenter.memory_request.as_ref(), "1Gi"),
        memory_limit: amount_or(karpenter.memory_limit.as_ref(), "1Gi"),
        groups: managed.map(|group| self::group(scene, group)).collect::<Result<_, _>>()?,
    };
    let files = templates!("karpenter": "crds", "rbac", "controller", "node-pools");
    let content = scene.templates("karpenter", files, values)?;
    Ok(Some(Plan::new("karpenter.sh", "k8s-1.19", content).prune()))
}

fn group<'a>(scene: &AddonContext<'a>, group: &'a InstanceGroup) -> Result<Group<'a>, AddonsError> {
    let (context, spec) = (scene.context, &group.spec);
    let missing = |reason: String| AddonsError::Fact { addon: "karpenter", reason };
    let image = context.facts.images.get(&spec.image);
    let image = image.ok_or_else(|| missing(format!("image {} was not looked up", spec.image)))?;
    let name = &group.metadata.name;
    Ok(Group {
        name,
        image: self::image(&spec.image),
        public_ip: has_public_address(scene, group),
        root_device: &image.root_device_name,
        root_volume: volume(group),
        tags: context
            .group_tags(group)
            .into_iter()
            .filter(|(key, _)| is_free_tag(key))
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
        security_groups: security_groups(scene, group),
        instance_profile: group
            .own_instance_profile()
            .map_or_else(|| context.iam_name(group.role()).into(), str::to_owned),
        user_data: nodeup::boot_script(context, group).map_err(|error| missing(error.to_string()))?,
        kubelet: spec.kubelet.as_ref().and_then(kubelet),
        replicas: spec.min_size.filter(|size| *size > 0),
        max_nodes: spec.max_size,
        labels: node_labels(context.cluster, group, context.features)
            .into_iter()
            .filter(|(key, _)| is_free_label(key))
            .collect(),
        instance_types: instance_types(spec),
        capacity_types: capacity_types(spec),
        taints: spec.taints.iter().filter_map(|taint| Taint::parse_loosely(taint)).collect(),
    })
}

fn image(name: &str) -> Image<'_> {
    let name = name.trim();
    if name.starts_with("ami-") {
        return Image::Id(name);
    }
    if let Some(parameter) = name.strip_prefix("ssm:") {
        return Image::SsmParameter(parameter);
    }
    match name.split_once('/') {
        Some((owner, name)) => Image::Name { name, owner: image_owner(owner) },
        None => Image::Name { name, owner: "self" },
    }
}

/// Instances in public subnets have public addresses unless the group says otherwise; others never have.
fn has_public_address(scene: &AddonContext<'_>, group: &InstanceGroup) -> bool {
    let subnet = group.spec.subnets.first().and_then(|name| scene.cluster.subnet(name));
    let public = subnet.is_some_and(|subnet| matches!(subnet.r#type, Some(SubnetType::Public | SubnetType::Utility)));
    public && group.spec.associate_public_ip != Some(false)
}

fn volume(group: &InstanceGroup) -> RootVolume {
    let volume = root_volume(group);
    RootVolume {
        delete_on_termination: volume.delete_on_termination,
        encrypted: volume.encrypted,
        iops: volume.iops,
        kms_key_id: volume.kms_key,
        throughput: volume.throughput,
        volume_size: format!("{}Gi", volume.size),
        volume_type: volume.volume_type,
    }
}

fn is_free_tag(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(labels::CLUSTER_TAG_PREFIX.trim_end_matches('/'))
        && !RESERVED_TAGS.contains(&key)
}

/// Whether a label is allowed in a node pool. Of Karpenter's own domains, only the capacity type is.
fn is_free_label(key: &str) -> bool {
    let within = |domain: &str, parent: &str| {
        domain == parent || domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
    };
    match key {
        "karpenter.sh/capacity-type" => true,
        "kubernetes.io/hostname" => false,
        _ => key
            .split_once('/')
            .is_none_or(|(domain, _)| !within(domain, "karpenter.sh") && !within(domain, "karpenter.k8s.aws")),
    }
}

fn security_groups<'a>(scene: &AddonContext<'_>, group: &'a InstanceGroup) -> Vec<SecurityGroup<'a>> {
    let own = match &group.spec.security_group_override {
        Some(id) => SecurityGroup::Id(id),
        None => SecurityGroup::Tags(BTreeMap::from([
            (labels::KUBERNETES_CLUSTER, scene.values.name.clone()),
            ("Name", scene.context.security_group_name(group.role()).into()),
        ])),
    };
    std::iter::once(own).chain(group.spec.additional_security_groups.iter().map(|id| SecurityGroup::Id(id))).collect()
}

fn kubelet(kubelet: &KubeletConfig) -> Option<Kubelet<'_>> {
    let (max_pods, system, kube) = (kubelet.max_pods, &kubelet.system_reserved, &kubelet.kube_reserved);
    (max_pods.is_some() || !system.is_empty() || !kube.is_empty()).then_some(Kubelet {
        max_pods,
        system_reserved: system,
        kube_reserved: kube,
    })
}

fn instance_types(spec: &InstanceGroupSpec) -> BTreeSet<&str> {
    let mixed = spec.mixed_instances_policy.iter().flat_map(|policy| &policy.instances).map(String::as_str);
    mixed.chain(spec.machine_type.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect()
}

fn capacity_types(spec: &InstanceGroupSpec) -> &'static [&'static str] {
    let above_base = spec.mixed_instances_policy.as_ref().and_then(|policy| policy.on_demand_above_base);
    if spec.max_price.is_some() || spec.spot_duration_in_minutes.is_some() {
        &["spot"]
    } else if above_base.is_some_and(|percent| percent < 100) {
        &["on-demand", "spot"]
    } else {
        &["on-demand"]
    }
}
