//! The graph as Terraform.
//!
//! [`render`] turns a [`Graph`](kopsform_model::Graph) into files, [`write()`] puts them into a directory. In between:
//!
//! - `select`: what lifecycles leave out, what becomes a `resource` or a `data` block, and whose addresses clash;
//! - `block`: the trait that each kind of resource implements, and the body that arguments are set on;
//! - `aws`: the implementations, a file a group of resources;
//! - `renderer`: what references print as, and the data files that blocks read;
//! - `naming`, `module`: names and strings as kops writes them, or so that one module serves several clusters;
//! - `providers`, [`layout`], [`format`]: provider blocks, the files of the output, HCL that `terraform fmt` leaves alone;
//! - [`manifest`]: which files of a directory are ours;
//! - `differences`: what writing would change there.
//!
//! A new kind of resource needs an implementation of `Block` and an entry in the list of `blocks!`; the compiler names both.
//! How Terraform expresses something (`-1` for all protocols, numbers as strings, content in files, provider
//! aliases) stays in this crate.

mod aws;
mod block;
mod differences;
mod error;
pub mod format;
mod hcl_expr;
pub mod layout;
pub mod manifest;
mod module;
mod naming;
mod options;
mod providers;
mod render;
mod renderer;
mod select;
mod write;

pub use differences::{Change, differences};
pub use error::RenderError;
pub use options::{Layout, ManagedFiles, Options, ProviderBlocks};
pub use render::{Output, render};
pub use write::{ForeignFiles, WriteError, WriteSummary, changes_addresses, check, recover, write};
