//! The disks that etcd members keep their data on.

use super::names::{CLUSTER_LABEL, ETCD_LABEL_PREFIX, ROLE_LABEL_PREFIX};
use super::resources::{Labels, PersistentDisk};
use crate::{Context, Graph, GraphError, Layer, text};
use kopsform_spec::names::gce::label_value;
use kopsform_spec::v1alpha2::{EtcdCluster, EtcdMember};

/// The type of a disk where none is given.
const DEFAULT_TYPE: &str = "pd-ssd";
/// GiB of a disk where no size is given.
const DEFAULT_SIZE: i64 = 20;

/// Adds a disk for each member of each etcd cluster.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    for etcd in &context.cluster.spec.etcd_clusters {
        for member in &etcd.etcd_members {
            build_disk(context, graph, etcd, member)?;
        }
    }
    Ok(())
}

fn build_disk(
    context: &Context<'_>,
    graph: &mut Graph,
    etcd: &EtcdCluster,
    member: &EtcdMember,
) -> Result<(), GraphError> {
    let name = context.etcd_disk_name(&member.name, &etcd.name);
    let disk = PersistentDisk {
        name: name.clone(),
        zone: zone(context, etcd, member)?.to_owned(),
        disk_type: member.volume_type.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| DEFAULT_TYPE.to_owned()),
        size: member.volume_size.filter(|size| *size > 0).map_or(DEFAULT_SIZE, i64::from),
        iops: member.volume_iops.filter(|iops| *iops > 0).map(i64::from),
        throughput: member.volume_throughput.filter(|throughput| *throughput > 0).map(i64::from),
        labels: labels(context, etcd, member),
    };
    graph.add(Layer::Cluster, name, disk).map(|_| ())
}

/// etcd-manager finds the disk by these. Unlike on AWS, they name no peers, and the cluster's labels are not among them.
fn labels(context: &Context<'_>, etcd: &EtcdCluster, member: &EtcdMember) -> Labels {
    let member = format!("{0}/{0}", member.name);
    Labels::from([
        (CLUSTER_LABEL.into(), context.dashed_name()),
        (text![ETCD_LABEL_PREFIX, &etcd.name], label_value(&member).into()),
        (text![ROLE_LABEL_PREFIX, "master"], "master".into()),
    ])
}

/// The zone of the instance group that a member runs in.
fn zone<'a>(context: &Context<'a>, etcd: &EtcdCluster, member: &EtcdMember) -> Result<&'a str, GraphError> {
    let error = |message: String| GraphError::Unsupported {
        path: format!("spec.etcdClusters[{}].etcdMembers[{}].instanceGroup", etcd.name, member.name),
        message,
    };
    let name = member.instance_group.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| error("an etcd member needs an instance group".to_owned()))?;
    let group = context.all_groups.iter().find(|group| group.metadata.name == name);
    let group = group.ok_or_else(|| error(format!("there is no instance group {name:?}")))?;
    match group.spec.zones.as_slice() {
        [zone] => Ok(zone),
        [] => Err(error(format!("instance group {name:?} is in no zone"))),
        zones => Err(error(format!(
            "must specify a unique zone: instance group {name:?} is in {}, and a disk is in one zone",
            zones.join(", ")
        ))),
    }
}
