//! Kubeconfig files.
//!
//! - [`paths`], [`current_cluster`] and [`has_context`] read the files that kubectl reads.
//! - [`Kubeconfig`] changes them: it puts in the [`Entry`] that `export kubeconfig` makes, and removes those of a deleted cluster.

mod config;
mod entry;
mod files;

pub use config::{ConfigError, Kubeconfig, differences};
pub use entry::{Entry, Login};
pub use files::*;
