//! Service accounts of instances.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::support::{CONCURRENT_CALLS, Lookup, assume, change_failed, named, optional, text, unchanged};
use super::{DirectCloud, Search};
use crate::api::Request;
use crate::endpoints::Service;
use crate::error::call_failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind};
use kopsform_model::gce::resources::ServiceAccount;
use kopsform_rolling::ports::ApiError;

/// Stands for the default account of Compute Engine in the project.
const DEFAULT: &str = "default";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let gets: Vec<_> = search
        .tasks(TaskKind::ServiceAccount)
        .map(|task| async move {
            let email = email(task);
            if email == DEFAULT {
                return Ok((task, Lookup::Found(json!({ "email": email }))));
            }
            let answer = cloud.api.find(cloud.api.url(Service::Iam, &path(&email))).await;
            Ok::<_, ApiError>((task, optional(task, answer.map_err(call_failed(format!("get {}", path(&email)))))?))
        })
        .collect();
    let answers: Vec<(&Task, Lookup)> = stream::iter(gets).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    let mut found = Found::default();
    for (task, answer) in answers {
        match answer {
            Lookup::Found(account) => {
                found.objects.insert(task.id.clone(), object(&account));
            }
            Lookup::Missing => {}
            Lookup::Unknown(warning) => assume(&mut found, task, warning),
        }
    }
    Ok(found)
}

/// The address of the account of a task.
fn email(task: &Task) -> String {
    task.value("Email").map(ToString::to_string).unwrap_or_default()
}

/// The path of an account. Its project follows from its address.
fn path(email: &str) -> String {
    format!("projects/-/serviceAccounts/{email}")
}

pub(super) fn object(account: &Json) -> Object {
    Object::new(text(account, "email"))
        .field("Description", text(account, "description"))
        .field("DisplayName", text(account, "displayName"))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let account = cloud.resource::<ServiceAccount>(operation.task)?;
    let body = json!({
        "accountId": account.account_id.as_str(),
        "serviceAccount": { "description": account.description, "displayName": account.display_name },
    });
    let collection = format!("projects/{}/serviceAccounts", account.project);
    let action = format!("create {collection}/{}", account.account_id);
    cloud.api.post(Service::Iam, &collection, &body).await.map_err(change_failed(action))?;
    Ok(named(email(operation.task)))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let account = cloud.resource::<ServiceAccount>(operation.task)?;
    let path = path(&email(operation.task));
    let body = json!({
        "serviceAccount": { "description": account.description, "displayName": account.display_name },
        "updateMask": "description,displayName",
    });
    let request = Request::with_json(Method::PATCH, cloud.api.url(Service::Iam, &path), &body);
    cloud.api.json(&request).await.map_err(change_failed(format!("change {path}")))?;
    unchanged(operation)
}
