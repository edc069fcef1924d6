//! Firewall rules, which are in the project of their network.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::support::{flag, items, link, name, named, strings, text, unchanged};
use super::{DirectCloud, Search};
use kopsform_direct::desired::gce::allowed_text;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::gce::resources::{Allowed, FirewallRule, Sources};
use kopsform_rolling::ports::ApiError;

/// Rules are many, so those of a project are listed.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut projects: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for (task, rule) in search.of::<FirewallRule>(TaskKind::FirewallRule) {
        projects.entry(search.cloud.project_of(&rule.network)).or_default().push(task);
    }
    let mut found = Found::default();
    for (project, tasks) in projects {
        let rules = search.all(&format!("projects/{project}/global/firewalls")).await?;
        for task in tasks {
            if let Some(rule) = rules.iter().find(|rule| text(rule, "name") == task.id.name) {
                found.objects.insert(task.id.clone(), object(rule));
            }
        }
    }
    Ok(found)
}

pub(super) fn object(rule: &Json) -> Object {
    let allowed = items(rule, "allowed").map(|allowed| {
        let ports = strings(allowed, "ports").map(str::to_owned).collect();
        allowed_text(&Allowed { protocol: text(allowed, "IPProtocol").to_owned(), ports })
    });
    Object::new(text(rule, "name"))
        .field("Allowed", Value::set(allowed))
        .field("Disabled", flag(rule, "disabled"))
        .field("Network", name(rule, "network"))
        .field("SourceRanges", Value::set(strings(rule, "sourceRanges")))
        .field("SourceTags", Value::set(strings(rule, "sourceTags")))
        .field("TargetTags", Value::set(strings(rule, "targetTags")))
}

/// The rule by the field of its task; empty lists are left out.
fn parts(rule: &FirewallRule) -> Vec<(&'static str, &'static str, Json)> {
    let allowed: Vec<Json> = rule
        .allowed
        .iter()
        .map(|allowed| match allowed.ports.is_empty() {
            true => json!({ "IPProtocol": allowed.protocol }),
            false => json!({ "IPProtocol": allowed.protocol, "ports": allowed.ports }),
        })
        .collect();
    let (ranges, tags) = match &rule.sources {
        Sources::Ranges(ranges) => (ranges.clone(), Vec::new()),
        Sources::Tags(tags) => (Vec::new(), tags.iter().map(ToString::to_string).collect::<Vec<_>>()),
    };
    let targets: Vec<&str> = rule.targets.iter().map(|tag| tag.as_str()).collect();
    vec![
        ("Allowed", "allowed", json!(allowed)),
        ("Disabled", "disabled", json!(rule.disabled)),
        ("SourceRanges", "sourceRanges", json!(ranges)),
        ("SourceTags", "sourceTags", json!(tags)),
        ("TargetTags", "targetTags", json!(targets)),
    ]
}

pub(super) fn body(cloud: &DirectCloud, rule: &FirewallRule) -> Json {
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(rule.name.as_str()));
    body.insert("network".to_owned(), json!(link(&cloud.network_path(&rule.network))));
    let is_set = |value: &Json| *value != json!(false) && *value != json!([]);
    let parts = parts(rule).into_iter().filter(|(_, _, value)| is_set(value));
    body.extend(parts.map(|(_, key, value)| (key.to_owned(), value)));
    Json::Object(body)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<FirewallRule>(operation.task)?;
    let collection = format!("projects/{}/global/firewalls", cloud.project_of(&rule.network));
    cloud.insert(&collection, &body(cloud, rule)).await?;
    Ok(named(rule.name.as_str()))
}

/// Changes what differs. Priority, logs and description are the user's.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<FirewallRule>(operation.task)?;
    let path = format!("projects/{}/global/firewalls/{}", cloud.project_of(&rule.network), rule.name);
    let changed = parts(rule).into_iter().filter(|(field, ..)| operation.changes(field));
    let body: Map<String, Json> = changed.map(|(_, key, value)| (key.to_owned(), value)).collect();
    cloud.patch(&path, &Json::Object(body)).await?;
    unchanged(operation)
}
