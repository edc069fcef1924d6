//! The queue of the node termination handler and the rules that fill it.

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

use super::ClusterResources;
use crate::error::CallError;
use crate::error::{ErrorClass, call_failed, class_of, failed};
use crate::json_call::{EVENT_BRIDGE, JsonCallError, SQS, call, call_for_all};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource, is_own_event_rule, is_own_queue};

/// How many objects are read concurrently: lists contain no tags.
const CONCURRENT_CALLS: usize = 8;

impl ClusterResources {
    /// The cluster's queue and rules, and warnings about what the caller may not read. Names alone could be those of another
    /// cluster, so tags decide.
    pub(super) async fn events(&self) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let (queues, rules) = futures::try_join!(self.queues(), self.event_rules())?;
        let (mut own, mut warnings) = (Vec::new(), Vec::new());
        for found in queues.into_iter().chain(rules) {
            match found {
                Ok(resource) => own.extend(resource),
                Err(warning) => warnings.push(warning),
            }
        }
        Ok((own, warnings))
    }

    async fn queues(&self) -> Result<Vec<Result<Option<Resource>, String>>, ApiError> {
        let config = self.clients.sdk_config();
        let prefix = kopsform_spec::names::queue_prefix(self.rules.cluster());
        let listed = call_for_all(config, &SQS, "ListQueues", json!({ "QueueNamePrefix": prefix }), "QueueUrls").await;
        let urls = match allowed(listed, "ListQueues")? {
            Ok(urls) => urls,
            Err(warning) => return Ok(vec![Err(format!("SQS queues are not searched for: {warning}"))]),
        };
        let name_of = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        let urls = urls.into_iter().filter_map(|url| url.as_str().map(str::to_owned));
        let urls: Vec<_> = urls.filter(|url| is_own_queue(&name_of(url), self.rules.cluster())).collect();
        futures::stream::iter(urls)
            .map(|url| async move {
                let action = format!("ListQueueTags {url}");
                let response = call(config, &SQS, "ListQueueTags", json!({ "QueueUrl": url })).await;
                let resource = Resource::new(Kind::Queue, &url).named(&url);
                Ok(self.own(allowed(response, &action)?, resource, |response| {
                    let tags = response["Tags"].as_object().cloned().unwrap_or_default();
                    tags.into_iter().map(|(key, value)| (key, text(&value))).collect()
                }))
            })
            .buffer_unordered(CONCURRENT_CALLS)
            .try_collect()
            .await
    }

    async fn event_rules(&self) -> Result<Vec<Result<Option<Resource>, String>>, ApiError> {
        let config = self.clients.sdk_config();
        let prefix = kopsform_spec::names::event_rule_prefix(self.rules.cluster());
        let listed = call_for_all(config, &EVENT_BRIDGE, "ListRules", json!({ "NamePrefix": prefix }), "Rules").await;
        let rules = match allowed(listed, "ListRules")? {
            Ok(rules) => rules,
            Err(warning) => return Ok(vec![Err(format!("EventBridge rules are not searched for: {warning}"))]),
        };
        let rules: Vec<_> = rules
            .into_iter()
            .map(|rule| (text(&rule["Name"]), text(&rule["Arn"])))
            .filter(|(name, _)| is_own_event_rule(name, self.rules.cluster()))
            .collect();
        futures::stream::iter(rules)
            .map(|(name, arn)| async move {
                let action = format!("ListTagsForResource {name}");
                let response = call(config, &EVENT_BRIDGE, "ListTagsForResource", json!({ "ResourceARN": arn })).await;
                let resource = Resource::new(Kind::EventRule, &name).named(&name);
                Ok(self.own(allowed(response, &action)?, resource, |response| {
                    let tags = response["Tags"].as_array().cloned().unwrap_or_default();
                    tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
                }))
            })
            .buffer_unordered(CONCURRENT_CALLS)
            .try_collect()
            .await
    }

    /// The resource, if its tags say that the cluster owns it.
    fn own(
        &self,
        response: Result<Value, String>,
        resource: Resource,
        tags: impl Fn(&Value) -> Vec<(String, String)>,
    ) -> Result<Option<Resource>, String> {
        let tags = tags(&response.map_err(|warning| format!("failed to determine ownership: {warning}"))?);
        let is_owned = self.rules.is_owned(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        Ok(Some(resource).filter(|_| is_owned))
    }

    pub(super) async fn delete_queue(&self, url: &str) -> Result<(), CallError> {
        let deleted = call(self.clients.sdk_config(), &SQS, "DeleteQueue", json!({ "QueueUrl": url })).await;
        deleted.map(|_| ()).map_err(call_failed(format!("DeleteQueue {url}")))
    }

    /// A rule cannot be deleted while it has targets.
    pub(crate) async fn delete_event_rule(&self, name: &str) -> Result<(), CallError> {
        let config = self.clients.sdk_config();
        let targets =
            call_for_all(config, &EVENT_BRIDGE, "ListTargetsByRule", json!({ "Rule": name }), "Targets").await;
        let targets = targets.map_err(call_failed(format!("ListTargetsByRule {name}")))?;
        let ids: Vec<&Value> = targets.iter().map(|target| &target["Id"]).collect();
        if !ids.is_empty() {
            let action = format!("RemoveTargets {name}");
            let removed = call(config, &EVENT_BRIDGE, "RemoveTargets", json!({ "Rule": name, "Ids": ids })).await;
            let removed = removed.map_err(call_failed(action.clone()))?;
            // A target that is gone was removed by an attempt whose answer was lost.
            let is_failure = |entry: &&Value| !text(&entry["ErrorCode"]).contains("NotFound");
            if let Some(failure) = removed["FailedEntries"].as_array().and_then(|all| all.iter().find(is_failure)) {
                let reason = format!("{}: {}", text(&failure["ErrorCode"]), text(&failure["ErrorMessage"]));
                return Err(ApiError::permanent(action, reason).into());
            }
        }
        let deleted = call(config, &EVENT_BRIDGE, "DeleteRule", json!({ "Name": name })).await;
        deleted.map(|_| ()).map_err(call_failed(format!("DeleteRule {name}")))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A response, or a warning when the caller may not make the call. What is gone has no tags.
fn allowed<T: Default>(response: Result<T, JsonCallError>, action: &str) -> Result<Result<T, String>, ApiError> {
    match response {
        Ok(response) => Ok(Ok(response)),
        Err(error) => match class_of(&error) {
            Some(ErrorClass::NotFound) => Ok(Ok(T::default())),
            Some(ErrorClass::AccessDenied) => Ok(Err(failed(action)(error).to_string())),
            _ => Err(failed(action)(error)),
        },
    }
}
