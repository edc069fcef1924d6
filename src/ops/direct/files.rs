//! The files of a cluster in its state store, for target direct.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt as _, TryStreamExt as _};
use md5::{Digest as _, Md5};

use crate::ops::support::uploads::{UploadError, location};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Task, TaskId, Value};
use kopsform_model::{Graph, Lifecycle, ManagedFile, Resource};
use kopsform_rolling::ports::ApiError;
use kopsform_state::{
    COMPLETED_SPEC, CONCURRENCY, ClusterStore, Condition, Failure, Store, StoreError, Version, digests,
};

/// The directory of etcd's backups.
const BACKUPS: &str = "backups";
/// How many files make a list of their directory worth a request.
const SEVERAL: usize = 2;

/// The field of a task for the content of a file.
const CONTENTS: &str = "Contents";

/// A store, and a directory of it.
type Directory<'f> = (&'f str, &'f str);
/// What directories hold: keys with digests.
type Listings<'f> = BTreeMap<Directory<'f>, BTreeMap<String, Option<String>>>;

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
        Self { store, files: files_of(graph), versions: Mutex::default() }
    }

    /// Replaces the files to write. A file is still written only if it is as it was found.
    pub fn aim_at(&mut self, graph: &Graph) {
        self.files = files_of(graph);
    }

    /// The contents of existing files that differ from the graph's, by the names of their nodes. The completed spec is left out:
    /// kops writes the same bytes, so a difference is always one of meaning.
    pub fn earlier(&self, found: &Found) -> BTreeMap<String, String> {
        let files = self.files.iter().filter(|(_, file)| file.key != COMPLETED_SPEC);
        let differing = files.filter_map(|(task, file)| match found.objects.get(task)?.fields.get(CONTENTS)? {
            Value::Document(content) if *content != file.content => {
                Some((file.name.as_str().to_owned(), content.clone()))
            }
            _ => None,
        });
        differing.collect()
    }

    /// The same files in a store that can be written.
    pub fn write_to(&mut self, store: ClusterStore) {
        self.store = store;
    }

    /// Files that their store lists with the digest of the content that they should have are not read, and neither are those
    /// that it does not list.
    pub async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let wanted = tasks.iter().filter(|task| task.lifecycle != Lifecycle::Ignore);
        let wanted: Vec<(&Task, &ManagedFile)> =
            wanted.filter_map(|task| Some((task, self.files.get(&task.id)?))).collect();
        let listings = self.list(&wanted).await?;
        let reads: Vec<_> = wanted
            .into_iter()
            .filter_map(|(task, file)| {
                let digest = match listings.get(&directory_of(file)) {
                    None => None,
                    Some(listing) => listing.get(&file.key)?.as_deref(),
                };
                Some(self.read(task, file, digest == Some(digest_of(&file.content).as_str())))
            })
            .collect();
        let found: Vec<Option<(TaskId, Object, Option<Version>)>> =
            futures::stream::iter(reads).buffer_unordered(CONCURRENCY).try_collect().await?;
        let mut objects = Found::default();
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().for_each(|task| {
            versions.remove(&task.id);
        });
        for (task, object, version) in found.into_iter().flatten() {
            if let Some(version) = version {
                versions.insert(task.clone(), version);
            }
            objects.objects.insert(task, object);
        }
        Ok(objects)
    }

    /// Lists the directories that several of the files are in. Backups are not listed: there are many.
    async fn list<'f>(&self, files: &[(&Task, &'f ManagedFile)]) -> Result<Listings<'f>, ApiError> {
        let mut directories: BTreeMap<Directory<'f>, Vec<&'f ManagedFile>> = BTreeMap::new();
        for (_, file) in files {
            let directory = directory_of(file);
            if directory.1 != BACKUPS && !file.public {
                directories.entry(directory).or_default().push(file);
            }
        }
        // A file outside of directories is a list of its own.
        directories.retain(|(_, name), files| files.len() >= SEVERAL || files.iter().any(|file| file.key == *name));
        let lists: Vec<_> = directories
            .into_iter()
            .map(|(directory, files)| async move {
                let Some(first) = files.first() else { return Ok((directory, BTreeMap::new())) };
                let prefix = match first.key == directory.1 {
                    true => first.key.clone(),
                    false => format!("{}/", directory.1),
                };
                let digests = digests(&*self.location(first)?, &prefix).await.map_err(failed)?;
                Ok::<_, ApiError>((directory, digests))
            })
            .collect();
        Ok(futures::future::try_join_all(lists).await?.into_iter().collect())
    }

    async fn read(
        &self,
        task: &Task,
        file: &ManagedFile,
        is_same: bool,
    ) -> Result<Option<(TaskId, Object, Option<Version>)>, ApiError> {
        let object = |content| Object::new(&file.key).field(CONTENTS, Value::Document(content));
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

fn files_of(graph: &Graph) -> BTreeMap<TaskId, ManagedFile> {
    let settings = kopsform_direct::desired::Settings::default();
    let tasks = kopsform_direct::desired::tasks(graph, &settings);
    let files = tasks.into_iter().filter_map(|task| {
        let file = match &graph.node(&task.node)?.resource {
            Resource::ManagedFile(file) => file,
            Resource::BucketObject(object) => &object.file,
            _ => return None,
        };
        Some((task.id, file.clone()))
    });
    files.collect()
}

/// The store of a file and the first directory of its key, or the key of a file outside of directories; public files have a store
/// of their own.
fn directory_of(file: &ManagedFile) -> Directory<'_> {
    let name = if file.public { "" } else { file.key.split_once('/').map_or(&*file.key, |(directory, _)| directory) };
    (&file.base, name)
}

fn digest_of(content: &str) -> String {
    Md5::digest(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(error: StoreError) -> ApiError {
    let is_unavailable = matches!(&error, StoreError::Failed { kind: Failure::Unavailable, .. });
    let failed = if is_unavailable { ApiError::transient } else { ApiError::permanent };
    failed("state store".to_owned(), error.to_string())
}
