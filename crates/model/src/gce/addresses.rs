//! Addresses of the API's load balancers that exist already, as after `terraform apply`.
//!
//! Certificates of API servers name them, and workers that cannot look the API up are given them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::load_balancer::address_names;
use crate::Context;
use crate::facts::AddressNeed;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, LoadBalancerType};

/// The addresses that a cluster's load balancers have or will have.
pub fn address_needs(cluster: &Cluster, groups: &[InstanceGroup]) -> BTreeSet<AddressNeed> {
    let Some(balancer) = cluster.api_load_balancer() else { return BTreeSet::new() };
    let of_groups: BTreeSet<&str> = groups
        .iter()
        .filter(|group| group.has_api_server())
        .flat_map(|group| group.spec.subnets.iter().map(String::as_str))
        .collect();
    let subnets: Vec<&str> =
        cluster.spec.subnets.iter().map(|s| s.name.as_str()).filter(|s| of_groups.contains(s)).collect();
    let is_public = balancer.r#type != Some(LoadBalancerType::Internal);
    let need = |name| AddressNeed { project: cluster.spec.project.clone(), region: cluster.region().to_owned(), name };
    address_names(&cluster.metadata.name, is_public, &subnets).into_iter().map(need).collect()
}

/// The addresses that the cluster's load balancers have already, sorted as strings; none before the first `terraform apply`.
pub fn known_addresses(context: &Context<'_>) -> Vec<String> {
    let needs = address_needs(context.cluster, context.all_groups);
    let mut found: Vec<String> = needs
        .iter()
        .filter_map(|need| context.facts.gce.address(need))
        .filter(|address| address.parse::<IpAddr>().is_ok())
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}
