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
//! - [`manifest`]: which files of a directory are ours.
//!
//! [`resolve`] undoes what layouts do for readers, [`changes`] says what Terraform would do to get from one result to another, [`plan`] checks what it plans to do.
//!
//! A new kind of resource needs an implementation of `Block` and an entry in the list of `blocks!`; the compiler names both.
//! How Terraform expresses something (`-1` for all protocols, numbers as strings, content in files, provider
//! aliases) stays in this crate.

mod aws;
mod block;
pub mod changes;
mod error;
pub mod format;
mod hcl_expr;
pub mod layout;
pub mod manifest;
mod module;
mod naming;
mod options;
pub mod plan;
mod providers;
mod render;
mod renderer;
pub mod resolve;
mod select;
mod write;

pub use error::RenderError;
pub use options::{Layout, ManagedFiles, Options, ProviderBlocks};
pub use render::{Output, render};
pub use renderer::DATA_DIRECTORY;
pub use write::{ForeignFiles, WriteError, WriteSummary, changes_addresses, check, recover, write};
