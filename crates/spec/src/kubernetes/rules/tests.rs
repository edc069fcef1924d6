#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

/// Findings of a cluster with these settings, each `path: message (hint)`.
fn findings(minor: u64, spec: Value) -> Vec<String> {
    let cluster: Cluster = serde_json::from_value(json!({ "spec": spec })).unwrap();
    check_cluster(&cluster, minor).iter().map(line).collect()
}

fn line(refusal: &Refusal) -> String {
    format!("{}: {} ({})", refusal.path, refusal.message, refusal.hint)
}

#[test]
fn feature_gates_of_every_component_are_held_against_the_release() {
    let gates = json!({ "featureGates": { "TTLAfterFinished": "true" } });
    let spec = json!({
        "kubelet": { "featureGates": { "NoSuchGate": "true" } },
        "masterKubelet": gates, "kubeAPIServer": gates, "kubeControllerManager": gates, "kubeScheduler": gates, "kubeProxy": gates,
    });
    assert_eq!(
        findings(36, spec.clone()),
        [
            "spec.kubeAPIServer.featureGates.TTLAfterFinished: kube-apiserver has no feature gate TTLAfterFinished since Kubernetes 1.25 (remove it)",
            "spec.kubeControllerManager.featureGates.TTLAfterFinished: kube-controller-manager has no feature gate TTLAfterFinished since Kubernetes 1.25 (remove it)",
            "spec.kubeScheduler.featureGates.TTLAfterFinished: kube-scheduler has no feature gate TTLAfterFinished since Kubernetes 1.25 (remove it)",
            "spec.kubeProxy.featureGates.TTLAfterFinished: kube-proxy has no feature gate TTLAfterFinished since Kubernetes 1.25 (remove it)",
            "spec.kubelet.featureGates.NoSuchGate: the kubelet has no feature gate NoSuchGate (remove it)",
            "spec.masterKubelet.featureGates.TTLAfterFinished: the kubelet has no feature gate TTLAfterFinished since Kubernetes 1.25 (remove it)",
        ]
    );
    assert_eq!(findings(37, spec.clone()), [""; 0], "the table does not describe 1.37");
    assert_eq!(findings(30, spec), [""; 0]);
}

#[test]
fn a_gate_is_only_set_to_what_it_is_locked_to_and_not_before_it_exists() {
    let image_volume = |value: &str| json!({ "kubelet": { "featureGates": { "ImageVolume": value } } });
    assert_eq!(findings(36, image_volume("true")), [""; 0]);
    assert_eq!(findings(36, image_volume("T")), [""; 0]);
    assert_eq!(findings(35, image_volume("false")), [""; 0]);
    assert_eq!(
        findings(36, image_volume("false")),
        [
            "spec.kubelet.featureGates.ImageVolume: the kubelet has the feature gate ImageVolume locked to true (remove it)"
        ]
    );
    assert_eq!(
        findings(31, json!({ "kubeScheduler": { "featureGates": { "DRAPrioritizedList": "true" } } })),
        [
            "spec.kubeScheduler.featureGates.DRAPrioritizedList: kube-scheduler has no feature gate DRAPrioritizedList before Kubernetes 1.33 (remove it, or write kubernetesVersion 1.33.0 or later)"
        ]
    );
}

#[test]
fn a_kube_proxy_that_does_not_run_refuses_nothing() {
    let proxy = json!({ "kubeProxy": { "enabled": false, "featureGates": { "TTLAfterFinished": "true" } } });
    assert_eq!(findings(36, proxy), [""; 0]);
}

#[test]
fn groups_are_checked_by_their_own_settings() {
    let group: InstanceGroup = serde_json::from_value(json!({
        "spec": { "kubelet": { "featureGates": { "DynamicKubeletConfig": "true" }, "reconcileCIDR": true } }
    }))
    .unwrap();
    assert_eq!(
        check_group(&group, 36).iter().map(line).collect::<Vec<_>>(),
        [
            "spec.kubelet.featureGates.DynamicKubeletConfig: the kubelet has no feature gate DynamicKubeletConfig since Kubernetes 1.26 (remove it)",
            "spec.kubelet.reconcileCIDR: the kubelet has no flag --reconcile-cidr since Kubernetes 1.6 (remove it)",
        ]
    );
}

#[test]
fn admission_plugins_of_all_three_lists() {
    let spec = json!({ "kubeAPIServer": {
        "appendAdmissionPlugins": ["AlwaysPullImages", "PodSecurityPolicy"],
        "enableAdmissionPlugins": ["NodeRestriction", "PersistentVolumeLabel", "AlwaysPulImages", "PodSecurityPolicy"],
        "disableAdmissionPlugins": ["SecurityContextDeny"],
    }});
    assert_eq!(
        findings(36, spec),
        [
            "spec.kubeAPIServer.appendAdmissionPlugins[1]: kube-apiserver has no admission plugin PodSecurityPolicy since Kubernetes 1.25 (use PodSecurity)",
            "spec.kubeAPIServer.enableAdmissionPlugins[1]: kube-apiserver has no admission plugin PersistentVolumeLabel since Kubernetes 1.31 (remove it)",
            "spec.kubeAPIServer.enableAdmissionPlugins[2]: kube-apiserver has no admission plugin AlwaysPulImages (did you mean AlwaysPullImages?)",
            "spec.kubeAPIServer.disableAdmissionPlugins[0]: kube-apiserver has no admission plugin SecurityContextDeny since Kubernetes 1.30 (remove it)",
        ]
    );
}

#[test]
fn only_the_plugin_that_kops_refuses_is_marked() {
    let cluster = |field: &str, plugin: &str| -> Cluster {
        serde_json::from_value(json!({ "spec": { "kubeAPIServer": { field: [plugin] } } })).unwrap()
    };
    let refused = |field: &str, plugin: &str| check_cluster(&cluster(field, plugin), 34)[0].refused_by_kops;
    assert!(refused("appendAdmissionPlugins", "PodSecurityPolicy"));
    assert!(refused("enableAdmissionPlugins", "PodSecurityPolicy"));
    assert!(!refused("disableAdmissionPlugins", "PodSecurityPolicy"));
    assert!(!refused("appendAdmissionPlugins", "Initializers"));
}

#[test]
fn flags_that_settings_become() {
    let spec = json!({
        "kubelet": {
            "anonymousAuth": false, "enableCustomMetrics": true, "imagePullProgressDeadline": "10m0s", "reconcileCIDR": true,
            "babysitDaemons": true, "seccompProfileRoot": "/var/lib/kubelet/seccomp", "allowPrivileged": true,
            "networkPluginName": "cni", "imageMinimumGCAge": "2m0s",
        },
        "kubeControllerManager": {
            "podEvictionTimeout": "10s", "horizontalPodAutoscalerDownscaleDelay": "5m0s",
            "horizontalPodAutoscalerUpscaleDelay": "3m0s", "leaderElection": { "leaderElect": true },
        },
        "kubeAPIServer": { "auditLogPath": "-", "insecurePort": 0, "etcdQuorumRead": true },
    });
    let paths: Vec<String> =
        findings(36, spec).iter().map(|line| line.replace(" (remove it)", "").replace("has no flag ", "")).collect();
    assert_eq!(
        paths,
        [
            "spec.kubeAPIServer.etcdQuorumRead: kube-apiserver --etcd-quorum-read since Kubernetes 1.13",
            "spec.kubeControllerManager.podEvictionTimeout: kube-controller-manager --pod-eviction-timeout since Kubernetes 1.27",
            "spec.kubeControllerManager.horizontalPodAutoscalerDownscaleDelay: kube-controller-manager --horizontal-pod-autoscaler-downscale-delay since Kubernetes 1.31 (write horizontalPodAutoscalerDownscaleStabilization)",
            "spec.kubeControllerManager.horizontalPodAutoscalerUpscaleDelay: kube-controller-manager --horizontal-pod-autoscaler-upscale-delay since Kubernetes 1.31",
            "spec.kubelet.seccompProfileRoot: the kubelet --seccomp-profile-root since Kubernetes 1.23",
            "spec.kubelet.babysitDaemons: the kubelet --babysit-daemons since Kubernetes 1.7",
            "spec.kubelet.reconcileCIDR: the kubelet --reconcile-cidr since Kubernetes 1.6",
            "spec.kubelet.enableCustomMetrics: the kubelet --enable-custom-metrics since Kubernetes 1.11",
            "spec.kubelet.imageMinimumGCAge: the kubelet --image-minimum-gc-age",
            "spec.kubelet.imagePullProgressDeadline: the kubelet --image-pull-progress-deadline since Kubernetes 1.24",
        ]
    );
}

#[test]
fn keys_of_runtime_config_are_versions_resources_or_words() {
    let config = json!({ "kubeAPIServer": { "runtimeConfig": {
        "api/all": "true", "api/beta": "false", "api/legacy": "true", "v1": "true", "api/v1": "true", "batch/v1": "true",
        "networking.k8s.io/v1/ingresses": "true", "admissionregistration.k8s.io/v1beta1": "true",
        "batch/v2alpha1": "true", "settings.k8s.io/v1alpha1": "true", "resource.k8s.io/v1": "true", "batch": "true",
    }}});
    let found = findings(33, config);
    assert_eq!(
        found,
        [
            "spec.kubeAPIServer.runtimeConfig[\"batch\"]: batch does not name an API (such as batch/v1 or api/beta)",
            "spec.kubeAPIServer.runtimeConfig[\"batch/v2alpha1\"]: kube-apiserver has no API batch/v2alpha1 since Kubernetes 1.21 (remove it)",
            "spec.kubeAPIServer.runtimeConfig[\"resource.k8s.io/v1\"]: kube-apiserver has no API resource.k8s.io/v1 before Kubernetes 1.34 (remove it, or write kubernetesVersion 1.34.0 or later)",
            "spec.kubeAPIServer.runtimeConfig[\"settings.k8s.io/v1alpha1\"]: kube-apiserver has no API settings.k8s.io/v1alpha1 since Kubernetes 1.20 (remove it)",
        ]
    );
}
