//! containerd and what it runs: runc, the pause image, GPUs, gVisor.

use super::{ComponentContext, fill, fill_optional};
use crate::defaults::DefaultsError;
use kopsform_spec::v1alpha2::{Cluster, RuncConfig};

/// How gVisor intercepts system calls.
pub const GVISOR_PLATFORM: &str = "systrap";
const PAUSE_IMAGE: &str = "registry.k8s.io/pause:3.10.1";
const RUNC_VERSION: &str = "1.3.5";
/// The package with drivers for NVIDIA GPUs.
pub const NVIDIA_DRIVER: &str = "nvidia-driver-535-server";
const NVIDIA_DEVICE_PLUGIN: &str = "nvcr.io/nvidia/k8s-device-plugin:v0.17.3";

pub(super) fn containerd(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let config = cluster.spec.containerd.get_or_insert_default();
    if config.version.as_deref().unwrap_or_default().is_empty() {
        let version = if context.version.at_least(1, 32) { "2.2.4" } else { "1.7.32" };
        config.version = Some(version.to_owned());
        config.runc = Some(RuncConfig { version: Some(RUNC_VERSION.to_owned()), packages: None });
    }
    config.log_level = Some("info".to_owned());
    fill_optional(&mut config.sandbox_image, || context.locations.image(PAUSE_IMAGE));
    if let Some(gpu) = config.nvidia_gpu.as_mut().filter(|gpu| gpu.enabled == Some(true)) {
        fill(&mut gpu.package, NVIDIA_DRIVER);
        fill(&mut gpu.image, NVIDIA_DEVICE_PLUGIN);
    }
    if let Some(gvisor) = config.gvisor.as_mut().filter(|gvisor| gvisor.enabled == Some(true)) {
        fill(&mut gvisor.platform, GVISOR_PLATFORM);
    }
    Ok(())
}
