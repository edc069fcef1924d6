//! Files over HTTP that are not in a store: channels, hashes of downloads. No cloud is needed for them.
//!
//! - `get`: a file, within bounds of time and size;
//! - `hashes`: hashes of files that nodes download.

mod get;
mod hashes;

pub use get::{DownloadError, Downloader, get};
pub use hashes::hashes;
