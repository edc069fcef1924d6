//! The CSI driver for persistent disks of Google Cloud, and its storage classes.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_spec::names::gce as names;
use kopsform_spec::v1alpha2::PdCsiDriver;

pub(super) const ADDON: Addon = Addon { directory: "gcp-pd-csi-driver", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    driver_image: String,
    /// The label of disks that the driver creates, by which the deletion of a cluster finds them.
    cluster_label: &'static str,
    cluster_value: String,
    /// The class of volumes that name none.
    default_class: &'a str,
}

/// The settings of the driver, where the cluster has it.
pub(super) fn driver<'a>(scene: &AddonContext<'a>) -> Option<&'a PdCsiDriver> {
    let config = scene.cluster.spec.cloud_config.as_ref()?;
    config.gcp_pd_csi_driver.as_ref().filter(|driver| driver.enabled == Some(true))
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(driver) = driver(scene) else { return Ok(None) };
    let component = versions::PD_CSI_DRIVER;
    let version = driver.version.as_deref().unwrap_or_else(|| component.version(scene.minor));
    let values = Values {
        driver_image: format!("{}:{version}", component.repository),
        cluster_label: names::CLUSTER_LABEL,
        cluster_value: names::safe_cluster_name(&scene.values.name),
        default_class: driver.default_storage_class_name.as_deref().unwrap_or_default(),
    };
    let mut files = templates!("gcp-pd-csi-driver": "driver", "rbac", "controller", "node");
    if scene.manages_storage_classes() {
        files.splice(..0, templates!("gcp-pd-csi-driver": "storage-classes"));
    }
    let content = scene.templates("gcp-pd-csi-driver", files, values)?;
    Ok(Some(Plan::new("gcp-pd-csi-driver.addons.k8s.io", "k8s-1.23", content)))
}
