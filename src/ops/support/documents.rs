//! Reads the files that `-f` names.

use std::path::Path;

use futures::{StreamExt as _, TryStreamExt as _};

use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_files::{TEXT_LIMIT, read_bounded, read_stream_bounded};
use kopsform_state::{CONCURRENCY, OpenError, Store as _, StoreError};

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A local file or standard input.
    #[error("error reading file {name:?}: {source}")]
    File {
        /// As given by the user.
        name: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("error reading file {0:?}: it does not exist")]
    Missing(String),
    #[error("{0:?} is not UTF-8")]
    NotUtf8(String),
    #[error("cannot fetch {url}: {reason}")]
    Fetch { url: String, reason: String },
}

impl Explain for DocumentError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Store(error) => error.hints(),
            Self::Open(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// A file of YAML or JSON documents.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// As given by the user; messages name the file by it.
    pub name: String,
    pub content: String,
}

/// Reads local files, standard input (`-`) and `s3://`, `file://`, `http://` and `https://` URLs concurrently; the result has the
/// order of the names.
pub async fn read_files(names: &[String], environment: &Environment) -> Result<Vec<InputFile>, DocumentError> {
    futures::stream::iter(names.iter().map(|name| async move {
        let bytes = read_bytes(name, environment).await?;
        let content = String::from_utf8(bytes).map_err(|_| DocumentError::NotUtf8(name.clone()))?;
        Ok(InputFile { name: name.clone(), content })
    }))
    .buffered(CONCURRENCY)
    .try_collect()
    .await
}

/// Reads one such file as bytes.
pub async fn read_bytes(name: &str, environment: &Environment) -> Result<Vec<u8>, DocumentError> {
    let failed = |source| DocumentError::File { name: name.to_owned(), source };
    tracing::debug!(name = loggable(name), "reading file");
    match name.split_once("://") {
        Some(("http" | "https", _)) => fetch(name).await,
        Some((scheme, path)) => {
            let (directory, key) = path.rsplit_once('/').unwrap_or(("", path));
            let store = super::stores::open(&format!("{scheme}://{directory}/"), environment)?;
            let stored = store.read(key).await?;
            Ok(stored.ok_or_else(|| DocumentError::Missing(name.to_owned()))?.bytes.to_vec())
        }
        None => {
            let path = name.to_owned();
            let read = move || match path.as_str() {
                "-" => read_stream_bounded(std::io::stdin().lock(), TEXT_LIMIT),
                path => Ok(read_bounded(Path::new(path), TEXT_LIMIT)?),
            };
            let read = tokio::task::spawn_blocking(read).await;
            read.map_err(|error| failed(std::io::Error::other(error)))?.map_err(failed)
        }
    }
}

/// A path or URL without what may be secret in a URL: user information, and the query with its signatures.
pub(super) fn loggable(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("://") else { return location.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

async fn fetch(url: &str) -> Result<Vec<u8>, DocumentError> {
    let failed = |reason| DocumentError::Fetch { url: url.to_owned(), reason };
    crate::ops::clouds::download(url).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn secrets_of_urls_are_not_logged() {
        assert_eq!(loggable("https://user:secret@host/a@b?X-Amz-Signature=abc#x"), "https://host/a@b");
        assert_eq!(loggable("s3://bucket/key"), "s3://bucket/key");
        assert_eq!(loggable("dir/file?.yaml"), "dir/file?.yaml");
    }
}
