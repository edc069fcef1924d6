//! AWS load balancer controller: load balancers of services and ingresses.

use serde::Serialize;

use super::addon_context::{AddonContext, amount_or};
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;

pub(super) const ADDON: Addon = Addon { directory: "aws-load-balancer-controller", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    /// The release the manifest is made for; the image may be another.
    release: &'static str,
    repository: &'static str,
    version: String,
    enable_waf: bool,
    enable_wafv2: bool,
    enable_shield: bool,
    cpu_limit: String,
    cpu_request: String,
    memory_limit: String,
    memory_request: String,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let controller = scene.cluster.spec.aws_load_balancer_controller.as_ref().filter(|c| c.enabled == Some(true));
    let Some(controller) = controller else { return Ok(None) };
    let release = versions::LOAD_BALANCER_CONTROLLER.version(scene.minor);
    let values = Values {
        release,
        repository: versions::LOAD_BALANCER_CONTROLLER.repository,
        version: controller.version.clone().unwrap_or_else(|| release.to_owned()),
        enable_waf: controller.enable_waf,
        enable_wafv2: controller.enable_wafv2,
        enable_shield: controller.enable_shield,
        cpu_limit: amount_or(controller.cpu_limit.as_ref(), "200m"),
        cpu_request: amount_or(controller.cpu_request.as_ref(), "100m"),
        memory_limit: amount_or(controller.memory_limit.as_ref(), "500Mi"),
        memory_request: amount_or(controller.memory_request.as_ref(), "200Mi"),
    };
    let files = templates!("aws-load-balancer-controller": "crds", "rbac", "controller", "webhooks");
    let content = scene.templates("aws-load-balancer-controller", files, values)?;
    // With a role of its own the controller can run on any node; the two manifests have different ids in kops.
    let id = if scene.values.irsa { "k8s-1.19-irsa" } else { "k8s-1.19" };
    Ok(Some(Plan::new("aws-load-balancer-controller.addons.k8s.io", id, content).needs_pki(true).prune()))
}
