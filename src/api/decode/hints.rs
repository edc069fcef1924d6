//! What an unknown field may have been meant to be, beyond a slip of the pen.

use crate::api::shape::Shape;

/// The path of a field of this name, if there is exactly one in the whole type.
pub(super) fn elsewhere(root: &Shape, name: &str) -> Option<String> {
    fn search(shape: &Shape, name: &str, path: &str, found: &mut Vec<String>, depth: u8) {
        if depth == 0 || found.len() > 1 {
            return;
        }
        match shape {
            Shape::Object(fields) => {
                for (field, inner) in fields.iter() {
                    let inner_path = if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
                    if field == name && depth < 6 {
                        found.push(inner_path.clone());
                    }
                    search(&inner.shape, name, &inner_path, found, depth - 1);
                }
            }
            Shape::List(inner) => search(inner, name, &format!("{path}[]"), found, depth),
            _ => {}
        }
    }
    let mut found = Vec::new();
    search(root, name, "", &mut found, 6);
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
        "tagSubnets" => "v1alpha2 has DisableSubnetTags instead, the other way round",
        "oidc" => "v1alpha2 has the fields spec.kubeAPIServer.oidc… instead",
        _ => return None,
    })
}
