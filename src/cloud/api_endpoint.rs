//! Where the Kubernetes API of a cluster is reached: its load balancer, if it has one.

use super::aws::Clients;
use super::error::failed;
use crate::api::v1alpha2::{Cluster, LoadBalancerClass};
use crate::rolling::world::ApiError;

/// How many load balancers one call may ask the tags of.
const TAGS_A_CALL: usize = 20;

/// The DNS name of the load balancer in front of the API, found by the tag that kops names it with.
///
/// Classic load balancers unless the spec says `Network`. `None` where the cluster has none, or none was found.
pub async fn api_load_balancer(clients: &Clients, cluster: &Cluster) -> Result<Option<String>, ApiError> {
    let Some(balancer) = cluster.spec.api.as_ref().and_then(|a| a.load_balancer.as_ref()) else {
        return Ok(None);
    };
    let name = format!("api.{}", cluster.metadata.name);
    match balancer.class {
        Some(LoadBalancerClass::Network) => network(clients, &name).await,
        _ => classic(clients, &name).await,
    }
}

async fn classic(clients: &Clients, name: &str) -> Result<Option<String>, ApiError> {
    let client = clients.elb();
    let all: Vec<_> = client
        .describe_load_balancers()
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(failed("DescribeLoadBalancers"))?;
    for page in all.chunks(TAGS_A_CALL) {
        let names = page.iter().filter_map(|b| b.load_balancer_name().map(str::to_owned)).collect();
        let tags = client.describe_tags().set_load_balancer_names(Some(names)).send().await;
        for described in tags.map_err(failed("DescribeTags"))?.tag_descriptions() {
            if described.tags().iter().any(|t| t.key() == "Name" && t.value() == Some(name)) {
                let found = page.iter().find(|b| b.load_balancer_name() == described.load_balancer_name());
                return Ok(found.and_then(|b| b.dns_name()).map(str::to_owned));
            }
        }
    }
    Ok(None)
}

/// The newest of that name: an old one may be on its way out.
async fn network(clients: &Clients, name: &str) -> Result<Option<String>, ApiError> {
    let client = clients.elbv2();
    let all: Vec<_> = client
        .describe_load_balancers()
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(failed("DescribeLoadBalancers"))?;
    let mut newest: Option<&aws_sdk_elasticloadbalancingv2::types::LoadBalancer> = None;
    for page in all.chunks(TAGS_A_CALL) {
        let arns = page.iter().filter_map(|b| b.load_balancer_arn().map(str::to_owned)).collect();
        let tags = client.describe_tags().set_resource_arns(Some(arns)).send().await;
        for described in tags.map_err(failed("DescribeTags"))?.tag_descriptions() {
            if described.tags().iter().any(|t| t.key() == Some("Name") && t.value() == Some(name)) {
                let found = page.iter().find(|b| b.load_balancer_arn() == described.resource_arn());
                newest = newest.into_iter().chain(found).max_by_key(|b| b.created_time().map(|t| t.secs()));
            }
        }
    }
    Ok(newest.and_then(|b| b.dns_name()).map(str::to_owned))
}
