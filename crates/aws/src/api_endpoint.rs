//! The load balancer in front of a cluster's Kubernetes API.

use std::future::Future;

use super::clients::Clients;
use super::error::failed;
use kopsform_rolling::ports::ApiError;
use kopsform_spec::v1alpha2::{Cluster, LoadBalancerClass};

/// The number of load balancers whose tags one call may describe.
const TAGS_PER_CALL: usize = 20;

/// A load balancer of any kind.
struct LoadBalancer {
    /// The identifier its tags are described by: a name or an ARN.
    key: String,
    dns_name: Option<String>,
    created: Option<i64>,
}

/// Keys with the value of the tag `Name`.
type Names = Vec<(Option<String>, Option<String>)>;

/// The DNS name of the load balancer in front of the API, found by the `Name` tag that kops sets.
///
/// A classic load balancer unless the spec says `Network`. `None` where the cluster has none, or none was found.
///
/// # Errors
/// When load balancers or their tags cannot be described.
pub async fn api_load_balancer(clients: &Clients, cluster: &Cluster) -> Result<Option<String>, ApiError> {
    let Some(load_balancer) = cluster.api_load_balancer() else { return Ok(None) };
    let name = format!("api.{}", cluster.metadata.name);
    match load_balancer.class {
        Some(LoadBalancerClass::Network) => {
            newest_named(&name, network(clients).await?, |arns| network_names(clients, arns)).await
        }
        Some(LoadBalancerClass::Classic) | None => {
            newest_named(&name, classic(clients).await?, |names| classic_names(clients, names)).await
        }
    }
}

/// The newest load balancer with a `Name` tag of the given value: older ones may be about to be deleted.
async fn newest_named<F>(
    name: &str,
    all: Vec<LoadBalancer>,
    names_of: impl Fn(Vec<String>) -> F,
) -> Result<Option<String>, ApiError>
where
    F: Future<Output = Result<Names, ApiError>>,
{
    let mut newest: Option<&LoadBalancer> = None;
    for page in all.chunks(TAGS_PER_CALL) {
        let tagged = names_of(page.iter().map(|load_balancer| load_balancer.key.clone()).collect()).await?;
        let named = |load_balancer: &&LoadBalancer| {
            tagged.iter().any(|(key, value)| key.as_ref() == Some(&load_balancer.key) && value.as_deref() == Some(name))
        };
        newest = newest.into_iter().chain(page.iter().filter(named)).max_by_key(|load_balancer| load_balancer.created);
    }
    Ok(newest.and_then(|load_balancer| load_balancer.dns_name.clone()))
}

async fn classic(clients: &Clients) -> Result<Vec<LoadBalancer>, ApiError> {
    let pages = clients.elb().describe_load_balancers().into_paginator();
    let all: Vec<_> = pages.items().send().try_collect().await.map_err(failed("DescribeLoadBalancers"))?;
    let load_balancer = |b: &aws_sdk_elasticloadbalancing::types::LoadBalancerDescription| LoadBalancer {
        key: b.load_balancer_name().unwrap_or_default().to_owned(),
        dns_name: b.dns_name().map(str::to_owned),
        created: b.created_time().map(|time| time.secs()),
    };
    Ok(all.iter().map(load_balancer).collect())
}

async fn classic_names(clients: &Clients, names: Vec<String>) -> Result<Names, ApiError> {
    let call = clients.elb().describe_tags().set_load_balancer_names(Some(names));
    let response = call.send().await.map_err(failed("DescribeTags"))?;
    let name_tag = |tags: &[aws_sdk_elasticloadbalancing::types::Tag]| {
        tags.iter().find(|tag| tag.key() == "Name").and_then(|tag| tag.value().map(str::to_owned))
    };
    let described = response.tag_descriptions().iter();
    Ok(described.map(|d| (d.load_balancer_name().map(str::to_owned), name_tag(d.tags()))).collect())
}

async fn network(clients: &Clients) -> Result<Vec<LoadBalancer>, ApiError> {
    let pages = clients.elbv2().describe_load_balancers().into_paginator();
    let all: Vec<_> = pages.items().send().try_collect().await.map_err(failed("DescribeLoadBalancers"))?;
    let load_balancer = |b: &aws_sdk_elasticloadbalancingv2::types::LoadBalancer| LoadBalancer {
        key: b.load_balancer_arn().unwrap_or_default().to_owned(),
        dns_name: b.dns_name().map(str::to_owned),
        created: b.created_time().map(|time| time.secs()),
    };
    Ok(all.iter().map(load_balancer).collect())
}

async fn network_names(clients: &Clients, arns: Vec<String>) -> Result<Names, ApiError> {
    let call = clients.elbv2().describe_tags().set_resource_arns(Some(arns));
    let response = call.send().await.map_err(failed("DescribeTags"))?;
    let name_tag = |tags: &[aws_sdk_elasticloadbalancingv2::types::Tag]| {
        tags.iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value().map(str::to_owned))
    };
    let described = response.tag_descriptions().iter();
    Ok(described.map(|d| (d.resource_arn().map(str::to_owned), name_tag(d.tags()))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn the_newest_of_the_name_is_found() {
        let load_balancer = |index: usize| LoadBalancer {
            key: format!("b{index}"),
            dns_name: Some(format!("b{index}.elb")),
            created: Some(if index == 25 { 0 } else { index as i64 }),
        };
        let names = |named: &'static [usize]| {
            move |keys: Vec<String>| async move {
                assert!(keys.len() <= TAGS_PER_CALL);
                let ours = |key: &String| named.iter().any(|index| *key == format!("b{index}"));
                let name = |key: String| if ours(&key) { "api.a" } else { "api.b" }.to_owned();
                Ok(keys.into_iter().map(|key| (Some(key.clone()), Some(name(key)))).collect())
            }
        };
        let all = || (0..30).map(load_balancer).collect();
        assert_eq!(newest_named("api.a", all(), names(&[3, 21, 25])).await.unwrap().as_deref(), Some("b21.elb"));
        assert_eq!(newest_named("api.a", all(), names(&[])).await.unwrap(), None);
        assert_eq!(newest_named("api.a", Vec::new(), names(&[3])).await.unwrap(), None);
    }
}
