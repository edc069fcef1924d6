//! The storage class of persistent disks without the CSI driver, unless the user defines it.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::gcp_pd_csi_driver;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "storage-gce", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    /// The CSI driver brings a default class.
    is_default: bool,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    if !scene.manages_storage_classes() {
        return Ok(None);
    }
    let values = Values { is_default: gcp_pd_csi_driver::driver(scene).is_none() };
    let content = scene.templates("storage-gce", templates!("storage-gce": "storage-gce"), values)?;
    Ok(Some(Plan::new("storage-gce.addons.k8s.io", "v1.7.0", content)))
}
