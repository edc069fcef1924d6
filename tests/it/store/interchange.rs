//! What kops wrote reads and writes back with the same meaning, and what is written here has only its keys and forms.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kopsform_env::Environment;
use kopsform_pki::{Keyset, Secret, SystemKeySource, parse_keyset, print_keyset, ssh_fingerprint};
use kopsform_spec::decode::{ApiObject, Strictness, decode_one};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{encode, is_known_key};
use serde_json::Value;

use super::cases::places;
use super::specs::{NAME, cluster, contents, group, in_depth, store, whole};
use crate::support::{conformance_suite, root};

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok) {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path => found.push(path),
        }
    }
}

/// An object without the difference between an empty field and a missing one.
fn meaning(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, meaning(value)));
            fields.filter(|(_, value)| !value.is_null()).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(meaning).collect(),
        other => other,
    }
}

/// Reads an object as the store does, writes it, and compares the meaning.
fn assert_round_trip<T: ApiObject + serde::Serialize>(name: &str, text: &str) {
    let (decoded, _) =
        decode_one::<T>(name, text, Strictness::Stored).unwrap_or_else(|report| panic!("{name}: {report}"));
    let written = encode(&decoded.object).unwrap();
    let written = std::str::from_utf8(&written).unwrap();
    let value = |text: &str| meaning(kopsform_yaml::from_str::<Value>(name, text).unwrap());
    assert_eq!(value(written), value(text), "{name}");
    // Not strict: kops stores account ids that AWS does not have.
    let (again, _) =
        decode_one::<T>(name, written, Strictness::Lenient).unwrap_or_else(|report| panic!("{name}: {report}"));
    assert_eq!(encode(&again.object).unwrap().as_slice(), written.as_bytes(), "{name}");
}

#[test]
fn what_kops_stored_reads_and_writes_back() {
    let Some(suite) = conformance_suite() else { return };
    let mut checked = BTreeMap::<&str, usize>::new();
    for case in std::fs::read_dir(suite.join("cases")).unwrap().filter_map(Result::ok) {
        let store = case.path().join("expected/store");
        let mut found = Vec::new();
        files(&store, &mut found);
        for path in found {
            let name = path.display().to_string();
            let key = path.strip_prefix(&store).unwrap().to_str().unwrap().to_owned();
            assert!(is_known_key(&key), "{name}: kops' own key is not known");
            let text = std::fs::read_to_string(&path).unwrap();
            let kind = key.split('/').next().unwrap();
            match (kind, key.as_str()) {
                (_, "config" | "cluster-completed.spec") => {
                    assert_round_trip::<Cluster>(&name, &text);
                    *checked.entry("clusters").or_default() += 1;
                }
                ("instancegroup", _) => {
                    assert_round_trip::<InstanceGroup>(&name, &text);
                    *checked.entry("groups").or_default() += 1;
                }
                ("pki", key) if key.starts_with("pki/ssh/public/admin/") => {
                    assert_eq!(key.rsplit('/').next(), ssh_fingerprint(&text).ok().as_deref(), "{name}");
                    *checked.entry("SSH keys").or_default() += 1;
                }
                ("clusteraddons", _) => {
                    assert!(!kopsform_yaml::parse(&name, &text).report.has_errors(), "{name}");
                    *checked.entry("additional objects").or_default() += 1;
                }
                other => panic!("{name}: nothing reads {other:?}"),
            }
        }
    }
    eprintln!("read and written back: {checked:?}");
    assert!(checked["clusters"] >= 50 && checked["groups"] >= 100, "{checked:?}");
}

#[test]
fn keysets_of_kops_read_and_write_back() {
    let Some(suite) = conformance_suite() else { return };
    let mut found = Vec::new();
    files(&suite.join("keysets"), &mut found);
    found.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    assert!(found.len() >= 10);
    for path in found {
        assert_keyset_round_trip(path.file_stem().unwrap().to_str().unwrap(), &std::fs::read(&path).unwrap());
    }
}

#[test]
fn keysets_of_the_goldens_read_and_write_back() {
    let mut found = Vec::new();
    files(&root().join("golden/keysets"), &mut found);
    assert!(found.len() >= 8, "{found:?}");
    for path in found {
        assert_keyset_round_trip(path.file_stem().unwrap().to_str().unwrap(), &std::fs::read(&path).unwrap());
    }
}

fn assert_keyset_round_trip(name: &str, bytes: &[u8]) {
    let keyset = parse_keyset(name, bytes).unwrap();
    let written = print_keyset(&keyset).unwrap();
    let value = |bytes: &[u8]| kopsform_yaml::from_str::<Value>("", std::str::from_utf8(bytes).unwrap()).unwrap();
    assert!(value(&written) == value(bytes), "{name} means something else");
    let (certificate, key) = keyset.signer().unwrap();
    assert!(key.belongs_to(&certificate).unwrap(), "{name}");
}

#[test]
fn forms_of_every_release_read_and_write_back() {
    // With the topology that reading fills in where there is none, as kops does.
    let more = "  additionalPolicies:\n    node: '[{\"Effect\": \"Allow\", \"Action\": [\"s3:*\"], \"Resource\": [\"*\"]}]'\n  \
        cloudLabels:\n    Cost: \"012\"\n    Empty: \"\"\n  kubeAPIServer:\n    featureGates:\n      A: \"true\"\n  \
        fileAssets:\n  - name: x\n    path: /x\n    content: \"a\\tb\\n\"\n  \
        topology:\n    dns:\n      type: Public\n";
    assert_round_trip::<Cluster>("cluster", &cluster(more));
    assert_round_trip::<InstanceGroup>("group", &group("nodes", "Node", 3));

    let source = SystemKeySource::from_environment(&Environment::default()).unwrap();
    let mut keyset = Keyset::create("kubernetes-ca", &source).unwrap();
    let second = keyset.add_generated(None, true, &source).unwrap();
    let first = keyset.items[0].id.clone();
    assert!(keyset.distrust(&first, "2026-01-02T03:04:05Z".parse().unwrap()).unwrap());
    let written = print_keyset(&keyset).unwrap();
    assert_keyset_round_trip("kubernetes-ca", &written);
    let older = String::from_utf8(written.to_vec()).unwrap().replace("kops.k8s.io/v1alpha2", "kops/v1alpha1");
    let read = parse_keyset("kubernetes-ca", older.as_bytes()).unwrap();
    assert!(read.legacy && read.primary_id == second && read.items == keyset.items);

    let stored = br#"{"Data":"c2VjcmV0"}"#;
    for form in [&stored[..], br#"{"data": "c2VjcmV0"}"#] {
        let secret = Secret::parse(form).unwrap();
        assert_eq!((secret.value(), &secret.to_stored()[..]), (&b"secret"[..], &stored[..]));
    }
}

#[test]
fn what_is_written_has_kops_keys_and_forms_only() {
    in_depth(async || {
        for place in places() {
            store(&place.state, &whole(2, 3)).await.unwrap();
            let found = contents(&place.state).await;
            for (key, bytes) in &found {
                let own = key.strip_prefix(&format!("{NAME}/")).unwrap();
                assert!(is_known_key(own), "{key}");
                let text = std::str::from_utf8(bytes).unwrap();
                let value: Value = kopsform_yaml::from_str(key, text).unwrap();
                assert_eq!(value["apiVersion"], "kops.k8s.io/v1alpha2", "{key}");
                assert!(value["metadata"]["creationTimestamp"].is_string(), "{key}");
                assert_eq!(
                    kopsform_yaml::to_string(&value),
                    text,
                    "{key}: keys are sorted, and nothing is quoted oddly"
                );
            }
        }
    });
}
