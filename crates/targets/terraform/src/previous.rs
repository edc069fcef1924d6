//! What is in an output directory before a run: which resources, and at which addresses.
//!
//! The manifest says it. Where there is none, or one of an earlier release, the addresses are those of the `resource` blocks in
//! the directory: kops' `kubernetes.tf`, or the files that the manifest lists. Which resource is at such an address follows from
//! its name in the single layout.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::identity::single_address;
use super::kept::data_files;
use super::layout::{LOCALS_FILE, SINGLE_FILE};
use super::manifest::Manifest;
use super::moves::Addresses;
use super::options::Layout;
use super::write::{LARGEST, WriteError, read_manifest};
use kopsform_files::{read_bounded, read_up_to};

/// The resources that an output directory has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Previous {
    /// The layout of the files.
    pub layout: Layout,
    /// The addresses of resources by their identity.
    pub addresses: Addresses,
    /// Addresses of resources whose identity is not known.
    pub unidentified: BTreeSet<String>,
}

/// Reads what a directory has; `None` if no Terraform for a cluster was written there. `resources` are those that the files may
/// hold, identity → address in the layout of this run.
///
/// # Errors
/// When the manifest or a file that it lists cannot be read.
pub fn previous(dir: &Path, resources: &BTreeMap<String, String>) -> Result<Option<Previous>, WriteError> {
    let (layout, files) = match read_manifest(dir)? {
        Some(Manifest { resources: Some(resources), .. }) => {
            return Ok(Some(Previous {
                layout: resources.layout,
                addresses: resources.addresses,
                unidentified: BTreeSet::new(),
            }));
        }
        Some(Manifest { files, .. }) => {
            let layout = match (files.contains_key(LOCALS_FILE), files.contains_key(SINGLE_FILE)) {
                (true, _) => Layout::Module,
                (false, true) => Layout::Single,
                (false, false) => Layout::Split,
            };
            (layout, files.into_keys().filter(|path| path.ends_with(".tf")).collect())
        }
        None => (Layout::Single, vec![SINGLE_FILE.to_owned()]),
    };
    let mut declared = BTreeSet::new();
    for file in &files {
        let path = dir.join(file);
        if let Some(text) = read_up_to(&path, LARGEST)? {
            declared.extend(declared_in(&String::from_utf8_lossy(&text)));
        }
    }
    Ok((!declared.is_empty()).then(|| identified(layout, declared, resources)))
}

/// Finds the resources at addresses by their names.
fn identified(layout: Layout, mut declared: BTreeSet<String>, resources: &BTreeMap<String, String>) -> Previous {
    let mut addresses = Addresses::default();
    for (id, now) in resources {
        let single = single_address(id);
        let known = single.iter().chain([now]).find(|address| declared.contains(*address)).cloned();
        if let Some(address) = known {
            declared.remove(&address);
            addresses.current.insert(id.clone(), address);
        }
    }
    Previous { layout, addresses, unidentified: declared }
}

/// The addresses of the `resource` blocks in a file. kops does not escape strings, so its files may not be HCL; but both programs
/// begin each block on a line of its own.
fn declared_in(text: &str) -> BTreeSet<String> {
    let address = |line: &str| {
        let (block_type, rest) = line.strip_prefix("resource \"")?.split_once("\" \"")?;
        let (name, _) = rest.split_once('"')?;
        Some(format!("{block_type}.{name}"))
    };
    text.lines().filter_map(address).collect()
}

/// The files of kops' own output in a directory without a manifest: `kubernetes.tf` and the data files that it reads. Empty if the
/// file is not for this cluster.
pub fn files_of_kops(dir: &Path, cluster: &str) -> BTreeSet<String> {
    let Ok(text) = read_bounded(&dir.join(SINGLE_FILE), LARGEST) else { return BTreeSet::new() };
    let Ok(text) = String::from_utf8(text) else { return BTreeSet::new() };
    if cluster.is_empty() || cluster_of(&text) != Some(cluster) {
        return BTreeSet::new();
    }
    data_files(&text).chain([SINGLE_FILE.to_owned()]).collect()
}

/// The cluster of a `kubernetes.tf`, by kops or by this program: both begin with the values of all outputs.
fn cluster_of(text: &str) -> Option<&str> {
    let locals = text.strip_prefix("locals {\n")?.split("\n}").next()?;
    let value = locals
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("cluster_name")?.trim_start().strip_prefix('='))?;
    value.trim().strip_prefix('"')?.strip_suffix('"')
}

/// Whether a run writes resources at addresses other than those of the single layout, which kops and the first releases wrote.
pub fn differs_from_single(resources: &BTreeMap<String, String>) -> bool {
    resources.iter().any(|(id, address)| single_address(id).is_some_and(|single| single != *address))
}

/// The addresses of the single layout for some resources.
pub fn single_addresses<'a>(identities: impl IntoIterator<Item = &'a String>) -> BTreeMap<String, String> {
    identities.into_iter().filter_map(|id| Some((id.clone(), single_address(id)?))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::manifest::MANIFEST_FILE;
    use std::fs;

    const KOPS: &str = "locals {\n  cluster_name = \"a.example.com\"\n}\n\nresource \"aws_vpc\" \"a-example-com\" {\n  x = \"\"quoted\"\"\n}\n\n\
                        resource \"aws_iam_role\" \"nodes-a-example-com\" {\n  p = file(\"${path.module}/data/aws_iam_role_nodes.a.example.com_policy\")\n}\n\n\
                        resource \"aws_ebs_volume\" \"old-a-example-com\" {\n}\n";

    fn resources() -> BTreeMap<String, String> {
        [("Vpc/a.example.com", "aws_vpc.cluster"), ("IamRole/nodes.a.example.com", "aws_iam_role.nodes")]
            .map(|(id, address)| (id.to_owned(), address.to_owned()))
            .into()
    }

    #[test]
    fn resources_of_kops_are_found_by_their_names() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(previous(dir.path(), &resources()).unwrap(), None);
        fs::write(dir.path().join(SINGLE_FILE), KOPS).unwrap();
        let found = previous(dir.path(), &resources()).unwrap().unwrap();
        assert_eq!(found.addresses.current["Vpc/a.example.com"], "aws_vpc.a-example-com");
        assert_eq!(found.addresses.current["IamRole/nodes.a.example.com"], "aws_iam_role.nodes-a-example-com");
        assert_eq!(found.unidentified, ["aws_ebs_volume.old-a-example-com".to_owned()].into());
    }

    #[test]
    fn files_of_kops_are_those_of_the_same_cluster() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SINGLE_FILE), KOPS).unwrap();
        let files = files_of_kops(dir.path(), "a.example.com");
        assert_eq!(
            files.into_iter().collect::<Vec<_>>(),
            ["data/aws_iam_role_nodes.a.example.com_policy", "kubernetes.tf"]
        );
        assert!(files_of_kops(dir.path(), "b.example.com").is_empty());
    }

    #[test]
    fn earlier_manifests_have_the_layout_of_their_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("network.tf"), "resource \"aws_vpc\" \"cluster\" {\n}\n").unwrap();
        fs::write(dir.path().join(MANIFEST_FILE), r#"{"version": 1, "files": ["network.tf", "locals.tf"]}"#).unwrap();
        let found = previous(dir.path(), &resources()).unwrap().unwrap();
        assert_eq!((found.layout, found.addresses.current.len()), (Layout::Module, 1));
        assert!(differs_from_single(&resources()));
        assert!(!differs_from_single(&single_addresses(resources().keys())));
    }
}
