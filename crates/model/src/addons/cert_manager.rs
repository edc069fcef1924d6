//! cert-manager: certificates inside the cluster.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};
use super::versions;

pub(super) const ADDON: Addon = Addon { directory: "cert-manager", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    release: &'static str,
    default_issuer: Option<&'a str>,
    nameservers: &'a [String],
    feature_gates: &'a BTreeMap<String, bool>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let manager = scene.cluster.spec.cert_manager.as_ref();
    // With `managed: false`, users install cert-manager themselves.
    let Some(manager) = manager.filter(|m| m.enabled == Some(true) && m.managed != Some(false)) else {
        return Ok(None);
    };
    let values = Values {
        release: versions::CERT_MANAGER.version(scene.minor),
        default_issuer: manager.default_issuer.as_deref(),
        nameservers: &manager.nameservers,
        feature_gates: &manager.feature_gates,
    };
    let files = templates!("cert-manager": "crds", "rbac", "cainjector", "controller", "webhook");
    let content = scene.templates("cert-manager", files, values)?;
    Ok(Some(Plan::new("certmanager.io", "k8s-1.16", content).selector(Selector::Nothing).prune()))
}
