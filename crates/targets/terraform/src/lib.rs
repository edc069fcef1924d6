//! The graph as Terraform.
//!
//! [`render`] turns a [`Graph`](kopsform_model::Graph) into files, [`write()`] puts them into a directory. In between:
//!
//! - `select`: what lifecycles leave out, what becomes a `resource` or a `data` block, and whose addresses clash;
//! - `block`: the trait that each kind of resource implements, and the body that arguments are set on;
//! - `aws`, `google`: the implementations, a file a group of resources;
//! - `renderer`: what references print as, and the data files that blocks read;
//! - `naming`: names and strings as kops writes them, or without the cluster's name;
//! - `readable`, `module`: the layouts for readers, with `for_each` where resources repeat;
//! - `protect`, `version`: what Terraform must not destroy, and constraints on versions;
//! - `providers`, [`layout`], [`format`]: provider blocks, the files of the output, HCL that `terraform fmt` leaves alone;
//! - [`manifest`]: which files of a directory are ours, and at which addresses their resources are;
//! - `differences`: what writing would change there;
//! - `kept`: files of a directory that mean the same as new ones stay as they are;
//! - `previous`, [`guard`], [`moves`], `keep_state`: what a directory had before, what a change of it would replace, and how state
//!   follows to new addresses; `identity` names resources the same in all layouts.
//!
//! [`resolve`] undoes what layouts do for readers, [`changes`] says what Terraform would do to get from one result to another, [`plan`] checks what it plans to do.
//!
//! A new kind of resource needs an implementation of `Block` and an entry in the list of `blocks!`; the compiler names both.
//! How Terraform expresses something (`-1` for all protocols, numbers as strings, content in files, provider
//! aliases) stays in this crate.

mod aws;
mod block;
pub mod changes;
mod differences;
mod error;
pub mod format;
mod google;
pub mod guard;
mod hcl_expr;
mod identity;
mod keep_state;
mod kept;
pub mod layout;
pub mod manifest;
mod module;
pub mod moves;
mod naming;
mod options;
pub mod plan;
mod previous;
mod protect;
mod providers;
mod readable;
mod render;
mod renderer;
pub mod resolve;
mod select;
#[cfg(test)]
mod testing;
mod version;
mod write;

pub use differences::differences;
pub use error::RenderError;
pub use keep_state::{StateError, StateOptions, keep_state};
pub use kept::{Equivalence, keep_files, previous_files};
pub use kopsform_files::{Change, ForeignFiles};
pub use moves::Moves;
pub use options::{Layout, ManagedFiles, Options, Protected, ProviderBlocks};
pub use previous::{Previous, previous, single_addresses};
pub use render::{Output, render};
pub use renderer::DATA_DIRECTORY;
pub use version::{VersionConstraint, VersionError};
pub use write::{WriteError, WriteSummary, check, recover, write};
