//! The state store: objects under keys, in S3, in a folder or in memory.
//!
//! Layout and formats are kops' own, so that both tools can share a store.

use async_trait::async_trait;

/// An opaque token of one version of an object, for conditional writes (an S3 ETag, a file's hash).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing: the last writer wins.
    None,
    /// There is no such object yet.
    Absent,
    /// The object is still at this version.
    Unchanged(Version),
}

/// An object's bytes and the version they are of.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// The content.
    pub bytes: Vec<u8>,
    /// Its version.
    pub version: Version,
}

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was first.
    #[error("{url} was changed by someone else meanwhile")]
    Conflict {
        /// The object.
        url: String,
    },
    /// Anything else.
    #[error("cannot {action} {url}: {reason}")]
    Failed {
        /// `read`, `write`, `list` or `delete`.
        action: &'static str,
        /// The object or prefix.
        url: String,
        /// What the store said.
        reason: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// A place for objects. Keys are relative to the store's root, without a leading slash.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads an object; `None` when there is none.
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError>;

    /// Writes an object whole if the condition holds.
    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError>;

    /// Deletes an object; one that is gone already is no error.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// All keys that begin with the prefix, sorted.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// The address of a key, such as `s3://bucket/prefix/key`.
    fn url(&self, key: &str) -> String;
}
