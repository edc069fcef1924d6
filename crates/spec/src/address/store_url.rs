//! Addresses of stores: `s3://bucket/prefix`, `file:///directory`, a plain path, `memfs://`.

use std::fmt;
use std::path::PathBuf;

use kopsform_diagnostics::Explain;

use super::S3Location;

/// The address of a state store or of a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// Objects in a bucket, below a prefix without slashes at its ends.
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix; empty for the whole bucket.
        prefix: String,
    },
    /// Files below a directory.
    File(PathBuf),
    /// In this process's memory, for tests.
    Memory(String),
}

/// Why a string is not the address of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    /// Nothing was given.
    #[error("no state store is given")]
    Missing,
    /// A scheme nothing here can read.
    #[error("state store {0:?} has a scheme that cannot be read")]
    Scheme(String),
    /// `s3://` without a bucket.
    #[error("state store {0:?} names no bucket")]
    NoBucket(String),
}

impl Explain for StoreUrlError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing => {
                vec!["set --state or KOPS_STATE_STORE, such as s3://bucket or file:///directory".to_owned()]
            }
            Self::Scheme(_) | Self::NoBucket(_) => {
                vec!["a state store is s3://bucket, s3://bucket/prefix or file:///directory".to_owned()]
            }
        }
    }
}

impl StoreUrl {
    /// Reads an address; slashes at its end mean nothing.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(StoreUrlError::Missing);
        }
        match trimmed.split_once("://") {
            Some(("s3", rest)) => {
                let location = S3Location::from_path(rest).ok_or_else(|| StoreUrlError::NoBucket(text.to_owned()))?;
                Ok(Self::S3 { bucket: location.bucket, prefix: location.key })
            }
            Some(("file", path)) => Ok(Self::file(path)),
            Some(("memfs", path)) => Ok(Self::Memory(path.trim_end_matches('/').to_owned())),
            Some(_) => Err(StoreUrlError::Scheme(text.to_owned())),
            None => Ok(Self::file(trimmed)),
        }
    }

    fn file(path: &str) -> Self {
        let trimmed = path.trim_end_matches('/');
        Self::File(PathBuf::from(if trimmed.is_empty() { "/" } else { trimmed }))
    }

    /// The address of something below this one.
    pub fn join(&self, key: &str) -> String {
        let base = self.to_string();
        let base = base.strip_suffix('/').unwrap_or(&base);
        if key.is_empty() { base.to_owned() } else { format!("{base}/{key}") }
    }
}

/// The address in its full form, without a slash at its end.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::File(path) => write!(f, "file://{}", path.display()),
            Self::Memory(path) => write!(f, "memfs://{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_at_the_end_mean_nothing() {
        for (text, printed) in [
            ("s3://bucket", "s3://bucket"),
            ("s3://bucket/", "s3://bucket"),
            ("s3://bucket/a/b/", "s3://bucket/a/b"),
            ("s3://bucket/a//b", "s3://bucket/a/b"),
            ("file:///srv/state/", "file:///srv/state"),
            ("/srv/state", "file:///srv/state"),
            ("memfs://tests/a", "memfs://tests/a"),
        ] {
            assert_eq!(StoreUrl::parse(text).map(|u| u.to_string()), Ok(printed.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        assert_eq!(StoreUrl::parse(""), Err(StoreUrlError::Missing));
        assert_eq!(StoreUrl::parse("s3:///prefix"), Err(StoreUrlError::NoBucket("s3:///prefix".to_owned())));
        assert_eq!(StoreUrl::parse("gs://bucket"), Err(StoreUrlError::Scheme("gs://bucket".to_owned())));
    }

    #[test]
    fn a_joined_address_has_one_slash_between() {
        let bucket = StoreUrl::parse("s3://bucket").map(|u| u.join("demo/config"));
        assert_eq!(bucket, Ok("s3://bucket/demo/config".to_owned()));
        assert_eq!(StoreUrl::parse("/").map(|u| u.join("demo")), Ok("file:///demo".to_owned()));
    }
}
