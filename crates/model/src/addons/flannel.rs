//! The flannel network.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};

pub(super) const ADDON: Addon = Addon { directory: "flannel", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    pod_network: &'a str,
    backend: &'a str,
    iptables_resync_seconds: i32,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(flannel) = scene.networking().and_then(|n| n.flannel.as_ref()) else { return Ok(None) };
    let values = Values {
        pod_network: &scene.cluster.spec.non_masquerade_cidr,
        backend: if flannel.backend.is_empty() { "udp" } else { &flannel.backend },
        iptables_resync_seconds: flannel.iptables_resync_seconds.unwrap_or(5),
    };
    let content = scene.templates("flannel", templates!("flannel": "rbac", "config", "flannel"), values)?;
    Ok(Some(Plan::new("networking.flannel", "k8s-1.25", content).selector(Selector::Networking).prune()))
}
