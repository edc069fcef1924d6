//! What network plugins and addons need of the rest of the cluster: the rules and messages that several of them share.

use super::checker::Checker;
use crate::v1alpha2::Cluster;
use kopsform_diagnostics::Rule;

/// Checks that kube-proxy is disabled, for a plugin that replaces it.
pub(super) fn needs_no_kube_proxy(cx: &mut Checker<'_>, cluster: &Cluster, who: &str) {
    if cluster.spec.kube_proxy.as_ref().and_then(|p| p.enabled) != Some(false) {
        let message = format!("kube-proxy must be disabled: {who} replaces it");
        cx.error(Rule::KubeProxyEnabled, "spec.kubeProxy.enabled", (message, "write `kubeProxy: {enabled: false}`"));
    }
}

/// Message and hint for an addon whose webhooks need certificates.
pub(super) fn needs_cert_manager(who: &str) -> (String, &'static str) {
    (format!("{who} needs cert-manager"), "write `certManager: {enabled: true}` under spec")
}

/// Message and hint for an addon that needs an IAM role of its own.
pub(super) fn needs_external_permissions(who: &str) -> (String, &'static str) {
    (
        format!("{who} needs an IAM role of its own"),
        "write `iam: {useServiceAccountExternalPermissions: true}` under spec",
    )
}
