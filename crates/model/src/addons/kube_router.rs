//! The kube-router network, which also does kube-proxy's work.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};

pub(super) const ADDON: Addon = Addon { directory: "kube-router", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    service_network: &'a str,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    if scene.networking().is_none_or(|n| n.kuberouter.is_none()) {
        return Ok(None);
    }
    let values = Values { service_network: &scene.cluster.spec.service_cluster_ip_range };
    let content = scene.templates("kube-router", templates!("kube-router": "kube-router", "rbac"), values)?;
    Ok(Some(Plan::new("networking.kuberouter", "k8s-1.12", content).selector(Selector::Networking)))
}
