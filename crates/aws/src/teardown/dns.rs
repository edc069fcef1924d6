//! The cluster's own records in Route 53.

use aws_sdk_route53::types::ResourceRecordSet;

use super::ClusterResources;
use crate::error::failed;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource, is_cluster_record, zone_may_hold};

impl ClusterResources {
    /// The records of all zones that may hold the cluster's.
    pub(super) async fn records(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.route53();
        let zones: Vec<_> = client
            .list_hosted_zones()
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed("ListHostedZones"))?;
        let mut found = Vec::new();
        for zone in zones.iter().filter(|zone| zone_may_hold(zone.name(), self.rules.cluster())) {
            let zone = zone.id().trim_start_matches("/hostedzone/");
            for record in self.zone_records(zone).await? {
                let kind = record.r#type().as_str().to_owned();
                if !is_cluster_record(record.name(), &kind, self.rules.cluster()) {
                    continue;
                }
                let name = record.name().trim_end_matches('.').to_owned();
                let variant = record.set_identifier().map(|variant| format!("/{variant}")).unwrap_or_default();
                let id = format!("{zone}/{kind}/{name}{variant}");
                self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id.clone(), record);
                found.push(Resource::new(Kind::Record, id).named(name).in_batch(zone));
            }
        }
        Ok(found)
    }

    async fn zone_records(&self, zone: &str) -> Result<Vec<ResourceRecordSet>, ApiError> {
        let client = self.clients.route53();
        let (mut records, mut call) = (Vec::new(), client.list_resource_record_sets().hosted_zone_id(zone));
        loop {
            let page = call.send().await.map_err(failed(format!("ListResourceRecordSets {zone}")))?;
            records.extend(page.resource_record_sets().to_vec());
            if !page.is_truncated() {
                return Ok(records);
            }
            call = client
                .list_resource_record_sets()
                .hosted_zone_id(zone)
                .set_start_record_name(page.next_record_name().map(str::to_owned))
                .set_start_record_type(page.next_record_type().cloned())
                .set_start_record_identifier(page.next_record_identifier().map(str::to_owned));
        }
    }
}
