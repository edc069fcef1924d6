//! The kopeio network, unless objects that the user stored replace it.

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};

pub(super) const ADDON: Addon = Addon { directory: "kopeio", plan };

const NAME: &str = "networking.kope.io";

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    if scene.networking().is_none_or(|n| n.kopeio.is_none()) || scene.has_own(NAME) {
        return Ok(None);
    }
    let content = scene.plain("kopeio", templates!("kopeio": "kopeio"))?;
    Ok(Some(Plan::new(NAME, "k8s-1.12", content).selector(Selector::Networking).prune()))
}
