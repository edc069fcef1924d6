//! The trait of all stores, and its errors.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;

use kopsform_diagnostics::Explain;

/// The largest object of a store, in bytes. Specs, keysets and secrets are far smaller.
pub const OBJECT_LIMIT: u64 = kopsform_files::TEXT_LIMIT;

/// How many requests to a store are under way at once when many objects are read or written together.
pub const CONCURRENCY: usize = 128;

/// An opaque token of one version of an object, for conditional writes (an S3 ETag, a file's hash).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing; the last writer wins.
    None,
    /// The object does not exist yet.
    Absent,
    /// The object is still at this version.
    Unchanged(Version),
}

impl Condition {
    /// The object is as it was read: at the same version, or still absent.
    pub fn as_read(before: Option<&Stored>) -> Self {
        before.map_or(Self::Absent, |stored| Self::Unchanged(stored.version.clone()))
    }
}

/// An object's bytes and the version they are of. The bytes may be private, so they are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// The content.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Its version.
    pub version: Version,
}

impl Stored {
    /// An object as a store read it.
    pub fn new(bytes: Vec<u8>, version: Version) -> Self {
        Self { bytes: Zeroizing::new(bytes), version }
    }
}

/// Shows the size only: the content may be a private key.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({} bytes, {})", self.bytes.len(), self.version.0)
    }
}

/// What was asked of the store when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reading one object.
    Read,
    /// Writing one object.
    Write,
    /// Listing keys.
    List,
    /// Deleting objects.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
        })
    }
}

/// The kind of a failure, which decides the hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The caller may not do this.
    Denied,
    /// There are no credentials, or they are no longer valid.
    Credentials,
    /// The bucket is in another region than the requests can reach.
    Region,
    /// The bucket or directory of the store does not exist.
    NoBucket,
    /// The clocks of this machine and the store differ too much.
    ClockSkew,
    /// Access control lists are switched off in the bucket.
    Acl,
    /// The store did not answer, or answered with errors of its own, until the retries were used up.
    Unavailable,
    /// The key could lead outside the store.
    BadKey,
    /// Anything else.
    Other,
}

impl Failure {
    /// What to do about it.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::Denied => Some(
                "check which identity is used (`aws sts get-caller-identity`) and that its policy, the bucket policy and the \
                 key policy of an encrypted bucket allow this",
            ),
            Self::Credentials => Some(
                "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; after `aws sso login` expired, log in again",
            ),
            Self::Region => Some("set AWS_REGION to the region of the bucket"),
            Self::NoBucket => Some("check --state and KOPS_STATE_STORE; the bucket or directory must exist"),
            Self::ClockSkew => Some("set this machine's clock; requests signed with a wrong time are refused"),
            Self::Acl => Some(
                "the bucket has no access control lists: unset KOPS_STATE_S3_ACL, and let a bucket policy make public what must be",
            ),
            Self::Unavailable => Some("try again; writes that were reported as done are stored"),
            Self::BadKey | Self::Other => None,
        }
    }
}

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition of a write did not hold.
    #[error("{url} has been modified by another writer")]
    Conflict {
        /// The object.
        url: String,
    },
    /// Anything else.
    #[error("cannot {action} {url}: {reason}")]
    Failed {
        /// What was asked.
        action: Action,
        /// The object or prefix.
        url: String,
        /// The kind of failure.
        kind: Failure,
        /// The message of the store.
        reason: String,
        /// What to do about it, where the store knows more than the kind of failure says.
        hint: Option<String>,
    },
}

impl StoreError {
    /// Whether the condition of a write did not hold.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether the caller may not do this.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Failed { kind: Failure::Denied, .. })
    }
}

impl Explain for StoreError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Conflict { .. } => vec!["review the change and run the command again".to_owned()],
            Self::Failed { kind, hint, url, .. } => {
                // What kinds of failures say about access is about AWS.
                let is_of_aws = url.starts_with("s3://") || !matches!(kind, Failure::Denied | Failure::Credentials);
                let usual = || kind.hint().filter(|_| is_of_aws).map(str::to_owned);
                hint.clone().or_else(usual).into_iter().collect()
            }
        }
    }
}

/// Objects under keys. Keys are relative to the store's root, without a leading slash.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads an object; `None` when there is none.
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError>;

    /// Writes an object whole if the condition holds; [`StoreError::Conflict`] if it does not.
    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError>;

    /// Deletes an object. One that does not exist is not an error.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Deletes an object if it is still at a version; [`StoreError::Conflict`] if it is at another. One that does not exist is
    /// not an error. A store that cannot do this in one request reads first.
    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        match self.read(key).await? {
            None => Ok(()),
            Some(stored) if stored.version == *version => self.delete(key).await,
            Some(_) => Err(StoreError::Conflict { url: self.url(key) }),
        }
    }

    /// All keys that begin with the prefix, sorted.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// All keys that begin with the prefix, with the versions of their objects. `None` where a listing does not say versions:
    /// then each object has to be read.
    async fn list_versions(&self, _prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        Ok(None)
    }

    /// [`Store::list_versions`] of the keys that sort after another one.
    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        let Some(mut versions) = self.list_versions(prefix).await? else { return Ok(None) };
        versions.retain(|key, _| key.as_str() > after);
        Ok(Some(versions))
    }

    /// Reads an object that a listing has just shown at a version. A store that keeps copies need not ask for it again.
    async fn read_at(&self, key: &str, _version: &Version) -> Result<Option<Stored>, StoreError> {
        self.read(key).await
    }

    /// The version at which a listing showed an object that this store was made of. `None` where nothing was listed before, so that
    /// the answer would take a request.
    fn listed_version(&self, _key: &str) -> Option<Version> {
        None
    }

    /// Looks up in the background what the first write needs to know, so that the write does not wait for it.
    fn prepare_to_write(&self) {}

    /// The address of a key, such as `s3://bucket/prefix/key`.
    fn url(&self, key: &str) -> String;

    /// Deletes many objects with as few requests as possible.
    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            self.delete(key).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        (**self).read(key).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        (**self).write(key, bytes, condition).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        (**self).delete(key).await
    }

    async fn delete_unchanged(&self, key: &str, version: &Version) -> Result<(), StoreError> {
        (**self).delete_unchanged(key, version).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        (**self).list(prefix).await
    }

    async fn list_versions(&self, prefix: &str) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        (**self).list_versions(prefix).await
    }

    async fn list_versions_after(
        &self,
        prefix: &str,
        after: &str,
    ) -> Result<Option<BTreeMap<String, Version>>, StoreError> {
        (**self).list_versions_after(prefix, after).await
    }

    async fn read_at(&self, key: &str, version: &Version) -> Result<Option<Stored>, StoreError> {
        (**self).read_at(key, version).await
    }

    fn listed_version(&self, key: &str) -> Option<Version> {
        (**self).listed_version(key)
    }

    fn prepare_to_write(&self) {
        (**self).prepare_to_write();
    }

    fn url(&self, key: &str) -> String {
        (**self).url(key)
    }

    async fn delete_all(&self, keys: &[String]) -> Result<(), StoreError> {
        (**self).delete_all(keys).await
    }
}

/// Reads many objects concurrently; the results are in the order of the keys.
pub async fn read_all(store: &dyn Store, keys: &[String]) -> Result<Vec<Option<Stored>>, StoreError> {
    futures::stream::iter(keys.iter().map(|key| store.read(key))).buffered(CONCURRENCY).try_collect().await
}

/// All keys that begin with the prefix, with the MD5 digest of their content in hex where a listing has it: versions in S3 are
/// digests, unless objects were written in parts or are encrypted with keys of KMS.
pub async fn digests(store: &dyn Store, prefix: &str) -> Result<BTreeMap<String, Option<String>>, StoreError> {
    let is_digest = |tag: &str| tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = |Version(version): Version| Some(version.trim_matches('"').to_owned()).filter(|tag| is_digest(tag));
    Ok(match store.list_versions(prefix).await? {
        Some(versions) => versions.into_iter().map(|(key, version)| (key, digest(version))).collect(),
        None => store.list(prefix).await?.into_iter().map(|key| (key, None)).collect(),
    })
}
