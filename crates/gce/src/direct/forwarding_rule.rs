//! Forwarding rules of load balancers.

use serde_json::{Value as Json, json};

use super::support::{internal, link, map, name, named, strings, text, unchanged, wanted_map};
use super::{DirectCloud, Search};
use crate::error::call_failed;
use kopsform_direct::{
    Attribute, Attributes, CloudError, Found, Object, Operation, Residue, TaskId, TaskKind, Value, When,
};
use kopsform_model::Ref;
use kopsform_model::gce::resources::{BackendService, ForwardingRule, Scheme};
use kopsform_rolling::ports::ApiError;
use kopsform_spec::names::gce::suffixed;

/// The kind of what is deleted, as kops prints it.
pub(super) const RESIDUE: &str = "ForwardingRule";
/// What the external rule of kops-controller was called after, which early releases of kops made.
const KOPS_CONTROLLER: &str = "kops-controller";
/// The port of kops-controller.
const KOPS_CONTROLLER_PORT: u16 = 3988;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::ForwardingRule).map(|task| (task, path(cloud, &task.id.name)));
    let (mut found, residue) =
        futures::try_join!(search.each(wanted, |_, rule| object(rule)), external_kops_controller(search))?;
    found.residue.extend(residue);
    Ok(found)
}

/// The external rule of kops-controller, once there are internal ones. It is deleted with pruning only: nodes that were started
/// before may still use it.
async fn external_kops_controller(search: &Search<'_>) -> Result<Option<Residue>, ApiError> {
    let cloud = search.cloud;
    let rules = search.of::<ForwardingRule>(TaskKind::ForwardingRule);
    let old = suffixed(KOPS_CONTROLLER, &cloud.graph.cluster);
    let is_wanted = rules.iter().any(|(task, _)| task.id.name == old);
    if is_wanted || !rules.iter().any(|(_, rule)| rule.port == KOPS_CONTROLLER_PORT) {
        return Ok(None);
    }
    let path = path(cloud, &old);
    let rule = cloud.api.get(&path).await.map_err(call_failed(format!("get {path}")))?;
    Ok(rule.map(|_| Residue { when: When::Pruned, kind: RESIDUE, item: old.clone(), handle: old }))
}

pub(super) async fn remove(cloud: &DirectCloud, name: &str) -> Result<(), CloudError> {
    let path = path(cloud, name);
    cloud.api.delete(&path).await.map_err(super::support::change_failed(format!("delete {path}")))
}

fn path(cloud: &DirectCloud, name: &str) -> String {
    cloud.regional(&format!("forwardingRules/{name}"))
}

pub(super) fn object(rule: &Json) -> Object {
    Object::new(text(rule, "name"))
        .field("BackendService", name(rule, "backendService"))
        .field("IPAddress", text(rule, "IPAddress"))
        .field("IPProtocol", text(rule, "IPProtocol"))
        .field("Labels", Value::Map(map(rule, "labels")))
        .field("LoadBalancingScheme", text(rule, "loadBalancingScheme"))
        .field("Network", name(rule, "network"))
        .field("PortRange", text(rule, "portRange"))
        .field("Ports", Value::list(strings(rule, "ports")))
        .field("Subnetwork", name(rule, "subnetwork"))
        .field("TargetPool", name(rule, "target"))
}

/// The rule of an address that is known by now.
pub(super) fn body(cloud: &DirectCloud, rule: &ForwardingRule, address: &str) -> Json {
    let mut body = json!({ "name": rule.name.as_str(), "IPProtocol": "TCP", "IPAddress": address });
    match &rule.scheme {
        Scheme::External(pool) => {
            body["loadBalancingScheme"] = json!("EXTERNAL");
            body["portRange"] = json!(format!("{0}-{0}", rule.port));
            body["target"] = json!(link(&cloud.regional(&format!("targetPools/{}", pool.name()))));
        }
        Scheme::Internal { backend, network, subnetwork } => {
            body["loadBalancingScheme"] = json!("INTERNAL");
            body["ports"] = json!([rule.port.to_string()]);
            body["backendService"] = json!(backend_link(cloud, backend));
            body["network"] = json!(link(&cloud.network_path(network)));
            body["subnetwork"] = json!(link(&cloud.subnetwork_path(subnetwork)));
        }
    }
    body
}

fn backend_link(cloud: &DirectCloud, backend: &Ref<BackendService>) -> String {
    link(&cloud.regional(&format!("backendServices/{}", backend.name())))
}

/// Google takes labels of forwarding rules in a request of their own.
pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<ForwardingRule>(operation.task)?;
    let address = TaskId::new(TaskKind::Address, rule.address.name().as_str());
    let address = operation.ids.get(&address, Attribute::PublicAddress);
    let address = address.ok_or_else(|| internal(format!("the address of {} is not known", operation.task.id)))?;
    cloud.insert(&cloud.regional("forwardingRules"), &body(cloud, rule, address)).await?;
    cloud.set_labels(&path(cloud, &rule.name), &wanted_map(operation.task, "Labels")).await?;
    Ok(named(rule.name.as_str()))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<ForwardingRule>(operation.task)?;
    if let (true, Scheme::Internal { backend, .. }) = (operation.changes("BackendService"), &rule.scheme) {
        // Creating the rule again would change its address and interrupt connections to the other backends.
        let body = json!({ "target": backend_link(cloud, backend) });
        cloud.call(&path(cloud, &rule.name), "setTarget", &body).await?;
    }
    if operation.changes("Labels") {
        cloud.set_labels(&path(cloud, &operation.task.id.name), &wanted_map(operation.task, "Labels")).await?;
    }
    unchanged(operation)
}
