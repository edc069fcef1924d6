//! Lists what AWS has of a cluster, and deletes it. In which order is decided by [`kopsform_rolling::teardown`].

mod dns;
mod iam;
mod instances;
mod load_balancers;
mod network;
mod remove;

use std::collections::HashMap;
use std::sync::Mutex;

use aws_sdk_ec2::types as ec2;
use aws_sdk_route53::types::ResourceRecordSet;

use super::clients::Clients;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{CLUSTER_TAG, Ownership, Resource, Resources};

/// The part of AWS that belongs to one cluster.
pub struct ClusterResources {
    clients: Clients,
    rules: Ownership,
    /// The records that were listed, by the ids of their resources: deleting one takes all it says.
    records: Mutex<HashMap<String, ResourceRecordSet>>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The resources, shared ones too.
    pub resources: Resources,
    /// What could not be looked at.
    pub warnings: Vec<String>,
}

impl Found {
    fn add(&mut self, resources: impl IntoIterator<Item = Resource>) {
        for resource in resources {
            self.resources.insert(resource.key.clone(), resource);
        }
    }
}

impl ClusterResources {
    /// The resources with the tags and names of a cluster. Nothing is asked yet.
    pub fn new(clients: Clients, cluster: impl Into<String>) -> Self {
        Self { clients, rules: Ownership::of(cluster), records: Mutex::default() }
    }

    /// Everything there is, side by side; `dns` tells whether the cluster has records in Route 53.
    ///
    /// # Errors
    /// The first call that fails, other than those for single IAM objects: nothing may be overlooked.
    pub async fn list(&self, dns: bool) -> Result<Found, ApiError> {
        let mut found = Found::default();
        let vpc = self.vpc().await?;
        let vpc_id = vpc.as_ref().map(|vpc| vpc.key.id.clone());
        let (network, instances, groups, balancers, iam, records) = futures::try_join!(
            self.network(vpc.as_ref()),
            self.instances(vpc_id.as_deref()),
            self.groups(),
            self.load_balancers(),
            self.iam(),
            async { if dns { self.records().await } else { Ok(Vec::new()) } },
        )?;
        found.add(vpc);
        found.add(network);
        found.add(instances);
        found.add(groups);
        found.add(balancers);
        let (iam, warnings) = iam;
        found.add(iam);
        found.warnings = warnings;
        found.add(records);
        Ok(found)
    }

    /// Resources that name the cluster.
    fn named(&self) -> Vec<ec2::Filter> {
        let filter = ec2::Filter::builder().name(format!("tag:{CLUSTER_TAG}")).values(self.rules.cluster());
        vec![filter.build()]
    }

    /// Resources that say whether they are the cluster's own.
    fn marked(&self) -> Vec<ec2::Filter> {
        vec![ec2::Filter::builder().name("tag-key").values(self.rules.tag()).build()]
    }

    fn is_owned(&self, tags: &[ec2::Tag]) -> bool {
        self.rules.is_owned(pairs(tags))
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
