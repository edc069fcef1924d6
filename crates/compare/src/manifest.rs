//! Kubernetes manifests, and kops' own objects: matched by apiVersion, kind, namespace and name, in any order.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::content::{self, Area, Change};
use crate::hashes::Hashes;
use crate::path::Path;
use crate::tree::{self, Difference, Leaf, ListRule, Rules};

/// Whether a document is an object.
pub(crate) fn is_object(document: &Value) -> bool {
    let text = |name: &str| document.get(name).is_some_and(Value::is_string);
    text("apiVersion") && text("kind")
}

type Objects<'v> = BTreeMap<(String, String), &'v Value>;

pub(crate) fn diff(old: &[Value], new: &[Value], hashes: &Hashes<'_>) -> Vec<Change> {
    let (mut a, mut b) = (by_identity(old), by_identity(new));
    let mut found = Vec::new();
    let mut pairs: Vec<(String, Option<&Value>, Option<&Value>)> = Vec::new();
    let shared: Vec<(String, String)> = a.keys().filter(|key| b.contains_key(*key)).cloned().collect();
    for key in shared {
        pairs.push((key.0.clone(), a.remove(&key), b.remove(&key)));
    }
    // Of another version of the API, but the same object.
    for ((name, _), object) in a {
        let key = b.range((name.clone(), String::new())..).next().map(|(key, _)| key.clone());
        let other = key.filter(|(other, _)| *other == name).and_then(|key| b.remove(&key));
        pairs.push((name, Some(object), other));
    }
    pairs.extend(b.into_iter().map(|((name, _), object)| (name, None, Some(object))));
    pairs.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    for (name, a, b) in pairs {
        let area = Area::Object(name);
        match (a, b) {
            (Some(a), Some(b)) => {
                let (a, b) = comparable(a, b);
                let rules = ObjectRules { hashes };
                found.extend(tree::diff(&a, &b, &rules).into_iter().map(|d| Change::new(area.clone(), d)));
            }
            (a, b) => {
                let whole = Difference { path: Path::default(), old: a.cloned(), new: b.cloned(), reordered: false };
                found.push(Change::new(area, whole));
            }
        }
    }
    found
}

/// Objects by `Kind namespace/name` and apiVersion.
fn by_identity(documents: &[Value]) -> Objects<'_> {
    let mut found = Objects::new();
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    for document in documents {
        let version = document.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut key = (name_of(document), version);
        let count = counts.entry(key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            key.0 = format!("{} #{count}", key.0);
        }
        found.insert(key, document);
    }
    found
}

fn name_of(document: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let metadata = document.get("metadata");
    let kind = text(document.get("kind"));
    let name = text(metadata.and_then(|m| m.get("name")));
    let namespace = text(metadata.and_then(|m| m.get("namespace")));
    match (name.is_empty(), namespace.is_empty()) {
        (true, _) => kind,
        (false, true) => format!("{kind} {name}"),
        (false, false) => format!("{kind} {namespace}/{name}"),
    }
}

/// Both versions without what has no meaning.
fn comparable(old: &Value, new: &Value) -> (Value, Value) {
    let (mut a, mut b) = (old.clone(), new.clone());
    let kind = new.get("kind").and_then(Value::as_str).unwrap_or_default();
    for object in [&mut a, &mut b] {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("creationTimestamp");
            if matches!(kind, "Cluster" | "InstanceGroup") {
                metadata.remove("generation");
            }
        }
        if kind == "CustomResourceDefinition" {
            without_descriptions(object);
            without_display(object);
        }
    }
    if kind == "CustomResourceDefinition" {
        open_schemas(&mut a, &mut b);
    }
    (a, b)
}

/// Descriptions of fields are documentation.
fn without_descriptions(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("description").is_some_and(Value::is_string) {
                fields.remove("description");
            }
            fields.values_mut().for_each(without_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(without_descriptions),
        _ => {}
    }
}

/// Removes what a definition has for its readers: the columns that `kubectl get` prints, warnings about old versions, the program
/// that made it, its status; and what is the default of the API.
fn without_display(definition: &mut Value) {
    let Some(fields) = definition.as_object_mut() else { return };
    fields.remove("status");
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.retain(|name, _| !name.starts_with("controller-gen.kubebuilder.io/"));
        }
        remove_if(metadata, "annotations", &json!({}));
    }
    let Some(spec) = fields.get_mut("spec").and_then(Value::as_object_mut) else { return };
    remove_if(spec, "preserveUnknownFields", &json!(false));
    for version in spec.get_mut("versions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(version) = version.as_object_mut() {
            version.remove("additionalPrinterColumns");
            version.remove("deprecationWarning");
            remove_if(version, "deprecated", &json!(false));
            remove_if(version, "subresources", &json!({}));
        }
    }
}

fn remove_if(fields: &mut Map<String, Value>, name: &str, value: &Value) {
    if fields.get(name) == Some(value) {
        fields.remove(name);
    }
}

/// A schema that preserves unknown fields accepts every object that a detailed schema does: where one version of a definition
/// has such a schema and the other has a detailed one, the objects of the cluster are valid under both.
fn open_schemas(a: &mut Value, b: &mut Value) {
    let versions = |value: &Value| -> BTreeMap<String, bool> {
        let versions = value.pointer("/spec/versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let name = |version: &Value| version.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        versions.iter().map(|v| (name(v), holds_open(v.get("schema").unwrap_or(&Value::Null)))).collect()
    };
    let (x, y) = (versions(a), versions(b));
    let differ = |name: &str| x.get(name).zip(y.get(name)).is_some_and(|(a, b)| a != b);
    let mut any = false;
    for object in [&mut *a, &mut *b] {
        let versions = object.pointer_mut("/spec/versions").and_then(Value::as_array_mut);
        for version in versions.into_iter().flatten() {
            let named = version.get("name").and_then(Value::as_str).is_some_and(differ);
            if let Some(fields) = version.as_object_mut().filter(|_| named) {
                fields.remove("schema");
                any = true;
            }
        }
    }
    if !any {
        return;
    }
    for object in [a, b] {
        // Annotations of a definition say who approved and made its schema.
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("annotations");
        }
    }
}

/// Whether the fields of `spec` are not described.
fn holds_open(schema: &Value) -> bool {
    let root = schema.get("openAPIV3Schema").unwrap_or(schema);
    let open = |schema: &Value| schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    let spec = root.pointer("/properties/spec");
    open(root) || spec.is_some_and(|spec| open(spec) && spec.get("properties").is_none())
}

/// Lists whose order has no meaning in Kubernetes' API.
const SETS: [&str; 42] = [
    "accessModes",
    "add",
    "allowedTopologies",
    "apiGroups",
    "apiVersions",
    "categories",
    "containers",
    "drop",
    "env",
    "envFrom",
    "finalizers",
    "hostAliases",
    "imagePullSecrets",
    "ingress",
    "egress",
    "matchConditions",
    "matchExpressions",
    "namespaces",
    "nodeSelectorTerms",
    "nonResourceURLs",
    "operations",
    "paths",
    "ports",
    "preferredDuringSchedulingIgnoredDuringExecution",
    "requiredDropCapabilities",
    "resourceNames",
    "resources",
    "rules",
    "secrets",
    "securityGroupSelectorTerms",
    "shortNames",
    "sources",
    "subjects",
    "subnetSelectorTerms",
    "tolerations",
    "topologySpreadConstraints",
    "values",
    "verbs",
    "versions",
    "volumeMounts",
    "volumes",
    "webhooks",
];

struct ObjectRules<'h, 'f> {
    hashes: &'h Hashes<'f>,
}

impl Rules for ObjectRules<'_, '_> {
    fn list(&self, path: &Path) -> ListRule {
        match path.last_field() {
            Some("args" | "command") => ListRule::Arguments,
            Some(name) if SETS.contains(&name) => ListRule::Set,
            _ => ListRule::Ordered,
        }
    }

    fn leaf(&self, _path: &Path, old: &Value, new: &Value) -> Leaf {
        content::leaf(old, new, self.hashes)
    }
}
