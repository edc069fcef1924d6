//! What is done to every rendered manifest alike: labels, roles of service accounts, registry mirrors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::addon_context::AddonContext;
use super::plan::{AddonsError, Plan};
use super::pod_spec;
use crate::assets::AssetLocations;

/// The label that names the addon of an object.
pub(super) const ADDON_LABEL: &str = "addon.kops.k8s.io/name";
/// The label that distinguishes kops' objects from others.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "kops");
/// The same on pods, where webhooks look for it.
const POD_MANAGED_BY: (&str, &str) = ("kops.k8s.io/managed-by", "kops");

/// The group that may read a service account's token when the pod sets no group: `nobody`.
const TOKEN_READERS: i64 = 10001;
const TOKEN_DIRECTORY: &str = "/var/run/secrets/amazonaws.com/";
const TOKEN_VOLUME: &str = "token-amazonaws-com";

/// The text at a JSON pointer; empty if there is none.
pub(super) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether the object makes pods of a template that gets labels and roles.
fn has_pods(object: &Value) -> bool {
    text(object, "/apiVersion") == "apps/v1" && matches!(text(object, "/kind"), "Deployment" | "DaemonSet")
}

/// Finishes the objects of one addon.
pub(super) fn finish(scene: &AddonContext<'_>, plan: &Plan, objects: &mut [Value]) -> Result<(), AddonsError> {
    let labels = plan.selector.labels(plan.name);
    let context = scene.context;
    let locations = AssetLocations::new(context.cluster, context.facts, context.features, context.environment);
    for object in objects {
        label(plan.name, &labels, object)?;
        if scene.values.irsa {
            add_role(scene, plan, object)?;
        }
        visit_images(object, &mut |image| *image = locations.image(image));
    }
    Ok(())
}

fn label(addon: &str, selector: &BTreeMap<String, String>, object: &mut Value) -> Result<(), AddonsError> {
    let name = format!("{} {}", text(object, "/kind"), text(object, "/metadata/name"));
    let pods = has_pods(object);
    let Some(object) = object.as_object_mut() else { return Ok(()) };
    if let Some(labels) = labels_of(object) {
        labels.insert(MANAGED_BY.0.to_owned(), MANAGED_BY.1.into());
        labels.insert(ADDON_LABEL.to_owned(), addon.into());
        for (key, wanted) in selector {
            match labels.get(key).and_then(Value::as_str) {
                Some(found) if found != wanted => {
                    return Err(AddonsError::Label {
                        addon: addon.to_owned(),
                        object: name,
                        label: key.clone(),
                        found: found.to_owned(),
                        wanted: wanted.clone(),
                    });
                }
                _ => labels.insert(key.clone(), wanted.clone().into()),
            };
        }
    }
    let template = object.get_mut("spec").and_then(|spec| spec.get_mut("template")).filter(|_| pods);
    if let Some(labels) = template.and_then(Value::as_object_mut).and_then(labels_of) {
        labels.insert(POD_MANAGED_BY.0.to_owned(), POD_MANAGED_BY.1.into());
    }
    Ok(())
}

/// The labels of an object's or pod template's metadata, from which what is null or empty is removed as Kubernetes' own
/// types do.
fn labels_of(object: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    let metadata = object.entry("metadata").or_insert_with(|| json!({})).as_object_mut()?;
    metadata.retain(|_, value| match value {
        Value::Null => false,
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    });
    metadata.entry("labels").or_insert_with(|| json!({})).as_object_mut()
}

/// Adds the token and the name of the role to pods whose service account has a role.
fn add_role(scene: &AddonContext<'_>, plan: &Plan, object: &mut Value) -> Result<(), AddonsError> {
    if !has_pods(object) {
        return Ok(());
    }
    let namespace = text(object, "/metadata/namespace").to_owned();
    let Some(pod) = object.pointer_mut("/spec/template/spec").and_then(Value::as_object_mut) else { return Ok(()) };
    let account = pod.get("serviceAccountName").and_then(Value::as_str).unwrap_or_default();
    let Some(role) = scene.role(plan, &namespace, account)? else { return Ok(()) };

    pod_spec::normalise(pod);
    push(
        pod,
        "volumes",
        json!({
            "name": TOKEN_VOLUME,
            "projected": {
                "defaultMode": 0o644,
                "sources": [{ "serviceAccountToken": { "audience": "amazonaws.com", "expirationSeconds": 86400, "path": "token" } }],
            },
        }),
    );
    for container in pod.get_mut("containers").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(container) = container.as_object_mut() else { continue };
        push(
            container,
            "volumeMounts",
            json!({ "mountPath": TOKEN_DIRECTORY, "name": TOKEN_VOLUME, "readOnly": true }),
        );
        push(container, "env", json!({ "name": "AWS_ROLE_ARN", "value": role }));
        push(
            container,
            "env",
            json!({ "name": "AWS_WEB_IDENTITY_TOKEN_FILE", "value": format!("{TOKEN_DIRECTORY}token") }),
        );
    }
    let security = pod.entry("securityContext").or_insert_with(|| json!({}));
    if let Some(security) = security.as_object_mut() {
        security.entry("fsGroup").or_insert_with(|| TOKEN_READERS.into());
    }
    Ok(())
}

fn push(map: &mut Map<String, Value>, key: &str, item: Value) {
    let list = map.entry(key).or_insert_with(|| json!([]));
    if let Some(items) = list.as_array_mut() {
        items.push(item);
    }
}

/// Visits the image of every container in an object, wherever its pods are.
pub(super) fn visit_images(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if matches!(key.as_str(), "containers" | "initContainers") {
                    for container in value.as_array_mut().into_iter().flatten() {
                        if let Some(Value::String(image)) = container.get_mut("image") {
                            visit(image);
                        }
                    }
                }
                visit_images(value, visit);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit_images(item, visit)),
        _ => {}
    }
}
