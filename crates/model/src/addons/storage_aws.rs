//! Storage classes of EBS volumes, unless the user defines them.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "storage-aws", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    if !scene.manages_storage_classes() {
        return Ok(None);
    }
    let content = scene.plain("storage-aws", templates!("storage-aws": "storage-aws"))?;
    Ok(Some(Plan::new("storage-aws.addons.k8s.io", "v1.15.0", content)))
}
