//! Cloud DNS: the managed zones of a project.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::Api;
use crate::endpoints::Service;
use crate::error::ApiError;
use kopsform_model::facts::ManagedZoneFact;

/// The managed zones of a project, by their numeric id.
pub(crate) async fn managed_zones(api: &Api, project: &str) -> Result<BTreeMap<String, ManagedZoneFact>, ApiError> {
    let url = api.url(Service::Dns, &format!("projects/{project}/managedZones"));
    let zones = api.list(&url, &[], "managedZones").await?;
    Ok(zones.iter().filter_map(zone).collect())
}

fn zone(zone: &Value) -> Option<(String, ManagedZoneFact)> {
    let text = |field: &str| zone.get(field).and_then(Value::as_str).unwrap_or_default();
    // It is a string in JSON, as all 64-bit numbers are.
    let id = zone
        .get("id")
        .and_then(|id| id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())))?;
    let fact = ManagedZoneFact {
        name: text("name").to_owned(),
        dns_name: text("dnsName").trim_end_matches('.').to_owned(),
        private: text("visibility") == "private",
    };
    Some((id, fact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_numeric_id() {
        let fact = ManagedZoneFact { name: "z".into(), dns_name: "example.com".into(), private: true };
        for id in [serde_json::json!("1001"), serde_json::json!(1001)] {
            let value = serde_json::json!({"id": id, "name": "z", "dnsName": "example.com.", "visibility": "private"});
            assert_eq!(zone(&value), Some(("1001".to_owned(), fact.clone())));
        }
    }
}
