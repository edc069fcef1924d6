//! The queue of the node termination handler.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::support::{own_id, plain, settle, unchanged, wanted_tags, with_id};
use super::{DirectCloud, Search};
use crate::error::{ErrorClass, call_failed, class_of, failed};
use crate::json_call::{SQS, call};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::Queue;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let config = search.cloud.clients.sdk_config();
    for (task, queue) in search.of::<Queue>(TaskKind::Queue) {
        let name = queue.name.as_str();
        let url = match call(config, &SQS, "GetQueueUrl", json!({ "QueueName": name })).await {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => continue,
            other => text(&other.map_err(failed(format!("GetQueueUrl {name}")))?["QueueUrl"]),
        };
        let names = json!({ "QueueUrl": url, "AttributeNames": ["MessageRetentionPeriod", "Policy"] });
        let (attributes, tags) = futures::try_join!(
            async {
                let response = call(config, &SQS, "GetQueueAttributes", names).await;
                response.map_err(failed(format!("GetQueueAttributes {name}")))
            },
            async {
                let response = call(config, &SQS, "ListQueueTags", json!({ "QueueUrl": url })).await;
                response.map_err(failed(format!("ListQueueTags {name}")))
            },
        )?;
        let attributes = &attributes["Attributes"];
        let tags: BTreeMap<String, String> = tags["Tags"]
            .as_object()
            .map(|tags| tags.iter().map(|(key, value)| (key.clone(), text(value))).collect())
            .unwrap_or_default();
        let policy = attributes["Policy"].as_str().and_then(|policy| serde_json::from_str(policy).ok());
        let object = Object::new(url)
            .field("MessageRetentionPeriod", text(&attributes["MessageRetentionPeriod"]).parse::<i64>().ok())
            .field("Policy", policy.map_or(Value::Absent, Value::Json))
            .field("Tags", Value::Map(tags));
        found.objects.insert(task.id.clone(), object);
    }
    Ok(found)
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn change(cloud: &DirectCloud, operation: &'static str, input: Json, name: &str) -> Result<Json, CloudError> {
    let response = call(cloud.clients.sdk_config(), &SQS, operation, input).await;
    response.map_err(|error| settle(call_failed(format!("{operation} {name}"))(error)))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let queue = cloud.resource::<Queue>(operation.task)?;
    let attributes = json!({ "MessageRetentionPeriod": queue.retention.to_string(), "Policy": queue.policy.to_json() });
    let input = json!({ "QueueName": queue.name.as_str(), "Attributes": attributes, "tags": plain(&queue.tags) });
    let created = change(cloud, "CreateQueue", input, &queue.name).await?;
    Ok(with_id(text(&created["QueueUrl"])))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let queue = cloud.resource::<Queue>(operation.task)?;
    let (url, name) = (own_id(operation)?, queue.name.as_str());
    let mut attributes = serde_json::Map::new();
    if operation.changes("MessageRetentionPeriod") {
        attributes.insert("MessageRetentionPeriod".to_owned(), json!(queue.retention.to_string()));
    }
    if operation.changes("Policy") {
        attributes.insert("Policy".to_owned(), json!(queue.policy.to_json()));
    }
    if !attributes.is_empty() {
        change(cloud, "SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": attributes }), name).await?;
    }
    if operation.changes("Tags") {
        change(cloud, "TagQueue", json!({ "QueueUrl": url, "Tags": wanted_tags(operation.task) }), name).await?;
    }
    unchanged(operation)
}
