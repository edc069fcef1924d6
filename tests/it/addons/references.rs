//! What the objects of a cluster name is there: accounts, configuration, secrets, images, volumes, roles, pods of services.

use std::collections::BTreeSet;

use kopsform_model::Context;
use kopsform_model::addons;
use kopsform_model::addons::versions::{COMPONENTS, kubernetes_minor};
use kopsform_spec::v1alpha2::Assets;
use serde_json::Value;

use super::cluster::cases;

/// Objects that others name and no manifest makes: kind, namespace/name, and who makes them or why they are missing.
const MADE_ELSEWHERE: [(&str, &str, &str); 16] = [
    ("ServiceAccount", "kube-system/default", "every namespace has it"),
    ("ServiceAccount", "kube-system/aws-cloud-provider", "the cloud provider inside former releases of Kubernetes"),
    (
        "ServiceAccount",
        "kube-system/cloud-node-controller",
        "a controller of the cloud provider with credentials of its own",
    ),
    ("ServiceAccount", "kube-system/cloud-provider", "the cloud provider inside former releases of Kubernetes"),
    ("ServiceAccount", "/snapshot-controller", "kops leaves out the namespace here"),
    ("ConfigMap", "kube-system/aws-iam-authenticator", "users, where the back end is a mounted file"),
    ("ConfigMap", "kube-system/kube-dns", "users; optional"),
    ("Secret", "kube-system/cilium-clustermesh", "users, for a mesh of clusters; optional"),
    ("Secret", "kube-system/clustermesh-apiserver-local-cert", "the same; optional"),
    ("Secret", "kube-system/clustermesh-apiserver-remote-cert", "the same; optional"),
    ("ClusterRole", "/csi-gce-pd-controller-deploy", "kops binds it, and no manifest has it"),
    ("ClusterRole", "/csi-gce-pd-node-deploy", "kops binds it, and no manifest has it"),
    ("ClusterRole", "/system:auth-delegator", "Kubernetes"),
    ("ClusterRole", "/system:kubelet-api-admin", "Kubernetes"),
    ("ClusterRole", "/system:node-problem-detector", "Kubernetes"),
    ("Role", "kube-system/extension-apiserver-authentication-reader", "Kubernetes"),
];

/// The registry of images that goldens put in place of the usual ones.
const OWN_REGISTRY: &str = "registry.example.com/";

/// A registry of all images, and a digest for them.
const MIRROR: &str = "mirror.example.com";
const DIGEST: &str = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

#[test]
fn what_objects_name_exists() {
    let (mut missing, mut elsewhere) = (BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        let objects = case.objects();
        let names = names(&objects);
        for reference in objects.iter().flat_map(references) {
            if names.contains(&(reference.kind.to_owned(), reference.name.clone())) {
                continue;
            }
            match MADE_ELSEWHERE.iter().find(|(kind, name, _)| (*kind, *name) == (reference.kind, &reference.name)) {
                Some((kind, name, _)) => elsewhere.insert((kind, name)),
                None => missing.insert(format!("{} names {} {}", reference.from, reference.kind, reference.name)),
            };
        }
    }
    assert!(missing.is_empty(), "{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
    let idle = MADE_ELSEWHERE.iter().filter(|(kind, name, _)| !elsewhere.contains(&(kind, name)));
    assert_eq!(idle.collect::<Vec<_>>(), Vec::<&(&str, &str, &str)>::new(), "nothing names these any more");
}

#[test]
fn every_image_is_in_the_table_of_versions() {
    let mut unknown = BTreeSet::new();
    for case in cases() {
        let minor = kubernetes_minor(case.context().cluster);
        for image in case.objects().iter().filter_map(pod).flat_map(|pod| images(&pod)) {
            let (repository, tag) = image.rsplit_once(':').unwrap_or((&image, ""));
            let known = COMPONENTS.iter().any(|component| {
                component.repository == repository
                    // Networks of several images of one version have one row.
                    || ["calico", "cilium"].contains(&component.addon)
                        && repository.rsplit_once('/').map(|(family, _)| family)
                            == component.repository.rsplit_once('/').map(|(family, _)| family)
                        && tag == component.version(minor)
            });
            if tag.is_empty() || !known && !image.starts_with(OWN_REGISTRY) {
                unknown.insert(format!("{}: {image}", case.name));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn registry_and_digests_reach_every_image() {
    for case in cases() {
        let mut cluster = case.context().cluster.clone();
        cluster.spec.assets = Some(Assets { container_registry: Some(MIRROR.to_owned()), ..Assets::default() });
        let mirrored = all_images(&Context { cluster: &cluster, ..case.context() });
        for image in &mirrored {
            assert!(image.starts_with(&format!("{MIRROR}/")), "{}: {image} is not from the mirror", case.name);
        }
        let mut facts = case.context().facts.clone();
        facts.image_digests = mirrored.into_iter().map(|image| (image, DIGEST.to_owned())).collect();
        for image in all_images(&Context { cluster: &cluster, facts: &facts, ..case.context() }) {
            assert!(image.ends_with(&format!("@{DIGEST}")), "{}: {image} has no digest", case.name);
        }
    }
}

/// The images of all pods of a cluster's addons.
fn all_images(context: &Context<'_>) -> BTreeSet<String> {
    let manifests = addons::manifests(context).unwrap();
    let pods = manifests.iter().flat_map(|manifest| &manifest.objects).filter_map(pod);
    pods.flat_map(|pod| images(&pod)).collect()
}

#[test]
fn pods_fit_what_selects_and_mounts_them() {
    let mut wrong = BTreeSet::new();
    for case in cases() {
        let objects = case.objects();
        for object in &objects {
            let name = format!("{}: {}", case.name, named(object));
            wrong.extend(pod_problems(object).into_iter().map(|problem| format!("{name}: {problem}")));
            if let Some(selector) = orphan_selector(object, &objects) {
                wrong.insert(format!("{name}: no pod has the labels {selector}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Services whose pods come from elsewhere: etcd's and Cilium's shared ingress, which Cilium itself answers.
const OTHER_PODS: [&str; 2] = ["etcd-", "cilium-ingress"];

/// A service's selector if no pod of the cluster's has its labels.
fn orphan_selector(object: &Value, all: &[Value]) -> Option<Value> {
    let selector = object.pointer("/spec/selector").filter(|_| object["kind"] == "Service")?;
    let name = text(object, "/metadata/name");
    let fits = |other: &Value| {
        let labels = other.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
        selector.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)))
    };
    let elsewhere = OTHER_PODS.iter().any(|prefix| name.starts_with(prefix));
    (!elsewhere && !all.iter().any(fits)).then(|| selector.clone())
}

/// What is wrong with an object's own pods.
fn pod_problems(object: &Value) -> Vec<String> {
    let Some(pod) = pod(object) else { return Vec::new() };
    let mut problems = Vec::new();
    let labels = object.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    for (key, value) in object.pointer("/spec/selector/matchLabels").and_then(Value::as_object).into_iter().flatten() {
        if labels.get(key) != Some(value) {
            problems.push(format!("its pods lack the label {key}={value} of its selector"));
        }
    }
    let volumes: Vec<&str> = list(&pod, "volumes").filter_map(|volume| volume["name"].as_str()).collect();
    let mut mounted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for container in containers(&pod) {
        let container_name = container["name"].as_str().unwrap_or_default();
        if !seen.insert(container_name.to_owned()) {
            problems.push(format!("two containers are called {container_name}"));
        }
        let mut paths = BTreeSet::new();
        for mount in list(&container, "volumeMounts") {
            let volume = mount["name"].as_str().unwrap_or_default();
            mounted.insert(volume.to_owned());
            if !volumes.contains(&volume) {
                problems.push(format!("container {container_name} mounts {volume}, which is no volume"));
            }
            if !paths.insert(mount["mountPath"].to_string()) {
                problems.push(format!("container {container_name} mounts two volumes at {}", mount["mountPath"]));
            }
        }
    }
    let idle = volumes.iter().filter(|volume| !mounted.contains(**volume));
    problems.extend(idle.map(|volume| format!("nothing mounts the volume {volume}")));
    problems
}

/// Something that one object names.
struct Reference {
    from: String,
    kind: &'static str,
    /// `namespace/name`; no namespace for what is the whole cluster's.
    name: String,
}

fn references(object: &Value) -> Vec<Reference> {
    let from = named(object);
    let namespace = text(object, "/metadata/namespace");
    let mut found = Vec::new();
    let mut add = |kind, namespace: &str, name: &str| {
        found.push(Reference { from: from.clone(), kind, name: format!("{namespace}/{name}") });
    };
    if let Some(pod) = pod(object) {
        match text(&pod, "/serviceAccountName") {
            "" => add("ServiceAccount", namespace, "default"),
            account => add("ServiceAccount", namespace, account),
        }
        for volume in list(&pod, "volumes") {
            let projected = volume.pointer("/projected/sources").and_then(Value::as_array);
            for source in std::iter::once(volume).chain(projected.into_iter().flatten()) {
                for (kind, pointer) in
                    [("ConfigMap", "/configMap/name"), ("Secret", "/secret/secretName"), ("Secret", "/secret/name")]
                {
                    if let Some(name) = source.pointer(pointer).and_then(Value::as_str) {
                        add(kind, namespace, name);
                    }
                }
            }
        }
        for container in containers(&pod) {
            let variables = list(&container, "env").filter_map(|variable| variable.get("valueFrom"));
            for source in variables.chain(list(&container, "envFrom")) {
                for (kind, keys) in
                    [("ConfigMap", ["configMapKeyRef", "configMapRef"]), ("Secret", ["secretKeyRef", "secretRef"])]
                {
                    let optional = |reference: &&Value| reference["optional"] != true;
                    for reference in keys.iter().filter_map(|key| source.get(key)).filter(optional) {
                        add(kind, namespace, reference["name"].as_str().unwrap_or_default());
                    }
                }
            }
        }
    }
    match object["kind"].as_str().unwrap_or_default() {
        "RoleBinding" | "ClusterRoleBinding" => {
            let role = text(object, "/roleRef/name");
            match text(object, "/roleRef/kind") {
                "Role" => add("Role", namespace, role),
                _ => add("ClusterRole", "", role),
            }
            for subject in list(object, "subjects").filter(|subject| subject["kind"] == "ServiceAccount") {
                add("ServiceAccount", text(subject, "/namespace"), text(subject, "/name"));
            }
        }
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => {
            for webhook in list(object, "webhooks").filter(|webhook| webhook.pointer("/clientConfig/service").is_some())
            {
                add(
                    "Service",
                    text(webhook, "/clientConfig/service/namespace"),
                    text(webhook, "/clientConfig/service/name"),
                );
            }
        }
        "APIService" => add("Service", text(object, "/spec/service/namespace"), text(object, "/spec/service/name")),
        _ => {}
    }
    found
}

/// The existing objects, by kind and `namespace/name`. Secrets of cert-manager's certificates are there as well.
fn names(objects: &[Value]) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    for object in objects {
        let is_of_cluster = text(object, "/kind").starts_with("Cluster");
        let namespace = if is_of_cluster { "" } else { text(object, "/metadata/namespace") };
        names.insert((text(object, "/kind").to_owned(), format!("{namespace}/{}", text(object, "/metadata/name"))));
        if object["kind"] == "Certificate" {
            names.insert(("Secret".to_owned(), format!("{namespace}/{}", text(object, "/spec/secretName"))));
        }
    }
    names
}

/// The specification of the pods that an object makes.
fn pod(object: &Value) -> Option<Value> {
    object.pointer("/spec/template/spec").filter(|spec| spec.get("containers").is_some()).cloned()
}

fn containers(pod: &Value) -> impl Iterator<Item = Value> {
    list(pod, "initContainers").chain(list(pod, "containers")).cloned().collect::<Vec<_>>().into_iter()
}

fn images(pod: &Value) -> Vec<String> {
    containers(pod).map(|container| container["image"].as_str().unwrap_or_default().to_owned()).collect()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn named(object: &Value) -> String {
    format!("{} {}/{}", text(object, "/kind"), text(object, "/metadata/namespace"), text(object, "/metadata/name"))
}
