//! Flags of the control plane and of kube-proxy.

use std::path::Path;

use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::cloud::Cloud;
use crate::meta::Duration;
use crate::v1alpha2::{Cluster, KubeApiServerConfig};
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    if spec.authorization.as_ref().is_some_and(|a| a.rbac.is_some() && a.always_allow.is_some()) {
        let message = "rbac and alwaysAllow exclude each other";
        cx.error(Rule::Conflict, "spec.authorization.alwaysAllow", (message, "keep rbac"));
    }
    if let Some(server) = &spec.kube_api_server {
        api_server(cx, cluster, server, facts);
    }
    if let Some(manager) = &spec.kube_controller_manager {
        let path = |field: &str| format!("spec.kubeControllerManager.{field}");
        if manager.experimental_cluster_signing_duration.is_some() {
            let message = "experimentalClusterSigningDuration was removed in Kubernetes 1.25";
            cx.error(
                Rule::RemovedField,
                path("experimentalClusterSigningDuration"),
                (message, "write ClusterSigningDuration"),
            );
        }
        // Zero stands for the default.
        if let Some(period) = manager.attach_detach_reconcile_sync_period.filter(|p| p.0 != 0) {
            if period < Duration::from_secs(1) {
                cx.error(
                    Rule::OutOfRange,
                    path("attachDetachReconcileSyncPeriod"),
                    (format!("{period} is shorter than 1s"), "remove it, the default is 1m0s"),
                );
            } else if period < Duration::from_secs(60) {
                let message = format!("{period} causes many API calls to the cloud");
                cx.warning(
                    Rule::SurprisingValue,
                    path("attachDetachReconcileSyncPeriod"),
                    (message, "the default is 1m0s"),
                );
            }
        }
        if let Some(election) = &manager.leader_election {
            let lease = election.leader_elect_lease_duration.unwrap_or(Duration::from_secs(15));
            let deadline = election.leader_elect_renew_deadline_duration.unwrap_or(Duration::from_secs(10));
            if deadline >= lease {
                let message = format!("the renew deadline {deadline} is not less than the lease {lease}");
                let note = (message, format!("write less than {lease}"));
                cx.strict(Rule::OutOfRange, path("leaderElection.leaderElectRenewDeadlineDuration"), note);
            }
        }
    }
    if let Some(scheduler) = &spec.kube_scheduler
        && scheduler.use_policy_config_map.is_some()
    {
        let message = "usePolicyConfigMap was removed in Kubernetes 1.23";
        let hint = "remove it, and add a KubeSchedulerConfiguration object next to the cluster";
        cx.error(Rule::RemovedField, "spec.kubeScheduler.usePolicyConfigMap", (message, hint));
    }
    if let Some(manager) = &spec.cloud_controller_manager
        && !is_cloud_provider(&manager.cloud_provider, cluster)
    {
        let path = "spec.cloudControllerManager.cloudProvider";
        cx.strict(Rule::UnknownValue, path, not_the_cloud(&manager.cloud_provider, cluster));
    }
    if spec.cloud_config.as_ref().and_then(|c| c.aws_ebs_csi_driver.as_ref()).is_some_and(|d| d.enabled == Some(false))
    {
        let message = "the EBS CSI driver can't be disabled";
        let hint = "write managed: false if you install it yourself";
        cx.error(Rule::RequiredAddon, "spec.cloudConfig.awsEBSCSIDriver.enabled", (message, hint));
    }
    if spec.encryption_config == Some(true)
        && spec.kube_api_server.as_ref().is_some_and(|s| s.encryption_provider_config.is_some())
    {
        let message = "encryptionConfig takes the configuration from the secret encryptionconfig";
        cx.warning(Rule::Conflict, "spec.kubeAPIServer.encryptionProviderConfig", (message, "keep one of the two"));
    }
}

fn api_server(cx: &mut Checker<'_>, cluster: &Cluster, server: &KubeApiServerConfig, facts: &ClusterFacts) {
    let path = |field: &str| format!("spec.kubeAPIServer.{field}");
    authentication(cx, server);
    if let Some(i) = server.admission_control.iter().position(|plugin| plugin == "PodSecurityPolicy") {
        let message = "PodSecurityPolicy was removed in Kubernetes 1.25";
        cx.error(Rule::RemovedPlugin, path(&format!("admissionControl[{i}]")), (message, "use PodSecurity"));
    }
    if !server.admission_control.is_empty() {
        let message = "admissionControl was removed in Kubernetes 1.10";
        cx.error(
            Rule::RemovedField,
            path("admissionControl"),
            (message, "write enableAdmissionPlugins or appendAdmissionPlugins"),
        );
    }
    for (i, plugin) in server.disable_admission_plugins.iter().enumerate() {
        if server.enable_admission_plugins.contains(plugin) || server.append_admission_plugins.contains(plugin) {
            let message = format!("{plugin} is enabled and disabled");
            let note = (message, "keep it in one of the lists");
            cx.strict(Rule::Conflict, path(&format!("disableAdmissionPlugins[{i}]")), note);
        }
    }
    if server.proxy_client_cert_file.is_some() != server.proxy_client_key_file.is_some() {
        let (given, missing) = if server.proxy_client_cert_file.is_some() {
            ("proxyClientCertFile", "proxyClientKeyFile")
        } else {
            ("proxyClientKeyFile", "proxyClientCertFile")
        };
        cx.error(Rule::NeedsField, path(given), (format!("{given} needs {missing}"), format!("write {missing}")));
    }
    authorization(cx, cluster, server);
    let (policy, webhook) = (&server.audit_policy_file, &server.audit_webhook_config_file);
    if policy.is_empty() && !webhook.is_empty() && !cx.holds_value(&path("auditPolicyFile")) {
        let message = "events are sent to a webhook, but no audit policy selects them";
        cx.error(Rule::NeedsField, path("auditWebhookConfigFile"), (message, "write auditPolicyFile"));
    } else if !policy.is_empty() && !webhook.is_empty() && Path::new(policy).parent() != Path::new(webhook).parent() {
        let directory = Path::new(policy).parent().map(|p| p.display().to_string()).unwrap_or_default();
        let message =
            format!("the file is not in {directory}, the directory of the audit policy: only that one is mounted");
        cx.error(Rule::BadPath, path("auditWebhookConfigFile"), (message, "move it there"));
    }
    if server.audit_log_path.is_some() && policy.is_empty() && !cx.holds_value(&path("auditPolicyFile")) {
        let message = "without auditPolicyFile, nothing is logged";
        cx.warning(Rule::NeedsField, path("auditLogPath"), (message, "write auditPolicyFile"));
    }
    let own = &server.service_cluster_ip_range;
    if !own.is_empty() && *own != cluster.spec.service_cluster_ip_range {
        let message = format!("{own} is not the cluster's serviceClusterIPRange");
        cx.error(Rule::Conflict, path("serviceClusterIPRange"), (message, "write spec.serviceClusterIPRange instead"));
    }
    let old = facts.version.as_ref().is_some_and(|version| !version.at_least(1, 33));
    if !is_cloud_provider(&server.cloud_provider, cluster) && old {
        cx.error(Rule::UnknownValue, path("cloudProvider"), not_the_cloud(&server.cloud_provider, cluster));
    }
}

/// Whether the flag `--cloud-provider` of a component has a value that fits the cluster's cloud.
pub(super) fn is_cloud_provider(value: &str, cluster: &Cluster) -> bool {
    matches!(value, "" | "external")
        || value == cluster.spec.cloud_provider
        || cluster.cloud().is_none() && value == "aws"
}

/// The note about a value that does not.
pub(super) fn not_the_cloud(value: &str, cluster: &Cluster) -> (String, &'static str) {
    let cloud = cluster.cloud().unwrap_or(Cloud::Aws).name();
    (format!("{value:?} is not the cluster's cloud {cloud}"), "remove it")
}

fn authentication(cx: &mut Checker<'_>, server: &KubeApiServerConfig) {
    let path = |field: &str| format!("spec.kubeAPIServer.{field}");
    let oidc = [
        ("oidcIssuerURL", server.oidc_issuer_url.is_some()),
        ("oidcClientID", server.oidc_client_id.is_some()),
        ("oidcUsernameClaim", server.oidc_username_claim.is_some()),
        ("oidcUsernamePrefix", server.oidc_username_prefix.is_some()),
        ("oidcGroupsClaim", server.oidc_groups_claim.is_some()),
        ("oidcGroupsPrefix", server.oidc_groups_prefix.is_some()),
        ("oidcRequiredClaim", !server.oidc_required_claim.is_empty()),
    ];
    let given: Vec<&str> = oidc.iter().filter_map(|(name, given)| given.then_some(*name)).collect();
    if !server.authentication_config_file.is_empty() && !given.is_empty() {
        let message = format!("authentication is configured in the file and in {}", given.join(", "));
        cx.error(Rule::Conflict, path("authenticationConfigFile"), (message, "move them into the file, or remove it"));
    }
    for (needed, other) in [("oidcIssuerURL", "oidcClientID"), ("oidcClientID", "oidcIssuerURL")] {
        if given.contains(&needed) && !given.contains(&other) && !cx.holds_value(&path(other)) {
            cx.strict(Rule::NeedsField, path(needed), (format!("{needed} needs {other}"), format!("write {other}")));
        }
    }
    if server.enable_bootstrap_token_auth == Some(true) {
        let message = "nodes join through kops-controller, not by bootstrap tokens";
        cx.error(Rule::RemovedField, path("enableBootstrapTokenAuth"), (message, "remove it"));
    }
    if server.anonymous_auth == Some(true) {
        let message = "unauthenticated requests are accepted as system:anonymous";
        cx.warning(
            Rule::AnonymousAccess,
            path("anonymousAuth"),
            (message, "remove it, unless a published issuer needs it"),
        );
    }
}

fn authorization(cx: &mut Checker<'_>, cluster: &Cluster, server: &KubeApiServerConfig) {
    let path = |field: &str| format!("spec.kubeAPIServer.{field}");
    let Some(modes) = &server.authorization_mode else { return };
    if modes.contains("Webhook") && server.authorization_webhook_config_file.is_none() {
        let message = "the mode Webhook needs authorizationWebhookConfigFile";
        cx.required(path("authorizationWebhookConfigFile"), message);
    }
    if cluster.spec.authorization.as_ref().is_some_and(|a| a.rbac.is_some()) {
        let missing: Vec<&str> =
            ["Node", "RBAC"].into_iter().filter(|m| modes.split(',').all(|mode| mode != *m)).collect();
        if !missing.is_empty() {
            let message = format!("the cluster does not work without the modes {}", missing.join(" and "));
            cx.error(Rule::MissingMode, path("authorizationMode"), (message, "such as Node,RBAC"));
        }
    }
}
