//! What pods of the default namespace request if they say nothing.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "limit-range", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let content = scene.plain("limit-range", templates!("limit-range": "limit-range"))?;
    Ok(Some(Plan::unversioned("limit-range.addons.k8s.io", "v1.5.0", content)))
}
