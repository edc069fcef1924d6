//! The state store: objects under keys, in S3, in a folder or in memory.
//!
//! Layout and formats are kops' own, so that both tools can share a store. From the bottom up:
//!
//! - [`Store`] is a place for bytes with conditional writes; [`MemoryStore`], [`FileStore`] and `S3Store` are such places,
//!   [`Folder`] is a part of one.
//! - [`StateStore`] is what `--state` names: it lists clusters and opens them.
//! - [`ClusterStore`] knows where everything of one cluster lies and reads it as typed objects.
//! - [`commit`] writes what belongs together, under the cluster's [`Lock`], if nothing of it changed meanwhile.

mod cluster_store;
mod codec;
mod commit;
mod ensure;
mod file;
mod folder;
mod layout;
mod lock;
mod memory;
mod open;
mod store;

pub use cluster_store::*;
pub use codec::*;
pub use commit::*;
pub use ensure::*;
pub use file::FileStore;
pub use folder::Folder;
pub use kopsform_spec::address::{StoreUrl, StoreUrlError};
pub use layout::*;
pub use lock::*;
pub use memory::MemoryStore;
pub use open::*;
pub use store::*;
