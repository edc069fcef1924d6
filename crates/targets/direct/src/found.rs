//! What exists in the cloud.

use std::collections::BTreeMap;

use crate::ids::{Attribute, Attributes, Ids};
use crate::task::{Expected, Task, TaskId};
use crate::value::Value;

/// Something that exists, with the fields of its task that the cloud reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    /// Its id and what else others refer to.
    pub attributes: Attributes,
    /// Values by the names of the task's fields. A field that is not among them is not compared.
    pub fields: BTreeMap<&'static str, Value>,
}

impl Object {
    /// An object of an id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { attributes: [(Attribute::Id, id.into())].into(), fields: BTreeMap::new() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute, value: impl Into<String>) -> Self {
        self.attributes.insert(attribute, value.into());
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.insert(name, value.into());
        self
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.attributes.get(&Attribute::Id).map(String::as_str).unwrap_or_default()
    }
}

/// When something is deleted that the cluster no longer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// With any update.
    Now,
    /// Only when the user asks for it with `--prune`: other things may still use it.
    Pruned,
}

/// Something of the cluster that no task wants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Residue {
    /// When it is deleted.
    pub when: When,
    /// Its kind, as kops prints it.
    pub kind: &'static str,
    /// Its item, as kops prints it: ids and what distinguishes it.
    pub item: String,
    /// What the cloud's implementation deletes it by.
    pub handle: String,
}

/// All that exists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// What exists for tasks.
    pub objects: BTreeMap<TaskId, Object>,
    /// Tasks for things that exist and that the cluster wants no more: they are deleted with any update. kops shows these as
    /// modifications.
    pub unwanted: Vec<Task>,
    /// What exists in addition.
    pub residue: Vec<Residue>,
    /// What could not be read, and why.
    pub warnings: Vec<String>,
}

impl Found {
    /// The ids of all that exists.
    pub fn ids(&self) -> Ids {
        let mut ids = Ids::default();
        for (task, object) in &self.objects {
            ids.insert(task.clone(), object.attributes.clone());
        }
        ids
    }

    /// Adds something that the cluster wants no more.
    pub fn remove(&mut self, task: Task, object: Object) {
        self.objects.insert(task.id.clone(), object);
        self.unwanted.push(Task { expected: Expected::Absent, ..task });
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.unwanted.extend(other.unwanted);
        self.residue.extend(other.residue);
        self.warnings.extend(other.warnings);
    }
}
