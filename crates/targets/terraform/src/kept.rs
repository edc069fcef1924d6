//! Files of an output directory that mean the same as new ones stay as they are.
//!
//! So a directory that kops or another release wrote, and Terraform applied, has no changes in `terraform plan`. What means the
//! same is for the caller to decide ([`Equivalence`]); here is what follows from the files belonging together: a kept
//! configuration must find the data files that it reads, and version constraints that a user asked for are written.

use std::collections::BTreeMap;
use std::path::Path;

use super::providers::{
    AWS_PROVIDER_VERSION, GOOGLE_PROVIDER_VERSION, TERRAFORM_VERSION, TERRAFORM_VERSION_FOR_ALIASES,
};
use super::render::Output;
use super::renderer::DATA_DIRECTORY;
use super::write::{LARGEST, link_before};
use kopsform_files::{is_link, read_bounded};

/// Whether two versions of the file at a path mean the same: path, earlier content, new content.
pub type Equivalence = fn(&str, &[u8], &[u8]) -> bool;

/// The Terraform that kops 1.36.2 requires.
const TERRAFORM_OF_KOPS: &str = ">= 0.15.0";
/// The AWS and Google providers that kops 1.36.2 requires, each with the one that is required by default.
const PROVIDERS_OF_KOPS: [(&str, &str); 2] =
    [(">= 5.0.0", AWS_PROVIDER_VERSION), (">= 5.11.0", GOOGLE_PROVIDER_VERSION)];

/// The contents that the managed files of an output have in a directory, by the names of their nodes.
pub fn previous_files(output: &Output, dir: &Path) -> BTreeMap<String, String> {
    let managed = output.readers.iter().filter_map(|(path, id)| Some((path, managed_file(id)?)));
    managed.filter_map(|(path, name)| Some((name.to_owned(), String::from_utf8(existing(dir, path)?).ok()?))).collect()
}

/// The name of the managed file that an identity is of.
fn managed_file(identity: &str) -> Option<&str> {
    identity.strip_prefix("ManagedFile/").or_else(|| identity.strip_prefix("BucketObject/"))
}

/// Replaces contents of an output by those that a directory has, where they mean the same. Returns the number of files that are
/// kept although their bytes differ.
pub fn keep_files(output: &mut Output, dir: &Path, is_equivalent: Equivalence) -> usize {
    let mut kept = Vec::new();
    for (path, new) in &output.files {
        let Some(earlier) = existing(dir, path).filter(|earlier| earlier != new) else { continue };
        if path.ends_with(".tf") && !fits(&earlier, new, output) {
            continue;
        }
        if is_equivalent(path, &earlier, new) {
            kept.push((path.clone(), earlier));
        }
    }
    let number = kept.len();
    output.files.extend(kept);
    number
}

/// The content of a regular file; `None` for anything else and what cannot be read, which writing reports.
fn existing(dir: &Path, path: &str) -> Option<Vec<u8>> {
    let target = dir.join(path);
    if is_link(&target) || link_before(dir, path).is_some() {
        return None;
    }
    read_bounded(&target, LARGEST).ok()
}

/// Whether an earlier configuration fits the other files and what was asked for.
fn fits(earlier: &[u8], new: &[u8], output: &Output) -> bool {
    let (Ok(earlier), Ok(new)) = (std::str::from_utf8(earlier), std::str::from_utf8(new)) else { return false };
    let finds_data = data_files(earlier).all(|path| output.files.contains_key(&path));
    let (before, after) = (constraints(earlier), constraints(new));
    let is_default = [TERRAFORM_VERSION, TERRAFORM_VERSION_FOR_ALIASES].map(Some).contains(&after[0]);
    let is_of_kops = before[0] == Some(TERRAFORM_OF_KOPS)
        && PROVIDERS_OF_KOPS.iter().any(|(kops, own)| (before[1], after[1]) == (Some(*kops), Some(*own)));
    finds_data && (before == after || (is_of_kops && is_default))
}

/// The data files that a configuration reads.
pub(crate) fn data_files(text: &str) -> impl Iterator<Item = String> {
    let names = text.split("${path.module}/data/").skip(1).filter_map(|rest| rest.split_once('"'));
    names.map(|(name, _)| format!("{DATA_DIRECTORY}/{name}"))
}

/// The version constraints in a `terraform` block: of Terraform, and of the provider.
fn constraints(text: &str) -> [Option<&str>; 2] {
    let block = text.split_once("\nterraform {\n").map(|(_, rest)| rest).or_else(|| text.strip_prefix("terraform {\n"));
    let block = block.unwrap_or_default().split("\n}").next().unwrap_or_default();
    ["required_version", "version"].map(|name| {
        block.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim().trim_matches('"') == name).then(|| value.trim().trim_matches('"'))
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    const KOPS: &str = "x = 1\n\nterraform {\n  required_version = \">= 0.15.0\"\n  required_providers {\n    aws = {\n      \
                        \"configuration_aliases\" = [aws.files]\n      \"source\"                = \"hashicorp/aws\"\n      \
                        \"version\"               = \">= 5.0.0\"\n    }\n  }\n}\n";

    /// Equivalent here: the same letters in any case.
    fn in_any_case(_: &str, a: &[u8], b: &[u8]) -> bool {
        a.eq_ignore_ascii_case(b) || a.starts_with(b"x = 1")
    }

    fn output(files: &[(&str, &str)]) -> Output {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Output { files, ..Output::default() }
    }

    #[test]
    fn what_means_the_same_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        for (path, text) in [("data/a", "ABC"), ("data/b", "other"), ("data/c", "same")] {
            fs::write(dir.path().join(path), text).unwrap();
        }
        let mut output = output(&[("data/a", "abc"), ("data/b", "new"), ("data/c", "same"), ("data/d", "d")]);
        assert_eq!(keep_files(&mut output, dir.path(), in_any_case), 1);
        assert_eq!(output.files["data/a"], b"ABC");
        assert_eq!((output.files["data/b"].as_slice(), output.files.len()), (b"new".as_slice(), 4));
    }

    #[test]
    fn a_configuration_is_kept_with_the_files_that_it_reads() {
        let dir = tempfile::tempdir().unwrap();
        let keeps = |earlier: &str, new: &str| {
            fs::write(dir.path().join("kubernetes.tf"), earlier).unwrap();
            keep_files(&mut output(&[("kubernetes.tf", new), ("data/a", "")]), dir.path(), in_any_case) == 1
        };
        let reads = |name: &str| format!("x = 1\nfile(\"${{path.module}}/data/{name}\")\n");
        assert!(keeps(&reads("a"), "X"));
        assert!(!keeps(&reads("b"), "X"), "data/b is not written");
        let block = |terraform: &str, aws: &str| {
            format!(
                "terraform {{\n  required_version = \"{terraform}\"\n  required_providers {{\n    aws = {{\n      version = \"{aws}\"\n    }}\n  }}\n}}\n"
            )
        };
        assert!(keeps(KOPS, &block(TERRAFORM_VERSION, AWS_PROVIDER_VERSION)));
        assert!(!keeps(KOPS, &block(TERRAFORM_VERSION, ">= 6.0")), "a user asked for it");
    }

    #[test]
    fn managed_files_go_by_the_names_of_their_nodes() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        fs::write(dir.path().join("data/x"), "content").unwrap();
        let readers = [("data/x", "ManagedFile/a/b"), ("data/y", "ManagedFile/c"), ("data/x2", "IamRole/d")];
        let readers = readers.map(|(path, id)| (path.to_owned(), id.to_owned())).into();
        let found = previous_files(&Output { readers, ..Output::default() }, dir.path());
        assert_eq!(found, [("a/b".to_owned(), "content".to_owned())].into());
    }
}
