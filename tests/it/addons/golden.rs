//! Every addon alone: its manifest and its entry in the channel, whole.
//!
//! `UPDATE_GOLDEN=1` (`just update`) writes the result; the change is then reviewed like code.

use std::collections::BTreeSet;
use std::fs;

use kopsform_compare::changes::unified_diff;
use kopsform_model::addons;
use kopsform_yaml as yaml;

use super::cluster::{Case, cases};

/// Addons without an option of their own: they have a default form only.
const WITHOUT_OPTIONS: [&str; 8] = [
    "authentication-kopeio",
    "cluster-addons",
    "gvisor",
    "kopeio",
    "kube-router",
    "kubelet-api-rbac",
    "limit-range",
    "storage-aws",
];

#[test]
fn every_addon_is_as_its_goldens() {
    let mut different = Vec::new();
    for case in cases() {
        for (file, actual) in files(case) {
            let path = case.directory.join(file);
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&path, &actual).unwrap();
                continue;
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if expected != actual {
                let name = format!("{}/{file}", case.name);
                different.push(unified_diff(&format!("golden/{name}"), &expected, &format!("made/{name}"), &actual));
            }
        }
    }
    assert!(different.is_empty(), "`just update` writes them if this is meant:\n{}", different.join("\n"));
}

#[test]
fn every_addon_has_goldens() {
    let names: BTreeSet<&str> = cases().iter().map(|case| case.name.as_str()).collect();
    let expected = addons::directories().flat_map(|addon| {
        let full = (!WITHOUT_OPTIONS.contains(&addon)).then(|| format!("{addon}/full"));
        std::iter::once(format!("{addon}/default")).chain(full)
    });
    let missing: Vec<String> = expected.filter(|name| !names.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "golden/addons lacks {missing:?}");
}

/// The addon's files in the state store, by their names in the directory.
fn files(case: &Case) -> [(&'static str, String); 2] {
    let manifest = case.manifests().iter().find(|manifest| manifest.directory == case.addon());
    let manifest = manifest.unwrap_or_else(|| panic!("{}: the cluster does not have the addon", case.name));

    let stored = addons::managed_files(&case.context()).unwrap();
    let channel = stored.iter().find(|file| file.key == "addons/bootstrap-channel.yaml").unwrap();
    let channel = yaml::parse("bootstrap-channel.yaml", &channel.content).documents.remove(0).root.to_json();
    let entries = channel["spec"]["addons"].as_array().unwrap();
    let mut entry = entries.iter().find(|entry| entry["manifest"] == manifest.path.as_str()).unwrap().clone();
    // The manifest itself is next to it.
    entry.as_object_mut().unwrap().remove("manifestHash");
    [("manifest.yaml", manifest.content.clone()), ("channel.yaml", yaml::to_string(&entry))]
}
