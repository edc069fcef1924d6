//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod facts;
mod image_owner;
#[cfg(feature = "aws")]
pub mod live;
pub mod lock;
mod needs;

pub use facts::*;
pub use image_owner::image_owner;
pub use lock::LookupError;
pub use needs::*;
