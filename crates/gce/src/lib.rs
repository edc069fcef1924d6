//! Google Cloud: everything that talks to its APIs. They are JSON over HTTP, so there is no SDK: one client, and small modules
//! with the calls that are needed.
//!
//! - [`Api`]: requests with credentials, retries and errors; `endpoints`: where the APIs are;
//! - `calls`: reading and changing resources; `link`: their addresses; `operations`: waiting until a change is done;
//! - `credentials`: access tokens, found as Google's own tools find them; [`project`]: the project that gcloud uses;
//! - [`lookup`]: facts, from `compute` and `dns`;
//! - [`ClusterGroups`] and [`api_address`]: a cluster's groups and instances, and the address of its API;
//! - [`DirectCloud`]: what exists of a cluster and how it is changed, for target direct;
//! - [`Gcs`]: the store in a bucket of Cloud Storage;
//! - [`ClusterResources`]: what a deleted cluster leaves, listed by strict ownership and deleted.

mod api;
mod bucket;
mod calls;
mod compute;
mod credentials;
mod direct;
mod dns;
mod endpoints;
mod error;
#[cfg(test)]
mod fake;
mod link;
pub mod lookup;
mod operations;
mod percent;
mod project;
mod rolling;
mod storage;
mod teardown;
mod value;

pub use api::Api;
pub use direct::DirectCloud;
pub use error::ApiError;
pub use project::project;
pub use rolling::{ClusterGroups, LaunchData, api_address};
pub use storage::Gcs;
pub use teardown::ClusterResources;
