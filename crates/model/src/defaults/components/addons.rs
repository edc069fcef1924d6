//! Addons that have settings in the spec.

use super::{ComponentContext, fill, fill_quantity};
use crate::defaults::DefaultsError;
use kopsform_spec::v1alpha2::Cluster;

const NODE_TERMINATION_HANDLER: &str = "v1.25.5";
const NODE_PROBLEM_DETECTOR: &str = "registry.k8s.io/node-problem-detector/node-problem-detector:v0.8.18";
const KARPENTER: &str = "public.ecr.aws/karpenter/controller:1.13.0";

pub(super) fn cluster_autoscaler(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let Some(autoscaler) = cluster.spec.cluster_autoscaler.as_mut().filter(|a| a.enabled == Some(true)) else {
        return Ok(());
    };
    let text = |value: &str| value.to_owned();
    autoscaler.image.get_or_insert_with(|| {
        let release = match context.version.minor() {
            31 => "v1.31.5",
            32 => "v1.32.7",
            33 => "v1.33.5",
            34 => "v1.34.4",
            35 => "v1.35.1",
            _ => "v1.36.0",
        };
        format!("registry.k8s.io/autoscaling/cluster-autoscaler:{release}")
    });
    fill(&mut autoscaler.expander, "random");
    autoscaler.ignore_daemon_sets_utilization.get_or_insert(false);
    autoscaler.scale_down_utilization_threshold.get_or_insert_with(|| text("0.5"));
    autoscaler.skip_nodes_with_custom_controller_pods.get_or_insert(true);
    autoscaler.skip_nodes_with_local_storage.get_or_insert(true);
    autoscaler.skip_nodes_with_system_pods.get_or_insert(true);
    autoscaler.balance_similar_node_groups.get_or_insert(false);
    autoscaler.emit_per_nodegroup_metrics.get_or_insert(false);
    autoscaler.aws_use_static_instance_list.get_or_insert(false);
    autoscaler.new_pod_scale_up_delay.get_or_insert_with(|| text("0s"));
    autoscaler.scale_down_delay_after_add.get_or_insert_with(|| text("10m0s"));
    autoscaler.scale_down_unneeded_time.get_or_insert_with(|| text("10m0s"));
    autoscaler.scale_down_unready_time.get_or_insert_with(|| text("20m0s"));
    fill(&mut autoscaler.max_node_provision_time, "15m0s");
    if autoscaler.expander == "priority" {
        autoscaler.create_priority_expander_config = Some(true);
    }
    Ok(())
}

pub(super) fn node_termination_handler(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    // Karpenter watches for interruptions itself.
    if cluster.is_on_gce() || cluster.spec.karpenter.as_ref().is_some_and(|k| k.enabled) {
        return Ok(());
    }
    let handler = cluster.spec.node_termination_handler.get_or_insert_default();
    if !*handler.enabled.get_or_insert(true) {
        return Ok(());
    }
    handler.delete_sqs_msg_if_node_not_found.get_or_insert(false);
    handler.enable_spot_interruption_draining.get_or_insert(true);
    handler.enable_scheduled_event_draining.get_or_insert(true);
    handler.enable_rebalance_monitoring.get_or_insert(false);
    handler.enable_rebalance_draining.get_or_insert(false);
    handler.enable_out_of_service_taint.get_or_insert(false);
    handler.prometheus_enable.get_or_insert(false);
    handler.exclude_from_load_balancers.get_or_insert(true);
    handler.managed_asg_tag.get_or_insert_with(|| "aws-node-termination-handler/managed".to_owned());
    handler.pod_termination_grace_period.get_or_insert(-1);
    handler.taint_node.get_or_insert(false);
    fill_quantity(&mut handler.cpu_request, "50m");
    fill_quantity(&mut handler.memory_request, "64Mi");
    handler.version.get_or_insert_with(|| NODE_TERMINATION_HANDLER.to_owned());
    Ok(())
}

pub(super) fn node_problem_detector(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let Some(detector) = &mut cluster.spec.node_problem_detector else { return Ok(()) };
    detector.enabled.get_or_insert(false);
    fill_quantity(&mut detector.cpu_request, "20m");
    fill_quantity(&mut detector.memory_request, "100Mi");
    fill_quantity(&mut detector.memory_limit, "100Mi");
    detector.image.get_or_insert_with(|| NODE_PROBLEM_DETECTOR.to_owned());
    Ok(())
}

pub(super) fn karpenter(cluster: &mut Cluster, _: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    if let Some(karpenter) = &mut cluster.spec.karpenter {
        fill(&mut karpenter.image, KARPENTER);
        fill(&mut karpenter.log_encoding, "console");
        fill(&mut karpenter.log_level, "debug");
    }
    Ok(())
}
