//! Subnets.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::support::{existing_id, items, link, name, named, text, unchanged, wanted_map};
use super::{DirectCloud, Search};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskKind, Value};
use kopsform_model::gce::resources::{Stack, Subnetwork};
use kopsform_model::{In, Ref};
use kopsform_rolling::ports::ApiError;

/// The secondary ranges: name → range.
const RANGES: &str = "SecondaryIpRanges";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let cloud = search.cloud;
    let wanted = search.tasks(TaskKind::Subnet).map(|task| (task, path(cloud, task)));
    search.each(wanted, |_, subnetwork| object(subnetwork)).await
}

fn path(cloud: &DirectCloud, task: &Task) -> String {
    match existing_id(task) {
        Some(id) => cloud.existing_subnetwork_path(id),
        None => cloud.subnetwork_path(&In::Node(Ref::new(&task.node.name))),
    }
}

pub(super) fn object(subnetwork: &Json) -> Object {
    Object::new(text(subnetwork, "name"))
        .field("CIDR", text(subnetwork, "ipCidrRange"))
        .field("Ipv6AccessType", text(subnetwork, "ipv6AccessType"))
        .field("Network", name(subnetwork, "network"))
        .field(RANGES, Value::Map(ranges(subnetwork)))
        .field("StackType", text(subnetwork, "stackType"))
}

fn ranges(subnetwork: &Json) -> BTreeMap<String, String> {
    let ranges = items(subnetwork, "secondaryIpRanges");
    ranges.map(|range| (text(range, "rangeName").to_owned(), text(range, "ipCidrRange").to_owned())).collect()
}

fn ranges_body(ranges: &BTreeMap<String, String>) -> Json {
    ranges.iter().map(|(name, range)| json!({ "rangeName": name, "ipCidrRange": range })).collect()
}

pub(super) fn body(cloud: &DirectCloud, subnetwork: &Subnetwork) -> Json {
    let mut body = json!({
        "name": subnetwork.name.as_str(),
        "network": link(&cloud.network_path(&subnetwork.network)),
        "ipCidrRange": subnetwork.cidr,
        "stackType": subnetwork.stack.as_str(),
    });
    if subnetwork.stack == Stack::Dual {
        body["ipv6AccessType"] = json!("EXTERNAL");
    }
    let ranges = subnetwork.secondary_ranges.iter().map(|range| (range.name.to_string(), range.cidr.clone()));
    let ranges: BTreeMap<String, String> = ranges.collect();
    if !ranges.is_empty() {
        body["secondaryIpRanges"] = ranges_body(&ranges);
    }
    body
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let subnetwork = cloud.resource::<Subnetwork>(operation.task)?;
    let collection = cloud.regional_of(cloud.project_of(&subnetwork.network), "subnetworks");
    cloud.insert(&collection, &body(cloud, subnetwork)).await?;
    Ok(named(subnetwork.name.as_str()))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let task = operation.task;
    let path = path(cloud, task);
    if operation.changes(RANGES) {
        let is_owned = existing_id(task).is_none();
        // Google takes no request that both adds and removes ranges.
        for next in steps(&ranges(&cloud.read(&path).await?), &wanted_map(task, RANGES), is_owned)
            .map_err(|name| taken(task, &name))?
        {
            let fingerprint = cloud.read(&path).await?;
            let fingerprint = text(&fingerprint, "fingerprint");
            cloud.patch(&path, &json!({ "fingerprint": fingerprint, "secondaryIpRanges": ranges_body(&next) })).await?;
        }
    }
    if operation.changes("StackType") || operation.changes("Ipv6AccessType") {
        let subnetwork = cloud.resource::<Subnetwork>(task)?;
        let current = cloud.read(&path).await?;
        let mut change =
            json!({ "fingerprint": text(&current, "fingerprint"), "stackType": subnetwork.stack.as_str() });
        if subnetwork.stack == Stack::Dual {
            change["ipv6AccessType"] = json!("EXTERNAL");
        }
        cloud.patch(&path, &change).await?;
    }
    unchanged(operation)
}

fn taken(task: &Task, name: &str) -> CloudError {
    let message = format!("its secondary range {name} is another one, and the subnet is not the cluster's");
    ApiError::permanent(task.id.to_string(), message).into()
}

/// What the secondary ranges are one after the other, so that each step only adds or only removes. Ranges of others' subnets stay.
///
/// # Errors
/// The name of a range of others that differs.
fn steps(
    found: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
    is_owned: bool,
) -> Result<Vec<BTreeMap<String, String>>, String> {
    let is_other = |name: &String, range: &String| wanted.get(name).is_some_and(|wanted| wanted != range);
    let mut current = found.clone();
    let mut steps = Vec::new();
    if let Some((name, _)) = found.iter().find(|(name, range)| is_other(name, range)) {
        if !is_owned {
            return Err(name.clone());
        }
        current.retain(|name, range| !is_other(name, range));
        steps.push(current.clone());
    }
    if wanted.keys().any(|name| !current.contains_key(name)) {
        current.extend(wanted.clone());
        steps.push(current.clone());
    }
    if is_owned && current != *wanted {
        steps.push(wanted.clone());
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges_of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, range)| ((*name).to_owned(), (*range).to_owned())).collect()
    }

    #[test]
    fn ranges_are_added_and_removed_one_after_the_other() {
        let found = ranges_of(&[("old", "10.1.0.0/16"), ("pods", "10.2.0.0/16")]);
        let wanted = ranges_of(&[("pods", "10.4.0.0/16"), ("services", "10.5.0.0/16")]);
        let without_pods = ranges_of(&[("old", "10.1.0.0/16")]);
        let mut both = without_pods.clone();
        both.extend(wanted.clone());
        assert_eq!(steps(&found, &wanted, true), Ok(vec![without_pods, both, wanted.clone()]));
        assert_eq!(steps(&wanted, &wanted, true), Ok(Vec::new()));
    }

    #[test]
    fn ranges_of_others_stay() {
        let found = ranges_of(&[("theirs", "10.1.0.0/16")]);
        let wanted = ranges_of(&[("pods", "10.4.0.0/16")]);
        let both = ranges_of(&[("theirs", "10.1.0.0/16"), ("pods", "10.4.0.0/16")]);
        assert_eq!(steps(&found, &wanted, false), Ok(vec![both]));
        let conflicting = ranges_of(&[("pods", "10.9.0.0/16")]);
        assert_eq!(steps(&conflicting, &wanted, false), Err("pods".to_owned()));
    }
}
