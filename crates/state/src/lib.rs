//! The state store: objects under keys, in S3, in a directory or in memory.
//!
//! Layout and formats are kops' own, so that both tools can share a store. From the bottom up:
//!
//! - [`Store`] holds bytes under keys, with conditional writes. [`MemoryStore`] and [`FileStore`] are here, object storage comes
//!   from the crate of its cloud through [`ObjectStorage`]; [`Below`] is a part of a store. Stores that are opened by their
//!   address log each operation, and keep copies of specs in object storage in a [`Cache`].
//! - [`StateStore`] is what `--state` names: it lists clusters and opens them.
//! - [`ClusterStore`] knows where everything of one cluster lies and reads it as typed objects; [`layout`](is_known_key) names
//!   the keys.
//! - [`commit`] writes objects that belong together, under the cluster's [`Lock`], if none of them changed since it was read.
//!   [`plan_keys`] makes the keysets and secrets that a cluster lacks. A [`Preview`] is a store as it will be once planned writes
//!   are made.
//!
//! Objects that kops does not know: `.kopsform/<cluster>/lock` (here) and the journals of rolling updates.

mod below;
mod cache;
mod cluster_store;
mod codec;
mod commit;
mod ensure;
mod file;
mod layout;
mod lock;
mod logged;
mod memory;
mod open;
mod preview;
mod process;
mod public_keysets;
mod snapshot;
mod store;
mod target;

pub use below::Below;
pub use cache::Cache;
pub use cluster_store::*;
pub use codec::*;
pub use commit::*;
pub use ensure::*;
pub use file::FileStore;
pub use kopsform_spec::address::{StoreUrl, StoreUrlError};
pub use layout::*;
pub use lock::*;
pub use memory::MemoryStore;
pub use open::*;
pub use preview::{PlannedContents, Preview};
pub use process::Process;
pub use snapshot::Snapshot;
pub use store::*;
pub use target::{record_target, recorded_target, target_url};
