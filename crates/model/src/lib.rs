//! From the completed spec and the facts to what shall exist. Pure: no clock, no randomness, no network.
//!
//! Builders take a [`Context`] and add typed [`resources`] to a [`Graph`]; what one resource needs of another is a
//! [`Reference`], never a text. Names and tags are made in [`names`] and [`tags`] only.

pub mod addons;
pub mod assets;
pub mod aws;
mod build;
mod context;
pub mod control_plane;
pub mod defaults;
pub mod facts;
pub mod fixture;
mod graph;
mod images;
mod keysets;
mod lifecycle;
mod managed_file;
pub mod nodeup;
mod value;

pub use build::*;
pub use context::*;
pub use graph::*;
pub use images::*;
pub use keysets::*;
pub use lifecycle::*;
pub use managed_file::*;
pub use value::*;
