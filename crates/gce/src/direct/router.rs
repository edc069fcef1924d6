//! Cloud Routers with Cloud NAT.

use serde_json::{Value as Json, json};

use super::support::{items, last, link, name, named, strings, text, unchanged};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::gce::resources::{Router, RouterNat};
use kopsform_model::{In, Ref};
use kopsform_rolling::ports::ApiError;

/// What of a subnet reaches the internet.
const ALL_RANGES: &str = "ALL_IP_RANGES";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.of::<Router>(TaskKind::Router);
    let wanted = wanted.into_iter().map(|(task, router)| (task, path(cloud, router)));
    search.each(wanted, |task, router| object(&task.id.name, router)).await
}

fn path(cloud: &DirectCloud, router: &Router) -> String {
    cloud.regional_of(cloud.project_of(&router.network), &format!("routers/{}", router.name))
}

/// The router, with its NAT of the same name. What else it has is others'.
pub(super) fn object(own: &str, router: &Json) -> Object {
    let object = Object::new(text(router, "name")).field("Network", name(router, "network"));
    let Some(nat) = items(router, "nats").find(|nat| text(nat, "name") == own) else {
        return object
            .field("NATIPAllocationOption", Value::Absent)
            .field("SourceSubnetworkIPRangesToNAT", Value::Absent)
            .field("Subnetworks", Value::Absent);
    };
    // A subnet that only some ranges of are served is not what the cluster needs.
    let is_whole = |subnet: &&Json| strings(subnet, "sourceIpRangesToNat").eq([ALL_RANGES]);
    let subnetworks = items(nat, "subnetworks").filter(is_whole).map(|subnet| last(text(subnet, "name")));
    object
        .field("NATIPAllocationOption", text(nat, "natIpAllocateOption"))
        .field("SourceSubnetworkIPRangesToNAT", text(nat, "sourceSubnetworkIpRangesToNat"))
        .field("Subnetworks", Value::set(subnetworks))
}

pub(super) fn body(cloud: &DirectCloud, router: &Router) -> Json {
    json!({
        "name": router.name.as_str(),
        "network": link(&cloud.network_path(&router.network)),
        "nats": nat(cloud, router).into_iter().collect::<Vec<_>>(),
    })
}

/// The NAT of a router.
fn nat(cloud: &DirectCloud, router: &Router) -> Option<Json> {
    let reference: Ref<Router> = Ref::new(&router.name);
    let (_, nat) = cloud.graph.all::<RouterNat>().find(|(_, nat)| nat.router == reference)?;
    let subnetworks = nat.subnetworks.iter().map(|subnet| {
        json!({
            "name": link(&cloud.subnetwork_path(&In::Node(subnet.clone()))),
            "sourceIpRangesToNat": [ALL_RANGES],
        })
    });
    Some(json!({
        "name": nat.name.as_str(),
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": subnetworks.collect::<Vec<_>>(),
    }))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let router = cloud.resource::<Router>(operation.task)?;
    let collection = cloud.regional_of(cloud.project_of(&router.network), "routers");
    cloud.insert(&collection, &body(cloud, router)).await?;
    Ok(named(router.name.as_str()))
}

/// Changes the cluster's NAT, and keeps others of the router.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let router = cloud.resource::<Router>(operation.task)?;
    let Some(nat) = nat(cloud, router) else { return unchanged(operation) };
    let path = path(cloud, router);
    let current = cloud.read(&path).await?;
    let others = items(&current, "nats").filter(|other| text(other, "name") != text(&nat, "name")).cloned();
    let nats: Vec<Json> = others.chain([nat.clone()]).collect();
    cloud.patch(&path, &json!({ "nats": nats })).await?;
    unchanged(operation)
}
