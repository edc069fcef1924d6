//! Hints for unknown fields that are not misspelled: where a field of this name belongs.

use crate::decode::ApiObject;
use crate::field_schema::FieldSchema;
use crate::v1alpha2::{Cluster, InstanceGroup};

/// Where a field of this name belongs, if there is exactly one in the type, or else in another one.
pub(super) fn elsewhere(root: &'static FieldSchema, name: &str) -> Option<String> {
    if let Some(path) = only_one(root, name) {
        return Some(format!("{name} belongs at {path}"));
    }
    let kinds = [Cluster::shape(), InstanceGroup::shape()];
    if !kinds.iter().any(|shape| std::ptr::eq(*shape, root)) {
        return None;
    }
    let others = [(Cluster::KIND, Cluster::shape()), (InstanceGroup::KIND, InstanceGroup::shape())];
    others.into_iter().filter(|(_, shape)| !std::ptr::eq(*shape, root)).find_map(|(kind, shape)| {
        let path = only_one(shape, name)?;
        Some(format!("{name} is a field of {kind}: {path}"))
    })
}

/// The path of the only field of this name.
fn only_one(root: &FieldSchema, name: &str) -> Option<String> {
    fn search(shape: &FieldSchema, name: &str, path: &str, found: &mut Vec<String>, depth: u8) {
        if depth == 0 || found.len() > 1 {
            return;
        }
        match shape {
            FieldSchema::Object(fields) => {
                for (field, inner) in fields.iter() {
                    let inner_path = if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
                    if field == name && depth < DEPTH {
                        found.push(inner_path.clone());
                    }
                    search(&inner.shape, name, &inner_path, found, depth - 1);
                }
            }
            FieldSchema::List(inner) => search(inner, name, &format!("{path}[]"), found, depth),
            _ => {}
        }
    }
    const DEPTH: u8 = 6;
    let mut found = Vec::new();
    search(root, name, "", &mut found, DEPTH);
    match found.as_slice() {
        [path] => Some(path.clone()),
        _ => None,
    }
}

/// What v1alpha2 calls a field that kops knows under another name inside.
pub(super) fn present_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "controlPlaneKubelet" => "v1alpha2 calls it masterKubelet",
        "isolateControlPlane" => "v1alpha2 calls it isolateMasters",
        "rootVolume" => "v1alpha2 has rootVolumeSize, rootVolumeType, rootVolumeIops and so on instead",
        "configStore" => "v1alpha2 has configBase, keyStore and secretStore instead",
        "externalCloudControllerManager" => "v1alpha2 calls it cloudControllerManager",
        "publicName" => "v1alpha2 calls it spec.masterPublicName",
        "access" => "v1alpha2 calls it spec.kubernetesApiAccess",
        "tagSubnets" => "v1alpha2 has DisableSubnetTags instead, which is inverted",
        "oidc" => "v1alpha2 has the fields spec.kubeAPIServer.oidc… instead",
        _ => return None,
    })
}
