//! From the completed spec and the facts to what shall exist. Pure: no clock, no randomness, no network.
//!
//! Builders take a [`Context`] and add typed [`resources`] to a [`Graph`]; what one resource needs of another is a
//! [`Reference`], never a text. Names and tags are made in [`names`] and [`tags`] only.

mod context;
mod graph;
mod keysets;
mod lifecycle;
mod managed_file;
pub mod names;
pub mod resources;
pub mod tags;
mod value;

pub use context::*;
pub use graph::*;
pub use keysets::*;
pub use lifecycle::*;
pub use managed_file::*;
pub use value::*;
