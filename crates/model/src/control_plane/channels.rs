//! The pod that applies addons from the state store, on every control-plane node.

use serde_json::json;

use super::pod::{critical, host_path, variable, variables};
use super::{file, system_environment};
use crate::assets::{AssetLocations, image_tag};
use crate::{Context, ManagedFile};

/// The key of the pod below the cluster's directory.
pub const CHANNELS_MANIFEST_KEY: &str = "manifests/channels/kops-channels.yaml";
/// How often addons are compared with what runs.
const INTERVAL: &str = "1m0s";
const KUBECONFIG: &str = "/var/lib/kops/kubeconfig";
/// The port of the pod's health check, which reports whether its last attempt succeeded.
const HEALTH_PORT: u16 = 3986;
/// The user that may read the kubeconfig.
const USER: u32 = 10013;

/// The pod's manifest.
pub(super) fn managed_file(context: &Context<'_>) -> ManagedFile {
    let cluster = context.cluster;
    let locations = AssetLocations::new(cluster, context.facts, context.features, context.environment);
    let image = locations.image(&format!("registry.k8s.io/kops/channels:{}", image_tag(context.environment)));

    let mut arguments: Vec<String> = ["apply", "channel", "--v=4", "--yes"].map(str::to_owned).into();
    arguments.push(format!("--interval={INTERVAL}"));
    arguments.push("--node-name=$(NODE_NAME)".to_owned());
    let base = cluster.spec.config_base.trim_end_matches('/');
    arguments.push(format!("{base}/addons/bootstrap-channel.yaml"));
    arguments.extend(cluster.spec.addons.iter().map(|addon| addon.manifest.clone()));

    let mut environment = vec![
        json!({"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}),
        variable("KUBECONFIG", KUBECONFIG),
        variable("HOME", "/tmp"), // caches are written below it
    ];
    environment.extend(variables(system_environment(cluster, context.environment)));

    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "kops-channels", "namespace": "kube-system", "labels": {"k8s-app": "kops-channels"}},
        "spec": {
            "hostNetwork": true,
            "dnsPolicy": "Default", // it brings the cluster's DNS, so it cannot rely on it
            "priorityClassName": "system-node-critical",
            "tolerations": critical(),
            "containers": [{
                "name": "kops-channels",
                "image": image,
                "args": arguments,
                "env": environment,
                "resources": {"requests": {"cpu": "50m", "memory": "50Mi"}},
                "readinessProbe": {
                    "httpGet": {"host": "127.0.0.1", "path": "/readyz", "port": HEALTH_PORT},
                    "initialDelaySeconds": 30,
                    "periodSeconds": 10,
                    "failureThreshold": 2,
                },
                "securityContext": {"runAsUser": USER, "runAsNonRoot": true},
                "volumeMounts": [{"name": "kubeconfig", "mountPath": KUBECONFIG, "readOnly": true}],
            }],
            "volumes": [host_path("kubeconfig", KUBECONFIG, "File")],
        },
        "status": {},
    });
    file(context, "manifests-channels-kops-channels", CHANNELS_MANIFEST_KEY, kopsform_yaml::to_string(&pod))
}
