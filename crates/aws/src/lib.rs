//! AWS as it is: how clients are made, and what runs there.
//!
//! [`aws`] is the one place that builds SDK clients. The other files turn what AWS says into the facts of [`kopsform_rolling`]
//! and perform its actions.

mod api_endpoint;
pub mod clients;
pub mod error;
mod groups;
pub mod lookup;
mod s3;
mod s3_error;
mod snapshot;
pub mod teardown;

pub use api_endpoint::api_load_balancer;
pub use clients::Clients;
pub use groups::ClusterGroups;
pub use s3::{S3, S3Access, S3Store};
