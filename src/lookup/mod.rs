//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod facts;
mod hosted_zone;
mod image_owner;
#[cfg(feature = "aws")]
pub mod live;
pub mod lock;
mod needs;
mod zones;

pub use facts::*;
pub use hosted_zone::{HostedZoneError, hosted_zone_holding, hosted_zone_named};
pub use image_owner::image_owner;
pub use lock::LookupError;
pub use needs::*;
pub use zones::check_zones;
