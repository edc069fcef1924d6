//! Facts of Google Cloud: all missing ones, each at most once.

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::api::Api;
use crate::error::ApiError;
use crate::{bucket, compute, dns};
use kopsform_model::facts::{Facts, GceFacts, LookupError, Needs};

/// Networks, projects, regions, addresses or buckets that are asked about at once.
const CONCURRENT_CALLS: usize = 4;

/// Looks up all needs of Google Cloud that the facts do not hold and adds them.
///
/// # Errors
/// The first lookup that fails, or a network that the spec names and that does not exist.
pub async fn resolve(api: &Api, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
    let missing = needs.gce.missing(&facts.gce);
    let networks = stream::iter(missing.networks)
        .map(|need| async move {
            let what = format!("the network {} (project {})", need.network, need.project);
            let fact = compute::network(api, &need).await.map_err(failed(&what))?;
            if need.must_exist && !fact.exists {
                let hint = "check spec.networkID and spec.project; a network of another project is PROJECT/NAME";
                return Err(LookupError::Failed {
                    what,
                    reason: "it does not exist".to_owned(),
                    hint: Some(hint.to_owned()),
                });
            }
            Ok((need, fact))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect::<Vec<_>>();
    let regions = stream::iter(missing.zones)
        .map(|(project, region)| async move {
            let zones = compute::zones(api, &project, &region).await;
            zones.map_err(failed(&format!("the zones of {region} (project {project})"))).map(|zones| (region, zones))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect::<Vec<_>>();
    let zones = stream::iter(missing.managed_zones)
        .map(|project| async move {
            let zones = dns::managed_zones(api, &project).await;
            zones.map_err(failed(&format!("the managed zones of {project}"))).map(|zones| (project, zones))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect::<Vec<_>>();
    let addresses = stream::iter(missing.addresses)
        .map(|need| async move {
            let address = compute::address(api, &need).await;
            let address = address.map_err(failed(&format!("the address {} (project {})", need.name, need.project)))?;
            Ok((need, address.unwrap_or_default()))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect::<Vec<_>>();
    let buckets = stream::iter(missing.buckets)
        .map(|need| async move {
            let fact = bucket::bucket(api, &need).await.map_err(failed(&format!("the bucket {}", need.name)))?;
            Ok((need, fact))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect::<Vec<_>>();
    let (networks, zones, regions, addresses, buckets) =
        futures::try_join!(networks, zones, regions, addresses, buckets)?;
    let mut found = GceFacts {
        managed_zones: zones.into_iter().collect(),
        zones: regions.into_iter().collect(),
        ..GceFacts::default()
    };
    for (need, address) in addresses {
        found.addresses.entry(need.project).or_default().entry(need.region).or_default().insert(need.name, address);
    }
    for (need, fact) in buckets {
        found.buckets.entry(need.project).or_default().insert(need.name, fact);
    }
    for (need, fact) in networks {
        found.networks.entry(need.project).or_default().insert(need.network, fact);
    }
    facts.gce.extend(found);
    Ok(())
}

/// An error that names what was looked up.
pub(crate) fn failed(what: &str) -> impl FnOnce(ApiError) -> LookupError {
    let what = what.to_owned();
    move |error| LookupError::Failed { what, hint: error.hint(), reason: error.to_string() }
}
