//! Where the Kubernetes API of a cluster is reached: its load balancer, if it has one.

use std::future::Future;

use super::clients::Clients;
use super::error::failed;
use kopsform_rolling::ports::ApiError;
use kopsform_spec::v1alpha2::{Cluster, LoadBalancerClass};

/// How many load balancers one call may ask the tags of.
const TAGS_A_CALL: usize = 20;

/// A load balancer of any kind.
struct Balancer {
    /// What its tags are asked by: a name or an ARN.
    key: String,
    dns_name: Option<String>,
    created: Option<i64>,
}

/// Keys with the value of the tag `Name`.
type Names = Vec<(Option<String>, Option<String>)>;

/// The DNS name of the load balancer in front of the API, found by the tag that kops names it with.
///
/// Classic load balancers unless the spec says `Network`. `None` where the cluster has none, or none was found.
///
/// # Errors
/// When AWS does not say which load balancers there are.
pub async fn api_load_balancer(clients: &Clients, cluster: &Cluster) -> Result<Option<String>, ApiError> {
    let Some(balancer) = cluster.api_load_balancer() else { return Ok(None) };
    let name = format!("api.{}", cluster.metadata.name);
    match balancer.class {
        Some(LoadBalancerClass::Network) => {
            newest_named(&name, network(clients).await?, |arns| network_names(clients, arns)).await
        }
        Some(LoadBalancerClass::Classic) | None => {
            newest_named(&name, classic(clients).await?, |names| classic_names(clients, names)).await
        }
    }
}

/// The newest load balancer whose tag `Name` has a value: an old one may be on its way out.
async fn newest_named<F>(
    name: &str,
    all: Vec<Balancer>,
    names_of: impl Fn(Vec<String>) -> F,
) -> Result<Option<String>, ApiError>
where
    F: Future<Output = Result<Names, ApiError>>,
{
    let mut newest: Option<&Balancer> = None;
    for page in all.chunks(TAGS_A_CALL) {
        let tagged = names_of(page.iter().map(|balancer| balancer.key.clone()).collect()).await?;
        let named = |balancer: &&Balancer| {
            tagged.iter().any(|(key, value)| key.as_ref() == Some(&balancer.key) && value.as_deref() == Some(name))
        };
        newest = newest.into_iter().chain(page.iter().filter(named)).max_by_key(|balancer| balancer.created);
    }
    Ok(newest.and_then(|balancer| balancer.dns_name.clone()))
}

async fn classic(clients: &Clients) -> Result<Vec<Balancer>, ApiError> {
    let pages = clients.elb().describe_load_balancers().into_paginator();
    let all: Vec<_> = pages.items().send().try_collect().await.map_err(failed("DescribeLoadBalancers"))?;
    let balancer = |b: &aws_sdk_elasticloadbalancing::types::LoadBalancerDescription| Balancer {
        key: b.load_balancer_name().unwrap_or_default().to_owned(),
        dns_name: b.dns_name().map(str::to_owned),
        created: b.created_time().map(|time| time.secs()),
    };
    Ok(all.iter().map(balancer).collect())
}

async fn classic_names(clients: &Clients, names: Vec<String>) -> Result<Names, ApiError> {
    let call = clients.elb().describe_tags().set_load_balancer_names(Some(names));
    let answer = call.send().await.map_err(failed("DescribeTags"))?;
    let name_tag = |tags: &[aws_sdk_elasticloadbalancing::types::Tag]| {
        tags.iter().find(|tag| tag.key() == "Name").and_then(|tag| tag.value().map(str::to_owned))
    };
    let described = answer.tag_descriptions().iter();
    Ok(described.map(|d| (d.load_balancer_name().map(str::to_owned), name_tag(d.tags()))).collect())
}

async fn network(clients: &Clients) -> Result<Vec<Balancer>, ApiError> {
    let pages = clients.elbv2().describe_load_balancers().into_paginator();
    let all: Vec<_> = pages.items().send().try_collect().await.map_err(failed("DescribeLoadBalancers"))?;
    let balancer = |b: &aws_sdk_elasticloadbalancingv2::types::LoadBalancer| Balancer {
        key: b.load_balancer_arn().unwrap_or_default().to_owned(),
        dns_name: b.dns_name().map(str::to_owned),
        created: b.created_time().map(|time| time.secs()),
    };
    Ok(all.iter().map(balancer).collect())
}

async fn network_names(clients: &Clients, arns: Vec<String>) -> Result<Names, ApiError> {
    let call = clients.elbv2().describe_tags().set_resource_arns(Some(arns));
    let answer = call.send().await.map_err(failed("DescribeTags"))?;
    let name_tag = |tags: &[aws_sdk_elasticloadbalancingv2::types::Tag]| {
        tags.iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value().map(str::to_owned))
    };
    let described = answer.tag_descriptions().iter();
    Ok(described.map(|d| (d.resource_arn().map(str::to_owned), name_tag(d.tags()))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn the_newest_of_the_name_is_meant() {
        let balancer = |index: usize| Balancer {
            key: format!("b{index}"),
            dns_name: Some(format!("b{index}.elb")),
            created: Some(if index == 25 { 0 } else { index as i64 }),
        };
        let names = |named: &'static [usize]| {
            move |keys: Vec<String>| async move {
                assert!(keys.len() <= TAGS_A_CALL);
                let ours = |key: &String| named.iter().any(|index| *key == format!("b{index}"));
                let name = |key: String| if ours(&key) { "api.a" } else { "api.b" }.to_owned();
                Ok(keys.into_iter().map(|key| (Some(key.clone()), Some(name(key)))).collect())
            }
        };
        let all = || (0..30).map(balancer).collect();
        assert_eq!(newest_named("api.a", all(), names(&[3, 21, 25])).await.unwrap().as_deref(), Some("b21.elb"));
        assert_eq!(newest_named("api.a", all(), names(&[])).await.unwrap(), None);
        assert_eq!(newest_named("api.a", Vec::new(), names(&[3])).await.unwrap(), None);
    }
}
