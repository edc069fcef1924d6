//! `.kopsform-manifest.json`: which files of an output directory are ours, and what we wrote into them.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::layout;
use super::renderer::DATA_DIRECTORY;

/// The name of the manifest in the output directory.
pub const MANIFEST_FILE: &str = ".kopsform-manifest.json";

/// The format that is written. The first one had names without hashes.
const VERSION: u32 = 2;

/// The files that earlier runs wrote and later ones may replace and remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Paths below the directory, with slashes, and the hash of what was written: SHA-256 in hex. None where an earlier release
    /// wrote the manifest.
    pub files: BTreeMap<String, Option<String>>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("it is not a manifest: {0}")]
    Malformed(String),
    /// Another release wrote it.
    #[error("it has version {0}, and this release knows 1 and {VERSION}")]
    Version(u32),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Files {
    Named(Vec<String>),
    Hashed(BTreeMap<String, String>),
}

impl Manifest {
    /// The manifest of some files.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>) -> Self {
        Self { files: files.into_iter().map(|(path, content)| (path.clone(), Some(hash(content)))).collect() }
    }

    /// Reads a manifest. Files that this program never writes are left out: naming them here gives no permission to remove
    /// them.
    ///
    /// # Errors
    /// When it is not a manifest, or of a release that this one does not know.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        #[derive(Deserialize)]
        struct Document {
            files: Files,
        }
        let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_slice(text).map_err(malformed)?;
        if !(1..=VERSION).contains(&version) {
            return Err(ManifestError::Version(version));
        }
        let Document { files } = serde_json::from_slice(text).map_err(malformed)?;
        let files: BTreeMap<String, Option<String>> = match (version, files) {
            (1, Files::Named(names)) => names.into_iter().map(|name| (name, None)).collect(),
            (VERSION, Files::Hashed(files)) => files.into_iter().map(|(name, hash)| (name, Some(hash))).collect(),
            _ => return Err(ManifestError::Malformed("files has another form than this version's".to_owned())),
        };
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if let Some((name, _)) = files.iter().find(|(_, hash)| hash.as_ref().is_some_and(|hash| !is_hash(hash))) {
            return Err(ManifestError::Malformed(format!("the hash of {name:?} is not SHA-256 in hex")));
        }
        Ok(Self { files: files.into_iter().filter(|(path, _)| is_ours(path)).collect() })
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        let json = |text: &str| serde_json::Value::from(text);
        let files: Vec<_> = self
            .files
            .iter()
            .map(|(path, hash)| format!("    {}: {}", json(path), json(hash.as_deref().unwrap_or_default())))
            .collect();
        match files.is_empty() {
            true => format!("{{\n  \"version\": {VERSION},\n  \"files\": {{}}\n}}\n"),
            false => format!("{{\n  \"version\": {VERSION},\n  \"files\": {{\n{}\n  }}\n}}\n", files.join(",\n")),
        }
    }
}

/// The hash that a manifest has of some content.
pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a path is one that this program writes: a file of a layout, or one in the data directory.
pub fn is_ours(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\n', '\0']);
    match path.split_once('/') {
        Some((directory, name)) => directory == DATA_DIRECTORY && plain(name),
        None => layout::ALL_FILES.contains(&path),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn manifests_read_back() {
        let content = b"x".to_vec();
        for names in [vec![], vec!["kubernetes.tf".to_owned(), "data/a \"b\" é\u{2028}".to_owned()]] {
            let manifest = Manifest::of(names.iter().map(|name| (name, &content)));
            assert_eq!(manifest.files.len(), names.len());
            assert_eq!(Manifest::parse(manifest.to_text().as_bytes()).unwrap(), manifest);
        }
    }

    #[test]
    fn manifests_of_the_first_format_have_names_only() {
        let text = br#"{"version": 1, "files": ["kubernetes.tf", "data/ok"]}"#;
        let files = Manifest::parse(text).unwrap().files;
        assert_eq!(files, [("data/ok".to_owned(), None), ("kubernetes.tf".to_owned(), None)].into());
    }

    #[test]
    fn a_manifest_names_only_files_that_this_program_writes() {
        let hash = hash(b"");
        for path in [
            "../x",
            "/etc/passwd",
            "",
            "terraform.tfstate",
            "config.tf",
            ".terraform.lock.hcl",
            "data/",
            "data/..",
            "data/a/b",
            "data/../kubernetes.tf",
            "./kubernetes.tf",
            "a/kubernetes.tf",
            ".kopsform-manifest.json",
        ] {
            let path = serde_json::Value::from(path);
            for text in [
                format!(r#"{{"version": 1, "files": [{path}, "network.tf"]}}"#),
                format!(r#"{{"version": 2, "files": {{{path}: "{hash}", "network.tf": "{hash}"}}}}"#),
            ] {
                let files: Vec<_> = Manifest::parse(text.as_bytes()).unwrap().files.into_keys().collect();
                assert_eq!(files, ["network.tf"], "{text}");
            }
        }
    }

    #[test]
    fn another_version_or_form_is_refused() {
        let error = |text: &str| Manifest::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error(r#"{"version": 99, "files": 1}"#), "it has version 99, and this release knows 1 and 2");
        for text in [
            "{",
            "[]",
            r#"{"files": []}"#,
            r#"{"version": 0, "files": []}"#,
            r#"{"version": 2, "files": []}"#,
            r#"{"version": 1, "files": {}}"#,
            r#"{"version": 2, "files": {"network.tf": "abc"}}"#,
        ] {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
