//! The outputs of a stack: what a cluster exports.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::declare::{get_att, id_of, reference};
use crate::error::RenderError;
use crate::logical_id::alphanumeric;
use crate::select::Selection;
use kopsform_model::aws::resources::Vpc;
use kopsform_model::{Attribute, Export, Exported, Graph, Kinded as _, NodeId, Presence, Value as Exports};

/// Bits of the prefix of the IPv6 network that AWS gives a VPC.
const AMAZON_IPV6_PREFIX: &str = "56";

/// The outputs by name. Lists are joined by commas: outputs are strings.
///
/// # Errors
/// When two would have one name.
pub fn outputs(graph: &Graph, selection: &Selection<'_>) -> Result<BTreeMap<String, Value>, RenderError> {
    let mut outputs = BTreeMap::new();
    for (name, export) in graph.exports() {
        let (items, is_list) = match export {
            Export::Single(item) => (std::slice::from_ref(item), false),
            Export::List(items) => (items.as_slice(), true),
        };
        let is_kept = |item: &&Exported| item.node.as_ref().is_none_or(|node| selection.keeps(node));
        let values: Vec<Value> =
            items.iter().filter(is_kept).filter_map(|item| value(graph, selection, &item.value)).collect();
        // In an order that does not depend on the one of builders.
        let mut distinct: BTreeMap<String, Value> =
            values.into_iter().map(|value| (value.to_string(), value)).collect();
        let mut values: Vec<Value> = std::mem::take(&mut distinct).into_values().collect();
        let value = match (values.len(), is_list) {
            (0, _) => continue,
            (1, _) => values.remove(0),
            _ => json!({ "Fn::Join": [",", values] }),
        };
        if outputs.insert(alphanumeric(name), json!({ "Value": value })).is_some() {
            return Err(RenderError::DuplicateOutput(name.clone()));
        }
    }
    Ok(outputs)
}

/// The value of an export; `None` for what is known neither now nor to CloudFormation.
fn value(graph: &Graph, selection: &Selection<'_>, value: &Exports) -> Option<Value> {
    let (id, attribute) = match value {
        Exports::Text(text) => return Some(text.as_str().into()),
        Exports::Attribute(id, attribute) => (id, *attribute),
    };
    let vpc = graph.node(id).and_then(|node| Vpc::from_resource(&node.resource));
    if let Some(existing) = existing_id(graph, id) {
        return match attribute {
            Attribute::Id | Attribute::Name => Some(existing.into()),
            Attribute::Ipv4Cidr => vpc.map(|vpc| vpc.cidr.as_str()).filter(|cidr| !cidr.is_empty()).map(Value::from),
            Attribute::Arn | Attribute::Ipv6Cidr | Attribute::Ipv6PrefixLength => None,
        };
    }
    if !selection.is_managed(id) {
        return None;
    }
    let logical_id = id_of(id);
    let has_ipv6 = vpc.is_some_and(|vpc| vpc.amazon_ipv6);
    match attribute {
        Attribute::Id if id.kind == kopsform_model::Kind::SecurityGroup => Some(get_att(&logical_id, "GroupId")),
        Attribute::Id | Attribute::Name => Some(reference(&logical_id)),
        Attribute::Arn => Some(get_att(&logical_id, "Arn")),
        Attribute::Ipv4Cidr => Some(get_att(&logical_id, "CidrBlock")),
        Attribute::Ipv6Cidr => has_ipv6.then(|| json!({ "Fn::Select": [0, get_att(&logical_id, "Ipv6CidrBlocks")] })),
        Attribute::Ipv6PrefixLength => has_ipv6.then(|| AMAZON_IPV6_PREFIX.into()),
    }
}

fn existing_id<'g>(graph: &'g Graph, id: &NodeId) -> Option<&'g str> {
    match &graph.node(id)?.presence {
        Presence::Existing { id } => id.as_deref(),
        Presence::Managed => None,
    }
}
