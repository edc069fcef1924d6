//! Instance groups, and the etcd members that live on the control plane.

use std::collections::BTreeMap;

use super::{Choices, DesignError, gce, network};
use crate::cloud::Cloud;
use crate::labels::{API_VERSION, CLUSTER, INSTANCE_GROUP};
use crate::v1alpha2::{
    BastionTopology, Cluster, EtcdCluster, EtcdMember, InstanceGroup, InstanceGroupRole, InstanceManager,
    MixedInstancesPolicy, SubnetType,
};

pub(super) fn design(choices: &Choices, cluster: &mut Cluster) -> Result<Vec<InstanceGroup>, DesignError> {
    let mut groups = control_plane(choices, cluster)?;
    cluster.spec.etcd_clusters = etcd_clusters(choices, &groups);
    groups.extend(api_servers(choices, cluster));
    groups.extend(nodes(choices, cluster));
    if choices.bastion {
        groups.push(bastion(choices, cluster));
    }
    Ok(groups)
}

fn group(cluster: &Cluster, name: &str, role: InstanceGroupRole, size: Option<usize>) -> InstanceGroup {
    let mut group = InstanceGroup {
        api_version: API_VERSION.to_owned(),
        kind: "InstanceGroup".to_owned(),
        ..InstanceGroup::default()
    };
    group.metadata.name = name.to_owned();
    group.metadata.labels.insert(CLUSTER.to_owned(), cluster.metadata.name.clone());
    let size = size.and_then(|size| i32::try_from(size).ok());
    group.spec.role = Some(role);
    group.spec.min_size = size;
    group.spec.max_size = size;
    group.spec.node_labels = BTreeMap::from([(INSTANCE_GROUP.to_owned(), name.to_owned())]);
    group
}

/// The first size is the group's type; several make a mixed group of all.
fn choose_sizes(group: &mut InstanceGroup, sizes: &[String]) {
    group.spec.machine_type = sizes.first().cloned().unwrap_or_default();
    if sizes.len() > 1 {
        group.spec.mixed_instances_policy =
            Some(MixedInstancesPolicy { instances: sizes.to_vec(), ..MixedInstancesPolicy::default() });
    }
}

/// Places a group in zones where those of its subnets do not determine them.
fn place(choices: &Choices, cluster: &Cluster, group: &mut InstanceGroup, zones: &[String]) {
    if choices.cloud == Cloud::Gce {
        gce::place(choices, cluster, group, zones);
    }
}

fn first_set(strings: [&String; 2]) -> &String {
    if strings[0].is_empty() { strings[1] } else { strings[0] }
}

fn control_plane(choices: &Choices, cluster: &Cluster) -> Result<Vec<InstanceGroup>, DesignError> {
    let chosen = !choices.control_plane_zones.is_empty();
    let zones = if chosen { choices.control_plane_zones.clone() } else { choices.zones.clone() };
    let count = match choices.control_plane_count {
        Some(count) => count,
        None if chosen => zones.len(),
        None => 1,
    };
    if chosen && count < zones.len() {
        return Err(DesignError::Conflict(format!(
            "specified {} control-plane zones, but also requested {count} control-plane nodes.  If specifying both, the count should match.",
            zones.len()
        )));
    }
    let dual_stack = choices.ipv6 && network::is_private(choices)?;
    let groups = (0..count).map(|i| {
        let zone = &zones[i % zones.len()];
        let name = if count > zones.len() {
            format!("control-plane-{zone}-{}", i / zones.len() + 1)
        } else {
            format!("control-plane-{zone}")
        };
        let mut group = group(cluster, &name, InstanceGroupRole::ControlPlane, Some(1));
        choose_sizes(&mut group, &choices.control_plane_sizes);
        group.spec.subnets = vec![if dual_stack { format!("dualstack-{zone}") } else { zone.clone() }];
        group.spec.image.clone_from(first_set([&choices.control_plane_image, &choices.image]));
        group.spec.root_volume_size = choices.control_plane_volume_size;
        group.spec.root_volume_type.clone_from(&choices.control_plane_volume_type);
        group.spec.tenancy.clone_from(&choices.control_plane_tenancy);
        group.spec.additional_security_groups.clone_from(&choices.control_plane_security_groups);
        group.spec.associate_public_ip = choices.associate_public_ip;
        place(choices, cluster, &mut group, std::slice::from_ref(zone));
        group
    });
    Ok(groups.collect())
}

/// The names of a zone's subnets for workers: those of further networks where there are any, since the main one may be small.
fn worker_subnets(choices: &Choices, zone: &str) -> Vec<String> {
    let further = further_subnets(choices, zone);
    if further.is_empty() { vec![zone.to_owned()] } else { further }
}

/// The names of a zone's subnets in further networks of the VPC.
fn further_subnets(choices: &Choices, zone: &str) -> Vec<String> {
    let zones = choices.zones.iter().cycle().zip(1..choices.network_cidrs.len());
    zones.filter(|(z, _)| *z == zone).map(|(z, i)| format!("{z}-{i}")).collect()
}

/// Subnets for a group that is bound to no zone: all but those of load balancers and dual-stack ones.
fn all_subnets(cluster: &Cluster) -> Vec<String> {
    let fits = |kind| !matches!(kind, Some(SubnetType::DualStack | SubnetType::Utility));
    cluster.spec.subnets.iter().filter(|s| fits(s.r#type)).map(|s| s.name.clone()).collect()
}

/// How many of the total the zone at an index gets; the first ones get what does not divide.
fn share(total: usize, zones: usize, index: usize) -> usize {
    total / zones + usize::from(index < total % zones)
}

fn api_servers(choices: &Choices, cluster: &Cluster) -> Vec<InstanceGroup> {
    let (total, zones) = (choices.api_server_count, choices.zones.len());
    if total == 0 {
        return Vec::new();
    }
    let group = |(i, zone): (usize, &String)| {
        let name = format!("apiserver-{zone}");
        let mut group = group(cluster, &name, InstanceGroupRole::ApiServer, Some(share(total, zones, i)));
        group.spec.subnets = vec![zone.clone()];
        group.spec.subnets.extend(further_subnets(choices, zone));
        group.spec.image.clone_from(&choices.image);
        group.spec.associate_public_ip = choices.associate_public_ip;
        place(choices, cluster, &mut group, std::slice::from_ref(zone));
        group
    };
    choices.zones.iter().enumerate().map(group).collect()
}

fn nodes(choices: &Choices, cluster: &Cluster) -> Vec<InstanceGroup> {
    let fill = |mut group: InstanceGroup, subnets: Vec<String>, image: &String| {
        choose_sizes(&mut group, &choices.node_sizes);
        group.spec.subnets = if subnets.is_empty() { all_subnets(cluster) } else { subnets };
        group.spec.image.clone_from(image);
        group.spec.root_volume_size = choices.node_volume_size;
        group.spec.root_volume_type.clone_from(&choices.node_volume_type);
        group.spec.tenancy.clone_from(&choices.node_tenancy);
        group.spec.additional_security_groups.clone_from(&choices.node_security_groups);
        group.spec.associate_public_ip = choices.associate_public_ip;
        group
    };
    if choices.karpenter {
        let mut group = group(cluster, "nodes", InstanceGroupRole::Node, None);
        group.spec.manager = Some(InstanceManager::Karpenter);
        group.spec.min_size = choices.node_count.and_then(|n| i32::try_from(n).ok());
        // Karpenter's group takes no notice of an image for workers, as in kops.
        return vec![fill(group, Vec::new(), &choices.image)];
    }
    let image = first_set([&choices.node_image, &choices.image]);
    if choices.single_node_group && choices.subnets.is_empty() && choices.cloud == Cloud::Aws {
        let group = group(cluster, "nodes", InstanceGroupRole::Node, Some(choices.node_count.unwrap_or(1)));
        let subnets = choices.zones.iter().flat_map(|zone| further_subnets(choices, zone)).collect();
        return vec![fill(group, subnets, image)];
    }
    let zones = choices.zones.len();
    let total = choices.node_count.unwrap_or(zones);
    let group = |(i, zone): (usize, &String)| {
        let name = format!("nodes-{zone}");
        let group = group(cluster, &name, InstanceGroupRole::Node, Some(share(total, zones, i)));
        let mut group = fill(group, worker_subnets(choices, zone), image);
        place(choices, cluster, &mut group, std::slice::from_ref(zone));
        group
    };
    choices.zones.iter().enumerate().map(group).collect()
}

fn bastion(choices: &Choices, cluster: &mut Cluster) -> InstanceGroup {
    let mut group = group(cluster, "bastions", InstanceGroupRole::Bastion, Some(1));
    group.spec.image.clone_from(first_set([&choices.bastion_image, &choices.image]));
    group.spec.associate_public_ip = choices.associate_public_ip;
    let dual_stack = cluster.spec.subnets.iter().filter(|s| s.r#type == Some(SubnetType::DualStack));
    group.spec.subnets = dual_stack.map(|s| s.name.clone()).collect();
    if group.spec.subnets.is_empty() {
        group.spec.subnets = all_subnets(cluster);
    }
    place(choices, cluster, &mut group, &choices.zones);
    if cluster.publishes_dns_records() {
        let name = format!("bastion.{}", cluster.metadata.name);
        cluster.spec.topology.get_or_insert_default().bastion =
            Some(BastionTopology { bastion_public_name: name, ..BastionTopology::default() });
    }
    group
}

fn etcd_clusters(choices: &Choices, control_plane: &[InstanceGroup]) -> Vec<EtcdCluster> {
    let mut names = choices.etcd_clusters.clone();
    if names.is_empty() {
        names = vec!["main".to_owned(), "events".to_owned()];
    }
    if choices.networking == "cilium-etcd" {
        names.push("cilium".to_owned());
    }
    let groups: Vec<&str> = control_plane.iter().map(|g| g.metadata.name.as_str()).collect();
    let members: Vec<EtcdMember> = member_names(&groups)
        .into_iter()
        .zip(&groups)
        .map(|(name, group)| EtcdMember {
            name,
            instance_group: Some((*group).to_owned()),
            encrypted_volume: choices.encrypt_etcd_storage.unwrap_or(choices.cloud == Cloud::Aws).then_some(true),
            volume_type: choices.etcd_storage_type.clone(),
            ..EtcdMember::default()
        })
        .collect();
    names
        .into_iter()
        .map(|name| EtcdCluster {
            cpu_request: Some(if name == "main" { "200m" } else { "100m" }.into()),
            memory_request: Some("100Mi".into()),
            name,
            etcd_members: members.clone(),
            ..EtcdCluster::default()
        })
        .collect()
}

/// The part of each group's name in which they differ; a leading digit gets `etcd-` before it.
fn member_names(groups: &[&str]) -> Vec<String> {
    let short: Vec<&str> =
        groups.iter().map(|g| g.trim_start_matches("control-plane-").trim_start_matches("master-")).collect();
    let first = short.first().copied().unwrap_or_default();
    let common = (0..first.len())
        .take_while(|i| {
            first.is_char_boundary(*i) && short.iter().all(|s| s.as_bytes().get(*i) == first.as_bytes().get(*i))
        })
        .count()
        .min(first.len().saturating_sub(1));
    let name = |text: &str| {
        let rest = text.get(common..).filter(|rest| !rest.is_empty()).unwrap_or(text);
        if rest.starts_with(|c: char| c.is_ascii_digit()) { format!("etcd-{rest}") } else { rest.to_owned() }
    };
    short.into_iter().map(name).collect()
}
