//! Node problem detector: reports broken nodes as conditions and events.

use serde::Serialize;

use super::addon_context::{AddonContext, amount};
use super::plan::{Addon, AddonsError, Plan, templates};

pub(super) const ADDON: Addon = Addon { directory: "node-problem-detector", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    image: Option<&'a str>,
    cpu_request: Option<String>,
    cpu_limit: Option<String>,
    memory_request: Option<String>,
    memory_limit: Option<String>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let detector = scene.cluster.spec.node_problem_detector.as_ref().filter(|d| d.enabled == Some(true));
    let Some(detector) = detector else { return Ok(None) };
    let values = Values {
        image: detector.image.as_deref(),
        cpu_request: amount(detector.cpu_request.as_ref()),
        cpu_limit: amount(detector.cpu_limit.as_ref()),
        memory_request: amount(detector.memory_request.as_ref()),
        memory_limit: amount(detector.memory_limit.as_ref()),
    };
    let files = templates!("node-problem-detector": "node-problem-detector");
    let content = scene.templates("node-problem-detector", files, values)?;
    Ok(Some(Plan::new("node-problem-detector.addons.k8s.io", "k8s-1.17", content).prune()))
}
