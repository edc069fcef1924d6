//! IP addresses of load balancers.

use serde_json::{Value as Json, json};

use super::support::{link, name, text};
use super::{DirectCloud, Search};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::gce::resources::Address;
use kopsform_rolling::ports::ApiError;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::Address).map(|task| (task, path(cloud, &task.id.name)));
    search.each(wanted, |_, address| object(address)).await
}

fn path(cloud: &DirectCloud, name: &str) -> String {
    cloud.regional(&format!("addresses/{name}"))
}

pub(super) fn object(address: &Json) -> Object {
    Object::new(text(address, "name"))
        .attribute(Attribute::PublicAddress, text(address, "address"))
        .field("IPAddressType", text(address, "addressType"))
        .field("Purpose", text(address, "purpose"))
        .field("Subnetwork", name(address, "subnetwork"))
}

pub(super) fn body(cloud: &DirectCloud, address: &Address) -> Json {
    let mut body = json!({ "name": address.name.as_str(), "region": cloud.graph.region });
    if let Some(subnetwork) = &address.subnetwork {
        body["addressType"] = json!("INTERNAL");
        body["purpose"] = json!("SHARED_LOADBALANCER_VIP");
        body["subnetwork"] = json!(link(&cloud.subnetwork_path(subnetwork)));
    }
    body
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let address = cloud.resource::<Address>(operation.task)?;
    cloud.insert(&cloud.regional("addresses"), &body(cloud, address)).await?;
    // Google chooses the address.
    Ok(object(&cloud.read(&path(cloud, &address.name)).await?).attributes)
}
