//! metrics-server: the resource metrics of nodes and pods.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, Selector, templates};
use super::versions;

pub(super) const ADDON: Addon = Addon { directory: "metrics-server", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    image: String,
    insecure: bool,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let server = scene.cluster.spec.metrics_server.as_ref().filter(|server| server.enabled == Some(true));
    let Some(server) = server else { return Ok(None) };
    let insecure = server.insecure != Some(false);
    let mut files = templates!("metrics-server": "rbac", "metrics-server");
    if !insecure {
        files.extend(templates!("metrics-server": "certificate"));
    }
    let image = server.image.clone().unwrap_or_else(|| versions::METRICS_SERVER.image(scene.minor));
    let content = scene.templates("metrics-server", files, Values { image, insecure })?;
    let plan = Plan::new("metrics-server.addons.k8s.io", "k8s-1.11", content)
        .selector(Selector::Label("k8s-app", "metrics-server"))
        // kops asks for a certificate authority also where the option is not set at all.
        .needs_pki(server.insecure != Some(true));
    Ok(Some(plan))
}
