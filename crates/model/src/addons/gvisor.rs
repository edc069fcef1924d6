//! The runtime class of gVisor's sandboxes, for groups that have them.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};
use kopsform_spec::v1alpha2::InstanceGroup;

pub(super) const ADDON: Addon = Addon { directory: "gvisor", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let sandboxed = |group: &InstanceGroup| {
        group
            .spec
            .containerd
            .as_ref()
            .and_then(|c| c.gvisor.as_ref())
            .is_some_and(|gvisor| gvisor.enabled == Some(true))
    };
    if !scene.node_groups().any(sandboxed) {
        return Ok(None);
    }
    let content = scene.plain("gvisor", templates!("gvisor": "gvisor"))?;
    Ok(Some(Plan::new("gvisor.addons.k8s.io", "k8s-1.20", content)))
}
