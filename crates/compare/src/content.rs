//! What a file is, and the differences between two versions of it by the rules of its kind.

use serde_json::Value;

use crate::boot::{UserData, is_user_data, unpacked};
use crate::hashes::Hashes;
use crate::path::{Path, Segment};
use crate::tree::{self, Difference, Leaf, ListRule, Rules};
use crate::{manifest, policy, secrecy, ssh_key, text};

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Area {
    /// A Terraform block.
    Terraform,
    /// A policy document; within a statement that denies, or not.
    Policy {
        denies: bool,
    },
    /// An object of a manifest, as `Deployment kube-system/coredns`.
    Object(String),
    /// What nodeup reads on the instances of a group.
    NodeConfig,
    /// User data.
    Boot,
    SshKey,
    /// Other data: JSON, YAML.
    Data,
    /// Lines of text.
    Text,
    /// Bytes that are not text.
    Binary,
}

/// A difference within a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub area: Area,
    pub difference: Difference,
}

impl Change {
    pub(crate) fn new(area: Area, difference: Difference) -> Self {
        Self { area, difference }
    }
}

/// The content of a file.
enum Content<'t> {
    UserData(&'t str),
    Policy(Value),
    Objects(Vec<Value>),
    NodeConfig(Value),
    Data(Vec<Value>),
    SshKey(&'t str),
    Text(&'t str),
}

/// The differences between two versions of a file that is not HCL, by meaning.
pub(crate) fn diff(old: &[u8], new: &[u8], hashes: &Hashes<'_>) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    match (std::str::from_utf8(old), std::str::from_utf8(new)) {
        (Ok(a), Ok(b)) => diff_strings(a, b, hashes),
        _ => match (unpacked(old), unpacked(new)) {
            (Some(a), Some(b)) => diff_strings(&a, &b, hashes),
            _ => vec![Change::new(Area::Binary, sizes(old, new))],
        },
    }
}

/// Bytes that are not text are shown as their number.
fn sizes(old: &[u8], new: &[u8]) -> Difference {
    let size = |bytes: &[u8]| Some(Value::from(format!("{} bytes", bytes.len())));
    Difference { path: Path::default(), old: size(old), new: size(new), reordered: false }
}

pub(crate) fn diff_strings(old: &str, new: &str, hashes: &Hashes<'_>) -> Vec<Change> {
    let all = |area: Area, found: Vec<Difference>| -> Vec<Change> {
        found.into_iter().map(|difference| Change::new(area.clone(), difference)).collect()
    };
    match (read(old), read(new)) {
        (Content::UserData(a), Content::UserData(b)) => all(Area::Boot, diff_user_data(a, b, hashes)),
        (Content::Policy(a), Content::Policy(b)) => {
            let found = policy::diff(&a, &b).into_iter();
            found.map(|(difference, denies)| Change::new(Area::Policy { denies }, difference)).collect()
        }
        (Content::Objects(a), Content::Objects(b)) => manifest::diff(&a, &b, hashes),
        (Content::NodeConfig(a), Content::NodeConfig(b)) => {
            all(Area::NodeConfig, tree::diff(&a, &b, &DataRules { hashes }))
        }
        (Content::SshKey(a), Content::SshKey(b)) => all(Area::SshKey, ssh_key::diff(a, b)),
        (Content::Text(a), Content::Text(b)) => all(Area::Text, text::diff(a, b)),
        (a, b) => match (a.values(), b.values()) {
            // Of different kinds, or data without a kind of its own.
            (Some(a), Some(b)) => all(Area::Data, diff_documents(&a, &b, hashes)),
            _ => all(Area::Text, text::diff(old, new)),
        },
    }
}

fn diff_documents(old: &[Value], new: &[Value], hashes: &Hashes<'_>) -> Vec<Difference> {
    match (old, new) {
        ([a], [b]) => tree::diff(a, b, &DataRules { hashes }),
        _ => tree::diff(&Value::from(old), &Value::from(new), &DataRules { hashes }),
    }
}

fn diff_user_data(old: &str, new: &str, hashes: &Hashes<'_>) -> Vec<Difference> {
    let compare = |a: &Value, b: &Value| tree::diff(a, b, &DataRules { hashes });
    UserData::read(old).diff(&UserData::read(new), &compare)
}

impl Content<'_> {
    /// The documents of structured data.
    fn values(self) -> Option<Vec<Value>> {
        match self {
            Self::Policy(value) | Self::NodeConfig(value) => Some(vec![value]),
            Self::Objects(values) | Self::Data(values) => Some(values),
            _ => None,
        }
    }
}

fn read(text: &str) -> Content<'_> {
    if is_user_data(text) {
        return Content::UserData(text);
    }
    if ssh_key::is_public_key(text) {
        return Content::SshKey(text);
    }
    let Some(documents) = documents(text) else { return Content::Text(text) };
    if documents.iter().all(manifest::is_object) {
        return Content::Objects(documents);
    }
    match <[Value; 1]>::try_from(documents) {
        Ok([document]) if policy::is_policy(&document) => Content::Policy(document),
        Ok([document]) if is_node_config(&document) => Content::NodeConfig(document),
        Ok([document]) => Content::Data(vec![document]),
        Err(documents) => Content::Data(documents),
    }
}

/// The documents of JSON or YAML whose roots are mappings or lists; `None` for anything else.
pub(crate) fn documents(text: &str) -> Option<Vec<Value>> {
    let structured = |value: &Value| value.is_object() || value.is_array();
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        return structured(&value).then(|| vec![value]);
    }
    // Without a colon or a dash there is no mapping and no list.
    if !text.contains([':', '-', '{', '[']) {
        return None;
    }
    let parsed = kopsform_yaml::parse("", text);
    if parsed.report.has_errors() {
        return None;
    }
    let values = parsed.documents.iter().map(|document| document.root.to_json()).filter(|value| !value.is_null());
    let values: Vec<Value> = values.collect();
    (!values.is_empty() && values.iter().all(structured)).then_some(values)
}

/// nodeup's `Config`, by fields that only it has.
fn is_node_config(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    has("KubeletConfig") && (has("KubernetesVersion") || has("ClusterName")) || has("KeypairIDs") && has("ClusterName")
}

/// Rules of data whose lists are ordered unless something identifies their items.
pub(crate) struct DataRules<'h, 'f> {
    pub hashes: &'h Hashes<'f>,
}

impl Rules for DataRules<'_, '_> {
    fn list(&self, _path: &Path) -> ListRule {
        ListRule::Ordered
    }

    fn leaf(&self, _path: &Path, old: &Value, new: &Value) -> Leaf {
        leaf(old, new, self.hashes)
    }
}

/// What two values mean that are not both mappings or both lists: strings can hold documents, and hashes of files follow
/// from the files.
pub(crate) fn leaf(old: &Value, new: &Value, hashes: &Hashes<'_>) -> Leaf {
    let (Some(a), Some(b)) = (old.as_str(), new.as_str()) else { return Leaf::Different };
    if hashes.follow(a, b) {
        return Leaf::Equal;
    }
    let holds_document = |text: &str| text.contains('\n') || text.starts_with(['{', '[']);
    if !holds_document(a) || !holds_document(b) {
        // Base64 of gzip, as in user data that Kubernetes objects hold.
        return Leaf::Different;
    }
    let Some(changes) = hashes.within(|| diff_strings(a, b, hashes)) else { return Leaf::Inside(text::diff(a, b)) };
    let inside = |change: Change| match change.area {
        Area::Object(object) => Difference {
            path: Path::default().with(Segment::Key(object)).join(change.difference.path),
            ..change.difference
        },
        _ => change.difference,
    };
    Leaf::Inside(changes.into_iter().map(inside).collect())
}

/// A file as a value, for a finding about the whole of it, without secrets.
pub(crate) fn whole(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(secrecy::without_keys(text).0),
        Err(_) => Value::from(format!("{} bytes", bytes.len())),
    }
}
