//! NVIDIA: offers GPUs to pods, and measures them if asked to.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_spec::v1alpha2::{ContainerdConfig, NvidiaGpuConfig};

pub(super) const ADDON: Addon = Addon { directory: "nvidia", plan };

#[derive(Serialize)]
struct Values {
    image: String,
}

/// A containerd's NVIDIA settings.
fn settings(containerd: Option<&ContainerdConfig>) -> Option<&NvidiaGpuConfig> {
    containerd.and_then(|containerd| containerd.nvidia_gpu.as_ref())
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let cluster = settings(scene.cluster.spec.containerd.as_ref());
    let mut all =
        scene.context.groups.iter().filter_map(|group| settings(group.spec.containerd.as_ref())).chain(cluster);
    if !all.any(|nvidia| nvidia.enabled == Some(true)) {
        return Ok(None);
    }
    let mut files = templates!("nvidia": "device-plugin");
    if cluster.and_then(|nvidia| nvidia.dcgm_exporter.as_ref()).is_some_and(|exporter| exporter.enabled) {
        files.extend(templates!("nvidia": "dcgm-exporter"));
    }
    let own = cluster.map(|nvidia| nvidia.image.clone()).filter(|image| !image.is_empty());
    let image = own.unwrap_or_else(|| versions::NVIDIA_DEVICE_PLUGIN.image(scene.minor));
    let content = scene.templates("nvidia", files, Values { image })?;
    Ok(Some(Plan::new("nvidia.addons.k8s.io", "k8s-1.16", content)))
}
