//! Downloads, through `kopsform-download`.

use std::collections::{BTreeMap, BTreeSet};

use kopsform_model::facts::LookupError;

/// Whether hashes of downloads that no lock file holds can be looked up.
pub const CAN_LOOK_UP: bool = true;

/// The content of a URL; an error if it exceeds [`kopsform_files::TEXT_LIMIT`].
///
/// # Errors
/// Why it could not be downloaded, without the address.
pub async fn download(url: &str) -> Result<Vec<u8>, String> {
    kopsform_download::get(url, kopsform_files::TEXT_LIMIT).await
}

/// Hashes of downloads, by URL.
///
/// # Errors
/// The first URL whose hash is not published.
pub async fn hashes(urls: &BTreeSet<String>) -> Result<BTreeMap<String, String>, LookupError> {
    kopsform_download::hashes(urls).await
}
