//! Rules for clusters on AWS.
//!
//! - `subnets`, `api_access`: subnets of availability zones, and the load balancer of the API;
//! - `machines`: instance types, disks and policies of groups; `volumes`: types, IOPS and throughput of EBS volumes;
//! - `arns`: regions and partitions of ARNs; `tags`: cloud labels.

mod api_access;
mod arns;
mod machines;
mod subnets;
pub(super) mod tags;
mod volumes;

use super::Tagged;
use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::v1alpha2::{Cluster, EtcdMember, InstanceGroup};
use kopsform_diagnostics::Rule;
use volumes::Volume;

/// Checks what only clusters on AWS have.
pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    subnets::check(cx, cluster, facts);
    api_access::check(cx, cluster, facts);
    tags::check(cx, &cluster.spec.cloud_labels, Tagged::Cluster);
    arns::check_cluster(cx, cluster, facts.region.as_deref());
}

/// Checks a group by itself.
pub(super) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup) {
    machines::check(cx, &group.spec);
    tags::check(cx, &group.spec.cloud_labels, Tagged::Group(&group.metadata.name));
}

/// Checks a group against its cluster.
pub(super) fn check_group_of(cx: &mut Checker<'_>, group: &InstanceGroup, facts: &ClusterFacts) {
    arns::check_group(cx, group, facts.region.as_deref());
}

/// Checks the volume of an etcd member; `path` gives the path of a field.
pub(super) fn check_etcd_volume(cx: &mut Checker<'_>, member: &EtcdMember, path: impl Fn(&str) -> String) {
    let volume = Volume {
        kind: member.volume_type.as_deref(),
        size: member.volume_size.map(i64::from),
        default_size: 20,
        iops: member.volume_iops.map(i64::from),
        throughput: member.volume_throughput.map(i64::from),
    };
    volumes::check(cx, &volume, |part| path(part.etcd_field()));
    if member.kms_key_id.is_some() && member.encrypted_volume != Some(true) {
        let message = "a key is given, but the volume is not encrypted";
        cx.strict(Rule::NeedsField, path("kmsKeyId"), (message, "write encryptedVolume: true"));
    }
}
