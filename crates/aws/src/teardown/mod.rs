//! Lists a cluster's resources in AWS and deletes them. [`kopsform_rolling::teardown`] decides in which order.

mod dns;
mod events;
mod iam;
mod instances;
mod load_balancers;
mod network;
mod remove;
mod shared;

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use aws_sdk_ec2::types as ec2;
use aws_sdk_route53::types::ResourceRecordSet;

use super::clients::Clients;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{CLUSTER_TAG, Found, Inventory, Ownership};

/// The resources of one cluster.
pub struct ClusterResources {
    clients: Clients,
    rules: Ownership,
    /// The listed DNS records by the ids of their resources: deleting one requires its whole content.
    records: Mutex<HashMap<String, ResourceRecordSet>>,
}

#[async_trait]
impl Inventory for ClusterResources {
    /// Single objects that may not be read are reported as warnings, and so are queues and rules that may not be listed.
    async fn list(&self, dns: bool) -> Result<Found, ApiError> {
        let vpc = self.vpc().await?;
        let vpc_id = vpc.as_ref().map(|vpc| vpc.key.id.clone());
        let (network, instances, groups, load_balancers, (iam, mut warnings), (events, hidden), records) = futures::try_join!(
            self.network(vpc.as_ref()),
            self.instances(vpc_id.as_deref()),
            self.groups(),
            self.load_balancers(),
            self.iam(),
            self.events(),
            async { if dns { self.records().await } else { Ok(Vec::new()) } },
        )?;
        warnings.extend(hidden);
        let all = [network, instances, groups, load_balancers, iam, events, records];
        let resources = vpc.into_iter().chain(all.into_iter().flatten());
        Ok(Found { resources: resources.map(|resource| (resource.key.clone(), resource)).collect(), warnings })
    }

    async fn untag_shared(&self) -> Result<Vec<String>, ApiError> {
        self.untag().await
    }
}

impl ClusterResources {
    /// The resources with the tags and names of a cluster. No call is made yet.
    pub fn new(clients: Clients, cluster: impl Into<String>) -> Self {
        Self { clients, rules: Ownership::of(cluster), records: Mutex::default() }
    }

    /// The filter for resources whose cluster tag names the cluster.
    fn named(&self) -> Vec<ec2::Filter> {
        let filter = ec2::Filter::builder().name(format!("tag:{CLUSTER_TAG}")).values(self.rules.cluster());
        vec![filter.build()]
    }

    /// The filter for resources tagged as owned by the cluster or shared with it.
    fn marked(&self) -> Vec<ec2::Filter> {
        vec![ec2::Filter::builder().name("tag-key").values(self.rules.tag()).build()]
    }

    fn is_owned(&self, tags: &[ec2::Tag]) -> bool {
        self.rules.is_owned(pairs(tags))
    }

    /// Whether the cluster's own tag says so, and not only a tag with its name.
    fn is_marked_owned(&self, tags: &[ec2::Tag]) -> bool {
        pairs(tags).any(|pair| pair == (self.rules.tag(), "owned"))
    }

    fn is_shared(&self, tags: &[ec2::Tag]) -> bool {
        self.rules.is_shared(pairs(tags))
    }
}

/// The tags of EC2 as pairs.
fn pairs(tags: &[ec2::Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default()))
}

/// The tag with a resource's name.
fn name_of(tags: &[ec2::Tag]) -> &str {
    pairs(tags).find(|(key, _)| *key == "Name").map(|(_, value)| value).unwrap_or_default()
}

/// All pages of a call of EC2, with filters.
macro_rules! described {
    ($client:expr, $call:ident, $action:literal, $filters:expr) => {
        described!($client, $call, set_filters, $action, $filters)
    };
    ($client:expr, $call:ident, $set:ident, $action:literal, $filters:expr) => {
        $client
            .$call()
            .$set(Some($filters))
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err($crate::error::failed($action))
    };
}
use described;
