//! Settings of the kubelet, in clusters and in groups.

use super::checker::{Checker, Emit};
use super::control_plane::{is_cloud_provider, not_the_cloud};
use super::labels::{check_node_labels, check_taints};
use crate::meta::Duration;
use crate::v1alpha2::{Cluster, KubeletConfig};
use kopsform_diagnostics::Rule;

pub(super) fn check_cluster(cx: &mut Checker<'_>, cluster: &Cluster) {
    let spec = &cluster.spec;
    if let Some(kubelet) = &spec.kubelet {
        check(cx, "spec.kubelet", kubelet, Checker::error);
        cloud_provider(cx, "spec.kubelet", kubelet, cluster, Checker::error);
    }
    if let Some(kubelet) = &spec.master_kubelet {
        check(cx, "spec.masterKubelet", kubelet, Checker::error);
        cloud_provider(cx, "spec.masterKubelet", kubelet, cluster, Checker::error);
    }
    if let (Some(common), Some(own)) = (&spec.kubelet, &spec.master_kubelet) {
        let periods = |k: &KubeletConfig| (k.shutdown_grace_period, k.shutdown_grace_period_critical_pods);
        let ((whole, part), (own_whole, own_part)) = (periods(common), periods(own));
        // What is wrong with each by itself is reported above.
        if let (Some(whole), Some(part)) = (own_whole.or(whole), own_part.or(part))
            && part > whole
            && own_whole.is_some() != own_part.is_some()
        {
            let field = if own_whole.is_some() { "shutdownGracePeriod" } else { "shutdownGracePeriodCriticalPods" };
            let message = format!(
                "together with spec.kubelet, shutdownGracePeriodCriticalPods {part} exceeds shutdownGracePeriod {whole}"
            );
            cx.error(Rule::OutOfRange, format_args!("spec.masterKubelet.{field}"), (message, "write both here"));
        }
    }
    if spec.kubelet.as_ref().and_then(|k| k.anonymous_auth) != Some(false) {
        let path = if spec.kubelet.is_some() { "spec.kubelet.anonymousAuth" } else { "spec.kubelet" };
        let message = "kubelets accept unauthenticated requests";
        cx.warning(Rule::AnonymousAccess, path, (message, "write `kubelet: {anonymousAuth: false}`"));
    }
}

/// Checks a kubelet's settings, with the severity in `emit` where kops checks a cluster's: it does not check a group's.
pub(super) fn check<'a>(cx: &mut Checker<'a>, base: &str, kubelet: &KubeletConfig, emit: Emit<'a>) {
    let path = |field: &str| format!("{base}.{field}");
    removed(cx, base, kubelet, emit);
    match (kubelet.shutdown_grace_period, kubelet.shutdown_grace_period_critical_pods) {
        (None, Some(_)) if !cx.holds_value(&path("shutdownGracePeriod")) => {
            let message = "shutdownGracePeriodCriticalPods is a part of shutdownGracePeriod, which is missing";
            let note = (message, "write shutdownGracePeriod").into();
            emit(cx, Rule::NeedsField, path("shutdownGracePeriodCriticalPods"), note);
        }
        (Some(whole), Some(part)) if part > whole => {
            let message = format!("{part} is more than shutdownGracePeriod, which is {whole}");
            let note = (message, format!("write {whole} or less")).into();
            emit(cx, Rule::OutOfRange, path("shutdownGracePeriodCriticalPods"), note);
        }
        _ => {}
    }
    let (shortest, longest) = (Duration::from_secs(1), Duration::from_secs(300));
    if let Some(period) = kubelet.crash_loop_back_off_max_container_restart_period
        && !(shortest..=longest).contains(&period)
    {
        let note = (format!("{period} is not from 1s to 5m"), "such as 1m0s").into();
        emit(cx, Rule::OutOfRange, path("crashLoopBackOffMaxContainerRestartPeriod"), note);
    }
    let high = kubelet.image_gc_high_threshold_percent;
    let low = kubelet.image_gc_low_threshold_percent;
    if (high.is_some() || low.is_some()) && low.unwrap_or(80) >= high.unwrap_or(85) {
        let message = format!(
            "imageGCLowThresholdPercent {} is not less than imageGCHighThresholdPercent {}",
            low.unwrap_or(80),
            high.unwrap_or(85)
        );
        let field = if low.is_some() { "imageGCLowThresholdPercent" } else { "imageGCHighThresholdPercent" };
        cx.strict(Rule::OutOfRange, path(field), (message, "keep at least one percent between them"));
    }
    soft_eviction(cx, base, kubelet);
    if kubelet.serialize_image_pulls != Some(false) && kubelet.max_parallel_image_pulls.is_some_and(|pulls| pulls > 1) {
        let message = "images are pulled one at a time";
        cx.strict(Rule::Conflict, path("maxParallelImagePulls"), (message, "write serializeImagePulls: false"));
    }
    if kubelet.cpu_manager_policy == "static"
        && kubelet.kube_reserved.is_empty()
        && kubelet.system_reserved.is_empty()
        && !cx.holds_value(&path("kubeReserved"))
    {
        let message = "the policy static needs CPU reserved for the system";
        cx.warning(
            Rule::NeedsField,
            path("cpuManagerPolicy"),
            (message, "write kubeReserved or systemReserved with cpu"),
        );
    }
    for (field, reserved) in [("kubeReserved", &kubelet.kube_reserved), ("systemReserved", &kubelet.system_reserved)] {
        for name in reserved.keys() {
            if !matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage" | "pid") {
                let message = format!("{name} is not a resource that can be reserved");
                cx.strict(
                    Rule::UnknownValue,
                    format_args!("{base}.{field}[{name:?}]"),
                    (message, "cpu, memory, ephemeral-storage or pid"),
                );
            }
        }
    }
    check_node_labels(cx, &path("nodeLabels"), &kubelet.node_labels, Checker::strict);
    check_taints(cx, &path("taints"), &kubelet.taints, Checker::strict);
}

/// Checks that a kubelet's cloud is that of its cluster.
pub(super) fn cloud_provider<'a>(
    cx: &mut Checker<'a>,
    base: &str,
    kubelet: &KubeletConfig,
    cluster: &Cluster,
    emit: Emit<'a>,
) {
    if !is_cloud_provider(&kubelet.cloud_provider, cluster) {
        let note = not_the_cloud(&kubelet.cloud_provider, cluster).into();
        emit(cx, Rule::UnknownValue, format!("{base}.cloudProvider"), note);
    }
}

/// Settings that the kubelet no longer has.
fn removed<'a>(cx: &mut Checker<'a>, base: &str, kubelet: &KubeletConfig, emit: Emit<'a>) {
    let gone = [
        ("configureCbr0", kubelet.configure_cbr0.is_some(), "1.5", "remove it"),
        ("apiServers", !kubelet.api_servers.is_empty(), "1.6", "remove it"),
        (
            "podInfraContainerImage",
            !kubelet.pod_infra_container_image.is_empty(),
            "1.35",
            "write containerd.sandboxImage",
        ),
        ("requireKubeconfig", kubelet.require_kubeconfig.is_some(), "1.10", "remove it"),
        (
            "experimentalAllowedUnsafeSysctls",
            !kubelet.experimental_allowed_unsafe_sysctls.is_empty(),
            "1.11",
            "write allowedUnsafeSysctls",
        ),
        ("enableCadvisorJsonEndpoints", kubelet.enable_cadvisor_json_endpoints.is_some(), "1.21", "remove it"),
        ("cpuCFSQuotaPeriod", kubelet.cpu_cfs_quota_period.is_some(), "1.20", "remove it"),
        ("networkPluginName", kubelet.network_plugin_name.is_some(), "1.24", "remove it"),
        ("networkPluginMTU", kubelet.network_plugin_mtu.is_some(), "1.24", "write the mtu of the network plugin"),
        ("nonMasqueradeCIDR", kubelet.non_masquerade_cidr.is_some(), "1.24", "remove it; see spec.nonMasqueradeCIDR"),
    ];
    for (field, given, since, hint) in gone {
        if given {
            let message = format!("{field} was removed from the kubelet in Kubernetes {since}");
            emit(cx, Rule::RemovedField, format!("{base}.{field}"), (message, hint).into());
        }
    }
    if !kubelet.bootstrap_kubeconfig.is_empty() {
        let message = "nodes join through kops-controller, not by bootstrap tokens";
        emit(cx, Rule::RemovedField, format!("{base}.bootstrapKubeconfig"), (message, "remove it").into());
    }
}

/// The kubelet does not start with a soft threshold without a grace period, or a grace period without a threshold.
fn soft_eviction(cx: &mut Checker<'_>, base: &str, kubelet: &KubeletConfig) {
    let signals = |text: &str, separator: char| -> Vec<String> {
        text.split(',').filter_map(|part| Some(part.split_once(separator)?.0.trim().to_owned())).collect()
    };
    let thresholds = signals(&kubelet.eviction_soft, '<');
    let periods = signals(&kubelet.eviction_soft_grace_period, '=');
    if let Some(signal) = thresholds.iter().find(|signal| !periods.contains(signal)) {
        let message = format!("the threshold of {signal} has no grace period in evictionSoftGracePeriod");
        cx.strict(
            Rule::NeedsField,
            format_args!("{base}.evictionSoft"),
            (message, format!("add {signal}=1m30s to it")),
        );
    }
    if let Some(signal) = periods.iter().find(|signal| !thresholds.contains(signal)) {
        let message = format!("the grace period of {signal} has no threshold in evictionSoft");
        let note = (message, format!("add a threshold of {signal} to it, or remove the period"));
        cx.strict(Rule::NeedsField, format_args!("{base}.evictionSoftGracePeriod"), note);
    }
}
