//! What the kinds share: paths and addresses of resources, fields of answers, and errors that pass.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value as Json, json};

use super::{DirectCloud, Search};
use crate::error::{ApiError as GoogleError, call_failed};
pub(super) use crate::value::{items, last, strings, text};
use kopsform_direct::{Attribute, Attributes, CloudError, Expected, Found, Object, Operation, Task, TaskKind, Value};
pub(super) use kopsform_direct::{internal, unchanged};
use kopsform_model::gce::resources::{Network, Subnetwork};
use kopsform_model::{In, Kinded, Lifecycle};
use kopsform_rolling::ports::ApiError;

/// How many calls about single resources are under way at once.
pub(super) const CONCURRENT_CALLS: usize = 8;
/// What resources refer to each other by: Google's own addresses, also where the API is elsewhere.
const LINKS: &str = "https://www.googleapis.com/compute/v1/";

/// The attributes of something that goes by a name.
pub(super) fn named(name: impl Into<String>) -> Attributes {
    [(Attribute::Id, name.into())].into()
}

/// The address of a resource, from its path.
pub(super) fn link(path: &str) -> String {
    format!("{LINKS}{path}")
}

/// Turns the error of a change into one that says whether to wait.
pub(super) fn change_failed(action: impl Into<String>) -> impl FnOnce(GoogleError) -> CloudError {
    move |error| settle(action, error)
}

/// See [`change_failed`]. What a change refers to exists: if Google does not find it, it was made a moment ago and is not visible
/// everywhere yet. IAM says so about the members of a policy with a message only.
fn settle(action: impl Into<String>, error: GoogleError) -> CloudError {
    let message = error.to_string();
    let is_new_account = message.contains("ervice account") && message.contains("does not exist");
    if error.is_not_found() {
        CloudError::Missing(error.of_call(action))
    } else if error.is_conflict() {
        CloudError::Exists(error.of_call(action))
    } else if error.is_in_use() || error.is_outdated() || is_new_account {
        CloudError::NotYet(error.of_call(action))
    } else {
        CloudError::Failed(error.of_call(action))
    }
}

impl DirectCloud {
    /// The resource of a task.
    pub(super) fn resource<T: Kinded>(&self, task: &Task) -> Result<&T, CloudError> {
        let node = self.graph.node(&task.node);
        node.and_then(|node| T::from_resource(&node.resource))
            .ok_or_else(|| internal(format!("{} has no resource of its kind", task.id)))
    }

    /// The path of something global in the cluster's project.
    pub(super) fn global(&self, collection: &str) -> String {
        format!("projects/{}/global/{collection}", self.project)
    }

    /// The path of something regional in the cluster's project.
    pub(super) fn regional(&self, collection: &str) -> String {
        self.regional_of(&self.project, collection)
    }

    /// The path of something regional in a project.
    pub(super) fn regional_of(&self, project: &str, collection: &str) -> String {
        format!("projects/{project}/regions/{}/{collection}", self.graph.region)
    }

    /// The path of something zonal in the cluster's project.
    pub(super) fn zonal(&self, zone: &str, collection: &str) -> String {
        format!("projects/{}/zones/{zone}/{collection}", self.project)
    }

    /// The project and the name of `NAME` or `PROJECT/NAME`.
    fn located<'i>(&'i self, id: &'i str) -> (&'i str, &'i str) {
        id.split_once('/').unwrap_or((&self.project, id))
    }

    /// The project of a network. Rules and subnets of a network are in its project.
    pub(super) fn project_of<'i>(&'i self, network: &'i In<Network>) -> &'i str {
        match network {
            In::Node(_) => &self.project,
            In::Existing(id) => self.located(id).0,
        }
    }

    /// The path of a network.
    pub(super) fn network_path(&self, network: &In<Network>) -> String {
        match network {
            In::Node(node) => self.existing_network_path(node.name()),
            In::Existing(id) => self.existing_network_path(id),
        }
    }

    /// The path of a network that others own.
    pub(super) fn existing_network_path(&self, id: &str) -> String {
        let (project, name) = self.located(id);
        format!("projects/{project}/global/networks/{name}")
    }

    /// The path of a subnet.
    pub(super) fn subnetwork_path(&self, subnetwork: &In<Subnetwork>) -> String {
        match subnetwork {
            In::Existing(id) => self.existing_subnetwork_path(id),
            In::Node(node) => {
                let of_network = self.graph.get(node).map(|subnet| self.project_of(&subnet.network));
                self.regional_of(of_network.unwrap_or(&self.project), &format!("subnetworks/{}", node.name()))
            }
        }
    }

    /// The path of a subnet that others own.
    pub(super) fn existing_subnetwork_path(&self, id: &str) -> String {
        let (project, name) = self.located(id);
        self.regional_of(project, &format!("subnetworks/{name}"))
    }

    /// Creates something in a collection.
    pub(super) async fn insert(&self, collection: &str, body: &Json) -> Result<(), CloudError> {
        let action = format!("create {collection}/{}", text(body, "name"));
        self.api.insert(collection, body).await.map_err(change_failed(action))
    }

    /// Changes some fields of something.
    pub(super) async fn patch(&self, path: &str, body: &Json) -> Result<(), CloudError> {
        self.api.patch(path, body).await.map_err(change_failed(format!("change {path}")))
    }

    /// Calls a method of something.
    pub(super) async fn call(&self, path: &str, verb: &str, body: &Json) -> Result<(), CloudError> {
        self.api.call(path, verb, body).await.map_err(change_failed(format!("{verb} {path}")))
    }

    /// Something that a change is about.
    pub(super) async fn read(&self, path: &str) -> Result<Json, CloudError> {
        let action = format!("get {path}");
        let read = self.api.get(path).await.map_err(change_failed(action.clone()))?;
        read.ok_or_else(|| CloudError::Missing(ApiError::permanent(action, "does not exist")))
    }

    /// Sets the labels of something, unless others changed them meanwhile.
    pub(super) async fn set_labels(&self, path: &str, labels: &BTreeMap<String, String>) -> Result<(), CloudError> {
        let current = self.read(path).await?;
        let body = json!({ "labelFingerprint": text(&current, "labelFingerprint"), "labels": labels });
        self.call(path, "setLabels", &body).await
    }
}

impl<'a> Search<'a> {
    /// The tasks of a kind, without those that must not be looked up.
    pub(super) fn tasks(&self, kind: TaskKind) -> impl Iterator<Item = &'a Task> {
        let tasks = self.tasks.iter().filter(move |task| task.id.kind == kind);
        tasks.filter(|task| task.lifecycle != Lifecycle::Ignore)
    }

    /// The same with their resources.
    pub(super) fn of<T: Kinded + 'a>(&self, kind: TaskKind) -> Vec<(&'a Task, &'a T)> {
        let graph = &self.cloud.graph;
        self.tasks(kind).filter_map(|task| Some((task, T::from_resource(&graph.node(&task.node)?.resource)?))).collect()
    }

    /// Gets what tasks are about by its path, side by side.
    pub(super) async fn each(
        &self,
        wanted: impl IntoIterator<Item = (&'a Task, String)>,
        object: impl Fn(&Task, &Json) -> Object,
    ) -> Result<Found, ApiError> {
        let cloud = self.cloud;
        let gets: Vec<_> = wanted
            .into_iter()
            .map(|(task, path)| async move {
                let answer = cloud.api.get(&path).await.map_err(call_failed(format!("get {path}")));
                Ok::<_, ApiError>((task, optional(task, answer)?))
            })
            .collect();
        let answers: Vec<(&Task, Lookup)> = stream::iter(gets).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
        let mut found = Found::default();
        for (task, answer) in answers {
            match answer {
                Lookup::Found(value) => {
                    found.objects.insert(task.id.clone(), object(task, &value));
                }
                Lookup::Missing => {}
                Lookup::Unknown(warning) => assume(&mut found, task, warning),
            }
        }
        Ok(found)
    }

    /// All of a collection.
    pub(super) async fn all(&self, collection: &str) -> Result<Vec<Json>, ApiError> {
        self.cloud.api.get_all(collection, "").await.map_err(call_failed(format!("list {collection}")))
    }
}

/// The outcome of a lookup.
pub(super) enum Lookup {
    Found(Json),
    Missing,
    /// It may not be read, and the task's lifecycle says that this is only worth a warning.
    Unknown(String),
}

/// What a lookup came to. Without access, it depends on the task's lifecycle whether that is an error.
pub(super) fn optional(task: &Task, answer: Result<Option<Json>, ApiError>) -> Result<Lookup, ApiError> {
    match answer {
        Ok(Some(value)) => Ok(Lookup::Found(value)),
        Ok(None) => Ok(Lookup::Missing),
        Err(error) if task.lifecycle == Lifecycle::WarnIfInsufficientAccess && error.is_denied() => {
            Ok(Lookup::Unknown(format!("{} is taken to be as it should be: {error}", task.id)))
        }
        Err(error) => Err(error),
    }
}

/// Takes a task to be as it should be: an object without fields differs in none.
pub(super) fn assume(found: &mut Found, task: &Task, warning: String) {
    found.warnings.push(warning);
    found.objects.insert(task.id.clone(), Object::default());
}

/// A search of one kind, to run next to others.
pub(super) fn boxed<'f>(
    find: impl Future<Output = Result<Found, ApiError>> + Send + 'f,
) -> BoxFuture<'f, Result<Found, ApiError>> {
    Box::pin(find)
}

/// The id of something that a task says exists already.
pub(super) fn existing_id(task: &Task) -> Option<&str> {
    match &task.expected {
        Expected::Existing { id } => id.as_deref(),
        _ => None,
    }
}

/// The name in the address of a resource; empty if there is none.
pub(super) fn name<'v>(value: &'v Json, field: &str) -> &'v str {
    last(text(value, field))
}

/// A number, which is a string where it has 64 bits.
pub(super) fn number(value: &Json, field: &str) -> Option<i64> {
    let value = value.get(field)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A truth value; false if there is none.
pub(super) fn flag(value: &Json, field: &str) -> bool {
    value.get(field).and_then(Json::as_bool).unwrap_or_default()
}

/// An object of strings by key.
pub(super) fn map(value: &Json, field: &str) -> BTreeMap<String, String> {
    let members = value.get(field).and_then(Json::as_object).into_iter().flatten();
    members.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// The strings by key that a task wants in a field.
pub(super) fn wanted_map(task: &Task, field: &str) -> BTreeMap<String, String> {
    match task.value(field) {
        Some(Value::Map(map) | Value::TagsOfInterest(map)) => map.clone(),
        _ => BTreeMap::new(),
    }
}

/// The strings by key that were found in a field.
pub(super) fn found_map(operation: &Operation<'_>, field: &str) -> BTreeMap<String, String> {
    match operation.found.and_then(|object| object.fields.get(field)) {
        Some(Value::Map(map)) => map.clone(),
        _ => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, reason: &str, message: &str) -> CloudError {
        settle("create x", GoogleError::Refused { status, reason: reason.into(), message: message.into() })
    }

    #[test]
    fn refusals_that_may_pass_are_tried_again() {
        assert!(matches!(outcome(404, "notFound", "no network"), CloudError::Missing(_)));
        assert!(matches!(outcome(409, "alreadyExists", "it is there"), CloudError::Exists(_)));
        for (status, reason, message) in [
            (400, "resourceInUseByAnotherResource", "in use"),
            (400, "resourceNotReady", "not ready"),
            (412, "conditionNotMet", "fingerprint"),
            (400, "badRequest", "Service account a@b.iam.gserviceaccount.com does not exist."),
        ] {
            assert!(matches!(outcome(status, reason, message), CloudError::NotYet(_)), "{reason}");
        }
        assert!(matches!(outcome(400, "invalid", "no such type"), CloudError::Failed(_)));
    }

    #[test]
    fn numbers_of_64_bits_are_strings() {
        assert_eq!(number(&json!({"sizeGb": "20"}), "sizeGb"), Some(20));
        assert_eq!(number(&json!({"port": 443}), "port"), Some(443));
        assert_eq!(number(&json!({}), "port"), None);
    }
}
