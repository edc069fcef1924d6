//! Hashes of files that nodes download, from the servers that publish them.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::{DownloadError, Downloader};
use kopsform_model::facts::LookupError;

/// Requests in flight at once.
const CONCURRENT_CALLS: usize = 8;

/// SHA-256 of downloads, from the `.sha256` file next to each: URL → hash in hex.
///
/// # Errors
/// The first URL whose hash is not published.
pub async fn hashes(urls: &BTreeSet<String>) -> Result<BTreeMap<String, String>, LookupError> {
    if urls.is_empty() {
        return Ok(BTreeMap::new());
    }
    let client = Downloader::new().map_err(|error| LookupError::Failed {
        what: "hashes of downloads".to_owned(),
        reason: error.to_string(),
        hint: None,
    })?;
    stream::iter(urls.iter().cloned())
        .map(|url| {
            let client = client.clone();
            async move { asset(&client, &url).await.map(|hash| (url, hash)) }
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await
}

async fn asset(client: &Downloader, url: &str) -> Result<String, LookupError> {
    const ATTEMPTS: u32 = 5;
    /// A hash and the name of a file.
    const HASH_LIMIT: u64 = 4096;
    let failed = |reason: String| LookupError::Failed {
        what: format!("the hash of {url}"),
        reason,
        hint: Some(
            "record it under `assets` in kopsform.lock, or check KOPS_BASE_URL and spec.assets.fileRepository"
                .to_owned(),
        ),
    };
    let mut last = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(250 << attempt)).await;
        }
        match client.get(&format!("{url}.sha256"), HASH_LIMIT).await {
            Ok(content) => {
                let text = String::from_utf8_lossy(&content);
                let hash = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Ok(hash);
                }
                return Err(failed(format!("{url}.sha256 holds no SHA-256 hash")));
            }
            // A file that was just published may not be everywhere yet.
            Err(DownloadError::Status(status))
                if status.is_client_error() && status != reqwest::StatusCode::NOT_FOUND =>
            {
                return Err(failed(format!("{url}.sha256: {}", DownloadError::Status(status))));
            }
            Err(error @ DownloadError::TooLarge(_)) => return Err(failed(format!("{url}.sha256: {error}"))),
            Err(error) => last = format!("{url}.sha256: {error}"),
        }
    }
    Err(failed(last))
}
