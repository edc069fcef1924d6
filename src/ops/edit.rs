//! `edit cluster|instancegroup`: changes a stored object, in an editor or by naming fields.

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;

use super::support::facts::FactFinder;
use super::support::immutable_defaults::{AssignError, immutable_defaults};
use super::support::stored_metadata;
use kopsform_diagnostics::{Allowed, Explain, Finding, Report, Rule};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::decode::{ApiObject, Decoded, Locations, Strictness, decode_one};
use kopsform_spec::fields::{self, FieldError};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_spec::validation::{Rules, Scope, Specs, validate, validate_change};
use kopsform_state::{
    CONFIG, ClusterStore, CommitError, Holder, Read, ReadError, StateStore, Write, commit, encode, instance_group_key,
    stored_cluster, stored_instance_group,
};

/// Why an object could not be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("error reading InstanceGroup {0:?}: it does not exist")]
    NoGroup(String),
    /// A field could not be set or cleared.
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("validation failed: {0}")]
    Invalid(Report),
    #[error(transparent)]
    Assign(#[from] AssignError),
    #[error("error launching editor: {0}")]
    Editor(#[from] std::io::Error),
    /// The user closed the editor without correcting the errors.
    #[error("Edit cancelled: no valid changes were saved.")]
    NoValidChanges,
    #[error("cannot store {object}: {reason}")]
    Encode { object: String, reason: String },
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for EditError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Field(error) => error.hints(),
            Self::Assign(error) => error.hints(),
            Self::Commit(error) => error.hints(),
            Self::Editor(_) => vec!["set KUBE_EDITOR or EDITOR, or use --set and --unset".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// Lets the user edit a file.
#[async_trait]
pub trait Editor: Send + Sync {
    /// Returns the edited content and the file that holds it.
    async fn edit(&self, content: &str) -> std::io::Result<(String, PathBuf)>;
}

/// Where the changes come from.
pub enum EditSource<'a> {
    /// Fields to clear and to set, as `path` and `path=value`.
    Fields {
        unsets: &'a [String],
        sets: &'a [String],
    },
    Editor(&'a dyn Editor),
}

/// How an edit ended.
#[derive(Debug)]
pub enum Edited {
    /// The object is stored; warnings that it did not have before.
    Stored(Report),
    Unchanged,
    /// The user saved an empty file, which leaves the object unchanged.
    Aborted,
}

/// A failed edit, with the edited file.
#[derive(Debug)]
pub struct Failed {
    pub error: Box<EditError>,
    /// The edited file, unless no editor was used.
    pub kept: Option<PathBuf>,
}

impl<E: Into<EditError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: Box::new(error.into()), kept: None }
    }
}

/// What editing a cluster depends on besides the store.
pub struct EditDeps<'a> {
    /// The environment at the start.
    pub environment: &'a Environment,
    /// Finds shared VPCs and subnets.
    pub facts: &'a mut FactFinder,
    /// Whether etcd has data that a change could lose.
    pub etcd_exists: bool,
    /// The time now.
    pub now: Timestamp,
    /// Rules that are switched off.
    pub allowed: Allowed,
}

/// Edits a cluster's spec. It is validated with the cluster's instance groups, and as a change of the stored spec.
pub async fn cluster(
    state: &StateStore,
    name: &str,
    source: EditSource<'_>,
    deps: EditDeps<'_>,
    holder: &Holder,
) -> Result<Edited, Failed> {
    let (store, read) = ClusterStore::load(state, name).await?;
    let groups = groups(&store).await?;
    let old = stored_cluster(&read.object);
    let features = Features::from_environment(deps.environment);
    let rules = Rules { strictness: Strictness::Lenient, features: &features };
    let check = |new: &Decoded<Cluster>| {
        let specs =
            Specs { cluster: new, groups: groups.iter().collect(), additional: Vec::new(), scope: Scope::Whole };
        let mut report = validate(&specs, &rules);
        report.extend(validate_change(&read.object, new, deps.etcd_exists, &rules));
        report
    };
    let (new, warnings, kept) = match changed(&old, source, &check, deps.allowed).await? {
        Changed::To { object, warnings, kept } => (object, warnings, kept),
        Changed::Not(edited) => return Ok(edited),
    };
    let finish = async {
        let new = immutable_defaults(&new, deps.facts, deps.environment).await?;
        let base = state.url().join(name);
        let new = stored_metadata::cluster_to_store(&new, Some(&old), &base, deps.now);
        store_object(state, &store, "Cluster", CONFIG.to_owned(), &new, read, holder).await
    };
    finished(finish.await, warnings, kept)
}

/// The stored instance groups of a cluster.
async fn groups(store: &ClusterStore) -> Result<Vec<Decoded<InstanceGroup>>, ReadError> {
    let groups = store.instance_groups().await?;
    Ok(groups.into_iter().map(|read| Decoded { object: read.object, locations: Locations::none() }).collect())
}

/// Edits an instance group. It is validated with its cluster; errors of other groups are ignored.
pub async fn instance_group(
    state: &StateStore,
    cluster: &str,
    name: &str,
    source: EditSource<'_>,
    (environment, now, allowed): (&Environment, Timestamp, Allowed),
    holder: &Holder,
) -> Result<Edited, Failed> {
    let (store, owner) = ClusterStore::load(state, cluster).await?;
    let (read, groups) = futures::try_join!(store.instance_group(name), groups(&store))?;
    let read = read.ok_or_else(|| EditError::NoGroup(name.to_owned()))?;
    let old = stored_instance_group(&read.object);
    let features = Features::from_environment(environment);
    let rules = Rules { strictness: Strictness::Lenient, features: &features };
    let owner = Decoded { object: owner.object, locations: Locations::none() };
    let check = |new: &Decoded<InstanceGroup>| {
        let others = groups.iter().filter(|group| group.object.metadata.name != name);
        let specs = Specs {
            cluster: &owner,
            groups: others.chain([new]).collect(),
            additional: Vec::new(),
            scope: Scope::Whole,
        };
        let mut report = validate(&specs, &rules);
        report.findings.retain(|finding| finding.object == format!("InstanceGroup/{name}"));
        report
    };
    let (new, warnings, kept) = match changed(&old, source, &check, allowed).await? {
        Changed::To { object, warnings, kept } => (object, warnings, kept),
        Changed::Not(edited) => return Ok(edited),
    };
    let new: InstanceGroup = stored_metadata::instance_group_to_store(&new, Some(&old), now);
    let stored = store_object(state, &store, "InstanceGroup", instance_group_key(name), &new, read, holder).await;
    finished(stored, warnings, kept)
}

/// Removes the edited file once the object is stored.
fn finished(outcome: Result<(), EditError>, warnings: Report, kept: Option<PathBuf>) -> Result<Edited, Failed> {
    match outcome {
        Ok(()) => {
            kept.map(std::fs::remove_file);
            Ok(Edited::Stored(warnings))
        }
        Err(error) => Err(Failed { error: Box::new(error), kept }),
    }
}

async fn store_object<T: serde::Serialize>(
    state: &StateStore,
    store: &ClusterStore,
    kind: &str,
    key: String,
    new: &T,
    read: Read<impl Sized>,
    holder: &Holder,
) -> Result<(), EditError> {
    let object = format!("{kind}/{}", key.rsplit('/').next().filter(|_| kind != "Cluster").unwrap_or(store.name()));
    let after = encode(new).map_err(|reason| EditError::Encode { object: object.clone(), reason })?;
    let write = Write {
        object,
        store: store.registry().clone(),
        key,
        private: false,
        before: Some(read.stored),
        after: Some(after),
    };
    Ok(commit(state, store.name(), vec![write], holder).await?)
}

/// The result of an edit.
enum Changed<T> {
    To {
        object: T,
        /// What the object before did not cause.
        warnings: Report,
        /// The edited file.
        kept: Option<PathBuf>,
    },
    Not(Edited),
}

/// Objects that can be edited.
trait Editable: ApiObject + Clone + serde::Serialize + PartialEq + Sync {
    fn name(&self) -> &str;
}

impl Editable for Cluster {
    fn name(&self) -> &str {
        &self.metadata.name
    }
}

impl Editable for InstanceGroup {
    fn name(&self) -> &str {
        &self.metadata.name
    }
}

/// Validates a decoded object.
type Check<'a, T> = dyn Fn(&Decoded<T>) -> Report + Send + Sync + 'a;

async fn changed<T: Editable>(
    old: &T,
    source: EditSource<'_>,
    check: &Check<'_, T>,
    allowed: Allowed,
) -> Result<Changed<T>, Failed> {
    let mut changed = match source {
        EditSource::Fields { unsets, sets } => {
            let object = fields::change(old, unsets, sets).map_err(EditError::from)?;
            if object == *old {
                return Ok(Changed::Not(Edited::Unchanged));
            }
            let without_locations = |mut report: Report| {
                report.findings.iter_mut().for_each(|finding| (finding.location, finding.excerpt) = (None, None));
                report
            };
            let (object, warnings) = validated(old, &text_of(&object)?, check, allowed)
                .map_err(|report| EditError::Invalid(without_locations(report)))?;
            Changed::To { object, warnings: without_locations(warnings), kept: None }
        }
        EditSource::Editor(editor) => in_editor(old, editor, check, allowed).await?,
    };
    if let Changed::To { warnings, .. } = &mut changed {
        let earlier = check(&Decoded { object: old.clone(), locations: Locations::none() });
        let is_same = |a: &Finding, b: &Finding| a.path == b.path && a.message == b.message;
        warnings.findings.retain(|finding| !earlier.findings.iter().any(|other| is_same(finding, other)));
    }
    Ok(changed)
}

/// An object as its file in the state store.
fn text_of<T: Editable>(object: &T) -> Result<String, EditError> {
    let encoded = encode(object).map_err(|reason| EditError::Encode { object: T::KIND.to_owned(), reason })?;
    Ok(String::from_utf8_lossy(&encoded).into_owned())
}

/// A script as the editor could go on forever.
const MOST_ROUNDS: usize = 100;

/// Opens the editor until the object is valid, or the user closes it without a change.
async fn in_editor<T: Editable>(
    old: &T,
    editor: &dyn Editor,
    check: &Check<'_, T>,
    allowed: Allowed,
) -> Result<Changed<T>, Failed> {
    let original = text_of(old)?;
    let (mut content, mut findings) = (original.clone(), None::<Report>);
    let mut file = None::<PathBuf>;
    for _ in 0..MOST_ROUNDS {
        let shown = format!("{}{content}", header(findings.as_ref()));
        let (edited, path) =
            editor.edit(&shown).await.map_err(|error| Failed { error: Box::new(error.into()), kept: file.clone() })?;
        let edited = without_header(&edited).to_owned();
        if findings.is_some() && edited == content {
            // Keep only the last file, which has the latest edits.
            file.filter(|earlier| *earlier != path).map(std::fs::remove_file);
            return Err(Failed { error: Box::new(EditError::NoValidChanges), kept: Some(path) });
        }
        file.filter(|earlier| *earlier != path).map(std::fs::remove_file);
        if edited == original || edited.trim().is_empty() {
            let _ = std::fs::remove_file(path);
            let aborted = edited != original;
            return Ok(Changed::Not(if aborted { Edited::Aborted } else { Edited::Unchanged }));
        }
        match validated(old, &edited, check, allowed) {
            // Another order or spelling, or comments, which are not stored.
            Ok((object, _)) if text_of(&object)? == original => {
                let _ = std::fs::remove_file(path);
                return Ok(Changed::Not(Edited::Unchanged));
            }
            Ok((object, warnings)) => return Ok(Changed::To { object, warnings, kept: Some(path) }),
            Err(report) => findings = Some(report),
        }
        (content, file) = (edited, Some(path));
    }
    Err(Failed { error: Box::new(EditError::NoValidChanges), kept: file })
}

/// Decodes and validates an edited object; also returns its warnings.
fn validated<T: Editable>(
    old: &T,
    edited: &str,
    check: &Check<'_, T>,
    allowed: Allowed,
) -> Result<(T, Report), Report> {
    let (decoded, mut report) = decode_one::<T>("edited file", edited, Strictness::Lenient)?;
    report.allow(allowed);
    report.make_strict_findings_errors();
    if report.has_errors() {
        return Err(report);
    }
    if decoded.object.name() != old.name() {
        let message = format!("the name {:?} cannot change", old.name());
        return Err(Finding::error(Rule::Renamed, "metadata.name", message).into());
    }
    report.extend(check(&decoded));
    report.allow(allowed);
    if report.has_errors() {
        return Err(report);
    }
    Ok((decoded.object, report))
}

fn header(findings: Option<&Report>) -> String {
    let mut header = String::from(
        "# Edit the object below. Comments are not stored, and an empty file aborts the edit.\n\
         # If the object is invalid, this file is opened again with the errors.\n#\n",
    );
    for finding in findings.iter().flat_map(|report| &report.findings) {
        let mut finding = finding.clone();
        // Line numbers would be those of a file without this header.
        finding.location = None;
        finding.excerpt = None;
        for line in finding.to_string().lines() {
            header.push_str(&format!("# {line}\n"));
        }
        header.push_str("#\n");
    }
    header
}

/// The text after the comments at its beginning. Later comments are left to the YAML parser: a line that begins with `#` can be
/// part of a string, such as the first line of a script.
fn without_header(content: &str) -> &str {
    let header = content.split_inclusive('\n').take_while(|line| line.starts_with('#') || line.trim().is_empty());
    &content[header.map(str::len).sum::<usize>()..]
}
