//! What writing the output would change in a directory, without writing.

use std::path::Path;

use super::manifest::{MANIFEST_FILE, Manifest};
use super::render::Output;
use super::write::{MARKER_FILE, WriteError, read_manifest, resources};
use kopsform_files::{Change, exists, holds};

/// The files of a directory that [`write()`](crate::write()) would create, change or remove, by their path in it. Files of others
/// are not among them, unless the output has a file of that name.
///
/// # Errors
/// When the directory or its manifest cannot be read.
pub fn differences(output: &Output, dir: &Path) -> Result<Vec<(String, Change)>, WriteError> {
    let before = read_manifest(dir)?;
    let manifest = Manifest::of(&output.files, resources(output)).to_text().into_bytes();
    let expected = output.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()));
    let mut found = Vec::new();
    for (path, content) in expected.chain([(MANIFEST_FILE, manifest.as_slice())]) {
        let target = dir.join(path);
        if !holds(&target, content)? {
            found.push((path.to_owned(), if exists(&target) { Change::Changed } else { Change::New }));
        }
    }
    let stale = before.iter().flat_map(|manifest| manifest.files.keys()).map(String::as_str);
    // The marker of an interrupted run.
    for path in stale.filter(|path| !output.files.contains_key(*path)).chain([MARKER_FILE]) {
        if exists(&dir.join(path)) {
            found.push((path.to_owned(), Change::Removed));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::write;
    use kopsform_files::ForeignFiles;
    use std::fs;

    fn output(files: &[(&str, &str)]) -> Output {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Output { files, ..Output::default() }
    }

    fn listed(output: &Output, dir: &Path) -> Vec<String> {
        differences(output, dir).unwrap().iter().map(|(path, change)| format!("{change} {path}")).collect()
    }

    #[test]
    fn there_are_none_after_writing_and_exactly_those_of_a_change_before() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let first = output(&[("kubernetes.tf", "a"), ("data/old", "1"), ("data/same", "2")]);
        assert_eq!(
            listed(&first, &out),
            ["new .kopsform-manifest.json", "new data/old", "new data/same", "new kubernetes.tf"]
        );
        assert!(!out.exists(), "nothing was written");
        write(&first, &out, ForeignFiles::Keep).unwrap();
        assert!(listed(&first, &out).is_empty());

        let second = output(&[("kubernetes.tf", "b"), ("data/same", "2"), ("data/more", "3")]);
        fs::write(out.join("network.tf"), "mine").unwrap();
        assert_eq!(
            listed(&second, &out),
            ["changed .kopsform-manifest.json", "new data/more", "removed data/old", "changed kubernetes.tf"]
        );
        fs::write(out.join("data/same"), "edited").unwrap();
        assert!(listed(&second, &out).contains(&"changed data/same".to_owned()));
        write(&second, &out, ForeignFiles::Overwrite).unwrap();
        fs::write(out.join(MARKER_FILE), "").unwrap();
        assert_eq!(listed(&second, &out), [format!("removed {MARKER_FILE}")]);
    }
}
