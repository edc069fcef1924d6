//! Instance templates.
//!
//! A template cannot be changed. One is found by what it says, among those of its group; if none says what it should, another one
//! is created, with the second of its creation at the end of its name, as in kops. As in kops, no update deletes earlier ones: a
//! group can be set back to them. Deleting a group or cluster deletes them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};

use super::support::{flag, internal, items, link, map, name, named, number, strings, text};
use super::{DirectCloud, Search};
use crate::value::image_text;
use kopsform_direct::desired::gce::{accelerator_text, account_email};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::In;
use kopsform_model::gce::resources::{Accelerator, InstanceTemplate};
use kopsform_rolling::ports::ApiError;

/// The kind of access configuration that gives an instance a public address.
const NAT: &str = "ONE_TO_ONE_NAT";

/// The seconds since 1970.
pub(super) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|elapsed| elapsed.as_secs()).unwrap_or_default()
}

/// Adds the templates that are as they should be. Of several, that which a group uses is taken.
pub(super) async fn find(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    let wanted = search.of::<InstanceTemplate>(TaskKind::InstanceTemplate);
    if wanted.is_empty() {
        return Ok(());
    }
    let templates = search.all(&search.cloud.global("instanceTemplates")).await?;
    let used: BTreeSet<String> = found
        .objects
        .iter()
        .filter(|(task, _)| task.kind == TaskKind::InstanceGroupManager)
        .filter_map(|(_, group)| group.fields.get("InstanceTemplate").map(ToString::to_string))
        .collect();
    for (task, template) in wanted {
        let of_group = templates.iter().filter(|other| text(other, "name").starts_with(template.name_prefix.as_str()));
        let equal: Vec<Object> = of_group.map(object).filter(|object| is_as_wanted(task, object)).collect();
        let in_use = equal.iter().find(|object| used.contains(object.id()));
        if let Some(object) = in_use.or(equal.first()) {
            found.objects.insert(task.id.clone(), object.clone());
        }
    }
    Ok(())
}

/// Whether a template says exactly what a task wants.
pub(super) fn is_as_wanted(task: &Task, object: &Object) -> bool {
    task.fields.iter().all(|field| match (&field.value, object.fields.get(field.name)) {
        (Some(wanted), Some(found)) => wanted.accepts(found),
        _ => true,
    })
}

pub(super) fn object(template: &Json) -> Object {
    let nothing = Json::Null;
    let properties = template.get("properties").unwrap_or(&nothing);
    let disk = items(properties, "disks").next().and_then(|disk| disk.get("initializeParams")).unwrap_or(&nothing);
    let interface = items(properties, "networkInterfaces").next().unwrap_or(&nothing);
    let scheduling = properties.get("scheduling").unwrap_or(&nothing);
    let alias = items(interface, "aliasIpRanges")
        .map(|range| (text(range, "subnetworkRangeName").to_owned(), text(range, "ipCidrRange").to_owned()));
    let accelerators = items(properties, "guestAccelerators").map(|accelerator| {
        let accelerator_type = name(accelerator, "acceleratorType").to_owned();
        let count = number(accelerator, "acceleratorCount").unwrap_or_default();
        accelerator_text(&Accelerator { accelerator_type, count })
    });
    let accounts = || items(properties, "serviceAccounts");
    let model = match text(scheduling, "provisioningModel") {
        "" => "STANDARD",
        model => model,
    };
    let provisioned = |field: &str| number(disk, field).filter(|value| *value > 0);
    Object::new(text(template, "name"))
        .field("AliasIPRanges", Value::Map(alias.collect()))
        .field("BootDiskIOPS", provisioned("provisionedIops"))
        .field("BootDiskImage", image_text(text(disk, "sourceImage")))
        .field("BootDiskSizeGB", number(disk, "diskSizeGb"))
        .field("BootDiskThroughput", provisioned("provisionedThroughput"))
        .field("BootDiskType", name(disk, "diskType"))
        .field("CanIPForward", flag(properties, "canIpForward"))
        .field("GuestAccelerators", Value::list(accelerators))
        .field("HasExternalIP", items(interface, "accessConfigs").next().is_some())
        .field("Labels", Value::Map(map(properties, "labels")))
        .field("MachineType", name(properties, "machineType"))
        .field("Metadata", Value::Scripts(metadata(properties)))
        .field("Network", name(interface, "network"))
        .field("Preemptible", flag(scheduling, "preemptible"))
        .field("Scheduling", format!("{model} {}", text(scheduling, "onHostMaintenance")))
        .field("Scopes", Value::list(accounts().flat_map(|account| strings(account, "scopes"))))
        .field("ServiceAccounts", Value::list(accounts().map(|account| text(account, "email"))))
        .field("StackType", text(interface, "stackType"))
        .field("Subnet", name(interface, "subnetwork"))
        .field("Tags", Value::list(properties.get("tags").into_iter().flat_map(|tags| strings(tags, "items"))))
}

fn metadata(properties: &Json) -> BTreeMap<String, String> {
    let entries = properties.get("metadata").into_iter().flat_map(|metadata| items(metadata, "items"));
    entries.map(|entry| (text(entry, "key").to_owned(), text(entry, "value").to_owned())).collect()
}

/// The template, without its name. It says what kops says, also where that is Google's default: kops compares all of it.
pub(super) fn body(cloud: &DirectCloud, template: &InstanceTemplate) -> Result<Json, CloudError> {
    let account = match &template.account {
        In::Existing(email) => email.clone(),
        In::Node(node) => account_email(&cloud.graph, node)
            .ok_or_else(|| internal(format!("{} refers to no service account", template.name_prefix)))?,
    };
    let labels: BTreeMap<&str, &str> =
        template.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let metadata: Vec<Json> =
        template.metadata.iter().map(|(key, value)| json!({ "key": key, "value": value.as_str() })).collect();
    let tags: Vec<&str> = template.tags.iter().map(|tag| tag.as_str()).collect();
    let mut properties = json!({
        "canIpForward": template.can_ip_forward,
        "disks": [disk(template)],
        "labels": labels,
        "machineType": template.machine_type,
        "metadata": { "kind": "compute#metadata", "items": metadata },
        "networkInterfaces": [interface(cloud, template)],
        "scheduling": scheduling(template),
        "serviceAccounts": [{ "email": account, "scopes": template.scopes }],
        "tags": { "items": tags },
    });
    if !template.can_ip_forward
        && let Some(properties) = properties.as_object_mut()
    {
        properties.remove("canIpForward");
    }
    if !template.accelerators.is_empty() {
        let accelerators = template.accelerators.iter().map(|accelerator| {
            json!({ "acceleratorCount": accelerator.count, "acceleratorType": accelerator.accelerator_type })
        });
        properties["guestAccelerators"] = accelerators.collect();
    }
    Ok(json!({ "kind": "compute#instanceTemplate", "properties": properties }))
}

fn disk(template: &InstanceTemplate) -> Json {
    let disk = &template.boot_disk;
    let image = format!("projects/{}/global/images/{}", disk.image_project, disk.image);
    let mut parameters =
        json!({ "sourceImage": link(&image), "diskSizeGb": disk.size.to_string(), "diskType": disk.disk_type });
    for (field, value) in [("provisionedIops", disk.iops), ("provisionedThroughput", disk.throughput)] {
        if value > 0 {
            parameters[field] = json!(value.to_string());
        }
    }
    json!({
        "kind": "compute#attachedDisk",
        "initializeParams": parameters,
        "boot": true,
        "deviceName": "persistent-disks-0",
        "autoDelete": true,
        "mode": "READ_WRITE",
        "type": "PERSISTENT",
    })
}

fn interface(cloud: &DirectCloud, template: &InstanceTemplate) -> Json {
    let interface = &template.interface;
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!("compute#networkInterface"));
    body.insert("network".to_owned(), json!(link(&cloud.network_path(&interface.network))));
    body.insert("subnetwork".to_owned(), json!(link(&cloud.subnetwork_path(&interface.subnetwork))));
    body.insert("stackType".to_owned(), json!(interface.stack.as_str()));
    if interface.has_public_address {
        let access = json!([{ "kind": "compute#accessConfig", "type": NAT, "networkTier": "PREMIUM" }]);
        body.insert("accessConfigs".to_owned(), access);
    }
    if let Some(pods) = &interface.pods {
        let prefix = format!("/{}", pods.prefix_length);
        let range = json!([{ "subnetworkRangeName": pods.range.as_str(), "ipCidrRange": prefix }]);
        body.insert("aliasIpRanges".to_owned(), range);
    }
    Json::Object(body)
}

fn scheduling(template: &InstanceTemplate) -> Json {
    let mut scheduling = json!({
        "automaticRestart": !template.spot,
        "onHostMaintenance": if template.migrates { "MIGRATE" } else { "TERMINATE" },
        "provisioningModel": if template.spot { "SPOT" } else { "STANDARD" },
    });
    if template.spot {
        scheduling["preemptible"] = json!(true);
    }
    scheduling
}

/// If another template was created in the same second, the name is taken, and a later attempt has another one.
pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let template = cloud.resource::<InstanceTemplate>(operation.task)?;
    let mut body = body(cloud, template)?;
    let name = format!("{}{}", template.name_prefix, (cloud.clock)());
    body["name"] = json!(name);
    cloud.insert(&cloud.global("instanceTemplates"), &body).await?;
    Ok(named(name))
}
