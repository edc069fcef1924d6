//! The right of API servers to talk to kubelets.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "kubelet-api-rbac", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let content = scene.plain("kubelet-api-rbac", templates!("kubelet-api-rbac": "kubelet-api-rbac"))?;
    Ok(Some(Plan::new("kubelet-api.rbac.addons.k8s.io", "k8s-1.9", content)))
}
