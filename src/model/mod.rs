//! From the completed spec and the facts to what shall exist. Pure: no clock, no randomness, no network.

mod context;
mod keysets;
mod managed_file;

pub use context::*;
pub use keysets::*;
pub use managed_file::*;
