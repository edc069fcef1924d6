//! `bootstrap-channel.yaml`: what the cluster applies, by name, variant and hash.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::build::Manifest;
use super::finish::{ADDON_LABEL, MANAGED_BY, text};
use kopsform_yaml as yaml;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    manifest: &'a str,
    manifest_hash: String,
    /// kops writes it even where there is none.
    selector: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_rolling_update: Option<&'static str>,
    #[serde(rename = "needsPKI", skip_serializing_if = "std::ops::Not::not")]
    needs_pki: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    prune: Option<Prune>,
}

/// What is deleted when it is no longer in the manifest.
#[derive(Serialize)]
struct Prune {
    kinds: Vec<PruneKind>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PruneKind {
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'static str,
    kind: &'static str,
    /// Where the manifest has objects of the kind; all namespaces if it has none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    namespaces: BTreeSet<String>,
    label_selector: String,
}

/// Kinds that are safe to delete, by group and kind. Namespaces and resource definitions are not: they take others along.
const PRUNED: [(&str, &str); 13] = [
    ("", "ConfigMap"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("policy", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
];

/// Kinds of Karpenter's own that go with their instance groups.
const PRUNED_OF_KARPENTER: [(&str, &str); 2] = [("karpenter.k8s.aws", "EC2NodeClass"), ("karpenter.sh", "NodePool")];

fn prune(addon: &str, objects: &[Value]) -> Prune {
    let mut kinds = PRUNED.to_vec();
    if addon == "karpenter.sh" {
        kinds.extend(PRUNED_OF_KARPENTER);
    }
    kinds.sort_unstable();
    let kinds = kinds.into_iter().map(|(group, kind)| {
        let same = |object: &&Value| text(object, "/kind") == kind && group_of(text(object, "/apiVersion")) == group;
        let namespaces = objects.iter().filter(same).map(|object| text(object, "/metadata/namespace"));
        PruneKind {
            group,
            kind,
            namespaces: namespaces.filter(|namespace| !namespace.is_empty()).map(str::to_owned).collect(),
            label_selector: format!("{ADDON_LABEL}={addon},{}={}", MANAGED_BY.0, MANAGED_BY.1),
        }
    });
    Prune { kinds: kinds.collect() }
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The channel's text.
pub(super) fn bootstrap(manifests: &[Manifest]) -> String {
    let entries = manifests.iter().map(|manifest| {
        let plan = &manifest.plan;
        Entry {
            name: plan.name,
            id: plan.id,
            manifest: &manifest.path,
            manifest_hash: hex(&Sha256::digest(manifest.content.as_bytes())),
            selector: Some(plan.selector.labels(plan.name)).filter(|labels| !labels.is_empty()),
            needs_rolling_update: plan.rolling_update.map(super::plan::RollingUpdate::as_str),
            needs_pki: plan.needs_pki,
            prune: plan.prune.then(|| prune(plan.name, &manifest.objects)),
        }
    });
    // Entries are plain maps of strings, so they always become JSON.
    let entries: Vec<Value> = entries.filter_map(|entry| serde_json::to_value(entry).ok()).collect();
    yaml::to_string(&serde_json::json!({
        "kind": "Addons",
        "metadata": { "name": "bootstrap" },
        "spec": { "addons": entries },
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
