//! The graph as Terraform: values, blocks, formatting, files.
//!
//! [`render`] turns a [`Graph`](kopsform_model::Graph) into files, [`write()`] puts them into a directory.
//!
//! - [`expression`]: values of the model as HCL expressions;
//! - [`format`]: HCL as text that `terraform fmt` leaves alone;
//! - [`layout`]: which block goes into which file;
//! - [`manifest`]: which files of a directory are ours;
//! - `naming`, `module`: how a module does for several clusters.

pub mod expression;
pub mod format;
pub mod layout;
pub mod manifest;
mod module;
mod naming;
mod options;
mod providers;
mod render;
mod write;

pub use options::{Layout, Options, ProviderBlocks};
pub use render::{Output, render};
pub use write::{WriteError, WriteSummary, write};
