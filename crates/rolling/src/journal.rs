//! The record of an update's steps, written to the state store as they are performed.
//!
//! Instances and nodes show most of the state themselves (the tag of a detached instance, an outdated version), so a second
//! run would continue without a journal. The journal adds what they cannot show: which taints and cordons are the update's
//! own and may be reverted, and which instances a forced update covers.
//!
//! It is stored under `.kopsform/<cluster>/rolling-update/`: `run.json` for the run, and a file for each group, so that a
//! write stays small however large the cluster is. Writes are conditional: a run whose journal was changed by another run
//! ends instead of working against it. Finished instances are removed from the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use kopsform_state::{Condition, Store, StoreError, Version};

/// The version of the journal's format.
const FORMAT: u32 = 1;

/// The mark of a detached instance in [`InstanceRecord::marks`].
pub const DETACHED_MARK: &str = "detached from its group";

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another run writes it now; with the address of the object it changed.
    #[error("another rolling update of the cluster has started: {0} was changed")]
    TakenOver(String),
    /// The store failed.
    #[error("cannot access the journal of the update")]
    Store(#[from] StoreError),
    /// An object of it is malformed.
    #[error("cannot read the journal {url}: {reason}")]
    Unreadable {
        /// The address of the object.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl kopsform_diagnostics::Explain for JournalError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::TakenOver(_) => vec!["wait for one run to finish before starting another".to_owned()],
            Self::Store(_) => Vec::new(),
            Self::Unreadable { url, .. } => vec![format!("delete the journal if no update has to be continued: {url}")],
        }
    }
}

/// A run, as `run.json` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// The version of this format.
    pub format: u32,
    /// When it began, in RFC 3339.
    pub began: String,
    /// With `--force`: the ids of the instances it is to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<BTreeSet<String>>,
}

/// The steps of an instance's replacement, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JournalStep {
    /// Its node gets the taint.
    Tainting,
    /// It is marked as detached and detached from its group.
    Detaching,
    /// It was detached from its group.
    Detached,
    /// Its node is cordoned.
    Cordoning,
    /// It was deregistered from its load balancers.
    Deregistered,
    /// Its pods are gone.
    Drained,
    /// Its node's object is deleted, because its replacement gets the name.
    DeletingNode,
    /// It is being terminated.
    Terminating,
    /// It is gone.
    Terminated,
    /// Its drain timed out, and it was skipped.
    Skipped,
}

/// What an update did to one instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceRecord {
    /// Its node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The update put the taint on the node.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tainted: bool,
    /// The update cordoned the node.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cordoned: bool,
    /// The update labelled the node as excluded from load balancers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded: bool,
    /// The update detached the instance from its group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// The steps with their times in RFC 3339, in order.
    #[serde(default)]
    pub steps: Vec<(JournalStep, String)>,
}

impl InstanceRecord {
    /// What the update leaves on the instance if it is not replaced, in words.
    pub fn marks(&self) -> Vec<&'static str> {
        let all = [
            (self.detached, DETACHED_MARK),
            (self.cordoned, "cordoned"),
            (self.tainted, "tainted"),
            (self.excluded, "excluded from load balancers"),
        ];
        all.into_iter().filter_map(|(marked, text)| marked.then_some(text)).collect()
    }

    /// Whether the update deleted its node, so that it waits for its replacement outside of the cluster.
    fn has_lost_its_node(&self) -> bool {
        self.steps.iter().any(|(step, _)| *step == JournalStep::DeletingNode)
    }

    fn is_gone(&self) -> bool {
        self.steps.iter().any(|(step, _)| *step == JournalStep::Terminated)
    }
}

/// What an update did to one group's instances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    /// The version of the format.
    pub format: u32,
    /// The instances by id.
    pub instances: BTreeMap<String, InstanceRecord>,
}

struct Object<T> {
    content: T,
    version: Option<Version>,
}

#[derive(Default)]
struct Objects {
    run: Option<Object<RunRecord>>,
    groups: BTreeMap<String, Object<GroupRecord>>,
    /// Why the journal is no longer written.
    disabled: Option<String>,
}

/// The journal of one cluster's rolling updates.
pub struct Journal {
    store: Arc<dyn Store>,
    prefix: String,
    objects: Mutex<Objects>,
}

impl Journal {
    /// Opens the journal of a cluster and reads what earlier runs recorded.
    pub async fn open(store: Arc<dyn Store>, cluster: &str) -> Result<Self, JournalError> {
        let journal = Self { store, prefix: format!(".kopsform/{cluster}/rolling-update/"), objects: Mutex::default() };
        let mut objects = Objects::default();
        for key in journal.store.list(&journal.prefix).await? {
            let name = key.strip_prefix(&journal.prefix).unwrap_or(&key).to_owned();
            if name == "run.json" {
                objects.run = journal.read(&key).await?;
            } else if let Some(group) = name.strip_prefix("groups/").and_then(|n| n.strip_suffix(".json"))
                && let Some(object) = journal.read(&key).await?
            {
                objects.groups.insert(group.to_owned(), object);
            }
        }
        *journal.objects.lock().await = objects;
        Ok(journal)
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Result<Option<Object<T>>, JournalError> {
        let Some(stored) = self.store.read(key).await? else { return Ok(None) };
        match serde_json::from_slice(&stored.bytes) {
            Ok(content) => Ok(Some(Object { content, version: Some(stored.version) })),
            Err(error) => Err(JournalError::Unreadable {
                url: self.store.url(key),
                reason: kopsform_diagnostics::shortened(error.to_string()),
            }),
        }
    }

    /// The run that did not finish, if any.
    pub async fn unfinished(&self) -> Option<RunRecord> {
        self.objects.lock().await.run.as_ref().map(|r| r.content.clone())
    }

    /// The records of a group's instances, by instance id.
    pub async fn group(&self, group: &str) -> BTreeMap<String, InstanceRecord> {
        let objects = self.objects.lock().await;
        let found = objects.groups.get(group).map(|g| &g.content.instances);
        found.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The names of the groups with records.
    pub async fn groups(&self) -> Vec<String> {
        self.objects.lock().await.groups.keys().cloned().collect()
    }

    /// The ids of the instances whose nodes were deleted and that were not replaced.
    pub async fn without_nodes(&self) -> BTreeSet<String> {
        let objects = self.objects.lock().await;
        let records = objects.groups.values().flat_map(|group| &group.content.instances);
        records.filter(|(_, record)| record.has_lost_its_node()).map(|(id, _)| id.clone()).collect()
    }

    /// Why the journal is no longer written; `None` while it is.
    pub async fn disabled(&self) -> Option<String> {
        self.objects.lock().await.disabled.clone()
    }

    /// Begins a run, or continues one that did not finish. Records of instances that are not `known` are removed.
    ///
    /// A store that cannot be written disables the journal, since a rolling update of kops only has to read the store.
    pub async fn begin(
        &self,
        now: jiff::Timestamp,
        forced: Option<BTreeSet<String>>,
        known: &BTreeSet<String>,
    ) -> Result<(), JournalError> {
        let mut objects = self.objects.lock().await;
        let record = RunRecord { format: FORMAT, began: now.to_string(), forced };
        let version = objects.run.take().and_then(|r| r.version);
        let mut object = Object { content: record, version };
        let outcome = self.write("run.json", &mut object).await;
        objects.run = Some(object);
        disable_on_store_error(&mut objects, outcome)?;
        // An older run that still works on a group finds its object changed and ends.
        let names: Vec<_> = objects.groups.keys().cloned().collect();
        for name in names {
            let Some(record) = objects.groups.get_mut(&name) else { continue };
            record.content.instances.retain(|id, _| known.contains(id));
            if record.content.instances.is_empty() {
                self.drop_group(&mut objects, &name).await?;
            } else {
                self.write_group(&mut objects, &name).await?;
            }
        }
        Ok(())
    }

    /// Changes the records of some instances of a group and writes them. Terminated instances are removed.
    pub async fn note(
        &self,
        group: &str,
        instances: &[(&str, Option<&str>)],
        now: jiff::Timestamp,
        step: JournalStep,
        change: impl Fn(&mut InstanceRecord),
    ) -> Result<(), JournalError> {
        let mut objects = self.objects.lock().await;
        let record = objects.groups.entry(group.to_owned()).or_insert_with(|| Object {
            content: GroupRecord { format: FORMAT, ..GroupRecord::default() },
            version: None,
        });
        for (instance, node) in instances {
            let record = record.content.instances.entry((*instance).to_owned()).or_default();
            if node.is_some() {
                record.node = node.map(str::to_owned);
            }
            record.steps.push((step, now.to_string()));
            change(record);
        }
        record.content.instances.retain(|_, record| !record.is_gone());
        self.write_group(&mut objects, group).await
    }

    /// Removes the records of instances for which `gone` holds.
    pub async fn forget(&self, group: &str, gone: impl Fn(&str, &InstanceRecord) -> bool) -> Result<(), JournalError> {
        let mut objects = self.objects.lock().await;
        let Some(record) = objects.groups.get_mut(group) else { return Ok(()) };
        let before = record.content.instances.len();
        record.content.instances.retain(|id, record| !gone(id, record));
        if record.content.instances.is_empty() {
            return self.drop_group(&mut objects, group).await;
        }
        if record.content.instances.len() == before { Ok(()) } else { self.write_group(&mut objects, group).await }
    }

    /// Ends the run by deleting `run.json`.
    pub async fn end(&self) -> Result<(), JournalError> {
        let mut objects = self.objects.lock().await;
        let written = objects.run.take().is_some_and(|r| r.version.is_some());
        if written && objects.disabled.is_none() {
            self.store.delete(&format!("{}run.json", self.prefix)).await?;
        }
        Ok(())
    }

    async fn drop_group(&self, objects: &mut Objects, group: &str) -> Result<(), JournalError> {
        let written = objects.groups.remove(group).is_some_and(|p| p.version.is_some());
        if written && objects.disabled.is_none() {
            let key = format!("{}groups/{group}.json", self.prefix);
            let outcome = self.store.delete(&key).await.map_err(JournalError::from);
            disable_on_store_error(objects, outcome)?;
        }
        Ok(())
    }

    async fn write_group(&self, objects: &mut Objects, group: &str) -> Result<(), JournalError> {
        if objects.disabled.is_some() {
            return Ok(());
        }
        let Some(record) = objects.groups.get_mut(group) else { return Ok(()) };
        let outcome = self.write(&format!("groups/{group}.json"), record).await;
        disable_on_store_error(objects, outcome)
    }

    async fn write<T: Serialize>(&self, name: &str, object: &mut Object<T>) -> Result<(), JournalError> {
        let key = format!("{}{name}", self.prefix);
        let bytes = serde_json::to_vec(&object.content)
            .map_err(|e| JournalError::Unreadable { url: self.store.url(&key), reason: e.to_string() })?;
        let condition = match &object.version {
            Some(version) => Condition::Unchanged(version.clone()),
            None => Condition::Absent,
        };
        match self.store.write(&key, &bytes, condition).await {
            Ok(version) => {
                object.version = Some(version);
                Ok(())
            }
            Err(StoreError::Conflict { url }) => Err(JournalError::TakenOver(url)),
            Err(error) => Err(error.into()),
        }
    }
}

/// A conflict ends the run; any other error only disables the journal.
fn disable_on_store_error(objects: &mut Objects, outcome: Result<(), JournalError>) -> Result<(), JournalError> {
    match outcome {
        Err(JournalError::Store(error)) => {
            objects.disabled = Some(error.to_string());
            Ok(())
        }
        other => other,
    }
}
