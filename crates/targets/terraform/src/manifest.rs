//! `.kopsform-manifest.json`: which files of an output directory are ours, what we wrote into them, and at which addresses their
//! resources are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::layout;
use super::moves::{Addresses, MOVED_FILE, SCRIPT_FILE, is_address};
use super::options::Layout;
use super::renderer::DATA_DIRECTORY;
use kopsform_files::ManifestError;

/// The name of the manifest in the output directory.
pub const MANIFEST_FILE: &str = ".kopsform-manifest.json";

/// The format that is written. The first one had names without hashes, the second one no addresses.
const VERSION: u32 = 3;

/// What earlier runs wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files that later runs may replace and remove: paths below the directory, with slashes, and the hash of what was
    /// written, SHA-256 in hex. None where an earlier release wrote the manifest.
    pub files: BTreeMap<String, Option<String>>,
    /// The hashes of files with `provider` and `terraform` blocks as they are without them: see [`without_blocks`].
    pub without_blocks: BTreeMap<String, String>,
    /// The resources in these files. None where an earlier release wrote the manifest.
    pub resources: Option<Resources>,
}

/// The resources of an output directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// The layout of the files.
    pub layout: Layout,
    /// Where the resources are and were.
    pub addresses: Addresses,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Files {
    Named(Vec<String>),
    Hashed(BTreeMap<String, String>),
}

/// The present format.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    layout: Layout,
    files: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without_blocks: &'a BTreeMap<String, String>,
    /// Identity → address, relative to the module that the directory is.
    addresses: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    earlier_addresses: &'a BTreeMap<String, Vec<String>>,
}

impl Manifest {
    /// The manifest of some files, and of the resources in them.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>, resources: Resources) -> Self {
        let (mut hashes, mut shorter) = (BTreeMap::new(), BTreeMap::new());
        for (path, content) in files {
            hashes.insert(path.clone(), Some(hash(content)));
            if let Some(content) = without_blocks(content).filter(|_| path.ends_with(".tf")) {
                shorter.insert(path.clone(), hash(&content));
            }
        }
        Self { files: hashes, without_blocks: shorter, resources: Some(resources) }
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
        #[serde(rename_all = "camelCase")]
        struct Document {
            files: Files,
            #[serde(default)]
            without_blocks: BTreeMap<String, String>,
            layout: Option<Layout>,
            addresses: Option<BTreeMap<String, String>>,
            #[serde(default)]
            earlier_addresses: BTreeMap<String, Vec<String>>,
        }
        let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_slice(text).map_err(malformed)?;
        if !(1..=VERSION).contains(&version) {
            return Err(ManifestError::Version { found: version, known: 1..=VERSION });
        }
        let document: Document = serde_json::from_slice(text).map_err(malformed)?;
        let files: BTreeMap<String, Option<String>> = match (version, document.files) {
            (1, Files::Named(names)) => names.into_iter().map(|name| (name, None)).collect(),
            (2.., Files::Hashed(files)) => files.into_iter().map(|(name, hash)| (name, Some(hash))).collect(),
            _ => return Err(ManifestError::Malformed("files has another form than this version's".to_owned())),
        };
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if let Some((name, _)) = files.iter().find(|(_, hash)| hash.as_ref().is_some_and(|hash| !is_hash(hash))) {
            return Err(ManifestError::Malformed(format!("the hash of {name:?} is not SHA-256 in hex")));
        }
        let files = files.into_iter().filter(|(path, _)| is_ours(path)).collect();
        let resources = match (version, document.layout, document.addresses) {
            (..=2, ..) => None,
            (_, Some(layout), Some(current)) => Some(resources(layout, current, document.earlier_addresses)?),
            _ => return Err(ManifestError::Malformed("layout or addresses is missing".to_owned())),
        };
        Ok(Self { files, without_blocks: document.without_blocks, resources })
    }

    /// The content of the file.
    pub fn to_text(&self) -> String {
        let none = Resources::default();
        let Resources { layout, addresses } = self.resources.as_ref().unwrap_or(&none);
        let hash = |hash: &'_ Option<String>| hash.clone().unwrap_or_default();
        let hashes: BTreeMap<_, _> =
            self.files.iter().map(|(path, recorded)| (path.as_str(), hash(recorded))).collect();
        let document = Document {
            version: VERSION,
            layout: *layout,
            files: hashes.iter().map(|(path, hash)| (*path, hash.as_str())).collect(),
            without_blocks: &self.without_blocks,
            addresses: &addresses.current,
            earlier_addresses: &addresses.earlier,
        };
        // Maps of strings always become JSON.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
}

/// The resources of a manifest. Addresses reach `moved` blocks and scripts, so they must be addresses.
fn resources(
    layout: Layout,
    current: BTreeMap<String, String>,
    earlier: BTreeMap<String, Vec<String>>,
) -> Result<Resources, ManifestError> {
    if let Some(wrong) = current.values().chain(earlier.values().flatten()).find(|address| !is_address(address)) {
        return Err(ManifestError::Malformed(format!("{wrong:?} is not the address of a resource")));
    }
    let mut addresses = Addresses { current, earlier };
    addresses.normalize();
    Ok(Resources { layout, addresses })
}

/// The hash that a manifest has of some content.
pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of a file without its `provider` and `terraform` blocks and without empty lines; `None` if it has no such block.
///
/// Scripts written for kops cut these blocks out of `kubernetes.tf`, usually with awk, because another file has them. What is left
/// is still what this program wrote.
pub fn without_blocks(content: &[u8]) -> Option<Vec<u8>> {
    let (mut kept, mut inside, mut found) = (Vec::new(), false, false);
    for line in content.split(|byte| *byte == b'\n') {
        let begins = line.starts_with(b"provider \"") || line.starts_with(b"terraform {");
        (inside, found) = (inside || begins, found || begins);
        if !inside {
            kept.push(line);
        }
        inside = inside && !line.starts_with(b"}");
    }
    found.then(|| without_empty_lines(kept.into_iter()))
}

/// The lines of a file that are not empty.
pub fn condensed(content: &[u8]) -> Vec<u8> {
    without_empty_lines(content.split(|byte| *byte == b'\n'))
}

fn without_empty_lines<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<u8> {
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(&b'\n')
}

/// Whether a path is one that this program writes: a file of a layout, one of moves, or one in the data directory.
pub fn is_ours(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\n', '\0']);
    match path.split_once('/') {
        Some((directory, name)) => directory == DATA_DIRECTORY && plain(name),
        None => layout::ALL_FILES.contains(&path) || path == MOVED_FILE || path == SCRIPT_FILE,
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
            let address = |at: &str| ("Vpc/a".to_owned(), at.to_owned());
            let earlier =
                BTreeMap::from([("Vpc/a".to_owned(), vec!["aws_vpc.b".to_owned(), "aws_vpc.c[\"d\"]".to_owned()])]);
            let addresses = Addresses { current: [address("aws_vpc.a")].into(), earlier };
            let resources = Resources { layout: Layout::Split, addresses };
            let manifest = Manifest::of(names.iter().map(|name| (name, &content)), resources);
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
    fn manifests_of_the_second_format_have_no_addresses() {
        let text = format!(r#"{{"version": 2, "files": {{"kubernetes.tf": "{}"}}}}"#, hash(b""));
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!((manifest.files.len(), manifest.resources), (1, None));
    }

    #[test]
    fn addresses_cannot_say_anything_else() {
        for address in ["aws_vpc.a", "aws_vpc.a-b_c", r#"aws_x.all["a.b/c \"d\""]"#, "aws_x.a[0]"] {
            assert!(is_address(address), "{address}");
        }
        for address in
            ["", "aws_vpc", "aws_vpc.a b", "aws_vpc.a\n}", "aws_x.a[b]", r#"aws_x.a["b"#, r#"a.b["c"]["d"]"#, "a.b.c"]
        {
            assert!(!is_address(address), "{address}");
            let quoted = serde_json::Value::from(address);
            let text =
                format!(r#"{{"version": 3, "layout": "single", "files": {{}}, "addresses": {{"Vpc/a": {quoted}}}}}"#);
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
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
        assert_eq!(error(r#"{"version": 99, "files": 1}"#), "it has version 99, and this release knows 1 to 3");
        for text in [
            "{",
            "[]",
            r#"{"files": []}"#,
            r#"{"version": 0, "files": []}"#,
            r#"{"version": 2, "files": []}"#,
            r#"{"version": 1, "files": {}}"#,
            r#"{"version": 3, "files": {}}"#,
            r#"{"version": 3, "files": {}, "layout": "single"}"#,
            r#"{"version": 2, "files": {"network.tf": "abc"}}"#,
        ] {
            assert!(Manifest::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
