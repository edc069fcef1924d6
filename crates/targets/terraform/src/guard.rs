//! What a run would make Terraform destroy and create again, and no move can keep.
//!
//! Resources that only disappear are deletions that the user asked for. Resources that disappear while others of their kind
//! appear are replaced: their names changed, and clouds cannot rename them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::identity::block_type_of;
use super::moves::type_of;
use super::previous::Previous;

/// What is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarded {
    /// Volumes with etcd's data.
    EtcdVolumes,
    /// Load balancers, with the addresses by which the API is known.
    LoadBalancers,
    /// Every control-plane group at once.
    ControlPlane,
    /// Other instance groups.
    InstanceGroups,
}

/// Resources that make way for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What they are.
    pub what: Guarded,
    /// Those that Terraform destroys: identities, or addresses where these are not known.
    pub destroyed: Vec<String>,
    /// Identities of those that it creates.
    pub created: Vec<String>,
}

impl Guarded {
    const ALL: [Self; 4] = [Self::EtcdVolumes, Self::LoadBalancers, Self::ControlPlane, Self::InstanceGroups];

    fn types(self) -> &'static [&'static str] {
        match self {
            Self::EtcdVolumes => &["aws_ebs_volume", "google_compute_disk"],
            Self::LoadBalancers => &["aws_lb", "aws_elb", "google_compute_address"],
            Self::ControlPlane | Self::InstanceGroups => {
                &["aws_autoscaling_group", "google_compute_instance_group_manager"]
            }
        }
    }

    /// Whether a resource of one of the types is meant, by its identity or address. On AWS, kops names the groups of the control
    /// plane `GROUP.masters.CLUSTER`; on Google Cloud their names are like those of others, and all count as other groups.
    fn covers(self, name: &str, cluster: &str) -> bool {
        let suffix = format!(".masters.{cluster}");
        let is_control_plane = name.ends_with(&suffix) || name.ends_with(&suffix.replace('.', "-"));
        match self {
            Self::EtcdVolumes | Self::LoadBalancers => true,
            Self::ControlPlane => is_control_plane,
            Self::InstanceGroups => !is_control_plane,
        }
    }

    /// What to do instead.
    pub fn hint(self) -> &'static str {
        match self {
            Self::EtcdVolumes => {
                "a new volume has no data: keep the names of etcd clusters and members, or change one member at a time and \
                 wait for the new one to join"
            }
            Self::LoadBalancers => "clients lose the API until DNS points to the new one: keep its class and name",
            Self::ControlPlane => {
                "add the new control-plane groups, apply, and delete the old ones one after the other"
            }
            Self::InstanceGroups => {
                "add the new instance groups, apply, move the workloads, and delete the old groups afterwards"
            }
        }
    }
}

impl fmt::Display for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EtcdVolumes => "etcd volumes",
            Self::LoadBalancers => "load balancers",
            Self::ControlPlane => "all control-plane groups",
            Self::InstanceGroups => "instance groups",
        })
    }
}

impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} by {}", self.what, self.destroyed.join(", "), self.created.join(", "))
    }
}

/// What a run replaces that should not be replaced unnoticed. `written` are its resources, identity → address.
pub fn replacements(previous: &Previous, written: &BTreeMap<String, String>, cluster: &str) -> Vec<Replacement> {
    let before = &previous.addresses.current;
    let of = |what: Guarded, ids: &BTreeMap<String, String>| -> BTreeSet<String> {
        let guarded = |id: &&String| block_type_of(id).is_some_and(|t| what.types().contains(&t));
        ids.keys().filter(guarded).filter(|id| what.covers(id, cluster)).cloned().collect()
    };
    let mut found = Vec::new();
    for what in Guarded::ALL {
        let (old, new) = (of(what, before), of(what, written));
        let unidentified = previous.unidentified.iter().filter(|address| what.types().contains(&type_of(address)));
        let unidentified: Vec<String> = unidentified.filter(|address| what.covers(address, cluster)).cloned().collect();
        let kept = old.intersection(&new).count();
        let destroyed: Vec<String> = old.difference(&new).cloned().chain(unidentified).collect();
        let created: Vec<String> = new.difference(&old).cloned().collect();
        // Some control-plane groups that stay keep the API and etcd's quorum, if they are changed one at a time.
        let is_partial = what == Guarded::ControlPlane && kept > 0;
        if !destroyed.is_empty() && !created.is_empty() && !is_partial {
            found.push(Replacement { what, destroyed, created });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moves::Addresses;

    const CLUSTER: &str = "a.example.com";

    fn ids(names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), "t.x".to_owned())).collect()
    }

    fn found(before: &[&str], after: &[&str]) -> Vec<Guarded> {
        let addresses = Addresses { current: ids(before), ..Addresses::default() };
        let previous = Previous { addresses, ..Previous::default() };
        replacements(&previous, &ids(after), CLUSTER).into_iter().map(|replacement| replacement.what).collect()
    }

    #[test]
    fn deletions_and_additions_alone_are_no_replacements() {
        let volumes = ["EbsVolume/a.etcd-main.a.example.com", "EbsVolume/b.etcd-main.a.example.com"];
        assert_eq!(found(&volumes, &volumes[..1]), []);
        assert_eq!(found(&volumes[..1], &volumes), []);
        assert_eq!(found(&volumes[..1], &volumes[1..]), [Guarded::EtcdVolumes]);
    }

    #[test]
    fn a_renamed_group_is_replaced() {
        let group = |name: &str| format!("AutoscalingGroup/{name}.a.example.com");
        let (nodes, workers) = (group("nodes"), group("workers"));
        assert_eq!(found(&[&nodes], &[&workers]), [Guarded::InstanceGroups]);
        let (a, b, c) = (group("a.masters"), group("b.masters"), group("c.masters"));
        assert_eq!(found(&[&a], &[&b]), [Guarded::ControlPlane]);
        assert_eq!(found(&[&a, &b], &[&a, &c]), [], "one of several");
        assert_eq!(found(&[&a, &nodes], &[&b, &nodes]), [Guarded::ControlPlane]);
    }

    #[test]
    fn a_load_balancer_of_another_class_is_another_one() {
        let before = ["ClassicLoadBalancer/api.a.example.com"];
        assert_eq!(found(&before, &["NetworkLoadBalancer/api.a.example.com"]), [Guarded::LoadBalancers]);
    }

    #[test]
    fn what_cannot_be_identified_counts_as_destroyed() {
        let unidentified = ["aws_ebs_volume.old".to_owned(), "aws_vpc.old".to_owned()].into();
        let previous = Previous { unidentified, ..Previous::default() };
        let found = replacements(&previous, &ids(&["EbsVolume/a.etcd-main.a.example.com"]), CLUSTER);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "etcd volumes: aws_ebs_volume.old by EbsVolume/a.etcd-main.a.example.com");
    }
}
