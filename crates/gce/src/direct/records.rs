//! DNS records that the cluster's own controllers change later.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::DirectCloud;
use super::support::text;
use crate::endpoints::Service;
use crate::error::call_failed;
use kopsform_direct::placeholders::{Placeholder, TTL};
use kopsform_rolling::ports::ApiError;

/// Creates the records that do not exist yet in a managed zone, by its id or name, and returns their names.
pub(super) async fn create_placeholders(
    cloud: &DirectCloud,
    zone: &str,
    records: &[Placeholder],
) -> Result<Vec<String>, ApiError> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let path = format!("projects/{}/managedZones/{zone}", cloud.project);
    let url = cloud.api.url(Service::Dns, &format!("{path}/rrsets"));
    let existing =
        cloud.api.list(&url, &[], "rrsets").await.map_err(call_failed(format!("list the records of {path}")))?;
    let missing = missing(records, &existing);
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let additions: Vec<Json> = missing.iter().map(|record| addition(record)).collect();
    let body = json!({ "kind": "dns#change", "additions": additions });
    let changed = cloud.api.post(Service::Dns, &format!("{path}/changes"), &body).await;
    changed.map_err(call_failed(format!("create records in {path}")))?;
    Ok(missing.into_iter().map(|record| record.name.clone()).collect())
}

/// The records whose name and type no existing record has.
fn missing<'r>(records: &'r [Placeholder], existing: &[Json]) -> Vec<&'r Placeholder> {
    let existing: BTreeSet<(&str, &str)> =
        existing.iter().map(|record| (text(record, "name").trim_end_matches('.'), text(record, "type"))).collect();
    records.iter().filter(|record| !existing.contains(&(record.name.as_str(), record.record_type))).collect()
}

fn addition(record: &Placeholder) -> Json {
    json!({
        "kind": "dns#resourceRecordSet",
        "name": format!("{}.", record.name),
        "type": record.record_type,
        "ttl": TTL,
        "rrdatas": [record.value],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_exist_are_left_as_they_are() {
        let record =
            |name: &str| Placeholder { name: name.to_owned(), record_type: "A", value: "203.0.113.123".into() };
        let records = [record("api.a.example.com"), record("api.internal.a.example.com")];
        let existing = [
            json!({ "name": "api.a.example.com.", "type": "A", "rrdatas": ["1.2.3.4"] }),
            json!({ "name": "api.internal.a.example.com.", "type": "TXT" }),
        ];
        assert_eq!(missing(&records, &existing), [&records[1]]);
        assert_eq!(addition(&records[1])["name"], "api.internal.a.example.com.");
    }
}
