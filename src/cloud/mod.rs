//! AWS as it is: how clients are made, and what runs there.
//!
//! [`aws`] is the one place that builds SDK clients. The other files turn what AWS says into the facts of [`crate::rolling`]
//! and perform its actions.

mod api_endpoint;
pub mod aws;
pub(crate) mod error;
mod groups;
mod snapshot;
pub mod teardown;

pub use api_endpoint::api_load_balancer;
pub use aws::Clients;
pub use groups::ClusterGroups;
