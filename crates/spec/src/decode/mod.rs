//! YAML documents to typed objects, with all findings of all documents in one run.
//!
//! `SchemaVisitor` checks a document against the schema of its type. What does not fit becomes a finding and is left out, so
//! that the rest can still be checked. kops silently drops unknown fields; here each is reported with its location and the
//! nearest known name.

mod clouds;
mod hints;
mod locations;
mod visitor;

use std::sync::{Arc, LazyLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cloud::Cloud;
use super::conversion::Convert;
use super::field_schema::FieldSchema;
use super::labels::API_VERSION;
use super::v1alpha2::{Cluster, InstanceGroup, Keyset, SshCredential};
use clouds::Clouds;
pub use clouds::of_cloud;
use kopsform_diagnostics::{Finding, Report, Rule, Severity, nearest};
use kopsform_yaml::{self as yaml, Document, Entry, Kind, Node, Source};
pub use locations::{Decoded, Locations};
use visitor::SchemaVisitor;

/// How strictly documents are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// What kops accepts and should not is an error: `validate spec`, `--strict`.
    Strict,
    /// It is a warning: all other commands, for the user's files.
    Lenient,
    /// It is accepted: objects read from the state store, which a newer kops may have written.
    Stored,
}

impl Strictness {
    /// The severity of what kops accepts and should not; `None` where it is not reported.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Strict => Some(Severity::Error),
            Self::Lenient => Some(Severity::Warning),
            Self::Stored => None,
        }
    }
}

/// A kind of object that kops knows.
pub trait ApiObject: DeserializeOwned + Convert + Send + Sync + 'static {
    /// The `kind` of the object.
    const KIND: &'static str;

    /// The schema of its documents.
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
        /// All kinds.
        pub const KINDS: &[&str] = &[$($kind),*];
    };
}

api_objects! {
    Cluster, "Cluster";
    InstanceGroup, "InstanceGroup";
    Keyset, "Keyset";
    SshCredential, "SSHCredential";
}

/// A decoded object.
#[derive(Debug, Clone)]
pub enum Object {
    Cluster(Box<Decoded<Cluster>>),
    InstanceGroup(Box<Decoded<InstanceGroup>>),
    Keyset(Box<Decoded<Keyset>>),
    SshCredential(Box<Decoded<SshCredential>>),
    /// An object of another API group, to be applied to the cluster.
    Additional(Box<Decoded<Value>>),
}

/// The objects of a file.
#[derive(Debug, Clone, Default)]
pub struct Decoding {
    /// The objects, in order; documents that are not objects are left out.
    pub objects: Vec<Object>,
    /// The findings, by location.
    pub report: Report,
}

impl Decoding {
    pub fn clusters(&self) -> impl Iterator<Item = &Decoded<Cluster>> {
        self.objects.iter().filter_map(|o| match o {
            Object::Cluster(cluster) => Some(&**cluster),
            _ => None,
        })
    }

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

/// Decodes all objects of a file; `name` is its name in findings.
pub fn decode(name: &str, text: &str, strictness: Strictness) -> Decoding {
    decode_files([(name, text)], strictness).pop().unwrap_or_default()
}

/// Decodes all objects of files that belong together, by name and content. A cluster in one of them determines what its groups in
/// the others may hold.
pub fn decode_files<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>, strictness: Strictness) -> Vec<Decoding> {
    let parsed: Vec<yaml::Parsed> = files.into_iter().map(|(name, text)| yaml::parse(name, text)).collect();
    let clouds = Clouds::of(parsed.iter().flat_map(|parsed| &parsed.documents));
    parsed.into_iter().map(|parsed| decode_parsed(parsed, strictness, &clouds)).collect()
}

fn decode_parsed(parsed: yaml::Parsed, strictness: Strictness, clouds: &Clouds) -> Decoding {
    if let Some(finding) = unrendered(&parsed) {
        return Decoding { objects: Vec::new(), report: finding.into() };
    }
    let several = parsed.documents.len() > 1;
    let mut decoding = Decoding { objects: Vec::new(), report: parsed.report };
    soften_duplicates(&mut decoding.report, strictness);
    if parsed.documents.is_empty() && decoding.report.is_empty() {
        decoding.report.push(
            Finding::error(Rule::EmptyFile, "", "the file has no object")
                .at(parsed.source.location(1, 1))
                .hint("a spec begins with `apiVersion: kops.k8s.io/v1alpha2` and `kind: Cluster`"),
        );
    }
    for document in parsed.documents {
        let how = How { strictness, cloud: clouds.of_document(&document), several };
        if let Some(object) = decode_document(document, how, &mut decoding.report) {
            decoding.objects.push(object);
        }
    }
    if several {
        // In a file of several objects, the line alone does not say which one it is about.
        decoding.report.findings.iter_mut().for_each(|finding| finding.names_object = true);
    }
    decoding.report.sort();
    decoding
}

/// The finding about a template that is given in place of what it renders. Its other findings would be about what is not there
/// yet.
fn unrendered(parsed: &yaml::Parsed) -> Option<Finding> {
    let source = &parsed.source;
    let line = |number: usize| u32::try_from(number).ok().and_then(|number| source.line(number)).unwrap_or_default();
    let has_action = |number: usize| line(number).contains("{{") || line(number).contains("}}");
    let syntax = |finding: &&Finding| matches!(finding.rule, Rule::YamlSyntax | Rule::YamlKey);
    let mut errors = parsed.report.findings.iter().filter(syntax).filter_map(|finding| finding.location.as_ref());
    let in_syntax = errors.find(|location| has_action(location.line)).map(|location| (location.line, location.column));
    // An action in quotes is a string of YAML.
    let quoted = || {
        let node = parsed.documents.iter().find_map(|document| quoted_action(&document.root))?;
        Some((node.position.line as usize, node.position.column as usize))
    };
    // An action on a line of its own, before the error that follows from it.
    let alone = || {
        let failed = parsed.report.findings.iter().filter(syntax).find_map(|finding| finding.location.as_ref())?;
        let own_line = |number: &usize| line(*number).trim_start().starts_with("{{");
        let first = failed.line.saturating_sub(MAX_ACTION_LINES).max(1);
        (first..=failed.line + 1).find(own_line).map(|number| (number, 1))
    };
    let (line, column) = in_syntax.or_else(quoted).or_else(alone)?;
    let message = "this is a template, not a spec";
    let mut finding = Finding::error(Rule::UnrenderedTemplate, "", message).at(source.location(line, column));
    finding.excerpt = source.excerpt(line, column);
    Some(finding.hint("render it first: `kopsform toolbox template --template FILE --values FILE`"))
}

/// The first value of an object of kops that is an action in quotes. Fields that other programs read may have actions.
fn quoted_action(root: &Node) -> Option<&Node> {
    const TEXTS: [&str; 9] = [
        "annotations",
        "cloudLabels",
        "command",
        "configAdditions",
        "configOverride",
        "content",
        "environment",
        "manifest",
        "value",
    ];
    fn search(node: &Node) -> Option<&Node> {
        let entries = node.entries().iter().filter(|entry| !TEXTS.contains(&entry.key.as_str()));
        let mut inner = entries.map(|entry| &entry.value).chain(node.items());
        let is_action = |text: &str| text.trim().starts_with("{{") && text.trim().ends_with("}}");
        if node.text().is_some_and(is_action) { Some(node) } else { inner.find_map(search) }
    }
    let head = |name: &str| root.get(name).filter(|node| node.text().is_some_and(|text| text.contains("{{")));
    let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
    let name = name.filter(|node| node.text().is_some_and(|text| text.contains("{{")));
    let is_kops = root.get("kind").and_then(Node::text).is_some_and(|kind| KINDS.contains(&kind));
    name.or_else(|| head("kind")).or_else(|| head("apiVersion")).or_else(|| search(root).filter(|_| is_kops))
}

/// How far before an error of YAML a line with an action is looked for.
const MAX_ACTION_LINES: usize = 200;

/// Decodes a file with one object of a known kind, as in the state store.
///
/// Warnings come with the object.
///
/// # Errors
/// The report of everything that is wrong, when any of it is an error.
pub fn decode_one<T: ApiObject>(
    name: &str,
    text: &str,
    strictness: Strictness,
) -> Result<(Decoded<T>, Report), Report> {
    let parsed = yaml::parse(name, text);
    // What is in the store was accepted with what it says.
    if parsed.report.has_errors()
        && let Some(finding) = unrendered(&parsed)
    {
        return Err(finding.into());
    }
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
        let message = format!("the file has no {}", T::KIND);
        return Err(fail(report, Finding::error(Rule::EmptyFile, "", message).at(parsed.source.location(1, 1))));
    };
    if let Some(second) = documents.next() {
        let finding = Finding::error(Rule::SeveralDocuments, "", "only one document is expected here");
        return Err(fail(report, finding.at(parsed.source.place(second.root.position))));
    }
    let head = Head::of(&document, &mut report);
    if let Some(head) = &head
        && head.check_version(&document, &mut report)
        && head.kind != T::KIND
    {
        let message = format!("expected kind {}, found {}", T::KIND, head.kind);
        report.push(Finding::error(Rule::UnknownKind, "kind", message).at(document.source.place(head.kind_position)));
    }
    if report.has_errors() {
        return Err(report);
    }
    let cloud = Clouds::of([&document]).of_document(&document);
    let decoded = typed::<T>(document, How { strictness, cloud, several: false }, &mut report);
    match decoded {
        Some(decoded) if !report.has_errors() => Ok((decoded, report)),
        _ => {
            report.sort();
            Err(report)
        }
    }
}

/// Decodes a file with one document without `apiVersion` and `kind`: a file of kopsform itself.
///
/// # Errors
/// All findings; unknown fields are errors.
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
        let finding = Finding::error(Rule::SeveralDocuments, "", "only one document is expected here");
        report.push(finding.at(parsed.source.place(second.root.position)));
    }
    let Some(document) = document else {
        if !report.has_errors() {
            report.push(Finding::error(Rule::EmptyFile, "", "the file is empty").at(parsed.source.location(1, 1)));
        }
        return Err(report);
    };
    let mut visitor = SchemaVisitor::new(&document.source, Strictness::Strict, String::new(), shape, &mut report);
    let object = visitor.visit(&document.root).and_then(|value| deserialize(value, &document, &mut visitor));
    match object {
        Some(object) if !report.has_errors() => Ok(Decoded { object, locations: Locations::of(document, false, None) }),
        _ => {
            report.sort();
            Err(report)
        }
    }
}

/// Duplicate keys: kops silently keeps the last one.
fn soften_duplicates(report: &mut Report, strictness: Strictness) {
    let soften = |finding: Finding| match (finding.rule, strictness.severity()) {
        (Rule::DuplicateKey, severity) => Some(finding.as_strict(severity?)),
        _ => Some(finding),
    };
    report.findings = std::mem::take(&mut report.findings).into_iter().filter_map(soften).collect();
}

/// The type of a document.
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
            let objects = document.root.items().iter().any(is_kops_object);
            let hint = if objects { ONE_DOCUMENT_EACH } else { "begin it with `apiVersion:` and `kind:`" };
            let finding = Finding::error(Rule::NoObject, "", format!("expected an object, found {what}")).hint(hint);
            report.push(locate(source, finding, document.root.position));
            return None;
        }
        let field = |name: &str, example: &str, report: &mut Report| match document.root.entry(name) {
            Some(Entry { value, .. }) if value.text().is_some_and(|t| !t.is_empty()) => {
                Some((value.text().unwrap_or_default().to_owned(), value.position))
            }
            _ => {
                let finding = Finding::error(Rule::MissingKind, name, format!("{name} is missing"))
                    .hint(format!("add `{name}: {example}`"));
                report.push(locate(source, finding, document.root.position));
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

    /// Whether it is in the API group of kops.
    fn is_kops(&self) -> bool {
        matches!(self.group(), "kops" | "kops.k8s.io")
    }

    /// Reports an API version that is not read here.
    fn check_version(&self, document: &Document, report: &mut Report) -> bool {
        let version = self.api_version.rsplit('/').next().unwrap_or_default();
        if self.is_kops() && version == "v1alpha2" {
            return true;
        }
        let finding = if self.is_kops() && version == "v1alpha3" {
            Finding::error(
                Rule::UnsupportedVersion,
                "apiVersion",
                "v1alpha3 is not supported: kops stores v1alpha2 itself",
            )
        } else {
            Finding::error(Rule::UnknownVersion, "apiVersion", format!("unknown API version {}", self.api_version))
        };
        let finding = finding.hint(format!("write the object as {API_VERSION}"));
        report.push(locate(&document.source, finding, self.api_version_position));
        false
    }
}

fn locate(source: &Source, finding: Finding, position: yaml::Position) -> Finding {
    let mut finding = finding.at(source.place(position));
    if !locations::holds_secret(&finding.path) {
        finding.excerpt = source.excerpt(position.line as usize, position.column as usize);
    }
    finding
}

/// How a document is decoded.
#[derive(Debug, Clone, Copy)]
struct How {
    strictness: Strictness,
    /// The cloud of its cluster, if it is known.
    cloud: Option<Cloud>,
    /// Whether its file has several documents.
    several: bool,
}

fn decode_document(document: Document, how: How, report: &mut Report) -> Option<Object> {
    let head = Head::of(&document, report)?;
    if !head.is_kops() {
        // A kops kind under a misspelled API group would be applied to the cluster, which does not know it.
        if KINDS.contains(&head.kind.as_str()) && nearest(&head.api_version, [API_VERSION]).is_some() {
            head.check_version(&document, report);
            return None;
        }
        if head.kind.ends_with("List") && holds_objects(&document) {
            let message = format!("a {} of objects is not read", head.kind);
            let finding = Finding::error(Rule::UnknownKind, "kind", message).hint(ONE_DOCUMENT_EACH);
            report.push(locate(&document.source, finding, head.kind_position));
            return None;
        }
        let object = document.root.to_json();
        let locations = Locations::of(document, how.several, how.cloud);
        return Some(Object::Additional(Box::new(Decoded { object, locations })));
    }
    if !head.check_version(&document, report) {
        return None;
    }
    match head.kind.as_str() {
        Cluster::KIND => typed(document, how, report).map(|o| Object::Cluster(Box::new(o))),
        InstanceGroup::KIND => typed(document, how, report).map(|o| Object::InstanceGroup(Box::new(o))),
        Keyset::KIND => typed(document, how, report).map(|o| Object::Keyset(Box::new(o))),
        SshCredential::KIND => typed(document, how, report).map(|o| Object::SshCredential(Box::new(o))),
        other => {
            let finding = Finding::error(Rule::UnknownKind, "kind", format!("unknown kind {other}"));
            let list = other.ends_with("List") && document.root.get("items").is_some();
            let finding = match nearest(other, KINDS.iter().copied()) {
                _ if list => finding.hint(ONE_DOCUMENT_EACH),
                Some(kind) => finding.hint(format!("did you mean {kind}?")),
                None => finding.hint(format!("kinds are {}", KINDS.join(", "))),
            };
            report.push(locate(&document.source, finding, head.kind_position));
            None
        }
    }
}

/// What to do about a list of objects.
const ONE_DOCUMENT_EACH: &str = "write each item as a document of its own, with a line `---` between them";

/// Whether the items of a list are objects of kops.
fn holds_objects(document: &Document) -> bool {
    document.root.get("items").is_some_and(|items| items.items().iter().any(is_kops_object))
}

fn is_kops_object(node: &Node) -> bool {
    node.get("apiVersion").and_then(Node::text).is_some_and(|version| version.split('/').next() == Some("kops.k8s.io"))
        || node.get("kind").and_then(Node::text).is_some_and(|kind| KINDS.contains(&kind))
}

fn typed<T: ApiObject>(document: Document, how: How, report: &mut Report) -> Option<Decoded<T>> {
    let mut visitor = visitor_of::<T>(&document, how, report);
    let value = visitor.visit(&document.root)?;
    let mut object: T = deserialize(value, &document, &mut visitor)?;
    object.convert();
    Some(Decoded { object, locations: Locations::of(document, how.several, how.cloud) })
}

fn visitor_of<'d, T: ApiObject>(document: &'d Document, how: How, report: &'d mut Report) -> SchemaVisitor<'d> {
    let name = document.root.get("metadata").and_then(|m| m.get("name")).and_then(Node::text).unwrap_or_default();
    let object = format!("{}/{name}", T::KIND);
    SchemaVisitor::new(&document.source, how.strictness, object, T::shape(), report).on(how.cloud)
}

/// Deserializes what the visitor returned; what does not fit even then becomes a finding.
fn deserialize<T: DeserializeOwned>(value: Value, document: &Document, visitor: &mut SchemaVisitor<'_>) -> Option<T> {
    match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(object) => Some(object),
        Err(error) => {
            let path = error.path().to_string();
            let position = document.root.find(&path).position;
            let finding = Finding::error(Rule::WrongType, path, error.into_inner().to_string());
            visitor.push_at(finding, position);
            None
        }
    }
}

#[cfg(test)]
mod tests;
