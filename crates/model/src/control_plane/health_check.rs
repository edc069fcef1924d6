//! The container next to each API server that answers health checks of load balancers, which have no certificate.

use serde_json::json;

use super::file;
use super::pod::host_path;
use crate::assets::{AssetLocations, image_tag};
use crate::{Context, ManagedFile};

/// The name of the pod whose container nodeup adds to the API server's.
pub(super) const NAME: &str = "kube-apiserver-healthcheck";
const PORT: u16 = 3990;
const USER: u32 = 10012;
const SECRETS: &str = "/etc/kubernetes/kube-apiserver-healthcheck/secrets";

/// The key of the manifest below the cluster's directory.
pub(super) fn manifest_key() -> String {
    format!("manifests/static/{NAME}.yaml")
}

/// The manifest: a pod without a name, of which nodeup takes the container and the volume.
pub(super) fn managed_file(context: &Context<'_>) -> ManagedFile {
    let locations = AssetLocations::new(context.cluster, context.facts, context.features, context.environment);
    let image = locations.image(&format!("registry.k8s.io/kops/{NAME}:{}", image_tag(context.environment)));
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {},
        "spec": {
            "containers": [{
                "name": "healthcheck",
                "image": image,
                "args": ["--ca-cert=/secrets/ca.crt", "--client-cert=/secrets/client.crt", "--client-key=/secrets/client.key"],
                "livenessProbe": {
                    "httpGet": {"host": "127.0.0.1", "path": format!("/.{NAME}/healthz"), "port": PORT},
                    "initialDelaySeconds": 5,
                    "timeoutSeconds": 5,
                },
                "resources": {},
                "securityContext": {"runAsNonRoot": true, "runAsUser": USER},
                "volumeMounts": [{"name": "healthcheck-secrets", "mountPath": "/secrets", "readOnly": true}],
            }],
            "volumes": [host_path("healthcheck-secrets", SECRETS, "Directory")],
        },
        "status": {},
    });
    file(context, &format!("manifests-static-{NAME}"), &manifest_key(), kopsform_yaml::to_string(&pod))
}
