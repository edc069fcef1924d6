//! Deleting the groups of an instance group.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::Value;

use super::GROUP_METADATA;
use super::snapshot::{managers, metadata, templates};
use crate::api::{Api, Request};
use crate::endpoints::Service;
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::text;
use kopsform_rolling::ports::{ApiError, CloudGroup};
use kopsform_spec::names::gce as names;

/// Groups that are deleted at once.
const CONCURRENT_GROUPS: usize = 8;
/// The pause between two looks at the instances of a group that is emptied.
const PAUSE: Duration = Duration::from_secs(5);
/// The first pauses are shorter.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How long the instances of a group may take to end.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Deletes groups with their instances, then the templates of the instance group.
///
/// A template is used by the groups of all zones, so all groups go first: kops deletes zone by zone and fails at the template of
/// the first. Templates are found by their metadata, so that a run that was interrupted after the last group is continued.
pub(super) async fn groups(
    api: &Api,
    project: &str,
    cluster: &str,
    instance_group: &str,
    groups: &[&CloudGroup],
) -> Result<(), ApiError> {
    let (all, templates) = futures::try_join!(managers(api, project), templates(api, project, cluster))?;
    let templates: Vec<Link> = templates
        .iter()
        .filter(|template| metadata(template, GROUP_METADATA) == instance_group)
        .filter_map(|template| Link::parse(text(template, "selfLink")))
        .collect();
    let is_one = |manager: &Value| {
        // A group of another cluster can have the same name in another region: names hold only the letter of the zone.
        let template = Link::parse(text(manager, "instanceTemplate"));
        template.is_some_and(|template| templates.contains(&template))
    };
    let managers: Vec<Link> = all
        .iter()
        .filter(|manager| is_one(manager))
        .filter_map(|manager| Link::parse(text(manager, "selfLink")))
        .filter(|link| {
            let Scope::Zone(zone) = &link.scope else { return false };
            link.name == names::managed_group(zone, instance_group, cluster)
                && groups.iter().any(|g| g.name == link.name)
        })
        .collect();
    let calls: Vec<BoxFuture<'_, _>> = managers.iter().map(|manager| delete(api, manager).boxed()).collect();
    stream::iter(calls).buffer_unordered(CONCURRENT_GROUPS).try_collect::<()>().await?;
    for template in &templates {
        absent_is_fine(api.delete(&template.to_string()).await)
            .map_err(call_failed(format!("delete instance template {}", template.name)))?;
    }
    Ok(())
}

/// Ends a group's instances, then deletes it.
async fn delete(api: &Api, manager: &Link) -> Result<(), ApiError> {
    let name = &manager.name;
    let url = api.url(Service::Compute, &format!("{manager}/resize"));
    let resize = Request { method: Method::POST, url, query: vec![("size", "0".to_owned())], body: None };
    absent_is_fine(api.change(resize).await).map_err(call_failed(format!("resize managed instance group {name}")))?;
    let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        let left = match api.call_list(&manager.to_string(), "listManagedInstances", "managedInstances").await {
            Err(error) if error.is_not_found() => return Ok(()),
            other => other.map_err(call_failed(format!("list instances of {name}")))?.len(),
        };
        if left == 0 {
            break;
        }
        if begun.elapsed() + pause > LIMIT {
            let message = format!("{left} of its instances did not end within {} s", LIMIT.as_secs());
            return Err(ApiError::transient(format!("delete managed instance group {name}"), message));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE);
    }
    let deleted = absent_is_fine(api.delete(&manager.to_string()).await);
    deleted.map_err(call_failed(format!("delete managed instance group {name}")))
}

/// What an interrupted run deleted is gone.
fn absent_is_fine(outcome: Result<(), crate::ApiError>) -> Result<(), crate::ApiError> {
    match outcome {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}
