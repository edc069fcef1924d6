//! kubeconfig files: reading the current context, and writing the entries of `export kubeconfig`.
//!
//! - [`paths`], [`current_cluster`] and [`has_context`] read the files that kubectl reads.
//! - [`Kubeconfig`] changes them under kubectl's locks; [`Entry`] is what it writes for one cluster.

mod config;
mod entry;
mod files;

pub use config::{ConfigError, Kubeconfig};
pub use entry::{Entry, Login};
pub use files::*;
