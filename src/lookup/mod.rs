//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod facts;
#[cfg(feature = "aws")]
pub mod live;
pub mod lock;
mod needs;

pub use facts::*;
pub use lock::LookupError;
pub use needs::*;
