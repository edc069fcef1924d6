//! Records of the cluster in Cloud DNS.

use serde_json::Value;

use super::{ClusterResources, Place};
use crate::endpoints::Service;
use crate::error::call_failed;
use crate::value::text;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource, is_cluster_record, zone_may_hold};

impl ClusterResources {
    /// The cluster's records in all managed zones of its domain or a parent.
    pub(super) async fn records(&self) -> Result<Vec<Resource>, ApiError> {
        let project = &self.rules.project;
        let zones = format!("projects/{project}/managedZones");
        let list = |path: String, items: &'static str| async move {
            let found = self.api.list(&self.api.url(Service::Dns, &path), &[], items).await;
            found.map_err(call_failed(format!("list {path}")))
        };
        let mut found = Vec::new();
        for zone in list(zones.clone(), "managedZones").await? {
            if !zone_may_hold(text(&zone, "dnsName"), self.rules.cluster()) {
                continue;
            }
            let zone = text(&zone, "name").to_owned();
            for record in list(format!("{zones}/{zone}/rrsets"), "rrsets").await? {
                found.extend(self.record(&zone, record));
            }
        }
        Ok(found)
    }

    fn record(&self, zone: &str, record: Value) -> Option<Resource> {
        let (name, kind) = (text(&record, "name").to_owned(), text(&record, "type").to_owned());
        if !is_cluster_record(&name, &kind, self.rules.cluster()) {
            return None;
        }
        let resource = Resource::new(GoogleKind::Record, format!("{zone}/{kind}/{name}")).named(&name).in_batch(zone);
        self.place(resource.key.clone(), Place::Record { zone: zone.to_owned(), content: record });
        Some(resource)
    }
}
