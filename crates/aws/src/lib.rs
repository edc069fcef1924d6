//! AWS: the implementations of what other crates define as traits, and the lookups of facts.
//!
//! - [`clients`]: SDK clients with credentials, retries and timeouts, the only place that builds them for AWS. The S3 store
//!   has settings of its own. `credentials` decides which credentials they use; `request_log` logs requests and adds the
//!   address to failed connections.
//! - `trust`: the certificates that calls trust.
//! - [`error`]: the classes of AWS error codes and the messages of failed calls.
//! - [`lookup`]: the facts a model needs (images, zones, networks, …); `ssm` resolves images named by parameter.
//! - `json_call`: calls of services without a crate of the SDK.
//! - [`S3`]: buckets as state stores, for `kopsform-state`.
//! - [`ClusterGroups`]: auto scaling groups, for rolling updates; `snapshot` describes them.
//! - [`DirectCloud`]: what exists of a cluster and how it is changed, for target direct.
//! - [`ClusterResources`]: everything a cluster has, for its deletion.
//! - [`api_load_balancer`], [`instance_count`] and [`launch_templates`]: single questions about a cluster.

mod api_endpoint;
pub mod clients;
mod credentials;
mod direct;
pub mod error;
mod groups;
mod json_call;
mod launch_templates;
pub mod lookup;
mod request_log;
mod s3;
mod s3_error;
mod snapshot;
mod ssm;
mod teardown;
mod trust;

pub use api_endpoint::api_load_balancer;
pub use clients::Clients;
pub use direct::DirectCloud;
pub use groups::{ClusterGroups, instance_count};
pub use launch_templates::{LaunchData, launch_templates};
pub use s3::{S3, S3Access, S3Store};
pub use teardown::ClusterResources;
