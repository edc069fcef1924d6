//! What clusters on Google Cloud have: subnets of a region, and groups that name their zones.

use super::{Choices, DesignError};
use crate::v1alpha2::{CloudConfiguration, Cluster, InstanceGroup, InstanceGroupRole, Subnet, SubnetType};

/// Sets the project and the region's subnets.
pub(super) fn design(choices: &Choices, cluster: &mut Cluster, private: bool) -> Result<(), DesignError> {
    let spec = &mut cluster.spec;
    spec.project.clone_from(&choices.project);
    spec.cloud_config = Some(CloudConfiguration {
        gce_service_account: choices.gce_service_account.clone(),
        ..CloudConfiguration::default()
    });
    spec.network_id.clone_from(&choices.network_id);
    if !choices.network_cidrs.is_empty() {
        return Err(DesignError::Conflict("--network-cidr is for AWS: networks of Google Cloud have none".to_owned()));
    }
    let region = choices.region()?;
    let subnet =
        |name: String, kind| Subnet { name, region: region.to_owned(), r#type: Some(kind), ..Subnet::default() };
    let kind = if private { SubnetType::Private } else { SubnetType::Public };
    let mut subnets = vec![subnet(region.to_owned(), kind)];
    if choices.ipv6 {
        subnets.push(subnet(dual_stack(region), SubnetType::DualStack));
    }
    match choices.subnet_names.as_slice() {
        [] => {}
        [name] => subnets[0].id.clone_from(name),
        _ => {
            let message = "expected exactly one subnet for Google Cloud, where it spans the zones of its region";
            return Err(DesignError::Conflict(message.to_owned()));
        }
    }
    spec.subnets = subnets;
    Ok(())
}

fn dual_stack(region: &str) -> String {
    format!("dualstack-{region}")
}

/// Places a group in its zones. Its subnet spans them all.
pub(super) fn place(choices: &Choices, cluster: &Cluster, group: &mut InstanceGroup, zones: &[String]) {
    let region = cluster.region();
    let outside = matches!(group.role(), InstanceGroupRole::ControlPlane | InstanceGroupRole::Bastion);
    group.spec.subnets = vec![if choices.ipv6 && outside { dual_stack(region) } else { region.to_owned() }];
    group.spec.zones = zones.to_vec();
    // Managed instance groups have one machine type.
    group.spec.mixed_instances_policy = None;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::design as new_cluster;
    use super::*;
    use crate::cloud::Cloud;

    fn choices(zones: &[&str]) -> Choices {
        Choices {
            cloud: Cloud::Gce,
            name: "c.example.com".into(),
            project: "example-project".into(),
            zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
            networking: "cilium".into(),
            ..Choices::default()
        }
    }

    #[test]
    fn a_zone_is_enough() {
        let (cluster, groups) = new_cluster(&choices(&["us-central1-a"])).unwrap();
        assert_eq!(cluster.region(), "us-central1");
        let placed: Vec<_> = groups.iter().map(|group| (&group.spec.subnets[0], &group.spec.zones[0])).collect();
        let (subnet, zone) = ("us-central1".to_owned(), "us-central1-a".to_owned());
        assert_eq!(placed, [(&subnet, &zone), (&subnet, &zone)]);
        assert_eq!(cluster.spec.etcd_clusters[0].etcd_members[0].encrypted_volume, None);
    }

    #[test]
    fn bastions_are_in_all_zones() {
        let mut private = choices(&["us-central1-a", "us-central1-b"]);
        (private.topology, private.bastion) = ("private".into(), true);
        let (cluster, groups) = new_cluster(&private).unwrap();
        assert_eq!(cluster.spec.subnets[0].r#type, Some(SubnetType::Private));
        let bastions = groups.last().unwrap();
        assert_eq!((bastions.metadata.name.as_str(), bastions.spec.min_size), ("bastions", Some(1)));
        assert_eq!(bastions.spec.zones, ["us-central1-a", "us-central1-b"]);
    }

    #[test]
    fn the_control_plane_of_ipv6_clusters_is_dual_stack() {
        let mut ipv6 = choices(&["us-central1-a"]);
        ipv6.ipv6 = true;
        let (cluster, groups) = new_cluster(&ipv6).unwrap();
        assert_eq!(cluster.spec.subnets[1].name, "dualstack-us-central1");
        let subnets: Vec<_> = groups.iter().map(|group| group.spec.subnets[0].as_str()).collect();
        assert_eq!(subnets, ["dualstack-us-central1", "us-central1"]);
    }

    #[test]
    fn places_that_do_not_fit_are_named() {
        let message = |choices: &Choices| new_cluster(choices).unwrap_err().to_string();
        assert_eq!(message(&choices(&["us-central1"])), "\"us-central1\" is not a zone such as us-central1-a");
        let several = choices(&["us-central1-a", "us-east1-b"]);
        assert_eq!(message(&several), "the zones are in us-central1 and us-east1, but a cluster is in one region");
        let mut two = choices(&["us-central1-a"]);
        two.subnet_names = vec!["a".into(), "b".into()];
        assert!(message(&two).starts_with("expected exactly one subnet"));
        let mut eni = choices(&["us-central1-a"]);
        eni.networking = "cilium-eni".into();
        assert_eq!(message(&eni), "networking mode \"cilium-eni\" is not supported on Google Cloud");
    }
}
