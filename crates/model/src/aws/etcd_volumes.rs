//! The volumes that etcd members keep their data on.

use super::launch_template::{DEFAULT_VOLUME_TYPE, GP3_IOPS, GP3_THROUGHPUT, PROVISIONED_IOPS};
use super::resources::{EbsVolume, Tags};
use super::tags::{ETCD_PREFIX, KUBERNETES_CLUSTER, NAME, ROLE_PREFIX};
use crate::{Context, Graph, GraphError, Layer, Text, text};
use kopsform_spec::v1alpha2::{EtcdCluster, EtcdMember, InstanceGroup};

/// GiB of a volume where no size is given.
const DEFAULT_SIZE: i64 = 20;

/// Adds a volume for each member of each etcd cluster.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    for etcd in &context.cluster.spec.etcd_clusters {
        for member in &etcd.etcd_members {
            build_volume(context, graph, etcd, member)?;
        }
    }
    Ok(())
}

fn build_volume(
    context: &Context<'_>,
    graph: &mut Graph,
    etcd: &EtcdCluster,
    member: &EtcdMember,
) -> Result<(), GraphError> {
    let path = format!("spec.etcdClusters[{}].etcdMembers[{}]", etcd.name, member.name);
    let name = context.qualified(format!("{}.etcd-{}", member.name, etcd.name));
    let performance = Performance::of(member);
    performance.check(&path)?;
    let volume = EbsVolume {
        zone: zone(context, member, &path)?.to_owned(),
        volume_type: performance.volume_type.to_owned(),
        size: performance.size,
        iops: performance.iops,
        throughput: performance.throughput,
        encrypted: member.encrypted_volume.unwrap_or(false),
        kms_key: member.kms_key_id.clone(),
        tags: volume_tags(context, &name, etcd, member),
    };
    graph.add(Layer::Cluster, name, volume).map(|_| ())
}

/// etcd-manager finds the volume, its location and its peers by these; the cluster's labels do not override them.
fn volume_tags(context: &Context<'_>, name: &Text, etcd: &EtcdCluster, member: &EtcdMember) -> Tags {
    let mut peers: Vec<&str> = etcd.etcd_members.iter().map(|member| member.name.as_str()).collect();
    peers.sort_unstable();
    let mut tags: Tags = context.cloud_labels().collect();
    tags.insert(text![ETCD_PREFIX, &etcd.name], format!("{}/{}", member.name, peers.join(",")).into());
    for role in ["control-plane", "master"] {
        tags.insert(text![ROLE_PREFIX, role], "1".into());
    }
    tags.insert(context.cluster_tag(), "owned".into());
    tags.insert(KUBERNETES_CLUSTER.into(), context.cluster_name());
    tags.insert(NAME.into(), name.clone());
    tags
}

/// The zone of the instance group a member runs in, which must be one.
fn zone<'a>(context: &Context<'a>, member: &EtcdMember, path: &str) -> Result<&'a str, GraphError> {
    let error = |message: String| GraphError::Unsupported { path: format!("{path}.instanceGroup"), message };
    let name = member.instance_group.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| error("an etcd member needs an instance group".to_owned()))?;
    let group = context.all_groups.iter().find(|group| group.metadata.name == name);
    let group = group.ok_or_else(|| error(format!("there is no instance group {name:?}")))?;
    let zones = zones_of(context, group);
    match zones.as_slice() {
        [zone] => Ok(zone),
        [] => Err(error(format!("instance group {name:?} is in no zone"))),
        _ => {
            Err(error(format!("instance group {name:?} is in several zones, {}; a volume is in one", zones.join(", "))))
        }
    }
}

/// The zones a group names and those of its subnets.
fn zones_of<'a>(context: &Context<'a>, group: &'a InstanceGroup) -> Vec<&'a str> {
    let subnets = group.spec.subnets.iter().filter_map(|name| context.cluster.subnet(name));
    let of_subnets = subnets.map(|subnet| subnet.zone.as_str()).filter(|zone| !zone.is_empty());
    let mut zones: Vec<&str> = group.spec.zones.iter().map(String::as_str).chain(of_subnets).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// Type, size and speed of a volume.
#[derive(Debug, PartialEq)]
struct Performance<'a> {
    volume_type: &'a str,
    size: i64,
    iops: Option<i64>,
    throughput: Option<i64>,
}

impl<'a> Performance<'a> {
    fn of(member: &'a EtcdMember) -> Self {
        let volume_type = member.volume_type.as_deref().filter(|t| !t.is_empty()).unwrap_or(DEFAULT_VOLUME_TYPE);
        let given = |value: Option<i32>| i64::from(value.unwrap_or_default());
        let (iops, throughput) = match volume_type {
            "io1" | "io2" => (Some(given(member.volume_iops).max(PROVISIONED_IOPS)), None),
            "gp3" => (
                Some(given(member.volume_iops).max(GP3_IOPS)),
                Some(given(member.volume_throughput).max(GP3_THROUGHPUT)),
            ),
            _ => (None, None),
        };
        let size = member.volume_size.filter(|size| *size != 0).map_or(DEFAULT_SIZE, i64::from);
        Self { volume_type, size, iops, throughput }
    }

    /// AWS bounds operations by size and throughput by operations.
    fn check(&self, path: &str) -> Result<(), GraphError> {
        let Some(iops) = self.iops else { return Ok(()) };
        let per_gib = match self.volume_type {
            "io1" => 50,
            "gp3" if iops <= GP3_IOPS => i64::MAX,
            _ => 500,
        };
        if iops > self.size.saturating_mul(per_gib) {
            return Err(GraphError::Unsupported {
                path: format!("{path}.volumeIops"),
                message: format!(
                    "a {} volume of {} GiB has at most {per_gib} IOPS a GiB, {} in all, not {iops}",
                    self.volume_type,
                    self.size,
                    self.size.saturating_mul(per_gib)
                ),
            });
        }
        match self.throughput {
            Some(throughput) if throughput > iops / 4 => Err(GraphError::Unsupported {
                path: format!("{path}.volumeThroughput"),
                message: format!("{iops} IOPS go with at most {} MiB/s, not {throughput}", iops / 4),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Ref;
    use crate::fixture::Fixture;

    fn member(volume_type: Option<&str>, size: Option<i32>, iops: Option<i32>, throughput: Option<i32>) -> EtcdMember {
        EtcdMember {
            volume_type: volume_type.map(str::to_owned),
            volume_size: size,
            volume_iops: iops,
            volume_throughput: throughput,
            ..EtcdMember::default()
        }
    }

    #[test]
    fn volumes_are_small_and_fast_unless_set_otherwise() {
        let performance = |member: &EtcdMember| {
            let p = Performance::of(member);
            (p.volume_type.to_owned(), p.size, p.iops, p.throughput)
        };
        assert_eq!(performance(&member(None, None, None, None)), ("gp3".into(), 20, Some(3000), Some(125)));
        assert_eq!(
            performance(&member(Some("gp3"), Some(50), Some(4000), Some(50))),
            ("gp3".into(), 50, Some(4000), Some(125))
        );
        assert_eq!(performance(&member(Some("io1"), None, Some(20), Some(300))), ("io1".into(), 20, Some(100), None));
        assert_eq!(performance(&member(Some("gp2"), None, Some(200), Some(300))), ("gp2".into(), 20, None, None));
    }

    #[test]
    fn speeds_that_aws_refuses_are_errors() {
        let check = |member: EtcdMember| Performance::of(&member).check("m").map_err(|e| e.to_string());
        assert!(check(member(Some("io1"), Some(10), Some(500), None)).is_ok());
        let too_fast = check(member(Some("io1"), Some(10), Some(501), None)).unwrap_err();
        assert_eq!(too_fast, "m.volumeIops: a io1 volume of 10 GiB has at most 50 IOPS a GiB, 500 in all, not 501");
        // Every gp3 volume has 3000, however small it is.
        assert!(check(member(None, Some(5), None, None)).is_ok());
        assert!(check(member(None, Some(6), Some(3001), None)).is_err());
        assert!(check(member(None, None, None, Some(751))).is_err());
        assert!(check(member(None, None, None, Some(750))).is_ok());
    }

    #[test]
    fn a_volume_is_where_its_group_is_and_knows_its_peers() {
        let mut fixture = Fixture::default();
        let member = |name: &str| EtcdMember {
            name: name.to_owned(),
            instance_group: Some("master-a".to_owned()),
            ..EtcdMember::default()
        };
        let etcd = EtcdCluster {
            name: "main".to_owned(),
            etcd_members: vec![member("b"), member("1")],
            ..EtcdCluster::default()
        };
        fixture.cluster.spec.etcd_clusters = vec![etcd];
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of::<EbsVolume>(), ["1.etcd-main.a.example.com", "b.etcd-main.a.example.com"]);
        let volume = graph.get(&Ref::<EbsVolume>::new("b.etcd-main.a.example.com")).unwrap();
        assert_eq!((volume.zone.as_str(), volume.encrypted), ("us-east-1a", false));
        assert_eq!(volume.tags["k8s.io/etcd/main"], "b/1,b");
        assert_eq!(volume.tags["Name"], "b.etcd-main.a.example.com");

        fixture.groups[0].spec.zones = vec!["us-east-1b".to_owned()];
        let error = fixture.build(build).unwrap_err().to_string();
        assert!(error.contains("several zones, us-east-1a, us-east-1b"), "{error}");
    }
}
