//! AWS node termination handler: drains nodes before AWS takes them away.

use serde::Serialize;

use super::addon_context::{AddonContext, amount};
use super::plan::{Addon, AddonsError, Plan, templates};
use super::versions;
use kopsform_spec::names;

pub(super) const ADDON: Addon = Addon { directory: "node-termination-handler", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    repository: &'static str,
    version: &'a str,
    prometheus_metrics: bool,
    taint_node: bool,
    out_of_service_taint: bool,
    exclude_from_load_balancers: bool,
    pod_termination_grace_period: i32,
    managed_asg_tag: &'a str,
    queue_url: String,
    delete_sqs_msg_if_node_not_found: bool,
    spot_interruption_draining: bool,
    scheduled_event_draining: bool,
    rebalance_monitoring: bool,
    rebalance_draining: bool,
    webhook_template: Option<&'a str>,
    webhook_url: Option<&'a str>,
    cpu_request: Option<String>,
    memory_request: Option<String>,
    memory_limit: Option<String>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let handler = scene.cluster.spec.node_termination_handler.as_ref().filter(|h| h.enabled == Some(true));
    let Some(handler) = handler else { return Ok(None) };
    // Events come from a queue, unless every node watches its own metadata.
    let from_queue = handler.enable_sqs_termination_draining != Some(false);
    let mut files = templates!("node-termination-handler": "rbac");
    files.extend(if from_queue {
        templates!("node-termination-handler": "queue")
    } else {
        templates!("node-termination-handler": "metadata")
    });
    let values = Values {
        repository: versions::NODE_TERMINATION_HANDLER.repository,
        version: handler.version.as_deref().unwrap_or_default(),
        prometheus_metrics: handler.prometheus_enable == Some(true),
        taint_node: handler.taint_node == Some(true),
        out_of_service_taint: handler.enable_out_of_service_taint == Some(true),
        exclude_from_load_balancers: handler.exclude_from_load_balancers != Some(false),
        pod_termination_grace_period: handler.pod_termination_grace_period.unwrap_or(-1),
        managed_asg_tag: handler.managed_asg_tag.as_deref().unwrap_or_default(),
        queue_url: if from_queue { queue_url(scene)? } else { String::new() },
        delete_sqs_msg_if_node_not_found: handler.delete_sqs_msg_if_node_not_found == Some(true),
        spot_interruption_draining: handler.enable_spot_interruption_draining != Some(false),
        scheduled_event_draining: handler.enable_scheduled_event_draining != Some(false),
        rebalance_monitoring: handler.enable_rebalance_monitoring == Some(true),
        rebalance_draining: handler.enable_rebalance_draining == Some(true),
        webhook_template: handler.webhook_template.as_deref(),
        webhook_url: handler.webhook_url.as_deref(),
        cpu_request: amount(handler.cpu_request.as_ref()),
        memory_request: amount(handler.memory_request.as_ref()),
        memory_limit: amount(handler.memory_limit.as_ref()),
    };
    let content = scene.templates("node-termination-handler", files, values)?;
    Ok(Some(Plan::new("node-termination-handler.aws", "k8s-1.11", content).prune()))
}

fn queue_url(scene: &AddonContext<'_>) -> Result<String, AddonsError> {
    let region = &scene.values.region;
    let domain = if region.contains("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let queue = names::queue_prefix(&scene.values.name);
    Ok(format!("https://sqs.{region}.{domain}/{}/{queue}-nth", scene.account()?.id))
}
