//! kopeio's log-in.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};

pub(super) const ADDON: Addon = Addon { directory: "authentication-kopeio", plan };

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    if scene.cluster.spec.authentication.as_ref().is_none_or(|authentication| authentication.kopeio.is_none()) {
        return Ok(None);
    }
    let files = templates!("authentication-kopeio": "authentication-kopeio");
    let content = scene.plain("authentication-kopeio", files)?;
    Ok(Some(Plan::new("authentication.kope.io", "k8s-1.12", content).selector(Selector::Authentication)))
}
