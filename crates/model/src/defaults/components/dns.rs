//! The cluster's DNS domain, CoreDNS and the cache on nodes.

use super::{ComponentContext, fill, fill_number, fill_zero_quantity};
use crate::defaults::DefaultsError;
use crate::defaults::networks::nth_address;
use kopsform_spec::v1alpha2::Cluster;

/// The link-local address of the cache on nodes.
const CACHE_ADDRESS: &str = "169.254.20.10";
const CACHE_ADDRESS_IPV6: &str = "fd00:90de:d95::1";
const CACHE_IMAGE: &str = "registry.k8s.io/dns/k8s-dns-node-cache:1.26.0";
/// Amazon's resolver for instances without IPv4.
const AMAZON_RESOLVER_IPV6: &str = "fd00:ec2::253";
/// The service addresses are counted from the first of their range.
const DNS_SERVICE: u32 = 10;

/// The address of the DNS service.
pub(super) fn service_address(cluster: &Cluster) -> Result<String, DefaultsError> {
    let range = &cluster.spec.service_cluster_ip_range;
    let bad = || DefaultsError::BadCidr { field: "serviceClusterIPRange".to_owned(), value: range.clone() };
    Ok(nth_address(range, DNS_SERVICE).ok_or_else(bad)?.to_string())
}

pub(super) fn domain(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    fill(&mut cluster.spec.cluster_dns_domain, "cluster.local");
    Ok(())
}

pub(super) fn kube_dns(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let address = service_address(cluster)?;
    let ipv6 = cluster.is_ipv6_only();
    let on_gce = cluster.is_on_gce();
    let domain = cluster.spec.cluster_dns_domain.clone();
    let dns = cluster.spec.kube_dns.get_or_insert_default();
    fill_number(&mut dns.cache_max_size, 1000);
    fill_number(&mut dns.cache_max_concurrent, 150);
    fill(&mut dns.server_ip, &address);
    fill(&mut dns.domain, &domain);
    fill_zero_quantity(&mut dns.memory_request, "70Mi");
    fill_zero_quantity(&mut dns.cpu_request, "100m");
    fill_zero_quantity(&mut dns.memory_limit, "170Mi");
    if ipv6 && !on_gce && dns.upstream_nameservers.is_empty() {
        dns.upstream_nameservers = vec![AMAZON_RESOLVER_IPV6.to_owned()];
    }

    let cache = dns.node_local_dns.get_or_insert_default();
    if *cache.enabled.get_or_insert(false) {
        fill(&mut cache.local_ip, if ipv6 { CACHE_ADDRESS_IPV6 } else { CACHE_ADDRESS });
        cache.forward_to_kube_dns.get_or_insert(false);
    }
    fill_zero_quantity(&mut cache.memory_request, "5Mi");
    fill_zero_quantity(&mut cache.cpu_request, "25m");
    cache.image.get_or_insert_with(|| CACHE_IMAGE.to_owned());
    Ok(())
}
