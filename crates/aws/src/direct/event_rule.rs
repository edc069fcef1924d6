//! The rules that fill the queue, and where their events go.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value as Json, json};

use super::support::{CONCURRENT_CALLS, internal, settle, wanted_tags, with_id};
use super::{DirectCloud, Search};
use crate::error::{ErrorClass, call_failed, class_of, failed};
use crate::json_call::{EVENT_BRIDGE, call, call_for_all};
use kopsform_direct::desired::{cluster_tag, task_of};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::aws::resources::{EventRule, EventTarget, Queue};
use kopsform_model::{Lifecycle, Ref};
use kopsform_rolling::ports::ApiError;

/// How the name of the rule about rebalancing ends.
const REBALANCING: &str = "-RebalanceRecommendation";
/// The id of the only target of a rule.
const TARGET_ID: &str = "1";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<EventRule>(TaskKind::EventRule);
    if wanted.is_empty() {
        return Ok(found);
    }
    let config = search.cloud.clients.sdk_config();
    let prefix = kopsform_spec::names::event_rule_prefix(search.cloud.cluster());
    let targets = search.of::<EventTarget>(TaskKind::EventTarget);
    let queue = targets.first().and_then(|(_, target)| search.cloud.queue_arn(&target.queue));
    let (rules, filling) = futures::try_join!(
        async {
            let rules =
                call_for_all(config, &EVENT_BRIDGE, "ListRules", json!({ "NamePrefix": prefix }), "Rules").await;
            rules.map_err(failed("ListRules"))
        },
        rules_of_target(search, queue.as_deref()),
    )?;
    find_unwanted(search, &rules, &mut found).await?;
    let rules: BTreeMap<String, &Json> = rules.iter().map(|rule| (text(&rule["Name"]), rule)).collect();
    let existing = wanted.iter().filter_map(|(task, rule)| Some((*task, *rules.get(rule.name.as_str())?)));
    let calls: Vec<_> = existing
        .map(|(task, rule)| async move {
            let arn = text(&rule["Arn"]);
            let tags = call(config, &EVENT_BRIDGE, "ListTagsForResource", json!({ "ResourceARN": arn })).await;
            let tags = tags.map_err(failed(format!("ListTagsForResource {arn}")))?;
            let tags = tags["Tags"].as_array().cloned().unwrap_or_default();
            let tags = tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect();
            let pattern = rule["EventPattern"].as_str().and_then(|pattern| serde_json::from_str(pattern).ok());
            let object = Object::new(text(&rule["Name"]))
                .attribute(Attribute::Arn, arn)
                .field("EventPattern", pattern.map_or(Value::Absent, Value::Json))
                .field("Tags", Value::Map(tags));
            Ok::<_, ApiError>((task.id.clone(), object))
        })
        .collect();
    let rules_found: Vec<_> = futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    found.objects.extend(rules_found);
    for (task, target) in targets {
        if filling.contains(target.rule.name().as_str()) {
            found.objects.insert(task.id.clone(), Object::new(TARGET_ID));
        }
    }
    Ok(found)
}

/// A target whose queue is gone is made again with the queue.
pub(super) fn forget_lost_targets(search: &Search<'_>, found: &mut Found) {
    for (task, target) in search.of::<EventTarget>(TaskKind::EventTarget) {
        let queue = task_of(TaskKind::Queue, &target.queue);
        let is_searched = search.tasks.iter().any(|task| task.id == queue && task.lifecycle != Lifecycle::Ignore);
        if is_searched && !found.objects.contains_key(&queue) {
            found.objects.remove(&task.id);
        }
    }
}

/// Adds the rule about rebalancing, where that option is off by now. Other rules of the cluster are never deleted by an update.
async fn find_unwanted(search: &Search<'_>, rules: &[Json], found: &mut Found) -> Result<(), ApiError> {
    let cloud = search.cloud;
    let is_wanted = |name: &str| cloud.graph.get(&Ref::<EventRule>::new(name)).is_some();
    for rule in rules.iter().filter(|rule| text(&rule["Name"]).ends_with(REBALANCING)) {
        let (name, arn) = (text(&rule["Name"]), text(&rule["Arn"]));
        if is_wanted(&name) {
            continue;
        }
        let input = json!({ "ResourceARN": arn });
        let tags = call(cloud.clients.sdk_config(), &EVENT_BRIDGE, "ListTagsForResource", input).await;
        let tags = tags.map_err(failed(format!("ListTagsForResource {arn}")))?;
        let owned = cluster_tag(cloud.cluster());
        let mut tags = tags["Tags"].as_array().cloned().unwrap_or_default().into_iter();
        if tags.any(|tag| text(&tag["Key"]) == owned && text(&tag["Value"]) == "owned") {
            let node = Ref::<EventRule>::new(name.as_str()).node();
            found.remove(Task::new(TaskKind::EventRule, name.as_str(), node), Object::new(name.as_str()));
        }
    }
    Ok(())
}

pub(super) async fn delete(cloud: &DirectCloud, name: &str) -> Result<(), CloudError> {
    cloud.resources().delete_event_rule(name).await.map_err(settle)
}

/// The names of the rules that fill a queue, in one request for all of them.
async fn rules_of_target(search: &Search<'_>, queue: Option<&str>) -> Result<BTreeSet<String>, ApiError> {
    let Some(arn) = queue else { return Ok(BTreeSet::new()) };
    let (config, input) = (search.cloud.clients.sdk_config(), json!({ "TargetArn": arn }));
    match call_for_all(config, &EVENT_BRIDGE, "ListRuleNamesByTarget", input, "RuleNames").await {
        Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(BTreeSet::new()),
        other => {
            let names = other.map_err(failed("ListRuleNamesByTarget"))?;
            Ok(names.iter().map(text).collect())
        }
    }
}

impl DirectCloud {
    /// The ARN of a queue, which its policy names.
    fn queue_arn(&self, queue: &Ref<Queue>) -> Option<String> {
        let policy: Json = serde_json::from_str(&self.graph.get(queue)?.policy.to_json()).ok()?;
        Some(policy["Statement"][0]["Resource"].as_str()?.to_owned())
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn change(cloud: &DirectCloud, operation: &'static str, input: Json, name: &str) -> Result<Json, CloudError> {
    let response = call(cloud.clients.sdk_config(), &EVENT_BRIDGE, operation, input).await;
    response.map_err(|error| settle(call_failed(format!("{operation} {name}"))(error)))
}

fn tags(operation: &Operation<'_>) -> Json {
    wanted_tags(operation.task).iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Creates a rule, or changes it. Tags of a rule that exists are set on their own.
pub(super) async fn put(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<EventRule>(operation.task)?;
    let name = rule.name.as_str();
    let Some(found) = operation.found else {
        let input = json!({ "Name": name, "EventPattern": rule.pattern.to_json(), "Tags": tags(operation) });
        change(cloud, "PutRule", input, name).await?;
        return Ok(with_id(name));
    };
    if operation.changes("EventPattern") {
        change(cloud, "PutRule", json!({ "Name": name, "EventPattern": rule.pattern.to_json() }), name).await?;
    }
    if operation.changes("Tags") {
        let arn = found.attributes.get(&Attribute::Arn).cloned().unwrap_or_default();
        let surplus: Vec<String> = super::iam_role::tag_changes(operation).1;
        change(cloud, "TagResource", json!({ "ResourceARN": arn, "Tags": tags(operation) }), name).await?;
        if !surplus.is_empty() {
            change(cloud, "UntagResource", json!({ "ResourceARN": arn, "TagKeys": surplus }), name).await?;
        }
    }
    Ok(with_id(name))
}

pub(super) async fn put_target(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let target = cloud.resource::<EventTarget>(operation.task)?;
    let rule = target.rule.name().as_str();
    let arn = cloud.queue_arn(&target.queue).ok_or_else(|| internal("the ARN of the queue is not known"))?;
    let input = json!({ "Rule": rule, "Targets": [{ "Id": TARGET_ID, "Arn": arn }] });
    let response = change(cloud, "PutTargets", input, rule).await?;
    if let Some(failure) = response["FailedEntries"].as_array().and_then(|failures| failures.first()) {
        let reason = format!("{}: {}", text(&failure["ErrorCode"]), text(&failure["ErrorMessage"]));
        return Err(ApiError::permanent(format!("PutTargets {rule}"), reason).into());
    }
    Ok(with_id(TARGET_ID))
}
