//! What the kinds share: finding the resource of a task, ids of what it refers to, tags, and errors that pass.

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_ec2::types as ec2;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;

use super::{DirectCloud, Search};
use crate::error::{CallError, ErrorClass, call_failed};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Operation, Task, TaskId, TaskKind, Value};
pub(super) use kopsform_direct::{internal, unchanged};
use kopsform_model::aws::resources::Tags;
use kopsform_model::aws::tags::{KUBERNETES_CLUSTER, NAME};
use kopsform_model::{In, Kinded, Ref};
use kopsform_rolling::ports::ApiError;

/// How many calls about single objects are under way at once.
pub(super) const CONCURRENT_CALLS: usize = 8;

/// All pages of a call.
macro_rules! all {
    ($call:expr, $action:expr) => {
        $call.into_paginator().items().send().try_collect().await.map_err($crate::error::failed($action))
    };
}
pub(super) use all;

/// Sends a call that changes something.
macro_rules! sent {
    ($call:expr, $($action:tt)+) => {
        $call.send().await.map_err($crate::direct::support::change_failed(format!($($action)+)))
    };
}
pub(super) use sent;

/// Sends a call of EC2 that makes something new each time it arrives: once. Whether it arrived is looked up by tags before another
/// attempt.
macro_rules! sent_once {
    ($call:expr, $($action:tt)+) => {
        $call
            .customize()
            .config_override(aws_sdk_ec2::config::Builder::new().retry_config(aws_config::retry::RetryConfig::disabled()))
            .send()
            .await
            .map_err($crate::direct::support::change_failed(format!($($action)+)))
    };
}
pub(super) use sent_once;

/// The attributes of something with an id only.
pub(super) fn with_id(id: impl Into<String>) -> Attributes {
    [(Attribute::Id, id.into())].into()
}

/// Turns the error of a change into one that says whether to wait. What a change refers to exists: if AWS does not find it, it was
/// made a moment ago and is not visible everywhere yet.
pub(super) fn change_failed<E, R>(action: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> CloudError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let failed = call_failed(action);
    move |error| settle(failed(error))
}

/// See [`change_failed`].
pub(super) fn settle(error: CallError) -> CloudError {
    let code = error.code.as_deref().unwrap_or_default();
    let message = &error.error.message;
    match code {
        "NoSuchEntity" | "NatGatewayNotFound" | "LoadBalancerNotFound" | "TargetGroupNotFound" | "ListenerNotFound" => {
            CloudError::Missing(error.error)
        }
        "ResourceNotFoundException" | "QueueDoesNotExist" => CloudError::Missing(error.error),
        code if code.ends_with(".NotFound") => CloudError::Missing(error.error),
        // A subnet of the same network: that of an earlier request, unless its tags say otherwise.
        // So is what already has the address of a NAT gateway.
        "InvalidSubnet.Conflict" | "Resource.AlreadyAssociated" | "DuplicateListener" => {
            CloudError::Exists(error.error)
        }
        code if ErrorClass::of(code) == ErrorClass::AlreadyExists => CloudError::Exists(error.error),
        // A role that was just made is not known everywhere; neither is a queue.
        "MalformedPolicyDocument" if message.contains("rincipal") => CloudError::NotYet(error.error),
        // Auto Scaling and EC2 say so about a new instance profile.
        "ValidationError" | "InvalidParameterValue"
            if message.to_lowercase().replace(' ', "").contains("iaminstanceprofile") =>
        {
            CloudError::NotYet(error.error)
        }
        // The same change of another run, or of this one before a broken connection, is still going on.
        "ResourceContention" | "ScalingActivityInProgress" | "PriorRequestNotComplete" | "ConcurrentModification" => {
            CloudError::NotYet(error.error)
        }
        _ => CloudError::Failed(error.error),
    }
}

/// Whether an error response has a code.
pub(super) fn has_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    crate::error::code_of(error) == Some(code)
}

impl DirectCloud {
    /// The resource of a task.
    pub(super) fn resource<T: Kinded>(&self, task: &Task) -> Result<&T, CloudError> {
        let node = self.graph.node(&task.node);
        node.and_then(|node| T::from_resource(&node.resource))
            .ok_or_else(|| internal(format!("{} has no resource of its kind", task.id)))
    }

    /// The name of the cluster.
    pub(super) fn cluster(&self) -> &str {
        &self.graph.cluster
    }

    /// The filter for resources whose cluster tag names the cluster.
    pub(super) fn of_cluster(&self) -> Vec<ec2::Filter> {
        vec![filter(format!("tag:{KUBERNETES_CLUSTER}"), [self.cluster()])]
    }

    /// Tags a resource of EC2.
    pub(super) async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), CloudError> {
        if tags.is_empty() {
            return Ok(());
        }
        let call = self.clients.ec2().create_tags().resources(id).set_tags(Some(ec2_tags(tags)));
        sent!(call, "CreateTags {id}").map(|_| ())
    }

    /// Makes a resource of EC2 have these tags and no other of users.
    pub(super) async fn retag(
        &self,
        id: &str,
        wanted: &BTreeMap<String, String>,
        found: &BTreeMap<String, String>,
    ) -> Result<(), CloudError> {
        let surplus: Vec<ec2::Tag> = found
            .keys()
            .filter(|key| !wanted.contains_key(*key) && !key.starts_with("aws:"))
            .map(|key| ec2::Tag::builder().key(key).build())
            .collect();
        if !surplus.is_empty() {
            let call = self.clients.ec2().delete_tags().resources(id).set_tags(Some(surplus));
            sent!(call, "DeleteTags {id}")?;
        }
        let missing: BTreeMap<String, String> = wanted
            .iter()
            .filter(|(key, value)| found.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        self.tag(id, &missing).await
    }
}

/// The id of what an operation changes.
pub(super) fn own_id<'a>(operation: &'a Operation<'_>) -> Result<&'a str, CloudError> {
    let id = operation.found.map(|object| object.id()).or_else(|| operation.ids.id(&operation.task.id));
    id.ok_or_else(|| internal(format!("the id of {} is not known", operation.task.id)))
}

/// The id of what a task refers to.
pub(super) fn id_of<'a, T>(
    operation: &'a Operation<'_>,
    kind: TaskKind,
    reference: &Ref<T>,
) -> Result<&'a str, CloudError> {
    attribute_of(operation, &TaskId::new(kind, reference.name().as_str()), Attribute::Id)
}

/// An attribute of what a task refers to.
pub(super) fn attribute_of<'a>(
    operation: &'a Operation<'_>,
    task: &TaskId,
    attribute: Attribute,
) -> Result<&'a str, CloudError> {
    operation.ids.get(task, attribute).ok_or_else(|| {
        let message = format!("needs {task}, which does not exist and is not part of this run");
        ApiError::permanent(operation.task.id.to_string(), message).into()
    })
}

/// The id of what a task refers to, or the one that the spec gives.
pub(super) fn id_in<'a, T>(
    operation: &'a Operation<'_>,
    kind: TaskKind,
    reference: &'a In<T>,
) -> Result<&'a str, CloudError> {
    match reference {
        In::Existing(id) => Ok(id),
        In::Node(node) => id_of(operation, kind, node),
    }
}

/// The ids of several.
pub(super) fn ids_in<T>(
    operation: &Operation<'_>,
    kind: TaskKind,
    references: &[In<T>],
) -> Result<Vec<String>, CloudError> {
    references.iter().map(|reference| id_in(operation, kind, reference).map(str::to_owned)).collect()
}

/// A filter of EC2.
pub(super) fn filter<S: Into<String>>(name: impl Into<String>, values: impl IntoIterator<Item = S>) -> ec2::Filter {
    let values = values.into_iter().map(Into::into).collect();
    ec2::Filter::builder().name(name).set_values(Some(values)).build()
}

/// Tags for EC2.
pub(super) fn ec2_tags(tags: &BTreeMap<String, String>) -> Vec<ec2::Tag> {
    tags.iter().map(|(key, value)| ec2::Tag::builder().key(key).value(value).build()).collect()
}

/// Tags that something of EC2 is created with.
pub(super) fn tagged(kind: ec2::ResourceType, tags: &BTreeMap<String, String>) -> Option<Vec<ec2::TagSpecification>> {
    let tags = Some(ec2_tags(tags)).filter(|tags| !tags.is_empty())?;
    Some(vec![ec2::TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()])
}

/// Tags of EC2 by key.
pub(super) fn tag_map(tags: &[ec2::Tag]) -> BTreeMap<String, String> {
    tags.iter()
        .map(|tag| (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned()))
        .collect()
}

/// Tags of EC2 as a found value.
pub(super) fn tags_value(tags: &[ec2::Tag]) -> Value {
    Value::Map(tag_map(tags))
}

/// Tags of the graph as plain strings.
pub(super) fn plain(tags: &Tags) -> BTreeMap<String, String> {
    kopsform_direct::desired::plain(tags)
}

/// The tags that a task wants.
pub(super) fn wanted_tags(task: &Task) -> BTreeMap<String, String> {
    match task.value("Tags") {
        Some(Value::Map(tags) | Value::TagsOfInterest(tags)) => tags.clone(),
        _ => BTreeMap::new(),
    }
}

/// The tags that were found.
pub(super) fn found_tags(operation: &Operation<'_>) -> BTreeMap<String, String> {
    match operation.found.and_then(|object| object.fields.get("Tags")) {
        Some(Value::Map(tags)) => tags.clone(),
        _ => BTreeMap::new(),
    }
}

/// Changes the tags of something of EC2 of which nothing else changes.
pub(super) async fn update_tags(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    if operation.changes("Tags") {
        cloud.tag(own_id(operation)?, &wanted_tags(operation.task)).await?;
    }
    unchanged(operation)
}

impl<'a> Search<'a> {
    /// The tasks of a kind with their resources, without those that must not be looked up.
    pub(super) fn of<T: Kinded + 'a>(&self, kind: TaskKind) -> Vec<(&'a Task, &'a T)> {
        let cloud = self.cloud;
        let tasks = self.tasks.iter().filter(|task| task.id.kind == kind);
        tasks
            .filter(|task| task.lifecycle != kopsform_model::Lifecycle::Ignore)
            .filter_map(|task| Some((task, T::from_resource(&cloud.graph.node(&task.node)?.resource)?)))
            .collect()
    }

    /// Whether there is a task of one of the kinds.
    pub(super) fn has(&self, kinds: &[TaskKind]) -> bool {
        self.tasks.iter().any(|task| kinds.contains(&task.id.kind))
    }
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
        kopsform_direct::Expected::Existing { id } => id.as_deref(),
        _ => None,
    }
}

/// Of several resources, the one that a task means: by id where the spec has one, else by its `Name` tag.
///
/// # Errors
/// When several have the name.
pub(super) fn matching<'r, R>(
    task: &Task,
    resources: &'r [R],
    id: impl Fn(&R) -> Option<&str>,
    tags: impl Fn(&R) -> &[ec2::Tag],
) -> Result<Option<&'r R>, ApiError> {
    if let Some(wanted) = existing_id(task) {
        return Ok(resources.iter().find(|resource| id(resource) == Some(wanted)));
    }
    let tags_wanted = wanted_tags(task);
    let Some(name) = tags_wanted.get(NAME) else { return Ok(None) };
    let named =
        |resource: &&R| tags(resource).iter().any(|tag| tag.key() == Some(NAME) && tag.value() == Some(name.as_str()));
    only_one(&task.id, resources.iter().filter(named).collect(), id)
}

/// The only one of several candidates.
///
/// # Errors
/// When there are several; the error has their ids.
pub(super) fn only_one<'r, R>(
    task: &TaskId,
    candidates: Vec<&'r R>,
    id: impl Fn(&R) -> Option<&str>,
) -> Result<Option<&'r R>, ApiError> {
    match candidates.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        several => {
            let ids: Vec<&str> = several.iter().filter_map(|candidate| id(candidate)).collect();
            let message = format!(
                "several resources have its tags: {}; delete those that the cluster does not use",
                ids.join(", ")
            );
            Err(ApiError::permanent(format!("find {task}"), message))
        }
    }
}

/// A number that AWS takes with 32 bits.
pub(super) fn int(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: &str, message: &str) -> CloudError {
        let error = ApiError::permanent("Create", format!("{code}: {message}"));
        settle(CallError { code: Some(code.to_owned()), error })
    }

    #[test]
    fn what_was_just_made_may_not_be_visible_yet() {
        for (code, message) in [
            ("ValidationError", "Invalid IAM Instance Profile name"),
            ("InvalidParameterValue", "Value (x) for parameter iamInstanceProfile.name is invalid"),
        ] {
            assert!(matches!(outcome(code, message), CloudError::NotYet(_)), "{code}");
        }
        for code in ["InvalidVpcID.NotFound", "NoSuchEntity", "InvalidSecurityGroupRuleId.NotFound"] {
            assert!(matches!(outcome(code, "no"), CloudError::Missing(_)), "{code}");
        }
        for code in ["InvalidGroup.Duplicate", "EntityAlreadyExists", "AlreadyExists", "InvalidSubnet.Conflict"] {
            assert!(matches!(outcome(code, "yes"), CloudError::Exists(_)), "{code}");
        }
        for (code, message) in
            [("ValidationError", "min > max"), ("UnauthorizedOperation", "no"), ("InvalidVpc.Range", "no")]
        {
            assert!(matches!(outcome(code, message), CloudError::Failed(_)), "{code}");
        }
    }
}
