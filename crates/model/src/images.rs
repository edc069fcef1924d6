//! Every container image of a cluster, collected from the configuration of its nodes and pods.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{BuildError, Context, GraphError, addons, control_plane};

/// The images by the names they are pulled by, without digests.
///
/// # Errors
/// When a manifest, which lists its images, cannot be made.
pub fn images(context: &Context<'_>) -> Result<BTreeSet<String>, BuildError> {
    let mut images = addons::images(context)?;
    for file in control_plane::managed_files(context).map_err(GraphError::from)? {
        for document in serde_yaml::Deserializer::from_str(&file.content) {
            // A file that is no manifest has no images.
            if let Ok(value) = serde::Deserialize::deserialize(document) {
                collect(&value, &mut images);
            }
        }
    }
    images.extend(component_images(context));
    let pools = context.all_groups.iter().filter_map(|group| group.spec.warm_pool.as_ref());
    images.extend(pools.flat_map(|pool| pool.additional_images.clone()));
    let named = |image: String| image.split('@').next().unwrap_or_default().to_owned();
    Ok(images.into_iter().map(named).filter(|image| !image.is_empty()).collect())
}

/// The images of Kubernetes' own programs, which nodeup puts into manifests.
fn component_images(context: &Context<'_>) -> impl Iterator<Item = String> {
    let spec = &context.cluster.spec;
    let api_server = spec.kube_api_server.as_ref().map(|c| c.image.clone());
    let controller_manager = spec.kube_controller_manager.as_ref().map(|c| c.image.clone());
    let scheduler = spec.kube_scheduler.as_ref().map(|c| c.image.clone());
    let proxy = spec.kube_proxy.as_ref().map(|c| c.image.clone());
    let pause = spec.containerd.as_ref().and_then(|c| c.sandbox_image.clone());
    [api_server, controller_manager, scheduler, proxy, pause].into_iter().flatten()
}

/// Collects the images of containers, and those mounted as volumes.
fn collect(value: &Value, images: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(image) if matches!(key.as_str(), "image" | "reference") => images.push(image.clone()),
                    _ => collect(value, images),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, images)),
        _ => {}
    }
}
