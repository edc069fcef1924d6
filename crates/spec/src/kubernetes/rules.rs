//! Settings of a spec that the components of its Kubernetes release refuse.
//!
//! Pure functions over a cluster or a group, as written or completed: the defaults add nothing a component refuses, so
//! both give the same findings, and written specs have lines to point at. kops passes all of this on, apart from what
//! [`Refusal::refused_by_kops`] marks; the component then exits at its start.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::settings::{self, Setting};
use super::{Component, MINORS, Support, admission_plugin, api_version, feature_gate, flag};
use crate::v1alpha2::{Cluster, InstanceGroup, KubeApiServerConfig, KubeletConfig};
use kopsform_diagnostics::Rule;

/// A setting that a component does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule it breaks.
    pub rule: Rule,
    /// The field, such as `spec.kubelet.featureGates.TTLAfterFinished`.
    pub path: String,
    /// What the component does not take.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether kops refuses it as well. Otherwise kops accepts a cluster that does not come up.
    pub refused_by_kops: bool,
}

/// What the components of a cluster refuse. Empty for minor releases the table does not describe.
pub fn check_cluster(cluster: &Cluster, minor: u64) -> Vec<Refusal> {
    let mut found = Findings { minor, refusals: Vec::new() };
    if !MINORS.contains(&minor) {
        return found.refusals;
    }
    let spec = &cluster.spec;
    if let Some(server) = &spec.kube_api_server {
        let base = "spec.kubeAPIServer";
        found.gates(Component::ApiServer, base, &server.feature_gates);
        found.flags(Component::ApiServer, base, server);
        found.plugins(base, server);
        found.apis(base, &server.runtime_config);
    }
    if let Some(manager) = &spec.kube_controller_manager {
        let base = "spec.kubeControllerManager";
        found.gates(Component::ControllerManager, base, &manager.feature_gates);
        found.flags(Component::ControllerManager, base, manager);
    }
    if let Some(scheduler) = &spec.kube_scheduler {
        found.gates(Component::Scheduler, "spec.kubeScheduler", &scheduler.feature_gates);
        found.flags(Component::Scheduler, "spec.kubeScheduler", scheduler);
    }
    if let Some(proxy) = spec.kube_proxy.as_ref().filter(|proxy| proxy.enabled != Some(false)) {
        found.gates(Component::Proxy, "spec.kubeProxy", &proxy.feature_gates);
        found.flags(Component::Proxy, "spec.kubeProxy", proxy);
    }
    for (base, kubelet) in [("spec.kubelet", &spec.kubelet), ("spec.masterKubelet", &spec.master_kubelet)] {
        found.kubelet(base, kubelet.as_ref());
    }
    found.refusals
}

/// What the kubelets of a group refuse of the group's own settings. `minor` is the cluster's Kubernetes release.
pub fn check_group(group: &InstanceGroup, minor: u64) -> Vec<Refusal> {
    let mut found = Findings { minor, refusals: Vec::new() };
    if MINORS.contains(&minor) {
        found.kubelet("spec.kubelet", group.spec.kubelet.as_ref());
    }
    found.refusals
}

struct Findings {
    minor: u64,
    refusals: Vec<Refusal>,
}

impl Findings {
    fn push(&mut self, rule: Rule, path: String, message: String, hint: String) {
        self.refusals.push(Refusal { rule, path, message, hint, refused_by_kops: false });
    }

    /// Reports a name that the release does not have: `kube-apiserver has no feature gate X`, with its history.
    fn missing(&mut self, thing: &Thing<'_>, support: Support, hint: Option<&str>) {
        let Thing { component, what, name, rule, path } = thing;
        let program = subject(*component);
        let (message, default_hint) = match support {
            Support::Known { .. } => return,
            Support::Removed { minor } => {
                (format!("{program} has no {what} {name} since Kubernetes 1.{minor}"), "remove it".to_owned())
            }
            Support::NotYet { minor } => (
                format!("{program} has no {what} {name} before Kubernetes 1.{minor}"),
                format!("remove it, or write kubernetesVersion 1.{minor}.0 or later"),
            ),
            Support::Unknown { nearest: Some(near) } => {
                (format!("{program} has no {what} {name}"), format!("did you mean {near}?"))
            }
            Support::Unknown { nearest: None } => (format!("{program} has no {what} {name}"), "remove it".to_owned()),
        };
        self.push(*rule, path.clone(), message, hint.map_or(default_hint, str::to_owned));
    }

    fn kubelet(&mut self, base: &str, kubelet: Option<&KubeletConfig>) {
        if let Some(kubelet) = kubelet {
            self.gates(Component::Kubelet, base, &kubelet.feature_gates);
            self.flags(Component::Kubelet, base, kubelet);
        }
    }

    fn gates(&mut self, component: Component, base: &str, gates: &BTreeMap<String, String>) {
        for (name, value) in gates {
            let path = format!("{base}.featureGates.{name}");
            let support = feature_gate(component, self.minor, name);
            if let Support::Known { locked: Some(locked) } = support
                && parse_bool(value).is_some_and(|value| value != locked)
            {
                let message = format!("{} has the feature gate {name} locked to {locked}", subject(component));
                self.push(Rule::LockedFeatureGate, path, message, "remove it".to_owned());
                continue;
            }
            let what = "feature gate";
            self.missing(&Thing { component, what, name, rule: Rule::UnknownFeatureGate, path }, support, None);
        }
    }

    fn flags(&mut self, component: Component, base: &str, settings: &impl Serialize) {
        // A setting that does not serialize was not written.
        let Ok(written) = serde_json::to_value(settings) else { return };
        for Setting { field, flag: name, .. } in settings::of(component) {
            let path = format!("{base}.{field}");
            if holds(&written, field) && !REFUSED_BY_KOPS.contains(&(component, field)) {
                let support = flag(component, self.minor, name);
                let name = &format!("--{name}");
                let thing = Thing { component, what: "flag", name, rule: Rule::RemovedField, path };
                self.missing(&thing, support, successor(component, field));
            }
        }
    }

    fn plugins(&mut self, base: &str, server: &KubeApiServerConfig) {
        // Defaults append the one list to the other: what is in both is reported where it was written.
        let appended = &server.append_admission_plugins;
        let lists = [
            ("appendAdmissionPlugins", appended, true),
            ("enableAdmissionPlugins", &server.enable_admission_plugins, true),
            ("disableAdmissionPlugins", &server.disable_admission_plugins, false),
        ];
        for (field, plugins, enables) in lists {
            for (i, name) in plugins.iter().enumerate() {
                if field == "enableAdmissionPlugins" && appended.contains(name) {
                    continue;
                }
                let (component, what, rule) = (Component::ApiServer, "admission plugin", Rule::UnknownAdmissionPlugin);
                let path = format!("{base}.{field}[{i}]");
                let hint = enables.then(|| replacement(name)).flatten();
                let before = self.refusals.len();
                let thing = Thing { component, what, name, rule, path };
                self.missing(&thing, admission_plugin(self.minor, name), hint);
                for refusal in &mut self.refusals[before..] {
                    refusal.refused_by_kops = enables && name == "PodSecurityPolicy";
                }
            }
        }
    }

    /// Keys are `GROUP/VERSION` or `GROUP/VERSION/RESOURCE`, and words for all of a kind. Of the core group, the API
    /// server takes anything.
    fn apis(&mut self, base: &str, apis: &BTreeMap<String, String>) {
        for key in apis.keys() {
            let path = format!("{base}.runtimeConfig[{key:?}]");
            let parts: Vec<&str> = key.split('/').collect();
            match parts.as_slice() {
                ["api", "all" | "ga" | "beta" | "alpha" | "legacy"] | ["v1", ..] | ["api", "v1", ..] => {}
                [group, version] | [group, version, _] => {
                    let name = &format!("{group}/{version}");
                    let thing =
                        Thing { component: Component::ApiServer, what: "API", name, rule: Rule::UnknownApi, path };
                    self.missing(&thing, api_version(self.minor, name), None);
                }
                _ => {
                    let message = format!("{key} does not name an API");
                    self.push(Rule::UnknownApi, path, message, "such as batch/v1 or api/beta".to_owned());
                }
            }
        }
    }
}

/// A name that a component may not have.
struct Thing<'a> {
    component: Component,
    /// In words, such as `feature gate`.
    what: &'static str,
    name: &'a str,
    rule: Rule,
    path: String,
}

/// Settings whose flags are gone and that kops refuses with a message of its own, see `validation`.
const REFUSED_BY_KOPS: [(Component, &str); 12] = [
    (Component::ApiServer, "admissionControl"),
    (Component::ApiServer, "enableBootstrapTokenAuth"),
    (Component::ControllerManager, "experimentalClusterSigningDuration"),
    (Component::Kubelet, "apiServers"),
    (Component::Kubelet, "bootstrapKubeconfig"),
    (Component::Kubelet, "configureCbr0"),
    (Component::Kubelet, "enableCadvisorJsonEndpoints"),
    (Component::Kubelet, "experimentalAllowedUnsafeSysctls"),
    (Component::Kubelet, "networkPluginMTU"),
    (Component::Kubelet, "networkPluginName"),
    (Component::Kubelet, "nonMasqueradeCIDR"),
    (Component::Kubelet, "requireKubeconfig"),
];

/// A component as the subject of a message.
fn subject(component: Component) -> &'static str {
    match component {
        Component::Kubelet => "the kubelet",
        other => other.name(),
    }
}

/// What replaces a setting whose flag was removed.
fn successor(component: Component, field: &str) -> Option<&'static str> {
    Some(match (component, field) {
        (Component::ApiServer, "address") => "write bindAddress",
        (Component::ApiServer, "experimentalEncryptionProviderConfig") => "write encryptionProviderConfig",
        (Component::ControllerManager, "horizontalPodAutoscalerDownscaleDelay") => {
            "write horizontalPodAutoscalerDownscaleStabilization"
        }
        _ => return None,
    })
}

/// What does the work of an admission plugin that was removed.
fn replacement(plugin: &str) -> Option<&'static str> {
    Some(match plugin {
        "PodSecurityPolicy" | "SecurityContextDeny" | "DenyEscalatingExec" => "use PodSecurity",
        "Initializers" => "use webhooks: MutatingAdmissionWebhook is on",
        _ => return None,
    })
}

/// Whether a field was set, by a path such as `leaderElection.leaderElect`.
fn holds(written: &Value, field: &str) -> bool {
    field.split('.').try_fold(written, |value, name| value.get(name)).is_some()
}

/// Reads a boolean as the flags of Go programs do.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
