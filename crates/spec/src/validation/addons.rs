//! Addons and their requirements.

use super::checker::Checker;
use super::facts::ClusterFacts;
use super::requirements::{needs_cert_manager, needs_external_permissions};
use crate::v1alpha2::Cluster;
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    for (i, addon) in spec.addons.iter().enumerate() {
        if addon.manifest.starts_with("file://") {
            let message = "the control plane can't read local files";
            cx.error(
                Rule::BadStore,
                format_args!("spec.addons[{i}].manifest"),
                (message, "put it into the state store"),
            );
        } else if addon.manifest.is_empty() {
            cx.strict(
                Rule::MissingField,
                format_args!("spec.addons[{i}].manifest"),
                ("the addon has no manifest", "write its address"),
            );
        }
    }
    if spec.cluster_autoscaler.as_ref().is_some_and(|a| a.expander == "price") && !cluster.is_on_gce() {
        let message = "the expander price works on Google Cloud only";
        cx.error(
            Rule::UnsupportedValue,
            "spec.clusterAutoscaler.expander",
            (message, "write least-waste, or remove it"),
        );
    }
    let webhooks = [
        (
            "snapshotController.enabled",
            "the snapshot controller",
            spec.snapshot_controller.as_ref().is_some_and(|a| a.enabled == Some(true)),
        ),
        (
            "awsLoadBalancerController.enabled",
            "the AWS load balancer controller",
            spec.aws_load_balancer_controller.as_ref().is_some_and(|a| a.enabled == Some(true)),
        ),
        (
            "podIdentityWebhook.enabled",
            "the pod identity webhook",
            spec.pod_identity_webhook.as_ref().is_some_and(|a| a.enabled),
        ),
    ];
    for (field, who, enabled) in webhooks {
        if enabled && !facts.cert_manager {
            cx.error(Rule::NeedsCertManager, format_args!("spec.{field}"), needs_cert_manager(who));
        }
    }
    if let Some(server) = &spec.metrics_server
        && server.enabled == Some(true)
        && server.insecure != Some(true)
        && !facts.cert_manager
    {
        let path = if server.insecure.is_some() { "spec.metricsServer.insecure" } else { "spec.metricsServer" };
        let hint = "write `certManager: {enabled: true}` under spec, or metricsServer.insecure: true";
        cx.error(Rule::NeedsCertManager, path, ("a secure metrics server needs cert-manager", hint));
    }
    if let Some(manager) = &spec.cert_manager
        && manager.enabled == Some(true)
        && !manager.hosted_zone_ids.is_empty()
        && !facts.external_permissions
    {
        cx.error(
            Rule::NeedsExternalPermissions,
            "spec.certManager.hostedZoneIDs",
            needs_external_permissions("cert-manager"),
        );
    }
    if facts.karpenter && !facts.external_permissions && !cluster.is_on_gce() {
        cx.error(Rule::NeedsExternalPermissions, "spec.karpenter.enabled", needs_external_permissions("Karpenter"));
    }
    if !cluster.is_on_gce() {
        termination_handler(cx, cluster, facts);
    }
    if spec.warm_pool.as_ref().is_some_and(|pool| pool.max_size.is_some() && !pool.additional_images.is_empty()) {
        let message = "set warm-pool images on instance groups";
        cx.error(
            Rule::MisplacedField,
            "spec.warmPool.additionalImages",
            (message, "move it to the warmPool of each group"),
        );
    }
    if let Some(pool) = &spec.warm_pool {
        warm_pool(cx, "spec.warmPool", pool.min_size, pool.max_size);
    }
}

fn termination_handler(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let Some(handler) = &cluster.spec.node_termination_handler else { return };
    let path = |field: &str| format!("spec.nodeTerminationHandler.{field}");
    let enabled = handler.enabled != Some(false);
    if enabled && facts.karpenter {
        let message = "Karpenter handles interruptions itself";
        cx.error(Rule::Conflict, "spec.nodeTerminationHandler", (message, "write enabled: false, or remove it"));
    }
    // Events come through the queue unless it is disabled.
    let queue = enabled && handler.enable_sqs_termination_draining != Some(false);
    if queue && handler.enable_spot_interruption_draining == Some(false) {
        let message = "in queue mode, interruptions of spot instances always drain";
        let hint = "remove it, or write enableSQSTerminationDraining: false";
        cx.error(Rule::Conflict, path("enableSpotInterruptionDraining"), (message, hint));
    }
    if queue && handler.enable_rebalance_monitoring == Some(true) && handler.enable_rebalance_draining != Some(true) {
        let message = "in queue mode, rebalance recommendations can only drain";
        cx.error(Rule::Conflict, path("enableRebalanceMonitoring"), (message, "write enableRebalanceDraining: true"));
    }
}

/// The bounds of a warm pool.
pub(super) fn warm_pool(cx: &mut Checker<'_>, path: &str, min: i64, max: Option<i64>) {
    if min < 0 {
        cx.error(Rule::OutOfRange, format_args!("{path}.minSize"), (format!("{min} is negative"), "write 0 or more"));
    }
    match max {
        Some(max) if max < 0 => {
            cx.error(
                Rule::OutOfRange,
                format_args!("{path}.maxSize"),
                (format!("{max} is negative"), "write 0 or more"),
            );
        }
        Some(max) if min > max => {
            let message = format!("maxSize {max} is less than minSize {min}");
            cx.error(Rule::OutOfRange, format_args!("{path}.maxSize"), (message, format!("write {min} or more")));
        }
        _ => {}
    }
}
