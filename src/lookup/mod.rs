//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod facts;
pub mod lock;
mod needs;

pub use facts::*;
pub use lock::LookupError;
pub use needs::*;
