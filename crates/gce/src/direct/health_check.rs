//! Health checks: of backend services, and the legacy ones of target pools.

use serde_json::{Value as Json, json};

use super::support::{named, number, text, unchanged};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::gce::resources::{HttpHealthCheck, RegionHealthCheck};
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let checks = search
        .tasks(TaskKind::HealthCheck)
        .map(|task| (task, cloud.regional(&format!("healthChecks/{}", task.id.name))));
    let http = search
        .tasks(TaskKind::HttpHealthCheck)
        .map(|task| (task, cloud.global(&format!("httpHealthChecks/{}", task.id.name))));
    let (mut found, http) = futures::try_join!(
        search.each(checks, |_, check| object(check)),
        search.each(http, |_, check| http_object(check)),
    )?;
    found.extend(http);
    Ok(found)
}

pub(super) fn object(check: &Json) -> Object {
    let protocol = text(check, "type");
    let settings = match protocol {
        "SSL" => check.get("sslHealthCheck"),
        _ => check.get("tcpHealthCheck"),
    };
    let port = settings.and_then(|settings| number(settings, "port"));
    Object::new(text(check, "name")).field("Port", port).field("Protocol", protocol)
}

pub(super) fn http_object(check: &Json) -> Object {
    Object::new(text(check, "name"))
        .field("Port", number(check, "port"))
        .field("RequestPath", text(check, "requestPath"))
}

pub(super) fn body(cloud: &DirectCloud, check: &RegionHealthCheck) -> Json {
    let (protocol, settings) = if check.tls { ("SSL", "sslHealthCheck") } else { ("TCP", "tcpHealthCheck") };
    json!({
        "name": check.name.as_str(),
        "region": cloud.graph.region,
        "type": protocol,
        settings: { "port": check.port },
    })
}

pub(super) fn http_body(check: &HttpHealthCheck) -> Json {
    json!({ "name": check.name.as_str(), "port": check.port, "requestPath": check.path })
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let check = cloud.resource::<RegionHealthCheck>(operation.task)?;
    cloud.insert(&cloud.regional("healthChecks"), &body(cloud, check)).await?;
    Ok(named(check.name.as_str()))
}

pub(super) async fn create_http(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let check = cloud.resource::<HttpHealthCheck>(operation.task)?;
    cloud.insert(&cloud.global("httpHealthChecks"), &http_body(check)).await?;
    Ok(named(check.name.as_str()))
}

pub(super) async fn update_http(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let check = cloud.resource::<HttpHealthCheck>(operation.task)?;
    let path = cloud.global(&format!("httpHealthChecks/{}", check.name));
    cloud.patch(&path, &json!({ "port": check.port, "requestPath": check.path })).await?;
    unchanged(operation)
}
