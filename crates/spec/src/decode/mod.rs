//! YAML documents to typed objects, with every problem of every document found in one go.
//!
//! A document is walked against the shape of its type. What does not fit becomes a finding and is left out, so that the
//! rest can still be checked. Fields are dropped in silence by kops when it does not know them; here each is named with its
//! place and the nearest name there is.

mod hints;
mod locations;
mod visitor;

use std::sync::{Arc, LazyLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::conversion::{API_VERSION, Convert};
use super::field_schema::FieldSchema;
use super::v1alpha2::{Cluster, InstanceGroup, Keyset, SshCredential};
use kopsform_diagnostics::{Finding, Report, Severity, nearest};
use kopsform_yaml::{self as yaml, Document, Entry, Kind, Node, Source};
pub use locations::{Decoded, Locations};
use visitor::SchemaVisitor;

/// How much is held against a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Everything that is wrong is an error: `validate spec`, `--strict`.
    Strict,
    /// What kops would overlook is a warning: all other commands, for a person's files.
    Lenient,
    /// What kops would overlook is overlooked: objects read from the state store, which a newer kops may have written.
    Stored,
}

/// A kind of object that kops knows.
pub trait ApiObject: DeserializeOwned + Convert + Send + Sync + 'static {
    /// The `kind` of the object.
    const KIND: &'static str;

    /// What its documents may hold.
    fn shape() -> &'static FieldSchema;
}

macro_rules! api_objects {
    ($($type:ty, $kind:literal;)*) => {
        $(impl ApiObject for $type {
            const KIND: &'static str = $kind;

            fn shape() -> &'static FieldSchema {
                static SHAPE: LazyLock<Arc<FieldSchema>> = LazyLock::new(FieldSchema::of::<$type>);
                &SHAPE
            }
        })*
        /// The kinds there are.
        pub const KINDS: &[&str] = &[$($kind),*];
    };
}

api_objects! {
    Cluster, "Cluster";
    InstanceGroup, "InstanceGroup";
    Keyset, "Keyset";
    SshCredential, "SSHCredential";
}

/// An object of a document.
#[derive(Debug, Clone)]
pub enum Object {
    /// A cluster.
    Cluster(Box<Decoded<Cluster>>),
    /// An instance group.
    InstanceGroup(Box<Decoded<InstanceGroup>>),
    /// A keyset.
    Keyset(Box<Decoded<Keyset>>),
    /// An SSH public key.
    SshCredential(Box<Decoded<SshCredential>>),
    /// An object of another API group, to be applied to the cluster.
    Additional(Box<Decoded<Value>>),
}

/// What the documents of a text hold.
#[derive(Debug, Clone, Default)]
pub struct Decoding {
    /// The objects, in order; those that are no object at all are left out.
    pub objects: Vec<Object>,
    /// Everything that is wrong with them, in order of place.
    pub report: Report,
}

impl Decoding {
    /// The clusters.
    pub fn clusters(&self) -> impl Iterator<Item = &Decoded<Cluster>> {
        self.objects.iter().filter_map(|o| match o {
            Object::Cluster(cluster) => Some(&**cluster),
            _ => None,
        })
    }

    /// The instance groups.
    pub fn instance_groups(&self) -> impl Iterator<Item = &Decoded<InstanceGroup>> {
        self.objects.iter().filter_map(|o| match o {
            Object::InstanceGroup(group) => Some(&**group),
            _ => None,
        })
    }

    /// Objects of other API groups.
    pub fn additional(&self) -> impl Iterator<Item = &Decoded<Value>> {
        self.objects.iter().filter_map(|o| match o {
            Object::Additional(object) => Some(&**object),
            _ => None,
        })
    }
}

/// Reads all objects of a text; `name` is what findings call it.
pub fn decode(name: &str, text: &str, strictness: Strictness) -> Decoding {
    let parsed = yaml::parse(name, text);
    let mut decoding = Decoding { objects: Vec::new(), report: parsed.report };
    soften_duplicates(&mut decoding.report, strictness);
    if parsed.documents.is_empty() && decoding.report.is_empty() {
        decoding.report.push(
            Finding::error("empty-file", "", "there is no object in it")
                .at(parsed.source.location(1, 1))
                .hint("a spec begins with `apiVersion: kops.k8s.io/v1alpha2` and `kind: Cluster`"),
        );
    }
    for document in parsed.documents {
        if let Some(object) = decode_document(document, strictness, &mut decoding.report) {
            decoding.objects.push(object);
        }
    }
    decoding.report.sort();
    decoding
}

/// Reads a text that holds one object of a known kind, as the state store does.
///
/// The findings that are no errors come with the object.
///
/// # Errors
/// The report of everything that is wrong, when any of it is an error.
pub fn decode_one<T: ApiObject>(
    name: &str,
    text: &str,
    strictness: Strictness,
) -> Result<(Decoded<T>, Report), Report> {
    let parsed = yaml::parse(name, text);
    let mut report = parsed.report;
    soften_duplicates(&mut report, strictness);
    let mut documents = parsed.documents.into_iter();
    let first = documents.next();
    let fail = |mut report: Report, finding: Finding| {
        report.push(finding);
        report
    };
    let Some(document) = first else {
        if report.has_errors() {
            return Err(report);
        }
        let message = format!("there is no {} in it", T::KIND);
        return Err(fail(report, Finding::error("empty-file", "", message).at(parsed.source.location(1, 1))));
    };
    if let Some(second) = documents.next() {
        let finding = Finding::error("several-documents", "", "only one document is expected here");
        return Err(fail(report, finding.at(parsed.source.place(second.root.position))));
    }
    let head = Head::of(&document, &mut report);
    if let Some(head) = &head
        && head.check_version(&document, &mut report)
        && head.kind != T::KIND
    {
        let message = format!("expected kind {}, found {}", T::KIND, head.kind);
        report.push(Finding::error("unknown-kind", "kind", message).at(document.source.place(head.kind_position)));
    }
    if report.has_errors() {
        return Err(report);
    }
    let decoded = typed::<T>(document, strictness, &mut report);
    match decoded {
        Some(decoded) if !report.has_errors() => Ok((decoded, report)),
        _ => {
            report.sort();
            Err(report)
        }
    }
}

/// Reads a text that is one document of a type, without `apiVersion` and `kind`: a file of this program's own.
///
/// # Errors
/// Everything that is wrong, unknown fields too.
pub fn decode_file<T: DeserializeOwned>(
    name: &str,
    text: &str,
    shape: &'static FieldSchema,
) -> Result<Decoded<T>, Report> {
    let parsed = yaml::parse(name, text);
    let mut report = parsed.report;
    let mut documents = parsed.documents.into_iter();
    let document = documents.next();
    if let Some(second) = documents.next() {
        let finding = Finding::error("several-documents", "", "only one document is expected here");
        report.push(finding.at(parsed.source.place(second.root.position)));
    }
    let Some(document) = document else {
        if !report.has_errors() {
            report.push(Finding::error("empty-file", "", "there is nothing in it").at(parsed.source.location(1, 1)));
        }
        return Err(report);
    };
    let mut walker = SchemaVisitor::new(&document.source, Strictness::Strict, String::new(), shape, &mut report);
    let object = walker.walk(&document.root).and_then(|value| walked(value, &document, &mut walker));
    match object {
        Some(object) if !report.has_errors() => Ok(Decoded { object, locations: Locations::of(document) }),
        _ => {
            report.sort();
            Err(report)
        }
    }
}

/// kops takes the last of two equal keys without a word.
fn soften_duplicates(report: &mut Report, strictness: Strictness) {
    match strictness {
        Strictness::Strict => {}
        Strictness::Lenient => {
            for finding in report.findings.iter_mut().filter(|f| f.code == "duplicate-key") {
                finding.severity = Severity::Warning;
            }
        }
        Strictness::Stored => report.findings.retain(|f| f.code != "duplicate-key"),
    }
}

/// What a document says it is.
struct Head {
    api_version: String,
    kind: String,
    api_version_position: yaml::Position,
    kind_position: yaml::Position,
}

impl Head {
    fn of(document: &Document, report: &mut Report) -> Option<Self> {
        let source = &document.source;
        if !matches!(&*document.root.kind, Kind::Mapping(_)) {
            let what = document.root.describe();
            report.push(place(
                source,
                Finding::error("no-object", "", format!("an object is expected, this is {what}"))
                    .hint("begin it with `apiVersion:` and `kind:`"),
                document.root.position,
            ));
            return None;
        }
        let field = |name: &str, example: &str, report: &mut Report| match document.root.entry(name) {
            Some(Entry { value, .. }) if value.text().is_some_and(|t| !t.is_empty()) => {
                Some((value.text().unwrap_or_default().to_owned(), value.position))
            }
            _ => {
                let finding = Finding::error("missing-kind", name, format!("{name} is missing"))
                    .hint(format!("an object says what it is: `{name}: {example}`"));
                report.push(place(source, finding, document.root.position));
                None
            }
        };
        let api_version = field("apiVersion", API_VERSION, report);
        let kind = field("kind", "Cluster", report);
        let ((api_version, api_version_position), (kind, kind_position)) = (api_version?, kind?);
        Some(Self { api_version, kind, api_version_position, kind_position })
    }

    fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether it is of kops' own API.
    fn is_kops(&self) -> bool {
        matches!(self.group(), "kops" | "kops.k8s.io")
    }

    /// Whether the version is one that is read here.
    fn check_version(&self, document: &Document, report: &mut Report) -> bool {
        let version = self.api_version.rsplit('/').next().unwrap_or_default();
        if self.is_kops() && version == "v1alpha2" {
            return true;
        }
        let finding = if self.is_kops() && version == "v1alpha3" {
            Finding::error(
                "unsupported-version",
                "apiVersion",
                "v1alpha3 is not supported: kops stores v1alpha2 itself",
            )
        } else {
            Finding::error("unknown-version", "apiVersion", format!("no such API version: {}", self.api_version))
        };
        let finding = finding.hint(format!("write the object as {API_VERSION}"));
        report.push(place(&document.source, finding, self.api_version_position));
        false
    }
}

fn place(source: &Source, finding: Finding, position: yaml::Position) -> Finding {
    let mut finding = finding.at(source.place(position));
    if !locations::holds_secret(&finding.path) {
        finding.excerpt = source.excerpt(position.line as usize, position.column as usize);
    }
    finding
}

fn decode_document(document: Document, strictness: Strictness, report: &mut Report) -> Option<Object> {
    let head = Head::of(&document, report)?;
    if !head.is_kops() {
        // A kops kind under a slip of the group would be applied to the cluster, where no one knows it.
        if KINDS.contains(&head.kind.as_str()) && nearest(&head.api_version, [API_VERSION]).is_some() {
            head.check_version(&document, report);
            return None;
        }
        let object = document.root.to_json();
        return Some(Object::Additional(Box::new(Decoded { object, locations: Locations::of(document) })));
    }
    if !head.check_version(&document, report) {
        return None;
    }
    match head.kind.as_str() {
        Cluster::KIND => typed(document, strictness, report).map(|o| Object::Cluster(Box::new(o))),
        InstanceGroup::KIND => typed(document, strictness, report).map(|o| Object::InstanceGroup(Box::new(o))),
        Keyset::KIND => typed(document, strictness, report).map(|o| Object::Keyset(Box::new(o))),
        SshCredential::KIND => typed(document, strictness, report).map(|o| Object::SshCredential(Box::new(o))),
        other => {
            let finding = Finding::error("unknown-kind", "kind", format!("no such kind: {other}"));
            let finding = match nearest(other, KINDS.iter().copied()) {
                Some(kind) => finding.hint(format!("did you mean {kind}?")),
                None => finding.hint(format!("kinds are {}", KINDS.join(", "))),
            };
            report.push(place(&document.source, finding, head.kind_position));
            None
        }
    }
}

fn typed<T: ApiObject>(document: Document, strictness: Strictness, report: &mut Report) -> Option<Decoded<T>> {
    let name = document.root.get("metadata").and_then(|m| m.get("name")).and_then(Node::text).unwrap_or_default();
    let object = format!("{}/{name}", T::KIND);
    let mut walker = SchemaVisitor::new(&document.source, strictness, object, T::shape(), report);
    let value = walker.walk(&document.root)?;
    let mut object: T = walked(value, &document, &mut walker)?;
    object.convert();
    Some(Decoded { object, locations: Locations::of(document) })
}

/// What a walk gave as its type; what does not fit even then becomes a finding.
fn walked<T: DeserializeOwned>(value: Value, document: &Document, walker: &mut SchemaVisitor<'_>) -> Option<T> {
    match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(object) => Some(object),
        Err(error) => {
            let path = error.path().to_string();
            let position = document.root.find(&path).position;
            let finding = Finding::error("wrong-type", path, error.into_inner().to_string());
            walker.push_at(finding, position);
            None
        }
    }
}

#[cfg(test)]
mod tests;
