//! The network.

use serde_json::{Value as Json, json};

use super::support::{existing_id, flag, named, text};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::Network).map(|task| {
        let id = existing_id(task).unwrap_or(&task.id.name);
        (task, cloud.existing_network_path(id))
    });
    search.each(wanted, |_, network| object(network)).await
}

pub(super) fn object(network: &Json) -> Object {
    Object::new(text(network, "name")).field("Mode", mode(network))
}

/// How a network gets its subnets. Legacy networks have none, and one range of their own.
fn mode(network: &Json) -> &'static str {
    if !text(network, "IPv4Range").is_empty() {
        return "legacy";
    }
    if flag(network, "autoCreateSubnetworks") { "auto" } else { "custom" }
}

pub(super) fn body(name: &str) -> Json {
    json!({ "name": name, "autoCreateSubnetworks": false })
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let name = &operation.task.id.name;
    cloud.insert(&cloud.global("networks"), &body(name)).await?;
    Ok(named(name))
}
