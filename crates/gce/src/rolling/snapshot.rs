//! The groups and instances of a cluster, as they are now.
//!
//! kops asks for the groups of each zone and for each instance. Here, templates, groups and instances are one list each, over
//! all zones; only the members of a group are asked for by group.

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use super::{CLUSTER_METADATA, GROUP_METADATA};
use crate::api::Api;
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::{items, last, text};
use kopsform_rolling::ports::{
    ApiError, CloudGroup, CloudInstance, CloudSnapshot, LaunchSource, Lifecycle, Member, OwnTemplate,
};
use kopsform_spec::names::gce as names;

/// Groups whose members are asked for at once.
const CONCURRENT_CALLS: usize = 8;
/// What Google Cloud calls what instances are started from.
pub(super) const TEMPLATE: &str = "instance template";
/// The prefix of the labels with an instance's roles.
const ROLE_LABEL: &str = "k8s-io-role-";
/// How kops writes the addresses of instances, whatever host was asked.
pub(super) const API: &str = "https://www.googleapis.com/compute/v1/";

/// An instance: its zone and name, which its replacement has as well, and the number that only it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InstanceId {
    zone: String,
    name: String,
    number: String,
}

impl InstanceId {
    /// Parses `ZONE/NAME#NUMBER`.
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (place, number) = id.split_once('#')?;
        let (zone, name) = place.split_once('/')?;
        Some(Self { zone: zone.to_owned(), name: name.to_owned(), number: number.to_owned() })
    }

    fn of(instance: &Value) -> Option<Self> {
        let link = Link::parse(text(instance, "selfLink"))?;
        let Scope::Zone(zone) = link.scope else { return None };
        Some(Self { zone, name: link.name, number: number(instance) })
    }

    /// The address, which its replacement has as well.
    pub(super) fn link(&self, project: &str) -> Link {
        Link::new(project, Scope::Zone(self.zone.clone()), "instances", &self.name)
    }

    /// Whether this is the instance, and not its replacement.
    pub(super) fn is_of(&self, instance: &Value) -> bool {
        self.number == number(instance)
    }

    /// What its node is found by.
    fn node_key(&self) -> String {
        format!("{}/{}", self.zone, self.name)
    }
}

impl std::fmt::Display for InstanceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}#{}", self.zone, self.name, self.number)
    }
}

/// The number of a resource, which JSON may have as a string.
fn number(resource: &Value) -> String {
    match resource.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// A value of the metadata of a template.
pub(super) fn metadata<'v>(template: &'v Value, key: &str) -> &'v str {
    let metadata = template.pointer("/properties/metadata").unwrap_or(&Value::Null);
    items(metadata, "items").find(|item| text(item, "key") == key).map_or("", |item| text(item, "value").trim())
}

/// The templates of a cluster.
pub(super) async fn templates(api: &Api, project: &str, cluster: &str) -> Result<Vec<Value>, ApiError> {
    let all = api.get_all(&format!("projects/{project}/global/instanceTemplates"), "").await;
    let mut all = all.map_err(call_failed("list instance templates"))?;
    all.retain(|template| metadata(template, CLUSTER_METADATA) == cluster);
    Ok(all)
}

/// The managed groups of a project.
pub(super) async fn managers(api: &Api, project: &str) -> Result<Vec<Value>, ApiError> {
    let found = api.get_aggregated(project, "instanceGroupManagers", "").await;
    found.map_err(call_failed("list managed instance groups"))
}

/// The snapshot, and the group of each instance by the instance's id.
pub(super) async fn take(
    api: &Api,
    project: &str,
    cluster: &str,
) -> Result<(CloudSnapshot, BTreeMap<String, Link>), ApiError> {
    let label = format!("labels.{}={}", names::CLUSTER_LABEL, names::safe_cluster_name(cluster));
    let instances = async {
        let found = api.get_aggregated(project, "instances", &label).await;
        found.map_err(call_failed("list instances"))
    };
    let (templates, managers, instances) =
        futures::try_join!(templates(api, project, cluster), managers(api, project), instances)?;
    let templates: HashMap<Link, &Value> =
        templates.iter().filter_map(|template| Some((Link::parse(text(template, "selfLink"))?, template))).collect();
    let mut own: Vec<_> = managers
        .iter()
        .filter_map(|manager| {
            let link = Link::parse(text(manager, "selfLink"))?;
            let template = Link::parse(text(manager, "instanceTemplate"))?;
            let values = templates.get(&template)?;
            Some(Manager { value: manager, link, template, instance_group: metadata(values, GROUP_METADATA) })
        })
        .collect();
    // In the order of zones, as kops goes through them.
    own.sort_by(|a, b| a.link.cmp(&b.link));
    let listed: HashMap<Link, &Value> =
        instances.iter().filter_map(|found| Some((Link::parse(text(found, "selfLink"))?, found))).collect();
    let calls: Vec<BoxFuture<'_, _>> = own.iter().map(|manager| manager.members(api, &listed).boxed()).collect();
    let all: Vec<_> = stream::iter(calls).buffered(CONCURRENT_CALLS).try_collect().await?;
    let (mut snapshot, mut managers) = (CloudSnapshot::default(), BTreeMap::new());
    for (manager, members) in own.iter().zip(all) {
        managers.extend(members.iter().map(|(member, _)| (member.id.clone(), manager.link.clone())));
        let (members, instances): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        snapshot.groups.push(manager.group(cluster, members));
        snapshot.instances.extend(instances.into_iter().flatten());
    }
    Ok((snapshot, managers))
}

/// A managed instance group whose template is the cluster's.
struct Manager<'v> {
    value: &'v Value,
    link: Link,
    template: Link,
    instance_group: &'v str,
}

impl Manager<'_> {
    fn zone(&self) -> &str {
        if let Scope::Zone(zone) = &self.link.scope { zone } else { "" }
    }

    fn group(&self, cluster: &str, members: Vec<Member>) -> CloudGroup {
        let target = self.value.get("targetSize").and_then(Value::as_i64);
        let target = target.and_then(|size| i32::try_from(size).ok()).unwrap_or_default();
        let name = &self.link.name;
        let is_named = *name == names::managed_group(self.zone(), self.instance_group, cluster);
        CloudGroup {
            name: name.clone(),
            instance_group: (is_named && !self.instance_group.is_empty()).then(|| self.instance_group.to_owned()),
            // kops changes the size alone: there is no autoscaler of Google.
            min: target,
            desired: target,
            max: target,
            launch: Some(source(&self.template)),
            members,
            own_template: Some(OwnTemplate { kind: TEMPLATE, name: self.template.name.clone() }),
            ..CloudGroup::default()
        }
    }

    /// The members, each with its instance as far as that exists.
    async fn members(
        &self,
        api: &Api,
        listed: &HashMap<Link, &Value>,
    ) -> Result<Vec<(Member, Option<CloudInstance>)>, ApiError> {
        let found = api.call_list(&self.link.to_string(), "listManagedInstances", "managedInstances").await;
        let mut members = Vec::new();
        for managed in found.map_err(call_failed(format!("list instances of {}", self.link.name)))? {
            let Some(link) = Link::parse(text(&managed, "instance")) else { continue };
            let lifecycle = lifecycle(text(&managed, "currentAction"));
            let instance = match listed.get(&link) {
                Some(instance) => Some((*instance).clone()),
                // It may have lost its label, or may have started since.
                None if lifecycle == Lifecycle::Active => {
                    api.get(&link.to_string()).await.map_err(call_failed(format!("get instance {}", link.name)))?
                }
                None => None,
            };
            let id = instance.as_ref().and_then(InstanceId::of);
            let launch = managed.pointer("/version/instanceTemplate").and_then(Value::as_str).and_then(Link::parse);
            let member = Member {
                id: id.as_ref().map_or_else(|| format!("{}/{}", self.zone(), link.name), InstanceId::to_string),
                launch: launch.as_ref().map(source),
                lifecycle,
                state: text(&managed, "currentAction").to_owned(),
            };
            let known = instance.as_ref().zip(id).map(|(instance, id)| self.instance(instance, &id));
            members.push((member, known));
        }
        Ok(members)
    }

    fn instance(&self, instance: &Value, id: &InstanceId) -> CloudInstance {
        let network = items(instance, "networkInterfaces").next().unwrap_or(&Value::Null);
        let access = items(network, "accessConfigs").next().unwrap_or(&Value::Null);
        CloudInstance {
            id: id.to_string(),
            node_key: id.node_key(),
            link: format!("{API}{}", id.link(&self.link.project)),
            group: self.instance_group.to_owned(),
            detached_from: None,
            machine_type: last(text(instance, "machineType")).to_owned(),
            private_ip: text(network, "networkIP").to_owned(),
            public_ip: text(access, "natIP").to_owned(),
            roles: roles(instance),
            state: if text(instance, "status") == "RUNNING" { "UpToDate".to_owned() } else { String::new() },
        }
    }
}

/// The roles by the labels. Instances of the control plane have two of that role, in its old and its new spelling.
fn roles(instance: &Value) -> Vec<String> {
    let labels = instance.get("labels").and_then(Value::as_object);
    let mut roles: Vec<_> = labels
        .into_iter()
        .flat_map(|labels| labels.keys())
        .filter_map(|key| key.strip_prefix(ROLE_LABEL))
        .map(|role| if role == "master" { "control-plane" } else { role }.to_owned())
        .collect();
    roles.sort();
    roles
}

fn source(template: &Link) -> LaunchSource {
    LaunchSource { kind: TEMPLATE, id: template.name.clone(), version: None }
}

/// What a group does with a member. One that is being recreated is gone for the moment: its replacement counts when it is there.
fn lifecycle(action: &str) -> Lifecycle {
    match action {
        "DELETING" | "RECREATING" => Lifecycle::Terminating,
        "ABANDONING" => Lifecycle::Detaching,
        _ => Lifecycle::Active,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_is_of_one_instance_and_not_of_its_replacement() {
        let path = "projects/p/zones/us-test1-a/instances/nodes-x1y2";
        let instance = json!({ "selfLink": format!("http://127.0.0.1:1/compute/v1/{path}"), "id": "4711" });
        let id = InstanceId::of(&instance).unwrap();
        assert_eq!(id.to_string(), "us-test1-a/nodes-x1y2#4711");
        assert_eq!(InstanceId::parse(&id.to_string()), Some(id.clone()));
        assert_eq!(id.link("p").to_string(), path);
        assert!(id.is_of(&instance) && !id.is_of(&json!({ "id": "4712" })));
        assert_eq!(id.node_key(), "us-test1-a/nodes-x1y2");
        assert_eq!(InstanceId::parse("us-test1-a/nodes-x1y2"), None);
    }

    #[test]
    fn what_is_being_recreated_is_not_there() {
        assert_eq!(lifecycle("RECREATING"), Lifecycle::Terminating);
        assert_eq!(lifecycle("VERIFYING"), Lifecycle::Active);
    }

    #[test]
    fn the_control_plane_is_listed_in_both_spellings() {
        let labels =
            json!({ "k8s-io-role-master": "master", "k8s-io-role-control-plane": "control-plane", "team": "a" });
        assert_eq!(roles(&json!({ "labels": labels })), ["control-plane", "control-plane"]);
        assert_eq!(roles(&json!({ "labels": { "k8s-io-role-node": "node" } })), ["node"]);
    }
}
