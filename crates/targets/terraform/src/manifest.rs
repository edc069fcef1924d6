//! `.kopsform-manifest.json`: which files of an output directory are ours.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

/// The name of the manifest in the output directory.
pub const MANIFEST_FILE: &str = ".kopsform-manifest.json";

/// The files that earlier runs wrote and later ones may remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the file, 1.
    pub version: u32,
    /// Paths below the directory, with slashes, sorted.
    pub files: BTreeSet<String>,
}

impl Manifest {
    /// A manifest of some files.
    pub fn of<'a>(files: impl IntoIterator<Item = &'a String>) -> Self {
        Self { version: 1, files: files.into_iter().cloned().collect() }
    }

    /// Reads a manifest; entries that would lead out of the directory are left out.
    ///
    /// # Errors
    /// When it is not a manifest in JSON.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        let mut manifest: Self = serde_json::from_slice(text)?;
        manifest.files.retain(|path| stays_inside(path));
        Ok(manifest)
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        let files: Vec<_> =
            self.files.iter().map(|path| format!("    {}", serde_json::Value::from(path.as_str()))).collect();
        match files.is_empty() {
            true => format!("{{\n  \"version\": {},\n  \"files\": []\n}}\n", self.version),
            false => format!("{{\n  \"version\": {},\n  \"files\": [\n{}\n  ]\n}}\n", self.version, files.join(",\n")),
        }
    }
}

/// Whether a path is a plain one below its directory.
pub fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn manifests_read_back() {
        for files in [vec![], vec!["kubernetes.tf".to_owned(), "data/a \"b\"".to_owned()]] {
            let manifest = Manifest::of(&files);
            assert_eq!(Manifest::parse(manifest.to_text().as_bytes()).unwrap(), manifest);
        }
    }

    #[test]
    fn a_manifest_never_reaches_outside() {
        let text = br#"{"version": 1, "files": ["../x", "/etc/passwd", "data/ok", ""]}"#;
        assert_eq!(Manifest::parse(text).unwrap().files, BTreeSet::from(["data/ok".to_owned()]));
    }
}
