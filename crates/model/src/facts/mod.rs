//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod hosted_zone;
mod image_owner;
pub mod lock;
mod needs;
mod recorded;
mod zones;

pub use hosted_zone::{HostedZoneError, hosted_zone_holding, hosted_zone_named};
pub use image_owner::image_owner;
pub use lock::LookupError;
pub use needs::*;
pub use recorded::*;
pub use zones::check_zones;
