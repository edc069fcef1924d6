//! Google Cloud: everything that talks to its APIs. They are JSON over HTTP, so there is no SDK: one client, and small modules
//! with the calls that are needed.
//!
//! - [`Api`]: requests with credentials, retries and errors; `endpoints`: where the APIs are;
//! - `calls`: reading and changing resources; `link`: their addresses; `operations`: waiting until a change is done;
//! - `credentials`: access tokens, found as Google's own tools find them; [`project`]: the project that gcloud uses;
//! - [`lookup`]: facts, from `compute` and `dns`;
//! - [`DirectCloud`]: what exists of a cluster and how it is changed, for target direct;
//! - [`Gcs`]: the store in a bucket of Cloud Storage.

mod api;
mod bucket;
#[allow(dead_code)] // Shared by the ports.
mod calls;
mod compute;
mod credentials;
mod direct;
mod dns;
mod endpoints;
mod error;
#[cfg(test)]
mod fake;
#[allow(dead_code)] // Shared by the ports.
mod link;
pub mod lookup;
#[allow(dead_code)] // Shared by the ports.
mod operations;
mod percent;
mod project;
mod storage;
#[allow(dead_code)] // Shared by the ports.
mod value;

pub use api::Api;
pub use direct::DirectCloud;
pub use error::ApiError;
pub use project::project;
pub use storage::Gcs;
