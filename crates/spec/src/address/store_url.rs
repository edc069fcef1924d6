//! Addresses of stores: `s3://bucket/prefix`, `gs://bucket/prefix`, `file:///directory`, a path, `memfs://`.

use std::fmt;
use std::path::PathBuf;

use kopsform_diagnostics::Explain;

use super::S3Location;
use super::s3::without_empty_parts;

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
    /// Objects in a bucket of Cloud Storage, below a prefix without slashes at its ends.
    Gs {
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

/// Why a string is not an address of a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    /// Nothing was given.
    #[error("no state store is given")]
    Missing,
    /// A scheme that no store has.
    #[error("state store {0:?} has a scheme that cannot be read")]
    Scheme(String),
    /// `s3://` or `gs://` without a bucket.
    #[error("state store {0:?} names no bucket")]
    NoBucket(String),
    /// `file://` without a directory.
    #[error("state store {0:?} names no directory")]
    NoDirectory(String),
    /// Neither a URL nor a path that is clearly meant as one, such as `s3:/bucket`, `~/state` or a bucket's name. An
    /// unset variable in `s3://$BUCKET` must not become a directory with private keys.
    #[error("state store {0:?} is neither a URL nor a path")]
    Ambiguous(String),
}

impl Explain for StoreUrlError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing => {
                vec!["set --state or KOPS_STATE_STORE, such as s3://bucket or file:///directory".to_owned()]
            }
            Self::Scheme(_) | Self::NoBucket(_) | Self::NoDirectory(_) => vec![FORMS.to_owned()],
            Self::Ambiguous(text) => vec![match scheme_of(text) {
                _ if text.starts_with('~') => format!("write the home directory out: $HOME{}", &text[1..]),
                Some((scheme @ ("s3" | "gs" | "file"), rest)) if !rest.trim_matches('/').is_empty() => {
                    let root = if scheme == "file" { "/" } else { "" };
                    format!("a URL has two slashes after its scheme: {scheme}://{root}{}", rest.trim_start_matches('/'))
                }
                Some(_) => FORMS.to_owned(),
                None => format!("write s3://{text} or gs://{text} for a bucket, ./{text} for a directory"),
            }],
        }
    }
}

const FORMS: &str = "a state store is s3://bucket, gs://bucket, one of them with a prefix, or file:///directory";

/// Scheme and rest of a string that begins as a URL does, whatever follows the colon.
fn scheme_of(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
    };
    is_scheme(scheme).then_some((scheme, rest))
}

impl StoreUrl {
    /// Reads an address. Slashes at its end, and all but one of several in a row, mean nothing, as in kops, which cleans every
    /// path it joins. A path without a scheme is absolute or begins with `./` or `../`.
    ///
    /// # Errors
    /// When nothing is given, the scheme is not one of a store, or bucket or directory are missing.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(StoreUrlError::Missing);
        }
        match trimmed.split_once("://") {
            Some((scheme @ ("s3" | "gs"), rest)) => {
                let location = S3Location::from_path(rest).ok_or_else(|| StoreUrlError::NoBucket(text.to_owned()))?;
                let (bucket, prefix) = (location.bucket, location.key);
                Ok(if scheme == "s3" { Self::S3 { bucket, prefix } } else { Self::Gs { bucket, prefix } })
            }
            Some(("file", "")) => Err(StoreUrlError::NoDirectory(text.to_owned())),
            Some(("file", path)) => Ok(Self::file(path)),
            Some(("memfs", path)) => Ok(Self::Memory(path.trim_end_matches('/').to_owned())),
            Some(_) => Err(StoreUrlError::Scheme(text.to_owned())),
            None if is_explicit_path(trimmed) => Ok(Self::file(trimmed)),
            None => Err(StoreUrlError::Ambiguous(trimmed.to_owned())),
        }
    }

    /// Whether a string without `://` can be meant as a path where bare names are paths too, as in `kopsform.yaml`: not
    /// `s3:/bucket` or `~/state`.
    pub fn can_be_path(text: &str) -> bool {
        is_explicit_path(text) || !(text.starts_with('~') || scheme_of(text).is_some())
    }

    fn file(path: &str) -> Self {
        let root = if path.starts_with('/') { "/" } else { "" };
        Self::File(PathBuf::from(format!("{root}{}", without_empty_parts(path))))
    }

    /// The address of something below this one.
    pub fn join(&self, key: &str) -> String {
        let base = self.to_string();
        let base = base.strip_suffix('/').unwrap_or(&base);
        if key.is_empty() { base.to_owned() } else { format!("{base}/{key}") }
    }
}

fn is_explicit_path(text: &str) -> bool {
    ["/", "./", "../"].iter().any(|start| text.starts_with(start)) || matches!(text, "." | "..")
}

/// The address in its full form, without a slash at its end.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Gs { bucket, prefix } if prefix.is_empty() => write!(f, "gs://{bucket}"),
            Self::Gs { bucket, prefix } => write!(f, "gs://{bucket}/{prefix}"),
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
            ("gs://bucket/a//b/", "gs://bucket/a/b"),
            ("file:///srv/state/", "file:///srv/state"),
            ("/srv/state", "file:///srv/state"),
            ("file:///srv//state", "file:///srv/state"),
            ("file://state", "file://state"),
            ("./state/", "file://./state"),
            ("../state", "file://../state"),
            ("memfs://tests/a", "memfs://tests/a"),
        ] {
            assert_eq!(StoreUrl::parse(text).map(|u| u.to_string()), Ok(printed.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        assert_eq!(StoreUrl::parse(""), Err(StoreUrlError::Missing));
        assert_eq!(StoreUrl::parse("s3:///prefix"), Err(StoreUrlError::NoBucket("s3:///prefix".to_owned())));
        assert_eq!(StoreUrl::parse("gs:///prefix"), Err(StoreUrlError::NoBucket("gs:///prefix".to_owned())));
        assert_eq!(StoreUrl::parse("do://bucket"), Err(StoreUrlError::Scheme("do://bucket".to_owned())));
    }

    #[test]
    fn a_mistyped_url_is_not_a_directory() {
        for (text, hint) in [
            ("s3:", "a state store is s3://bucket"),
            ("s3:/", "a state store is s3://bucket"),
            ("s3:/bucket", "s3://bucket"),
            ("s3:bucket/prefix", "s3://bucket/prefix"),
            ("file:/srv/state", "file:///srv/state"),
            ("gs:", "a state store is s3://bucket"),
            ("http:/x", "a state store is s3://bucket"),
            ("~", "$HOME"),
            ("~/state", "$HOME/state"),
            ("my-bucket", "gs://my-bucket for a bucket, ./my-bucket for a directory"),
        ] {
            let error = StoreUrl::parse(text).err();
            assert_eq!(error, Some(StoreUrlError::Ambiguous(text.to_owned())));
            let hints = error.map(|error| error.hints()).unwrap_or_default();
            assert!(hints[0].ends_with(hint) || hints[0].starts_with(hint), "{text}: {hints:?}");
        }
        assert_eq!(StoreUrl::parse("s3://"), Err(StoreUrlError::NoBucket("s3://".to_owned())));
        assert_eq!(StoreUrl::parse("file://"), Err(StoreUrlError::NoDirectory("file://".to_owned())));
        for (text, can_be) in [("state", true), ("./s3:/x", true), ("s3:/x", false), ("~/x", false)] {
            assert_eq!(StoreUrl::can_be_path(text), can_be, "{text}");
        }
    }

    #[test]
    fn a_joined_address_has_one_slash_between() {
        let bucket = StoreUrl::parse("s3://bucket").map(|u| u.join("demo/config"));
        assert_eq!(bucket, Ok("s3://bucket/demo/config".to_owned()));
        assert_eq!(StoreUrl::parse("/").map(|u| u.join("demo")), Ok("file:///demo".to_owned()));
    }
}
