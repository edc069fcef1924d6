//! Compute Engine: networks and the ranges of their subnets, and addresses.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use crate::api::Api;
use crate::endpoints::Service;
use crate::error::ApiError;
use kopsform_model::facts::{AddressNeed, NetworkFact, NetworkNeed};

/// Regions that are asked at once.
const CONCURRENT_CALLS: usize = 8;

/// A network, with the ranges of its subnets as far as the cluster's project has them.
///
/// As in kops, subnets are listed in the cluster's project, in the regions that the network has any in: of a shared VPC, whose
/// subnets are in its host project, none is found.
pub(crate) async fn network(api: &Api, need: &NetworkNeed) -> Result<NetworkFact, ApiError> {
    let (project, name) = need.location();
    let url = api.url(Service::Compute, &format!("projects/{project}/global/networks/{name}"));
    let Some(network) = api.find(url).await? else { return Ok(NetworkFact::default()) };
    let regions: BTreeSet<String> = strings(&network, "subnetworks").filter_map(region_of).collect();
    let path = format!("projects/{project}/global/networks/{name}");
    let subnets: Vec<Vec<Value>> = stream::iter(regions)
        .map(|region| async move {
            let url = api.url(Service::Compute, &format!("projects/{}/regions/{region}/subnetworks", need.project));
            api.list(&url, &[], "items").await
        })
        .buffered(CONCURRENT_CALLS)
        .try_collect()
        .await?;
    let of_network = |subnet: &&Value| text(subnet, "network").ends_with(&path);
    let mut ranges: Vec<String> = subnets.iter().flatten().filter(of_network).flat_map(ranges_of).collect();
    ranges.sort();
    ranges.dedup();
    Ok(NetworkFact { exists: true, ranges })
}

/// The names of the zones of a region; none where there is no such region.
pub(crate) async fn zones(api: &Api, project: &str, region: &str) -> Result<Vec<String>, ApiError> {
    let url = api.url(Service::Compute, &format!("projects/{project}/regions/{region}"));
    let region = api.find(url).await?.unwrap_or_default();
    let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    let mut zones: Vec<String> = strings(&region, "zones").map(name).collect();
    zones.sort();
    Ok(zones)
}

/// An address; `None` if it does not exist.
pub(crate) async fn address(api: &Api, need: &AddressNeed) -> Result<Option<String>, ApiError> {
    let path = format!("projects/{}/regions/{}/addresses/{}", need.project, need.region, need.name);
    let address = api.find(api.url(Service::Compute, &path)).await?;
    Ok(address.map(|address| text(&address, "address").to_owned()))
}

/// The default service account of a project's instances; `None` where it has none.
pub(crate) async fn default_account(api: &Api, project: &str) -> Result<Option<String>, ApiError> {
    let project = api.find(api.url(Service::Compute, &format!("projects/{project}"))).await?;
    let account = project.map(|project| text(&project, "defaultServiceAccount").to_owned());
    Ok(account.filter(|account| !account.is_empty()))
}

/// The primary and secondary IPv4 ranges of a subnet.
fn ranges_of(subnet: &Value) -> Vec<String> {
    let secondary = subnet.get("secondaryIpRanges").and_then(Value::as_array).into_iter().flatten();
    let all = std::iter::once(subnet).chain(secondary).map(|range| text(range, "ipCidrRange").to_owned());
    all.filter(|range| !range.is_empty()).collect()
}

/// The region in the address of a regional resource.
fn region_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("/regions/")?;
    Some(rest.split('/').next()?.to_owned())
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn strings<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_have_primary_and_secondary_ranges() {
        let subnet = serde_json::json!({
            "ipCidrRange": "10.0.0.0/20", "secondaryIpRanges": [{"ipCidrRange": "10.4.0.0/14"}], "network": "x"
        });
        assert_eq!(ranges_of(&subnet), ["10.0.0.0/20", "10.4.0.0/14"]);
        let url = "https://www.googleapis.com/compute/v1/projects/p/regions/us-east1/subnetworks/s";
        assert_eq!(region_of(url).as_deref(), Some("us-east1"));
    }
}
