//! Google Cloud: everything that talks to its APIs. They are JSON over HTTP, so there is no SDK: one client, and small modules
//! with the calls that are needed.
//!
//! - [`Api`]: requests with credentials, retries and errors; `endpoints`: where the APIs are;
//! - `credentials`: access tokens, found as Google's own tools find them; [`project`]: the project that gcloud uses;
//! - [`lookup`]: facts, from `compute` and `dns`;
//! - [`Gcs`]: the store in a bucket of Cloud Storage.

mod api;
mod bucket;
mod compute;
mod credentials;
mod dns;
mod endpoints;
mod error;
#[cfg(test)]
mod fake;
pub mod lookup;
mod percent;
mod project;
mod storage;

pub use api::Api;
pub use error::ApiError;
pub use project::project;
pub use storage::Gcs;
