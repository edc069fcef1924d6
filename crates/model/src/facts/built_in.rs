//! Facts that do not change, and so are part of this program: instance types, zones of regions, and hashes of the kops release.
//! They serve runs without network whose lock file lacks them. What an account has of its own is never built in.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Facts, InstanceTypeFact, Needs};

/// The files of the kops release that instances download, with their SHA-256: `linux/ARCHITECTURE/NAME`.
const KOPS_FILES: [(&str, &str); 4] = [
    ("linux/amd64/nodeup", "4ed94d18edf78ef5e06822b32f010202635d5e78f131edc7eeb8f330c7475305"),
    ("linux/amd64/protokube", "d2de1b7453301bcca0b5962ed7253a212b5c08c5bd69df84656e4bdd66da1af8"),
    ("linux/arm64/nodeup", "87c5febc9b0643739c757ef1dec85008fb52f2c2343f0351b5cb09218e71e03d"),
    ("linux/arm64/protokube", "e3f8c1006f95b344165c7b98430fe4debbb3b878db6fc99cad6c3ee5431dca3f"),
];
/// The release of these files.
const KOPS_FILES_VERSION: &str = "1.36.2";
/// Where the kops project publishes them.
const KOPS_FILES_BASE: &str = "https://artifacts.k8s.io/binaries/kops/";

/// The regions whose zones are known, sorted.
pub fn regions() -> impl Iterator<Item = &'static str> {
    ZONES.iter().map(|(region, _)| *region)
}

/// The availability zones of a region, sorted.
pub fn zones(region: &str) -> Option<&'static [&'static str]> {
    ZONES.iter().find(|(name, _)| *name == region).map(|(_, zones)| zones.as_slice())
}

/// The properties of an instance type.
pub fn instance_type(name: &str) -> Option<&'static InstanceTypeFact> {
    INSTANCE_TYPES.get(name)
}

/// The SHA-256 of a file of the kops release, by its address.
pub fn hash_of(url: &str) -> Option<&'static str> {
    let (version, file) = url.strip_prefix(KOPS_FILES_BASE)?.split_once('/')?;
    let hash = KOPS_FILES.iter().find(|(name, _)| *name == file).map(|(_, hash)| *hash);
    hash.filter(|_| version == KOPS_FILES_VERSION)
}

/// Adds the built-in facts that are needed and missing.
pub fn fill(needs: &Needs, facts: &mut Facts) {
    let missing = needs.missing(facts);
    if let Some(zones) = zones(&missing.region).filter(|_| missing.zones) {
        facts.zones.insert(missing.region.clone(), zones.iter().map(|zone| (*zone).to_owned()).collect());
    }
    for name in missing.instance_types.iter().chain(&missing.candidate_types) {
        if let Some(fact) = instance_type(name) {
            facts.instance_types.insert(name.clone(), fact.clone());
        }
    }
    fill_hashes(needs, facts);
}

/// Adds the built-in hashes of downloads that are needed and missing. No network knows them better.
pub fn fill_hashes(needs: &Needs, facts: &mut Facts) {
    let missing = needs.assets.iter().filter(|url| !facts.assets.contains_key(*url));
    let known: Vec<_> = missing.filter_map(|url| Some((url.clone(), hash_of(url)?.to_owned()))).collect();
    facts.assets.extend(known);
}

static ZONES: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    let lines = rows(include_str!("built_in/zones.txt"));
    lines.filter_map(|line| line.split_once(' ')).map(|(region, zones)| (region, zones.split(' ').collect())).collect()
});

static INSTANCE_TYPES: LazyLock<HashMap<&str, InstanceTypeFact>> =
    LazyLock::new(|| rows(include_str!("built_in/instance_types.txt")).filter_map(instance_type_of).collect());

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// A line of the table: type, architectures, virtual CPUs, memory in MiB, GPUs, instance store disks.
fn instance_type_of(line: &'static str) -> Option<(&'static str, InstanceTypeFact)> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [name, architectures, vcpus, memory, gpus, disks] = fields.as_slice() else { return None };
    let fact = InstanceTypeFact {
        architectures: architectures.split(',').map(str::to_owned).collect(),
        vcpus: vcpus.parse().ok()?,
        memory_mib: memory.parse().ok()?,
        gpus: gpus.parse().ok()?,
        ephemeral_disks: disks.parse().ok()?,
    };
    Some((name, fact))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::{DEFAULT_BASTION_TYPES, DEFAULT_MACHINE_TYPES};

    #[test]
    fn every_line_of_the_tables_is_read() {
        assert_eq!(rows(include_str!("built_in/instance_types.txt")).count(), INSTANCE_TYPES.len());
        assert_eq!(rows(include_str!("built_in/zones.txt")).count(), ZONES.len());
        for (name, fact) in INSTANCE_TYPES.iter() {
            assert!(fact.vcpus > 0 && fact.memory_mib > 0, "{name}");
            assert!(fact.architectures.iter().all(|a| ["x86_64", "arm64"].contains(&a.as_str())), "{name}");
        }
        for (region, zones) in ZONES.iter() {
            assert!(zones.len() > 1 && zones.iter().all(|zone| zone.len() == region.len() + 1), "{region}: {zones:?}");
        }
    }

    #[test]
    fn the_types_that_new_groups_get_and_the_files_of_this_release_are_known() {
        for name in DEFAULT_MACHINE_TYPES.iter().chain(&DEFAULT_BASTION_TYPES) {
            assert!(instance_type(name).is_some(), "{name}");
        }
        assert_eq!(KOPS_FILES_VERSION, kopsform_spec::KOPS_VERSION, "hashes of the new release are missing");
        let url = |version: &str| format!("{KOPS_FILES_BASE}{version}/linux/amd64/nodeup");
        assert!(hash_of(&url(KOPS_FILES_VERSION)).is_some());
        assert_eq!(hash_of(&url("1.36.1")), None);
    }

    #[test]
    fn recorded_facts_are_not_replaced() {
        let url = format!("{KOPS_FILES_BASE}{KOPS_FILES_VERSION}/linux/amd64/nodeup");
        let needs = Needs {
            region: "eu-west-1".to_owned(),
            zones: true,
            account: true,
            instance_types: ["t3.medium".to_owned(), "unknown.large".to_owned()].into(),
            assets: [url.clone()].into(),
            ..Needs::default()
        };
        let recorded = [("eu-west-1".to_owned(), vec!["eu-west-1c".to_owned()])];
        let mut facts =
            Facts { zones: recorded.into(), assets: [(url.clone(), "0".repeat(64))].into(), ..Facts::default() };
        fill(&needs, &mut facts);
        assert_eq!(facts.zones["eu-west-1"], ["eu-west-1c"]);
        assert_eq!(facts.assets[&url], "0".repeat(64));
        assert_eq!(facts.instance_types.keys().collect::<Vec<_>>(), ["t3.medium"]);
        assert_eq!(facts.account, None, "no account is built in");
    }
}
