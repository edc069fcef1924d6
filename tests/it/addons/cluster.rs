//! The clusters under `golden/addons/`: one base for each cloud, to which each directory adds options.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use kopsform::ops::support::facts::{FactFinder, LookupOptions};
use kopsform::ops::support::prepare::{PrepareContext, Prepared, prepare};
use kopsform_diagnostics::Report;
use kopsform_env::features::Features;
use kopsform_env::{self as env, Environment};
use kopsform_model::Context;
use kopsform_model::addons::{self, Manifest};
use kopsform_model::facts::Facts;
use kopsform_pki::{Keyset, KeysetItem, Keysets};
use kopsform_spec::decode::{Strictness, decode};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_yaml as yaml;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::root;

/// The name of the base cluster.
const BASE_NAME: &str = "addons.example.com";

/// A directory's `options.yaml`. Null removes a field of the base.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Options {
    /// The file of the base, if not that on AWS.
    base: Option<String>,
    /// Another name for the cluster: one ending in `.k8s.local` uses gossip.
    cluster_name: Option<String>,
    /// Feature flags, as `KOPS_FEATURE_FLAGS` has them.
    features: String,
    /// Whether pods take roles by their service accounts.
    irsa: bool,
    /// Changes to the cluster's spec.
    spec: Value,
    /// Changes to the group `nodes`.
    nodes: Value,
    /// More groups: each is `nodes` with changes.
    groups: BTreeMap<String, Value>,
    /// Objects as `create -f` stores them.
    additional_objects: Vec<Value>,
}

/// A directory's cluster, completed without network.
pub struct Case {
    /// The directory below `golden/addons/`: `<addon>/<variant>`.
    pub name: String,
    /// The directory.
    pub directory: PathBuf,
    stored: Cluster,
    prepared: Prepared,
    facts: Facts,
    keysets: Keysets,
    environment: Environment,
    features: Features,
    additional_objects: Vec<Value>,
    none: (BTreeMap<String, Vec<u8>>, BTreeMap<String, String>),
    manifests: OnceLock<Vec<Manifest>>,
}

/// The directory of all goldens of addons.
pub fn directory() -> PathBuf {
    root().join("golden/addons")
}

/// Every directory's cluster, sorted by name.
pub fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let mut names = Vec::new();
        for addon in subdirectories(&directory()) {
            names.extend(
                subdirectories(&directory().join(&addon)).into_iter().map(|variant| format!("{addon}/{variant}")),
            );
        }
        assert!(!names.is_empty(), "{} has no directory", directory().display());
        names.into_iter().map(|name| Case::read(&name)).collect()
    });
    &CASES
}

fn subdirectories(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let directories = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = directories.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

impl Case {
    fn read(name: &str) -> Self {
        Self::with(name, &Value::Null).unwrap_or_else(|report| panic!("{name}: {report}"))
    }

    /// The cluster of a directory with further changes of its spec, or why they are refused.
    pub fn with(name: &str, changes: &Value) -> Result<Self, Report> {
        let directory = directory().join(name);
        let mut options: Options = yaml::from_str(name, &read(&directory.join("options.yaml")))
            .unwrap_or_else(|report| panic!("{name}/options.yaml: {report}"));
        if options.spec.is_null() {
            options.spec = json!({});
        }
        merge(&mut options.spec, changes);
        let decoding = decode(name, &options.documents(), Strictness::Strict);
        if !decoding.report.is_empty() {
            return Err(decoding.report);
        }
        let stored = decoding.clusters().next().unwrap().object.clone();
        let groups: Vec<InstanceGroup> = decoding.instance_groups().map(|group| group.object.clone()).collect();

        let environment = Environment::of([(env::KOPS_FEATURE_FLAGS, &options.features)]);
        let features = Features::from_environment(&environment);
        let lock = Some(self::directory().join("kopsform.lock"));
        let mut finder = FactFinder::open(&LookupOptions { lock, offline: true }, &environment).unwrap();
        let setting =
            PrepareContext { environment: &environment, features: &features, channel: None, worker_version: None };
        let prepared = futures::executor::block_on(prepare(&stored, &groups, &mut finder, &setting))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let facts = finder.facts().clone();
        Ok(Self {
            name: name.to_owned(),
            directory,
            stored,
            prepared,
            facts,
            keysets: keysets(),
            environment,
            features,
            additional_objects: options.additional_objects,
            none: Default::default(),
            manifests: OnceLock::new(),
        })
    }

    /// What the addons are made from.
    pub fn context(&self) -> Context<'_> {
        Context {
            stored: &self.stored,
            cluster: &self.prepared.cluster,
            groups: &self.prepared.groups,
            all_groups: &self.prepared.groups,
            facts: &self.facts,
            keysets: &self.keysets,
            secrets: &self.none.0,
            ssh_keys: &self.none.1,
            additional_objects: &self.additional_objects,
            environment: &self.environment,
            features: &self.features,
            worker_version: None,
            previous: None,
        }
    }

    /// The manifests of all its addons.
    pub fn manifests(&self) -> &[Manifest] {
        self.manifests
            .get_or_init(|| addons::manifests(&self.context()).unwrap_or_else(|error| panic!("{}: {error}", self.name)))
    }

    /// The objects of all its addons.
    pub fn objects(&self) -> Vec<Value> {
        self.manifests().iter().flat_map(|manifest| manifest.objects.clone()).collect()
    }

    /// The addon that the directory is about.
    pub fn addon(&self) -> &str {
        self.name.split('/').next().unwrap()
    }
}

/// The one certificate authority that boot scripts carry, so that they repeat.
fn keysets() -> Keysets {
    let certificate = read(&directory().join("kubernetes-ca.crt"));
    let item = KeysetItem { id: "1".to_owned(), certificate: Some(certificate), ..KeysetItem::default() };
    let name = "kubernetes-ca".to_owned();
    let keyset = Keyset { name: name.clone(), primary_id: "1".to_owned(), items: vec![item], legacy: false };
    Keysets::from([(name, keyset)])
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Options {
    /// The base with these options, as YAML documents.
    fn documents(&self) -> String {
        let base = read(&directory().join(self.base.as_deref().unwrap_or("base.yaml")));
        let name = self.cluster_name.as_deref().unwrap_or(BASE_NAME);
        let parsed = yaml::parse("base.yaml", &base.replace(BASE_NAME, name));
        assert!(parsed.report.is_empty(), "{}", parsed.report);
        let mut objects: Vec<Value> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
        let nodes = objects.len() - 1;
        if self.irsa {
            merge(&mut objects[0]["spec"], &service_account_roles());
        }
        merge(&mut objects[0]["spec"], &self.spec);
        if objects[0].pointer("/spec/networking").is_none() {
            objects[0]["spec"]["networking"] = json!({ "cni": {} });
        }
        for (group, changes) in &self.groups {
            let mut object = objects[nodes].clone();
            object["metadata"]["name"] = group.as_str().into();
            merge(&mut object["spec"], changes);
            objects.push(object);
        }
        merge(&mut objects[nodes]["spec"], &self.nodes);
        objects.iter().map(yaml::to_string).collect::<Vec<_>>().join("---\n")
    }
}

fn service_account_roles() -> Value {
    json!({
        "iam": { "useServiceAccountExternalPermissions": true },
        "serviceAccountIssuerDiscovery": {
            "discoveryStore": "s3://example-state/discovery",
            "enableAWSOIDCProvider": true,
        },
    })
}

/// JSON Merge Patch (RFC 7396): maps are merged, null removes, all else replaces. No patch at all changes nothing.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else { return };
    let Value::Object(target) = target else { panic!("{target} is no map, and cannot be changed by {patch:?}") };
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(key);
            }
            Value::Object(_) if target.get(key).is_some_and(Value::is_object) => merge(&mut target[key], value),
            _ => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}
