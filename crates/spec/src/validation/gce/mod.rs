//! Rules for clusters on Google Cloud.
//!
//! - `cluster`: project, load balancer, network plugins and addons; `subnets`: subnets of a region;
//! - `groups`: zones, machines and accelerators of instance groups; `disks`: IOPS and throughput of disks;
//! - `labels`: cloud labels, and names that become labels.
//!
//! Google refuses some of what kops accepts, at `update cluster --yes` or `terraform apply`: that is an error in strict runs.
//! Fields that only AWS has are reported by decoding, see [`crate::field_schema`].

mod cluster;
mod disks;
mod groups;
mod labels;
mod subnets;

use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::v1alpha2::{Cluster, EtcdMember, InstanceGroup};
use disks::Disk;

/// Checks what only clusters on Google Cloud have.
pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    cluster::check(cx, cluster);
    subnets::check(cx, cluster, facts);
    labels::check_cluster(cx, cluster);
}

/// Checks a group by itself.
pub(super) fn check_group(cx: &mut Checker<'_>, group: &InstanceGroup) {
    groups::check(cx, group);
    labels::check_group(cx, group);
}

/// Checks a group against its cluster.
pub(super) fn check_group_of(cx: &mut Checker<'_>, group: &InstanceGroup, cluster: &Cluster) {
    groups::check_zones(cx, group, cluster);
}

/// Checks the disk of an etcd member; `path` gives the path of a field.
pub(super) fn check_etcd_volume(cx: &mut Checker<'_>, member: &EtcdMember, path: impl Fn(&str) -> String) {
    let disk = Disk {
        kind: member.volume_type.as_deref().unwrap_or("pd-ssd"),
        iops: member.volume_iops,
        throughput: member.volume_throughput,
    };
    disks::check(cx, &disk, &path("volumeIops"), &path("volumeThroughput"));
}
