//! Load balancers of all kinds and their target groups.

use super::ClusterResources;
use crate::error::{ErrorClass, class_of, failed};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource};

/// The number of load balancers or target groups whose tags one call may describe.
const TAGS_PER_CALL: usize = 20;

impl ClusterResources {
    /// Load balancers and target groups whose cluster tag names the cluster.
    pub(super) async fn load_balancers(&self) -> Result<Vec<Resource>, ApiError> {
        let (classic, network, targets) =
            futures::try_join!(self.classic(), self.network_load_balancers(), self.target_groups())?;
        Ok(classic.into_iter().chain(network).chain(targets).collect())
    }

    async fn classic(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.elb();
        let all: Vec<_> = client
            .describe_load_balancers()
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed("DescribeLoadBalancers"))?;
        let mut found = Vec::new();
        for page in all.chunks(TAGS_PER_CALL) {
            let names: Vec<String> = page.iter().filter_map(|b| b.load_balancer_name().map(str::to_owned)).collect();
            for described in self.classic_tags(names).await? {
                let tags = || described.tags().iter().map(|tag| (tag.key(), tag.value().unwrap_or_default()));
                let name = described.load_balancer_name();
                let Some(load_balancer) = page.iter().find(|load_balancer| load_balancer.load_balancer_name() == name)
                else {
                    continue;
                };
                if !self.rules.is_named(tags()) {
                    continue;
                }
                let shown = tags().find(|(key, _)| *key == "Name").map(|(_, value)| value).unwrap_or_default();
                found.push(
                    Resource::new(Kind::LoadBalancer, name.unwrap_or_default())
                        .named(shown)
                        .before(Kind::SecurityGroup, load_balancer.security_groups())
                        .before(Kind::Subnet, load_balancer.subnets())
                        .before(Kind::Vpc, load_balancer.vpc_id()),
                );
            }
        }
        Ok(found)
    }

    /// The tags of load balancers. One that was deleted meanwhile fails the whole call; then they are described one by one.
    async fn classic_tags(
        &self,
        names: Vec<String>,
    ) -> Result<Vec<aws_sdk_elasticloadbalancing::types::TagDescription>, ApiError> {
        let client = self.clients.elb();
        match client.describe_tags().set_load_balancer_names(Some(names.clone())).send().await {
            Ok(response) => return Ok(response.tag_descriptions().to_vec()),
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => {}
            Err(error) => return Err(failed("DescribeTags")(error)),
        }
        let mut tags = Vec::new();
        for name in names {
            match client.describe_tags().load_balancer_names(name).send().await {
                Ok(response) => tags.extend(response.tag_descriptions().to_vec()),
                Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => {}
                Err(error) => return Err(failed("DescribeTags")(error)),
            }
        }
        Ok(tags)
    }

    async fn network_load_balancers(&self) -> Result<Vec<Resource>, ApiError> {
        let call = self.clients.elbv2().describe_load_balancers().into_paginator().items().send();
        let all: Vec<_> = call.try_collect().await.map_err(failed("DescribeLoadBalancers"))?;
        let arns =
            all.iter().filter_map(|load_balancer| load_balancer.load_balancer_arn().map(str::to_owned)).collect();
        let own = self.filter_by_cluster(arns).await?;
        Ok(all
            .iter()
            .filter(|load_balancer| {
                load_balancer.load_balancer_arn().is_some_and(|arn| own.iter().any(|own| own == arn))
            })
            .map(|load_balancer| {
                Resource::new(Kind::LoadBalancer, load_balancer.load_balancer_arn().unwrap_or_default())
                    .named(load_balancer.load_balancer_name().unwrap_or_default())
                    .before(Kind::SecurityGroup, load_balancer.security_groups())
                    .before(Kind::Vpc, load_balancer.vpc_id())
            })
            .collect())
    }

    async fn target_groups(&self) -> Result<Vec<Resource>, ApiError> {
        let call = self.clients.elbv2().describe_target_groups().into_paginator().items().send();
        let all: Vec<_> = call.try_collect().await.map_err(failed("DescribeTargetGroups"))?;
        let arns = all.iter().filter_map(|group| group.target_group_arn().map(str::to_owned)).collect();
        let own = self.filter_by_cluster(arns).await?;
        Ok(all
            .iter()
            .filter(|group| group.target_group_arn().is_some_and(|arn| own.iter().any(|own| own == arn)))
            .map(|group| {
                Resource::new(Kind::TargetGroup, group.target_group_arn().unwrap_or_default())
                    .named(group.target_group_name().unwrap_or_default())
            })
            .collect())
    }

    /// The ARNs among `arns` whose tags name the cluster.
    async fn filter_by_cluster(&self, arns: Vec<String>) -> Result<Vec<String>, ApiError> {
        let client = self.clients.elbv2();
        let mut own = Vec::new();
        for page in arns.chunks(TAGS_PER_CALL) {
            let call = client.describe_tags().set_resource_arns(Some(page.to_vec()));
            let response = call.send().await.map_err(failed("DescribeTags"))?;
            for described in response.tag_descriptions() {
                let tags = described.tags().iter();
                let mut tags = tags.map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default()));
                if self.rules.is_named(&mut tags) {
                    own.extend(described.resource_arn().map(str::to_owned));
                }
            }
        }
        Ok(own)
    }
}
