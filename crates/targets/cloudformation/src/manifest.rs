//! `.kopsform-cloudformation.json`: which files of an output directory are ours, and what we wrote into them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::nested::SUFFIX;
use crate::stack_policy::STACK_POLICY_FILE;
use kopsform_files::ManifestError;

/// The name of the manifest in the output directory.
pub const MANIFEST_FILE: &str = ".kopsform-cloudformation.json";

/// The format that is written.
const VERSION: u32 = 1;

/// What an earlier run wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    /// Name of a file that later runs may replace and remove → hash of what was written, SHA-256 in hex.
    pub files: BTreeMap<String, String>,
    /// Whether the resources are in nested stacks.
    pub nested: bool,
}

impl Manifest {
    /// The manifest of some files.
    pub fn of(files: &BTreeMap<String, Vec<u8>>, nested: bool) -> Self {
        let files = files.iter().map(|(name, content)| (name.clone(), hash(content))).collect();
        Self { version: VERSION, files, nested }
    }

    /// Reads a manifest. Files that this program never writes are left out: naming them here gives no permission to remove them.
    ///
    /// # Errors
    /// When it is not a manifest, or of a release that this one does not know.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_slice(text).map_err(malformed)?;
        if version != VERSION {
            return Err(ManifestError::Version { found: version, known: VERSION..=VERSION });
        }
        let mut manifest: Self = serde_json::from_slice(text).map_err(malformed)?;
        manifest.files.retain(|name, _| is_ours(name));
        Ok(manifest)
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        // Maps of strings always become JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The hash that a manifest has of some content.
pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a name is one that this program writes.
pub fn is_ours(name: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let policy = name.strip_suffix(STACK_POLICY_FILE).and_then(|part| part.strip_suffix('.'));
    name == STACK_POLICY_FILE || name.strip_suffix(SUFFIX).or(policy).is_some_and(is_plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn manifests_read_back_and_name_only_files_of_ours() {
        let files: BTreeMap<String, Vec<u8>> =
            ["kubernetes.template.yaml", "groups-0a.template.yaml", "stack-policy.json", "storage.stack-policy.json"]
                .map(|name| (name.to_owned(), b"x".to_vec()))
                .into();
        let manifest = Manifest::of(&files, true);
        assert_eq!(Manifest::parse(manifest.to_text().as_bytes()).unwrap(), manifest);
        for name in ["../x.template.yaml", "a/b.template.yaml", "kubernetes.tf", "", ".template.yaml", MANIFEST_FILE] {
            assert!(!is_ours(name), "{name}");
            let text = serde_json::json!({ "version": 1, "nested": false, "files": { name: "00" } });
            assert!(Manifest::parse(text.to_string().as_bytes()).unwrap().files.is_empty(), "{name}");
        }
    }

    #[test]
    fn another_version_or_form_is_refused() {
        let error = |text: &str| Manifest::parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error(r#"{"version": 9}"#), "it has version 9, and this release knows 1");
        for text in ["{", "[]", r#"{"version": 1}"#, r#"{"version": 1, "files": [], "nested": true}"#] {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
