//! Planned writes of objects, which can be shown or applied.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use kopsform_compare::changes::{Change, changes_of_text, unified_diff};
use kopsform_state::{Store, Stored, Write};

/// The effect on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlannedAction {
    Create,
    Update,
    Delete,
    Unchanged,
}

/// The planned content of one object of a cluster.
#[derive(Clone)]
pub struct Planned {
    /// `Cluster`, `InstanceGroup`, `SSHCredential`.
    pub kind: &'static str,
    pub name: String,
    pub cluster: String,
    pub write: Write,
}

impl Planned {
    /// Writes the given content to a key of a store.
    pub fn store(
        kind: &'static str,
        name: &str,
        cluster: &str,
        location: (Arc<dyn Store>, String),
        before: Option<Stored>,
        after: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self::new(kind, name, cluster, location, before, Some(after))
    }

    /// Deletes a key of a store.
    pub fn delete(
        kind: &'static str,
        name: &str,
        cluster: &str,
        location: (Arc<dyn Store>, String),
        before: Option<Stored>,
    ) -> Self {
        Self::new(kind, name, cluster, location, before, None)
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

    pub fn action(&self) -> PlannedAction {
        match (&self.write.before, &self.write.after) {
            _ if !self.write.is_change() => PlannedAction::Unchanged,
            (None, _) => PlannedAction::Create,
            (_, None) => PlannedAction::Delete,
            _ => PlannedAction::Update,
        }
    }

    fn content_before(&self) -> Option<String> {
        self.write.before.as_ref().map(|stored| String::from_utf8_lossy(&stored.bytes).into_owned())
    }

    fn content_after(&self) -> Option<String> {
        self.write.after.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The fields that change.
    pub fn changes(&self) -> Vec<Change> {
        changes_of_text(self.content_before().as_deref(), self.content_after().as_deref())
    }

    /// The lines that change, as a unified diff.
    pub fn diff(&self) -> String {
        const ABSENT: &str = "/dev/null";
        let name = format!("{}/{}/{}", self.cluster, self.kind, self.name);
        let (before, after) = (self.content_before(), self.content_after());
        unified_diff(
            before.as_ref().map_or(ABSENT, |_| &name),
            before.as_deref().unwrap_or_default(),
            after.as_ref().map_or(ABSENT, |_| &name),
            after.as_deref().unwrap_or_default(),
        )
    }

    /// For `--dry-run -o json`.
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

/// A planned write, as encoded in JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedSummary {
    pub kind: &'static str,
    pub name: String,
    pub cluster: String,
    pub action: PlannedAction,
    /// The fields that change.
    pub changes: Vec<Change>,
}
