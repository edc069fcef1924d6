//! A store in a bucket of Cloud Storage.
//!
//! Versions of objects are generations: conditional writes name the one that must be current. A server that does not name the
//! generation of what it sends, such as an emulator, is asked for it when an object is changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::api::{Api, Request};
use crate::compute;
use crate::endpoints::Service;
use crate::error::ApiError;
use crate::percent::encoded;
use crate::project::project;
use kopsform_env::Environment;
use kopsform_state::{
    Action, CONCURRENCY, Condition, Failure, OBJECT_LIMIT, ObjectStorage, Store, StoreError, StoreUrl, Stored, Version,
};

/// The header that names the generation of what is sent.
const GENERATION: &str = "x-goog-generation";
/// What precedes the hash of a version whose generation is not known.
const HASH: &str = "md5:";
/// What separates the parts of an upload: a line that no content has, see [`boundary`].
const BOUNDARY: &str = "kopsform-part";

/// Cloud Storage as a backend of state stores.
pub struct Gcs {
    api: Arc<Api>,
    /// The project whose instances read the store, as far as the environment names it.
    project: Option<String>,
    buckets: Mutex<HashMap<String, Arc<Bucket>>>,
}

/// One bucket and what is known about it.
struct Bucket {
    name: String,
    /// The access control list of new objects; `None` where roles alone decide who has access.
    acl: OnceCell<Option<Value>>,
}

/// Objects of a bucket below a prefix.
struct GcsStore {
    api: Arc<Api>,
    project: Option<String>,
    bucket: Arc<Bucket>,
    prefix: String,
}

impl Gcs {
    /// Uses the given environment's settings. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { api: Arc::new(Api::new(environment)), project: project(environment), buckets: Mutex::default() }
    }

    fn store(&self, bucket: &str, prefix: &str) -> GcsStore {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry(bucket.to_owned())
            .or_insert_with(|| Arc::new(Bucket { name: bucket.to_owned(), acl: OnceCell::new() }));
        let (api, project) = (self.api.clone(), self.project.clone());
        GcsStore { api, project, bucket: bucket.clone(), prefix: prefix.to_owned() }
    }
}

impl ObjectStorage for Gcs {
    fn open(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        Arc::new(self.store(bucket, prefix))
    }

    /// Objects in public buckets are public by the bucket's roles, so they are written as others are.
    fn open_public(&self, bucket: &str, prefix: &str) -> Arc<dyn Store> {
        self.open(bucket, prefix)
    }
}

/// A line that separates the parts of an upload and is not in the content.
fn boundary(content: &[u8]) -> String {
    let mut boundary = BOUNDARY.to_owned();
    while content.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
        boundary.push('x');
    }
    boundary
}

/// The body of an upload: the metadata of the object, then its content.
fn multipart(metadata: &Value, content: &[u8]) -> (String, Vec<u8>) {
    let boundary = boundary(content);
    let mut body = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/related; boundary={boundary}"), body)
}

fn hash(content: &[u8]) -> String {
    STANDARD.encode(Md5::digest(content))
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

impl GcsStore {
    fn key(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }

    fn object_url(&self, key: &str) -> String {
        let path = format!("b/{}/o/{}", encoded(&self.bucket.name), encoded(&self.key(key)));
        self.api.url(Service::Storage, &path)
    }

    fn failed(&self, action: Action, key: &str, error: &ApiError) -> StoreError {
        let message = error.to_string();
        let kind = match error {
            ApiError::Credentials { .. } | ApiError::Refused { status: 401, .. } => Failure::Credentials,
            ApiError::Refused { status: 403, .. } => Failure::Denied,
            // An object that does not exist is not an error, so it is the bucket.
            ApiError::Refused { status: 404, .. } => Failure::NoBucket,
            _ if error.is_temporary() => Failure::Unavailable,
            _ => Failure::Other,
        };
        let hint = match kind {
            Failure::Denied => {
                Some("check that the identity has the role roles/storage.objectAdmin on the bucket".to_owned())
            }
            Failure::Credentials => error.hint(),
            _ => None,
        };
        StoreError::Failed { action, url: self.url(key), kind, reason: message, hint }
    }

    /// The access control list that new objects get, unless roles alone decide who has access: that of the bucket, and as in kops,
    /// the instances of the project may read.
    async fn acl(&self) -> Result<Option<&Value>, ApiError> {
        let acl = self.bucket.acl.get_or_try_init(|| async {
            let url = self.api.url(Service::Storage, &format!("b/{}", encoded(&self.bucket.name)));
            let bucket = self.api.json(&Request::get(url).query("projection", "full")).await?;
            let uniform = bucket.pointer("/iamConfiguration/uniformBucketLevelAccess/enabled");
            if uniform == Some(&Value::Bool(true)) {
                return Ok(None);
            }
            let mut acl = bucket.get("defaultObjectAcl").and_then(Value::as_array).cloned().unwrap_or_default();
            let of_bucket = || text(&bucket, "projectNumber").to_owned();
            let project = self.project.clone().unwrap_or_else(of_bucket);
            if let Some(account) = compute::default_account(&self.api, &project).await? {
                acl.push(json!({ "entity": format!("user-{account}"), "role": "READER" }));
            }
            Ok(Some(Value::Array(acl)))
        });
        Ok(acl.await?.as_ref())
    }

    /// The generation of a version; `None` if the object is at another one. A version without generation is the hash of its
    /// content, which is compared with that of the current one.
    async fn generation(&self, key: &str, version: &Version) -> Result<Option<String>, ApiError> {
        let Some(expected) = version.0.strip_prefix(HASH) else { return Ok(Some(version.0.clone())) };
        let current = self.api.find(self.object_url(key)).await?;
        let current = current.filter(|object| text(object, "md5Hash") == expected);
        Ok(current.map(|object| text(&object, "generation").to_owned()))
    }

    /// Writes an object if its generation is the given one; `0` is that of an object that does not exist.
    async fn put(&self, key: &str, bytes: &[u8], generation: Option<&str>) -> Result<Version, ApiError> {
        let mut metadata = json!({ "name": self.key(key), "md5Hash": hash(bytes) });
        if let Some(acl) = self.acl().await? {
            metadata["acl"] = acl.clone();
        }
        let url = self.api.upload_url(&format!("b/{}/o", encoded(&self.bucket.name)));
        let mut request =
            Request { method: Method::POST, url, query: Vec::new(), body: Some(multipart(&metadata, bytes)) };
        request = request.query("uploadType", "multipart");
        if let Some(generation) = generation {
            request = request.query("ifGenerationMatch", generation);
        }
        let object = self.api.json(&request).await?;
        Ok(Version(text(&object, "generation").to_owned()))
    }

    /// Decides whether a failed condition is a conflict. A request that was repeated after a lost response finds its own
    /// object, which is not a conflict.
    async fn resolve_conflict(&self, key: &str, bytes: &[u8]) -> Result<Version, StoreError> {
        match self.read(key).await? {
            Some(stored) if stored.bytes[..] == *bytes => Ok(stored.version),
            _ => Err(StoreError::Conflict { url: self.url(key) }),
        }
    }

    async fn remove(&self, key: &str, generation: Option<&str>) -> Result<(), ApiError> {
        let mut request = Request { method: Method::DELETE, ..Request::get(self.object_url(key)) };
        if let Some(generation) = generation {
            request = request.query("ifGenerationMatch", generation);
        }
        match self.api.send(&request).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl GcsStore {
    /// The objects below a prefix with their generations, which are empty where an emulator does not say them.
    async fn list_objects(&self, prefix: &str) -> Result<BTreeMap<String, Version>, StoreError> {
        let url = self.api.url(Service::Storage, &format!("b/{}/o", encoded(&self.bucket.name)));
        let whole = self.key(prefix);
        let query = [("prefix", whole.as_str()), ("fields", "items(name,generation),nextPageToken")];
        let objects = self.api.list(&url, &query, "items").await;
        let objects = objects.map_err(|error| self.failed(Action::List, prefix, &error))?;
        let own = self.key("");
        let found = objects.iter().filter_map(|object| {
            let key = text(object, "name").strip_prefix(&own)?;
            // Some tools create objects that stand for directories; those are not part of the store.
            let is_object = !key.is_empty() && !key.ends_with('/');
            is_object.then(|| (key.to_owned(), Version(text(object, "generation").to_owned())))
        });
        Ok(found.collect())
    }
}

#[async_trait]
impl Store for GcsStore {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let request = Request::get(self.object_url(key)).query("alt", "media");
        let answer = match self.api.send(&request).await {
            Ok(answer) => answer,
            // A bucket that does not exist is reported by writes and lists.
            Err(error) if error.is_not_found() && !error.to_string().contains("bucket") => return Ok(None),
            Err(error) => return Err(self.failed(Action::Read, key, &error)),
        };
        if answer.body.len() as u64 > OBJECT_LIMIT {
            let reason = format!("it is larger than {} MiB", OBJECT_LIMIT >> 20);
            return Err(StoreError::Failed {
                action: Action::Read,
                url: self.url(key),
                kind: Failure::Other,
                reason,
                hint: None,
            });
        }
        let generation = answer.headers.get(GENERATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let version = generation.unwrap_or_else(|| format!("{HASH}{}", hash(&answer.body)));
        Ok(Some(Stored::new(answer.body, Version(version))))
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let failed = |error: ApiError| self.failed(Action::Write, key, &error);
        let generation = match &condition {
            Condition::None => None,
            Condition::Absent => Some("0".to_owned()),
            Condition::Unchanged(version) => match self.generation(key, version).await.map_err(failed)? {
                Some(generation) => Some(generation),
                None => return self.resolve_conflict(key, bytes).await,
            },
        };
        match self.put(key, bytes, generation.as_deref()).await {
            Ok(version) => Ok(version),
            Err(error) if error.status() == Some(412) => self.resolve_conflict(key, bytes).await,
            Err(error) => Err(failed(error)),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.remove(key, None).await.map_err(|error| self.failed(Action::Delete, key, &error))
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        let failed = |error: ApiError| self.failed(Action::Delete, key, &error);
        let conflict = || StoreError::Conflict { url: self.url(key) };
        let Some(generation) = self.generation(key, version).await.map_err(failed)? else {
            return self.read(key).await?.map_or(Ok(()), |_| Err(conflict()));
        };
        match self.remove(key, Some(&generation)).await {
            Ok(()) => Ok(()),
            // A request that was repeated after a lost response finds no object.
            Err(error) if error.status() == Some(412) => self.read(key).await?.map_or(Ok(()), |_| Err(conflict())),
            Err(error) => Err(failed(error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.list_objects(prefix).await?.into_keys().collect())
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        self.list_objects(prefix).await.map(Some)
    }

    fn url(&self, key: &str) -> String {
        StoreUrl::Gs { bucket: self.bucket.name.clone(), prefix: self.prefix.clone() }.join(key)
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        // Boxed futures of `async_trait` are general in their lifetime when they are collected first.
        let deletions: Vec<_> = keys.iter().map(|key| self.delete(key)).collect();
        stream::iter(deletions).buffer_unordered(CONCURRENCY).try_collect().await
    }
}

#[cfg(test)]
mod tests;
