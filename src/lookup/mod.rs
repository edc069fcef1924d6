//! Facts from outside: live from AWS and download servers, or recorded in `kopsform.lock`.

mod facts;

pub use facts::*;
