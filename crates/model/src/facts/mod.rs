//! Facts: what only the cloud and download servers know, looked up live or recorded in `kopsform.lock`. Here they are plain data;
//! looking them up is the job of `kopsform-aws`, `kopsform-gce` and of ops.
//!
//! - `needs`: which facts a cluster and its groups need, [`Needs`];
//! - `recorded`: the facts, [`Facts`];
//! - [`built_in`]: facts that do not change, for runs without network;
//! - [`lock`]: the lock file, and the error where facts are missing;
//! - `contradictions`: specs against facts;
//! - `gce`: needs and facts of Google Cloud;
//! - `hosted_zone`: the hosted zone that a spec means;
//! - `image_owner`: AWS accounts of well-known image owners;
//! - `zones`: checks the zones of subnets.

pub mod built_in;
mod contradictions;
mod gce;
mod hosted_zone;
mod image_owner;
pub mod lock;
mod needs;
mod recorded;
mod zones;

pub use contradictions::{contradictions, unknown_zones};
pub use gce::*;
pub use hosted_zone::{HostedZoneError, hosted_zone_holding, hosted_zone_named};
pub use image_owner::image_owner;
pub use lock::LookupError;
pub use needs::*;
pub use recorded::*;
pub use zones::check_zones;
