//! Which keysets a cluster needs.

use kopsform_spec::v1alpha2::Cluster;

/// Certificate authorities of etcd clusters that share one client authority.
const SHARED_ETCD: [&str; 3] = ["main", "events", "leases"];

/// The keysets of a cluster, in the order kops makes them.
pub fn required_keysets(cluster: &Cluster) -> Vec<String> {
    let mut names: Vec<String> =
        ["apiserver-aggregator-ca", "kubernetes-ca", "service-account"].map(str::to_owned).into();
    for etcd in &cluster.spec.etcd_clusters {
        names.push(format!("etcd-manager-ca-{}", etcd.name));
        names.push(format!("etcd-peers-ca-{}", etcd.name));
        names.push(etcd_clients_ca(&etcd.name));
    }
    let discovery = cluster.spec.service_account_issuer_discovery.as_ref().and_then(|d| d.discovery_service.as_ref());
    if discovery.is_some_and(|service| !service.url.is_empty()) {
        names.push("discovery-ca".to_owned());
    }
    names.sort();
    names.dedup();
    names
}

/// The authority of an etcd cluster's clients: one for those of the control plane, one each for others.
pub fn etcd_clients_ca(etcd_cluster: &str) -> String {
    if SHARED_ETCD.contains(&etcd_cluster) {
        "etcd-clients-ca".to_owned()
    } else {
        format!("etcd-clients-ca-{etcd_cluster}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_spec::v1alpha2::EtcdCluster;

    #[test]
    fn etcd_clusters_of_the_control_plane_share_a_client_authority() {
        let mut cluster = Cluster::default();
        for name in ["main", "events", "cilium"] {
            cluster.spec.etcd_clusters.push(EtcdCluster { name: name.to_owned(), ..EtcdCluster::default() });
        }
        let names = required_keysets(&cluster);
        assert_eq!(
            names.iter().filter(|n| n.starts_with("etcd-clients")).collect::<Vec<_>>(),
            ["etcd-clients-ca", "etcd-clients-ca-cilium"]
        );
        assert!(names.contains(&"etcd-peers-ca-events".to_owned()));
        assert_eq!(names.len(), 3 + 2 * 3 + 2);
    }
}
