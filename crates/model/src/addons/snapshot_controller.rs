//! Snapshot controller: snapshots of volumes.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "snapshot-controller", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let controller = scene.cluster.spec.snapshot_controller.as_ref().filter(|c| c.enabled == Some(true));
    let Some(controller) = controller else { return Ok(None) };
    let mut files = templates!("snapshot-controller": "crds", "rbac", "snapshot-controller", "validation");
    if controller.install_default_class {
        files.extend(templates!("snapshot-controller": "default-class"));
    }
    let content = scene.plain("snapshot-controller", files)?;
    Ok(Some(Plan::new("snapshot-controller.addons.k8s.io", "k8s-1.20", content).needs_pki(true)))
}
