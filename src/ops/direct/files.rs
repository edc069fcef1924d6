//! The files of a cluster in its state store, for target direct.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt as _, TryStreamExt as _};
use md5::{Digest as _, Md5};

use crate::ops::support::uploads::{UploadError, location};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskId, Value};
use kopsform_model::{Graph, Lifecycle, ManagedFile, Ref};
use kopsform_rolling::ports::ApiError;
use kopsform_state::{CONCURRENCY, ClusterStore, Condition, Store, StoreError, Version};

/// The directory of etcd's backups.
const BACKUPS: &str = "backups";
/// How many files make a list of their directory worth a request.
const SEVERAL: usize = 2;

/// The files of one cluster.
pub(super) struct Files {
    store: ClusterStore,
    files: BTreeMap<TaskId, ManagedFile>,
    /// The versions that were found: a file that another process changed since is not overwritten.
    versions: Mutex<BTreeMap<TaskId, Version>>,
}

impl Files {
    /// The files of a graph.
    pub fn new(graph: &Graph, store: ClusterStore) -> Self {
        let settings = kopsform_direct::desired::Settings::default();
        let tasks = kopsform_direct::desired::tasks(graph, &settings);
        let files = tasks.into_iter().filter_map(|task| {
            let file = graph.get(&Ref::<ManagedFile>::new(&task.node.name))?;
            (task.node == Ref::<ManagedFile>::new(&task.node.name).node()).then(|| (task.id, file.clone()))
        });
        Self { store, files: files.collect(), versions: Mutex::default() }
    }

    /// Files whose digests the store lists are not read. Lists are worth a request where several files have a prefix, and are not
    /// used for backups, of which there are many.
    pub async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let wanted = tasks.iter().filter(|task| task.lifecycle != Lifecycle::Ignore);
        let wanted: Vec<(&Task, &ManagedFile)> =
            wanted.filter_map(|task| Some((task, self.files.get(&task.id)?))).collect();
        let mut directories: BTreeMap<(&str, &str), &ManagedFile> = BTreeMap::new();
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (_, file) in wanted.iter().filter(|(_, file)| !file.public) {
            if let Some((directory, _)) = file.key.split_once('/').filter(|(directory, _)| *directory != BACKUPS) {
                directories.insert((&file.base, directory), file);
                *counts.entry((&file.base, directory)).or_default() += 1;
            }
        }
        directories.retain(|directory, _| counts.get(directory).is_some_and(|count| *count >= SEVERAL));
        let lists = directories.iter().map(|((base, directory), file)| async move {
            let digests = self.location(file)?.digests(&format!("{directory}/")).await.map_err(failed)?;
            Ok::<_, ApiError>(digests.into_iter().map(move |(key, digest)| ((*base, key), digest)))
        });
        let lists = futures::future::try_join_all(lists).await?;
        let digests: BTreeMap<(&str, String), String> = lists.into_iter().flatten().collect();
        let reads: Vec<_> = wanted
            .into_iter()
            .map(|(task, file)| {
                let listed = digests.get(&(file.base.as_str(), file.key.clone()));
                let is_same = listed.is_some_and(|digest| *digest == digest_of(&file.content));
                self.read(task, file, is_same)
            })
            .collect();
        let found: Vec<Option<(TaskId, Object, Option<Version>)>> =
            futures::stream::iter(reads).buffer_unordered(CONCURRENCY).try_collect().await?;
        let mut objects = Found::default();
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.clear();
        for (task, object, version) in found.into_iter().flatten() {
            if let Some(version) = version {
                versions.insert(task.clone(), version);
            }
            objects.objects.insert(task, object);
        }
        Ok(objects)
    }

    async fn read(
        &self,
        task: &Task,
        file: &ManagedFile,
        is_same: bool,
    ) -> Result<Option<(TaskId, Object, Option<Version>)>, ApiError> {
        let object = |content| Object::new(&file.key).field("Contents", Value::Document(content));
        if is_same {
            return Ok(Some((task.id.clone(), object(file.content.clone()), None)));
        }
        let read = self.location(file)?.read(&file.key).await.map_err(failed)?;
        Ok(read.map(|stored| {
            let content = String::from_utf8_lossy(&stored.bytes).into_owned();
            (task.id.clone(), object(content), Some(stored.version))
        }))
    }

    fn location(&self, file: &ManagedFile) -> Result<Arc<dyn Store>, ApiError> {
        location(&self.store, file)
            .map_err(|error: UploadError| ApiError::permanent("open the store", error.to_string()))
    }

    /// Writes a file, unless it changed since it was found.
    pub async fn write(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        let id = &operation.task.id;
        let file =
            self.files.get(id).ok_or_else(|| ApiError::permanent(id.to_string(), "is not a file of the graph"))?;
        let version = self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let condition = version.map_or(Condition::Absent, Condition::Unchanged);
        let store = self.location(file)?;
        let written = match store.write(&file.key, file.content.as_bytes(), condition).await {
            // A request that was sent again after a broken connection has written it already.
            Err(error) if error.is_conflict() => {
                let now = store.read(&file.key).await.map_err(failed)?;
                match now {
                    Some(stored) if stored.bytes[..] == *file.content.as_bytes() => stored.version,
                    _ => return Err(failed(error).into()),
                }
            }
            other => other.map_err(failed)?,
        };
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), written);
        Ok([(kopsform_direct::Attribute::Id, file.key.clone())].into())
    }
}

fn digest_of(content: &str) -> String {
    Md5::digest(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(error: StoreError) -> ApiError {
    ApiError::permanent("state store", error.to_string())
}
