//! Every object of every manifest is one that Kubernetes knows: it parses as its type, and no field of it is lost.

use k8s_openapi::Resource;
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::core::v1::{ConfigMap, Endpoints, LimitRange, Namespace, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{CSIDriver, StorageClass};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cluster::cases;

/// Kinds that nothing in the cluster's manifests defines: version, kind, and why.
const DEFINED_ELSEWHERE: [(&str, &str, &str); 3] = [
    ("gateway.networking.k8s.io/v1", "GatewayClass", "users install the Gateway API"),
    ("kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration", "the scheduler reads it from a file"),
    ("policy/v1beta1", "PodDisruptionBudget", "kops' kube-dns has it still, though Kubernetes dropped it in 1.25"),
];

#[test]
fn every_object_parses_as_its_kind() {
    let mut wrong = Vec::new();
    for case in cases() {
        let objects = case.objects();
        for object in &objects {
            let name = format!("{}: {} {}", case.name, object["kind"], object["metadata"]["name"]);
            wrong.extend(check(object, &objects).into_iter().map(|problem| format!("{name}: {problem}")));
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_field_that_kubernetes_does_not_know_is_found() {
    let object = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": "a" },
        "spec": { "ports": [{ "port": 80, "targetport": 81 }] },
    });
    assert_eq!(check(&object, &[]), ["spec.ports[0].targetport is no field of it"]);
    let object = serde_json::json!({ "apiVersion": "v1", "kind": "Service", "metadata": [] });
    assert_eq!(check(&object, &[]).len(), 1);
    let object = serde_json::json!({ "apiVersion": "example.com/v1", "kind": "Thing" });
    assert_eq!(check(&object, &[]), ["nothing defines example.com/v1 Thing"]);
}

/// What is wrong with an object; `all` are the objects of its cluster, definitions of resources included.
fn check(object: &Value, all: &[Value]) -> Vec<String> {
    let (version, kind) =
        (object["apiVersion"].as_str().unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
    macro_rules! kinds {
        ($($kind:ty),+ $(,)?) => {
            $(if (version, kind) == (<$kind as Resource>::API_VERSION, <$kind as Resource>::KIND) {
                return parse::<$kind>(object);
            })+
        };
    }
    kinds!(
        APIService,
        CSIDriver,
        ClusterRole,
        ClusterRoleBinding,
        ConfigMap,
        CustomResourceDefinition,
        DaemonSet,
        Deployment,
        Endpoints,
        IngressClass,
        LimitRange,
        MutatingWebhookConfiguration,
        Namespace,
        PodDisruptionBudget,
        PriorityClass,
        Role,
        RoleBinding,
        RuntimeClass,
        Secret,
        Service,
        ServiceAccount,
        StorageClass,
        ValidatingWebhookConfiguration,
    );
    let defined = all.iter().any(|definition| defines(definition, version, kind))
        || DEFINED_ELSEWHERE.iter().any(|(v, k, _)| (*v, *k) == (version, kind));
    if defined { Vec::new() } else { vec![format!("nothing defines {version} {kind}")] }
}

/// Whether a definition serves the version of the kind.
fn defines(definition: &Value, version: &str, kind: &str) -> bool {
    let spec = &definition["spec"];
    let served = spec["versions"].as_array().into_iter().flatten().filter(|v| v["served"] == true);
    definition["kind"] == "CustomResourceDefinition"
        && spec["names"]["kind"] == kind
        && served.into_iter().any(|v| {
            version
                == format!("{}/{}", spec["group"].as_str().unwrap_or_default(), v["name"].as_str().unwrap_or_default())
        })
}

/// Reads the object into its type and back.
fn parse<T: DeserializeOwned + Serialize>(object: &Value) -> Vec<String> {
    match serde_json::from_value::<T>(object.clone()) {
        Err(error) => vec![error.to_string()],
        Ok(typed) => {
            let mut lost = Vec::new();
            find_lost(object, &serde_json::to_value(&typed).unwrap(), "", &mut lost);
            lost
        }
    }
}

/// Names the fields that the type dropped, which are those it doesn't have. What says nothing may be dropped.
fn find_lost(written: &Value, kept: &Value, path: &str, lost: &mut Vec<String>) {
    match (written, kept) {
        (Value::Object(written), Value::Object(kept)) => {
            for (key, value) in written {
                let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match kept.get(key) {
                    Some(kept) => find_lost(value, kept, &here, lost),
                    None if says_nothing(value) => {}
                    None => lost.push(format!("{here} is no field of it")),
                }
            }
        }
        (Value::Array(written), Value::Array(kept)) => {
            for (index, (written, kept)) in written.iter().zip(kept).enumerate() {
                find_lost(written, kept, &format!("{path}[{index}]"), lost);
            }
        }
        _ => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
