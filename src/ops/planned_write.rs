//! An object as a command means to leave it, to be shown or carried out.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use kopsform_state::{Store, Stored, Write};
use kopsform_yaml::changes::{Change, changes_of_text, unified_diff};

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlannedAction {
    /// It is new.
    Create,
    /// It gets another content.
    Update,
    /// It goes.
    Delete,
    /// It is already as it shall be.
    Unchanged,
}

/// What shall become of one object of a cluster.
#[derive(Clone)]
pub struct Planned {
    /// `Cluster`, `InstanceGroup`, `SSHCredential`.
    pub kind: &'static str,
    /// The object's name.
    pub name: String,
    /// The cluster it belongs to.
    pub cluster: String,
    /// The write that does it.
    pub write: Write,
}

impl Planned {
    /// An object that shall have the given content.
    pub fn store(
        kind: &'static str,
        name: &str,
        cluster: &str,
        place: (Arc<dyn Store>, String),
        before: Option<Stored>,
        after: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self::new(kind, name, cluster, place, before, Some(after))
    }

    /// An object that shall be gone.
    pub fn delete(
        kind: &'static str,
        name: &str,
        cluster: &str,
        place: (Arc<dyn Store>, String),
        before: Option<Stored>,
    ) -> Self {
        Self::new(kind, name, cluster, place, before, None)
    }

    fn new(
        kind: &'static str,
        name: &str,
        cluster: &str,
        (store, key): (Arc<dyn Store>, String),
        before: Option<Stored>,
        after: Option<Zeroizing<Vec<u8>>>,
    ) -> Self {
        let object = format!("{kind}/{name}");
        let write = Write { object, store, key, private: false, before, after };
        Self { kind, name: name.to_owned(), cluster: cluster.to_owned(), write }
    }

    /// What happens to it.
    pub fn action(&self) -> PlannedAction {
        match (&self.write.before, &self.write.after) {
            _ if !self.write.is_change() => PlannedAction::Unchanged,
            (None, _) => PlannedAction::Create,
            (_, None) => PlannedAction::Delete,
            _ => PlannedAction::Update,
        }
    }

    fn before_text(&self) -> Option<String> {
        self.write.before.as_ref().map(|stored| String::from_utf8_lossy(&stored.bytes).into_owned())
    }

    fn after_text(&self) -> Option<String> {
        self.write.after.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The fields that change.
    pub fn changes(&self) -> Vec<Change> {
        changes_of_text(self.before_text().as_deref(), self.after_text().as_deref())
    }

    /// The lines that change, as a unified diff.
    pub fn diff(&self) -> String {
        const ABSENT: &str = "/dev/null";
        let name = format!("{}/{}/{}", self.cluster, self.kind, self.name);
        let (before, after) = (self.before_text(), self.after_text());
        unified_diff(
            before.as_ref().map_or(ABSENT, |_| &name),
            before.as_deref().unwrap_or_default(),
            after.as_ref().map_or(ABSENT, |_| &name),
            after.as_deref().unwrap_or_default(),
        )
    }

    /// What `--dry-run -o json` says of it.
    pub fn summary(&self) -> PlannedSummary {
        PlannedSummary {
            kind: self.kind,
            name: self.name.clone(),
            cluster: self.cluster.clone(),
            action: self.action(),
            changes: self.changes(),
        }
    }
}

/// A planned object as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedSummary {
    /// The kind of the object.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The cluster it belongs to.
    pub cluster: String,
    /// What happens to it.
    pub action: PlannedAction,
    /// The fields that change.
    pub changes: Vec<Change>,
}
