//! What an update did so far, written to the state store step by step.
//!
//! Instances and nodes tell most of it themselves (the tag of a detached instance, an outdated version), so a second run
//! would continue without a journal. The journal adds what they can't tell: which taints and cordons are the update's own
//! and may be taken back, and which instances a forced update was about.
//!
//! It lies under `.kopsform/<cluster>/rolling-update/`: `run.json` for the run, and a file for each group, so that a
//! write stays small however large the cluster is. Writes are conditional: a run that finds its journal changed by another
//! run ends instead of working against it. What is finished leaves the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use kopsform_state::{Condition, Store, StoreError, Version};

/// The version of the journal's format.
const FORMAT: u32 = 1;

/// How [`InstanceRecord::marks`] says that an instance was taken out of its group.
pub const DETACHED_MARK: &str = "detached from its group";

/// Why the journal could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another run writes it now.
    #[error("another rolling update of the cluster has begun meanwhile: {0} was changed")]
    TakenOver(String),
    /// It could not be read or written.
    #[error("cannot keep the journal of the update")]
    Store(#[from] StoreError),
    /// It was read and makes no sense.
    #[error("cannot read the journal {url}: {reason}")]
    Unreadable {
        /// The object.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl kopsform_diagnostics::Explain for JournalError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::TakenOver(_) => vec!["let one run finish before another begins".to_owned()],
            Self::Store(_) => Vec::new(),
            Self::Unreadable { url, .. } => vec![format!("a journal of no use can be deleted: {url}")],
        }
    }
}

/// A run, as `run.json` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// The version of this format.
    pub format: u32,
    /// When it began, RFC 3339.
    pub began: String,
    /// With `--force`: the instances it set out to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<BTreeSet<String>>,
}

/// What an update does to an instance, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JournalStep {
    /// Its node gets the taint.
    Tainting,
    /// It is tagged and taken out of its group.
    Detaching,
    /// It is out of its group.
    Detached,
    /// Its node is cordoned.
    Cordoning,
    /// Its load balancers have let it go.
    Deregistered,
    /// Its pods are gone.
    Drained,
    /// It is being terminated.
    Terminating,
    /// It is gone.
    Terminated,
    /// Its drain took too long, and it was left alone as told.
    Skipped,
}

/// What was done to one instance.
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
    /// The update labelled the node as left out by load balancers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excluded: bool,
    /// The update took the instance out of its group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// The steps with their times, RFC 3339, in order.
    #[serde(default)]
    pub steps: Vec<(JournalStep, String)>,
}

impl InstanceRecord {
    /// What the update leaves on the instance unless it is replaced.
    pub fn marks(&self) -> Vec<&'static str> {
        let all = [
            (self.detached, DETACHED_MARK),
            (self.cordoned, "cordoned"),
            (self.tainted, "tainted"),
            (self.excluded, "left out by load balancers"),
        ];
        all.into_iter().filter_map(|(marked, text)| marked.then_some(text)).collect()
    }

    fn is_gone(&self) -> bool {
        self.steps.iter().any(|(step, _)| *step == JournalStep::Terminated)
    }
}

/// What was done to one group's instances.
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
struct Pages {
    run: Option<Object<RunRecord>>,
    groups: BTreeMap<String, Object<GroupRecord>>,
    /// Why the journal is not written, if it is not.
    off: Option<String>,
}

/// The journal of one cluster's rolling updates.
pub struct Journal {
    store: Arc<dyn Store>,
    prefix: String,
    pages: Mutex<Pages>,
}

impl Journal {
    /// Reads what earlier runs left.
    pub async fn open(store: Arc<dyn Store>, cluster: &str) -> Result<Self, JournalError> {
        let journal = Self { store, prefix: format!(".kopsform/{cluster}/rolling-update/"), pages: Mutex::default() };
        let mut pages = Pages::default();
        for key in journal.store.list(&journal.prefix).await? {
            let name = key.strip_prefix(&journal.prefix).unwrap_or(&key).to_owned();
            if name == "run.json" {
                pages.run = journal.read(&key).await?;
            } else if let Some(group) = name.strip_prefix("groups/").and_then(|n| n.strip_suffix(".json"))
                && let Some(object) = journal.read(&key).await?
            {
                pages.groups.insert(group.to_owned(), object);
            }
        }
        *journal.pages.lock().await = pages;
        Ok(journal)
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Result<Option<Object<T>>, JournalError> {
        let Some(stored) = self.store.read(key).await? else { return Ok(None) };
        match serde_json::from_slice(&stored.bytes) {
            Ok(content) => Ok(Some(Object { content, version: Some(stored.version) })),
            Err(error) => Err(JournalError::Unreadable { url: self.store.url(key), reason: error.to_string() }),
        }
    }

    /// The run that did not finish, if there is one.
    pub async fn unfinished(&self) -> Option<RunRecord> {
        self.pages.lock().await.run.as_ref().map(|r| r.content.clone())
    }

    /// What is recorded of a group's instances.
    pub async fn group(&self, group: &str) -> BTreeMap<String, InstanceRecord> {
        let pages = self.pages.lock().await;
        let found = pages.groups.get(group).map(|g| &g.content.instances);
        found.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The names of the groups with records.
    pub async fn groups(&self) -> Vec<String> {
        self.pages.lock().await.groups.keys().cloned().collect()
    }

    /// Why the journal is not written, once it could not be.
    pub async fn off(&self) -> Option<String> {
        self.pages.lock().await.off.clone()
    }

    /// Begins a run, or takes over from one that did not finish. Records of instances that are not `known` any more go.
    ///
    /// A store that can't be written switches the journal off: kops needs no more than to read it.
    pub async fn begin(
        &self,
        now: jiff::Timestamp,
        forced: Option<BTreeSet<String>>,
        known: &BTreeSet<String>,
    ) -> Result<(), JournalError> {
        let mut pages = self.pages.lock().await;
        let record = RunRecord { format: FORMAT, began: now.to_string(), forced };
        let version = pages.run.take().and_then(|r| r.version);
        let mut object = Object { content: record, version };
        let outcome = self.write("run.json", &mut object).await;
        pages.run = Some(object);
        settle(&mut pages, outcome)?;
        // An older run that still works on a group finds its page changed and ends.
        let names: Vec<_> = pages.groups.keys().cloned().collect();
        for name in names {
            let Some(page) = pages.groups.get_mut(&name) else { continue };
            page.content.instances.retain(|id, _| known.contains(id));
            if page.content.instances.is_empty() {
                self.drop_group(&mut pages, &name).await?;
            } else {
                self.write_group(&mut pages, &name).await?;
            }
        }
        Ok(())
    }

    /// Changes the records of some instances of a group and writes them. An instance that is gone leaves the journal.
    pub async fn note(
        &self,
        group: &str,
        instances: &[(&str, Option<&str>)],
        now: jiff::Timestamp,
        step: JournalStep,
        change: impl Fn(&mut InstanceRecord),
    ) -> Result<(), JournalError> {
        let mut pages = self.pages.lock().await;
        let page = pages.groups.entry(group.to_owned()).or_insert_with(|| Object {
            content: GroupRecord { format: FORMAT, ..GroupRecord::default() },
            version: None,
        });
        for (instance, node) in instances {
            let record = page.content.instances.entry((*instance).to_owned()).or_default();
            if node.is_some() {
                record.node = node.map(str::to_owned);
            }
            record.steps.push((step, now.to_string()));
            change(record);
        }
        page.content.instances.retain(|_, record| !record.is_gone());
        self.write_group(&mut pages, group).await
    }

    /// Forgets instances of a group: they are gone, or nothing of the update is left on them.
    pub async fn forget(&self, group: &str, gone: impl Fn(&str, &InstanceRecord) -> bool) -> Result<(), JournalError> {
        let mut pages = self.pages.lock().await;
        let Some(page) = pages.groups.get_mut(group) else { return Ok(()) };
        let before = page.content.instances.len();
        page.content.instances.retain(|id, record| !gone(id, record));
        if page.content.instances.is_empty() {
            return self.drop_group(&mut pages, group).await;
        }
        if page.content.instances.len() == before { Ok(()) } else { self.write_group(&mut pages, group).await }
    }

    /// Ends the run: with no group left on record there is nothing to continue.
    pub async fn end(&self) -> Result<(), JournalError> {
        let mut pages = self.pages.lock().await;
        let written = pages.run.take().is_some_and(|r| r.version.is_some());
        if written && pages.off.is_none() {
            self.store.delete(&format!("{}run.json", self.prefix)).await?;
        }
        Ok(())
    }

    async fn drop_group(&self, pages: &mut Pages, group: &str) -> Result<(), JournalError> {
        let written = pages.groups.remove(group).is_some_and(|p| p.version.is_some());
        if written && pages.off.is_none() {
            let key = format!("{}groups/{group}.json", self.prefix);
            let outcome = self.store.delete(&key).await.map_err(JournalError::from);
            settle(pages, outcome)?;
        }
        Ok(())
    }

    async fn write_group(&self, pages: &mut Pages, group: &str) -> Result<(), JournalError> {
        if pages.off.is_some() {
            return Ok(());
        }
        let Some(page) = pages.groups.get_mut(group) else { return Ok(()) };
        let outcome = self.write(&format!("groups/{group}.json"), page).await;
        settle(pages, outcome)
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

/// A conflict ends the run; any other trouble only ends the journal.
fn settle(pages: &mut Pages, outcome: Result<(), JournalError>) -> Result<(), JournalError> {
    match outcome {
        Err(JournalError::Store(error)) => {
            pages.off = Some(error.to_string());
            Ok(())
        }
        other => other,
    }
}
