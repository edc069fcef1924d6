//! The changes that make what exists as desired. Pure.

use std::collections::BTreeMap;
use std::fmt;

use kopsform_diagnostics::Explain;
use kopsform_model::Lifecycle;

use crate::found::{Found, Object, Residue, When};
use crate::ids::Ids;
use crate::task::{Expected, OnChange, Task, TaskId};
use crate::value::Value;

/// The name under which kops shows whether something is wanted at all.
const ENABLED: &str = "Enabled";

/// What happens to a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is created.
    Create,
    /// Some of its fields are changed.
    Modify,
    /// It exists and should not.
    Delete,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its name.
    pub name: &'static str,
    /// What the cloud reports; `None` for something that is created.
    pub from: Option<Value>,
    /// What it should be. References are kept: their ids may not be known yet.
    pub to: Value,
    /// Whether no update changes it: it is only shown, or only loses members, which waits until the user asks for pruning. The
    /// members are among the deletions.
    pub deferred: bool,
}

/// A task that is not as desired.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The task.
    pub task: Task,
    /// What happens to it.
    pub action: Action,
    /// The fields that differ, or that it is created with.
    pub fields: Vec<FieldChange>,
}

impl Change {
    /// Whether an update makes it; others are only shown, and their deletions wait for pruning.
    pub fn is_due(&self) -> bool {
        self.action != Action::Modify || self.fields.iter().any(|field| !field.deferred)
    }
}

/// Something of the cluster to delete, which no task wants.
pub type Deletion = Residue;

/// All that an update does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Tasks that are not as desired.
    pub changes: BTreeMap<TaskId, Change>,
    /// Changes that only others can make: nothing may be written before they are made.
    pub refusals: Vec<Refusal>,
    /// What is deleted.
    pub deletions: Vec<Deletion>,
    /// What exists.
    pub objects: BTreeMap<TaskId, Object>,
    /// All tasks that were compared.
    pub tasks: Vec<Task>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is anything to do, also only with `--prune`.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.deletions.is_empty()
    }

    /// Whether an update changes anything.
    pub fn is_due(&self, prune: bool) -> bool {
        let deletes = |deletion: &Deletion| prune || deletion.when == When::Now;
        self.changes.values().any(Change::is_due) || self.deletions.iter().any(deletes)
    }

    /// The changes of an action, by task.
    pub fn of(&self, action: &Action) -> impl Iterator<Item = &Change> {
        self.changes.values().filter(move |change| change.action == *action)
    }

    /// What is deleted at a time.
    pub fn deleted(&self, when: When) -> impl Iterator<Item = &Deletion> {
        self.deletions.iter().filter(move |deletion| deletion.when == when)
    }

    /// The changes that some tasks need, and their own. Nothing is deleted.
    #[must_use]
    pub fn part(&self, wanted: impl Fn(&TaskId) -> bool) -> Self {
        let mut open: Vec<&TaskId> = self.changes.keys().filter(|id| wanted(id)).collect();
        let mut changes = BTreeMap::new();
        while let Some(id) = open.pop() {
            if let Some(change) = self.changes.get(id)
                && changes.insert(id.clone(), change.clone()).is_none()
            {
                open.extend(&change.task.needs);
            }
        }
        Self { changes, objects: self.objects.clone(), tasks: self.tasks.clone(), ..Self::default() }
    }

    /// The ids of all that exists.
    pub fn ids(&self) -> Ids {
        let mut ids = Ids::default();
        for (task, object) in &self.objects {
            ids.insert(task.clone(), object.attributes.clone());
        }
        ids
    }
}

/// Why a task cannot be made as desired.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// A field differs that cannot be changed.
    Immutable { task: TaskId, field: &'static str, found: String, wanted: String },
    /// A field differs of something that is not the cluster's.
    Shared { task: TaskId, field: &'static str, found: String, wanted: String },
    /// It should exist already, and does not.
    Missing { task: TaskId, id: Option<String> },
    /// It should be exactly as desired already, and is not.
    Differs { task: TaskId, fields: Vec<&'static str> },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immutable { task, field, found, wanted } => {
                write!(f, "{task}: {field} cannot be changed from {found} to {wanted}")
            }
            Self::Shared { task, field, found, wanted } => {
                write!(f, "{task} is not the cluster's, so its {field} stays {found}; the cluster needs {wanted}")
            }
            Self::Missing { task, id: Some(id) } => write!(f, "{task}: {id} does not exist"),
            Self::Missing { task, id: None } => write!(f, "{task} does not exist"),
            Self::Differs { task, fields } => {
                write!(f, "{task} must exist as the spec says, but differs in {}", fields.join(", "))
            }
        }
    }
}

/// An update that cannot be carried out. Nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct RefusedError(pub Vec<Refusal>);

impl fmt::Display for RefusedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&reasons.join("\n"))
    }
}

impl Explain for RefusedError {
    fn hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        if self.0.iter().any(|refusal| matches!(refusal, Refusal::Immutable { .. })) {
            hints.push(
                "nothing was changed; set the field back in the spec, or delete the resource if nothing in the cluster uses it"
                    .to_owned(),
            );
        }
        if self.0.iter().any(|refusal| matches!(refusal, Refusal::Shared { .. })) {
            hints.push("nothing was changed; let the owner of the resource change it first".to_owned());
        }
        if self.0.iter().any(|refusal| matches!(refusal, Refusal::Missing { .. })) {
            hints.push("nothing was changed; correct the id in the spec, or create what it names".to_owned());
        }
        hints
    }
}

/// Compares tasks with what exists.
///
/// # Errors
/// All tasks that cannot be made as desired; nothing may be written then.
pub fn diff(tasks: &[Task], found: Found) -> Result<Plan, RefusedError> {
    let ids = found.ids();
    let mut plan =
        Plan { deletions: found.residue, warnings: found.warnings, tasks: tasks.to_vec(), ..Plan::default() };
    let mut refusals = Vec::new();
    for task in tasks.iter().chain(&found.unwanted) {
        let object = found.objects.get(&task.id);
        match decide(task, object, &ids) {
            Outcome::Same => {}
            Outcome::Change(change) => {
                plan.refusals.extend(of_others(&change));
                plan.changes.insert(task.id.clone(), change);
            }
            Outcome::Warn(warning) => plan.warnings.push(warning),
            Outcome::Refuse(found) => refusals.extend(found),
        }
    }
    // What is only shown is no change by itself.
    if plan.deletions.is_empty() && plan.changes.values().all(is_only_shown) {
        plan.changes.clear();
    }
    plan.objects = found.objects;
    plan.deletions.sort();
    if refusals.is_empty() { Ok(plan) } else { Err(RefusedError(refusals)) }
}

/// Whether nothing of a change is ever made, also not with pruning.
fn is_only_shown(change: &Change) -> bool {
    let is_shown =
        |name: &str| change.task.fields.iter().any(|field| field.name == name && field.on_change == OnChange::Shown);
    change.action == Action::Modify && change.fields.iter().all(|field| is_shown(field.name))
}

/// The fields of a change that only others may change.
fn of_others(change: &Change) -> Vec<Refusal> {
    let is_of_others =
        |name: &str| change.task.fields.iter().any(|field| field.name == name && field.on_change == OnChange::Others);
    let fields = change.fields.iter().filter(|field| change.action == Action::Modify && is_of_others(field.name));
    fields
        .map(|field| Refusal::Shared {
            task: change.task.id.clone(),
            field: field.name,
            found: field.from.as_ref().map(ToString::to_string).unwrap_or_default(),
            wanted: field.to.to_string(),
        })
        .collect()
}

enum Outcome {
    Same,
    Change(Change),
    Warn(String),
    Refuse(Vec<Refusal>),
}

fn decide(task: &Task, found: Option<&Object>, ids: &Ids) -> Outcome {
    if task.lifecycle == Lifecycle::Ignore {
        return Outcome::Same;
    }
    let must_exist = matches!(task.lifecycle, Lifecycle::ExistsAndValidates | Lifecycle::ExistsAndWarnIfChanges);
    let id = &task.id;
    let Some(object) = found else {
        return match (&task.expected, task.lifecycle) {
            (Expected::Absent, _) => Outcome::Same,
            (_, Lifecycle::ExistsAndWarnIfChanges) => Outcome::Warn(format!("{id} does not exist")),
            (Expected::Existing { id: known }, _) => {
                Outcome::Refuse(vec![Refusal::Missing { task: id.clone(), id: known.clone() }])
            }
            (_, Lifecycle::ExistsAndValidates) => {
                Outcome::Refuse(vec![Refusal::Missing { task: id.clone(), id: None }])
            }
            (Expected::Present, _) => Outcome::Change(creation(task)),
        };
    };
    if task.expected == Expected::Absent {
        let fields =
            vec![FieldChange { name: ENABLED, from: Some(Value::Bool(true)), to: Value::Bool(false), deferred: false }];
        return Outcome::Change(Change { task: task.clone(), action: Action::Delete, fields });
    }
    let (fields, refusals) = differences(task, object, ids);
    if fields.is_empty() && refusals.is_empty() {
        return Outcome::Same;
    }
    if must_exist {
        let names: Vec<&'static str> = task
            .fields
            .iter()
            .map(|field| field.name)
            .filter(|name| {
                fields.iter().any(|change| change.name == *name)
                    || refusals.iter().any(|r| matches!(r, Refusal::Immutable { field, .. } if field == name))
            })
            .collect();
        return match task.lifecycle {
            Lifecycle::ExistsAndWarnIfChanges => {
                Outcome::Warn(format!("{id} differs in {} and is left as it is", names.join(", ")))
            }
            _ => Outcome::Refuse(vec![Refusal::Differs { task: id.clone(), fields: names }]),
        };
    }
    if !refusals.is_empty() {
        return Outcome::Refuse(refusals);
    }
    Outcome::Change(Change { task: task.clone(), action: Action::Modify, fields })
}

fn creation(task: &Task) -> Change {
    let fields = task.fields.iter().filter_map(|field| {
        let to = field.value.clone().filter(|value| !value.is_empty())?;
        Some(FieldChange { name: field.name, from: None, to, deferred: false })
    });
    Change { task: task.clone(), action: Action::Create, fields: fields.collect() }
}

/// The fields of a task that differ from those of an object, and why some of them cannot be changed.
pub(crate) fn differences(task: &Task, object: &Object, ids: &Ids) -> (Vec<FieldChange>, Vec<Refusal>) {
    let (mut changes, mut refusals) = (Vec::new(), Vec::new());
    for field in &task.fields {
        let (Some(wanted), Some(found)) = (&field.value, object.fields.get(field.name)) else { continue };
        let resolved = wanted.resolve(ids);
        if field.on_change == OnChange::Ignore || resolved.accepts(found) {
            continue;
        }
        let may_change = match field.on_change {
            OnChange::Update | OnChange::Prune | OnChange::Others | OnChange::Shown => true,
            OnChange::SetOnce => found.is_empty(),
            OnChange::Grow => resolved.includes(found),
            OnChange::Refuse | OnChange::Ignore => false,
        };
        if may_change {
            let deferred = match field.on_change {
                OnChange::Prune => found.includes(&resolved),
                OnChange::Shown => true,
                _ => false,
            };
            changes.push(FieldChange { name: field.name, from: Some(found.clone()), to: wanted.clone(), deferred });
        } else {
            refusals.push(Refusal::Immutable {
                task: task.id.clone(),
                field: field.name,
                found: found.to_string(),
                wanted: resolved.to_string(),
            });
        }
    }
    (changes, refusals)
}
