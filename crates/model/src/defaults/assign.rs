//! Defaults that are chosen once and must not change later: networks, the public name of the API, the Kubernetes version.

use std::net::IpAddr;

use ipnet::IpNet;

use super::fill::fill;
use super::subnets::assign_subnets;
use super::{DefaultsContext, DefaultsError, gce};
use kopsform_spec::v1alpha2::{Cluster, DnsType, EgressProxy};

/// The default network of the VPC.
const DEFAULT_NETWORK: &str = "172.20.0.0/16";
/// The default network of pods and services together.
const DEFAULT_NON_MASQUERADE: &str = "100.64.0.0/10";
/// Days for which etcd backups are kept.
const BACKUP_RETENTION_DAYS: u32 = 90;
/// The instance metadata service, which no proxy can reach. kops excludes it on AWS only.
const METADATA_SERVICE: &str = "169.254.169.254";

/// Fills in what must not change later. The result is written to the state store.
///
/// # Errors
/// When a network does not fit, a shared VPC or subnet was not looked up, or no Kubernetes version is set or recommended.
pub fn assign(cluster: &Cluster, context: &DefaultsContext<'_>) -> Result<Cluster, DefaultsError> {
    let mut cluster = cluster.clone();
    for etcd in &mut cluster.spec.etcd_clusters {
        etcd.manager.get_or_insert_default().backup_retention_days.get_or_insert(BACKUP_RETENTION_DAYS);
    }
    cluster.spec.topology.get_or_insert_default();
    if cluster.is_on_gce() {
        gce::assign_ranges(&mut cluster, context.facts)?;
        fill(&mut cluster.spec.non_masquerade_cidr, DEFAULT_NON_MASQUERADE);
    } else {
        assign_networks(&mut cluster, context)?;
    }
    let public_dns = cluster.publishes_dns_records() && cluster.dns_type() == DnsType::Public;
    if public_dns && cluster.spec.master_public_name.is_empty() && !cluster.metadata.name.is_empty() {
        cluster.spec.master_public_name = format!("api.{}", cluster.metadata.name);
    }
    if !cluster.is_on_gce() {
        assign_subnets(&mut cluster, context.facts)?;
    }
    if let Some(mut proxy) = cluster.spec.egress_proxy.take() {
        exclude_from_proxy(&mut proxy, &cluster)?;
        cluster.spec.egress_proxy = Some(proxy);
    }
    if cluster.spec.kubernetes_version.is_empty() {
        let recommended = context.channel.and_then(|c| c.recommended_kubernetes_version());
        let recommended = recommended.ok_or(DefaultsError::Missing { field: "kubernetesVersion" })?;
        cluster.spec.kubernetes_version = recommended.to_string();
    }
    Ok(cluster)
}

fn assign_networks(cluster: &mut Cluster, context: &DefaultsContext<'_>) -> Result<(), DefaultsError> {
    let spec = &mut cluster.spec;
    if spec.network_cidr.is_empty() {
        spec.network_cidr = if spec.network_id.is_empty() {
            DEFAULT_NETWORK.to_owned()
        } else {
            let vpc = context.facts.vpcs.get(&spec.network_id).filter(|vpc| !vpc.cidr.is_empty());
            let unknown = || DefaultsError::Unknown { kind: "VPC", name: spec.network_id.clone() };
            vpc.ok_or_else(unknown)?.cidr.clone()
        };
        let pods_in_vpc = spec.networking.as_ref().is_some_and(|n| n.amazonvpc.is_some());
        if pods_in_vpc && spec.non_masquerade_cidr != "::/0" {
            spec.non_masquerade_cidr.clone_from(&spec.network_cidr);
        }
    }
    fill(&mut spec.non_masquerade_cidr, DEFAULT_NON_MASQUERADE);
    Ok(())
}

/// Adds the addresses that must be reached directly. As in kops, an address is excluded already if it is a substring of the
/// written list.
fn exclude_from_proxy(proxy: &mut EgressProxy, cluster: &Cluster) -> Result<(), DefaultsError> {
    let spec = &cluster.spec;
    let first_service = first_address(&spec.non_masquerade_cidr).ok_or_else(|| DefaultsError::BadCidr {
        field: "nonMasqueradeCIDR".to_owned(),
        value: spec.non_masquerade_cidr.clone(),
    })?;
    let direct = [
        "127.0.0.1",
        "localhost",
        &spec.cluster_dns_domain,
        &spec.master_public_name,
        &cluster.metadata.name,
        &first_service,
        &spec.non_masquerade_cidr,
        if cluster.is_on_gce() { "" } else { METADATA_SERVICE },
        &spec.network_cidr,
    ];
    let written = proxy.excludes.clone();
    let mut excludes: Vec<&str> = if written.is_empty() { Vec::new() } else { written.split(',').collect() };
    let further = spec.additional_network_cidrs.iter().map(String::as_str);
    excludes.extend(direct.into_iter().chain(further).filter(|e| !e.is_empty() && !written.contains(e)));
    proxy.excludes = excludes.join(",");
    Ok(())
}

/// The address after the one in the CIDR, if it is in the network: `100.64.0.1` of `100.64.0.0/10`.
fn first_address(cidr: &str) -> Option<String> {
    let network: IpNet = cidr.parse().ok()?;
    let next = match network.addr() {
        IpAddr::V4(address) => IpAddr::V4(u32::from(address).wrapping_add(1).into()),
        IpAddr::V6(address) => IpAddr::V6(u128::from(address).wrapping_add(1).into()),
    };
    network.contains(&next).then(|| next.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::{Facts, VpcFact};
    use kopsform_env::Environment;
    use kopsform_env::features::Features;
    use kopsform_spec::channel::Channel;
    use kopsform_spec::v1alpha2::{AmazonVpcNetworking, DnsTopology, HttpProxy, Networking, Topology};

    fn assigned(cluster: &Cluster, facts: &Facts, channel: Option<&Channel>) -> Result<Cluster, DefaultsError> {
        let (features, environment) = (Features::default(), Environment::default());
        assign(
            cluster,
            &DefaultsContext { facts, features: &features, environment: &environment, channel, worker_version: None },
        )
    }

    fn named(name: &str) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = name.to_owned();
        cluster.spec.kubernetes_version = "1.36.0".to_owned();
        cluster
    }

    #[test]
    fn an_own_network_gets_the_usual_ranges() {
        let cluster = assigned(&named("a.example.com"), &Facts::default(), None).unwrap();
        assert_eq!(cluster.spec.network_cidr, "172.20.0.0/16");
        assert_eq!(cluster.spec.non_masquerade_cidr, "100.64.0.0/10");
        assert_eq!(cluster.spec.master_public_name, "api.a.example.com");
    }

    #[test]
    fn only_public_dns_gives_the_api_a_public_name() {
        let mut private = named("a.example.com");
        private.spec.topology =
            Some(Topology { dns: Some(DnsTopology { r#type: Some(DnsType::Private) }), ..Topology::default() });
        for cluster in [private, named("a.k8s.local")] {
            assert_eq!(assigned(&cluster, &Facts::default(), None).unwrap().spec.master_public_name, "");
        }
    }

    #[test]
    fn a_shared_network_is_looked_up() {
        let mut shared = named("a.example.com");
        shared.spec.network_id = "vpc-1".to_owned();
        shared.spec.networking =
            Some(Networking { amazonvpc: Some(AmazonVpcNetworking::default()), ..Networking::default() });
        let error = assigned(&shared, &Facts::default(), None).unwrap_err();
        assert_eq!(error.to_string(), "VPC vpc-1 is not known");

        let vpc = VpcFact { cidr: "10.20.0.0/16".to_owned(), ..VpcFact::default() };
        let facts = Facts { vpcs: [("vpc-1".to_owned(), vpc)].into(), ..Facts::default() };
        let cluster = assigned(&shared, &facts, None).unwrap();
        assert_eq!(cluster.spec.network_cidr, "10.20.0.0/16");
        assert_eq!(cluster.spec.non_masquerade_cidr, "10.20.0.0/16", "pods share the VPC's addresses");
    }

    #[test]
    fn a_proxy_leaves_out_what_is_near() {
        let mut cluster = named("a.example.com");
        cluster.spec.egress_proxy = Some(EgressProxy {
            http_proxy: HttpProxy { host: "proxy".to_owned(), port: 3128 },
            excludes: "localhost,own.example.org".to_owned(),
        });
        cluster.spec.additional_network_cidrs = vec!["10.9.0.0/16".to_owned()];
        let cluster = assigned(&cluster, &Facts::default(), None).unwrap();
        assert_eq!(
            cluster.spec.egress_proxy.clone().unwrap().excludes,
            "localhost,own.example.org,127.0.0.1,api.a.example.com,a.example.com,100.64.0.1,100.64.0.0/10,\
             169.254.169.254,172.20.0.0/16,10.9.0.0/16"
        );
        assert_eq!(assigned(&cluster, &Facts::default(), None).unwrap(), cluster, "a second time changes nothing");

        let mut google = named("a.example.com");
        google.spec.cloud_provider = "gce".to_owned();
        google.spec.non_masquerade_cidr = "100.64.0.0/10".to_owned();
        let mut proxy = EgressProxy::default();
        exclude_from_proxy(&mut proxy, &google).unwrap();
        assert_eq!(proxy.excludes, "127.0.0.1,localhost,a.example.com,100.64.0.1,100.64.0.0/10");
    }

    #[test]
    fn the_channel_recommends_a_version() {
        let mut cluster = named("a.example.com");
        cluster.spec.kubernetes_version.clear();
        let error = assigned(&cluster, &Facts::default(), None).unwrap_err();
        assert_eq!(error.to_string(), "spec.kubernetesVersion is not set");
        let channel: Channel = serde_yaml::from_str("spec: {kopsVersions: [{kubernetesVersion: 1.35.5}]}").unwrap();
        let cluster = assigned(&cluster, &Facts::default(), Some(&channel)).unwrap();
        assert_eq!(cluster.spec.kubernetes_version, "1.35.5");
    }
}
