//! Reads the texts that `-f` names.

use std::path::Path;

use futures::{StreamExt as _, TryStreamExt as _};

use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_state::{CONCURRENCY, OpenError, Store as _, StoreError};

/// Why a text could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A file, or standard input.
    #[error("error reading file {name:?}: {source}")]
    File {
        /// As the person gave it.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// An object of a store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A store that cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nothing is there.
    #[error("error reading file {0:?}: it does not exist")]
    Absent(String),
    /// It is no text.
    #[error("{0:?} is no text in UTF-8")]
    NotText(String),
    /// A web address that could not be fetched.
    #[error("cannot fetch {url}: {reason}")]
    Fetch {
        /// The address.
        url: String,
        /// What went wrong.
        reason: String,
    },
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

/// A text and what messages call it.
#[derive(Debug, Clone)]
pub struct Text {
    /// As the person named it.
    pub name: String,
    /// The content.
    pub content: String,
}

/// Reads files, `-` for standard input, and objects at `s3://`, `file://`, `http://` and `https://` addresses, side by side, in
/// the order they are named.
pub async fn read_texts(names: &[String], environment: &Environment) -> Result<Vec<Text>, DocumentError> {
    futures::stream::iter(names.iter().map(|name| async move {
        let bytes = read_bytes(name, environment).await?;
        let content = String::from_utf8(bytes).map_err(|_| DocumentError::NotText(name.clone()))?;
        Ok(Text { name: name.clone(), content })
    }))
    .buffered(CONCURRENCY)
    .try_collect()
    .await
}

/// Reads one of them as bytes.
pub async fn read_bytes(name: &str, environment: &Environment) -> Result<Vec<u8>, DocumentError> {
    let failed = |source| DocumentError::File { name: name.to_owned(), source };
    match name.split_once("://") {
        Some(("http" | "https", _)) => fetch(name).await,
        Some((scheme, path)) => {
            let (folder, key) = path.rsplit_once('/').unwrap_or(("", path));
            let store = super::stores::open(&format!("{scheme}://{folder}/"), environment)?;
            let stored = store.read(key).await?;
            Ok(stored.ok_or_else(|| DocumentError::Absent(name.to_owned()))?.bytes.to_vec())
        }
        None if name == "-" => tokio::task::spawn_blocking(|| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
        })
        .await
        .map_err(|error| failed(std::io::Error::other(error)))?
        .map_err(failed),
        None => tokio::fs::read(Path::new(name)).await.map_err(failed),
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, DocumentError> {
    let failed = |reason| DocumentError::Fetch { url: url.to_owned(), reason };
    super::clouds::download(url).await.map_err(failed)
}
