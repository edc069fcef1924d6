//! kubectl's configuration: which cluster is current, and the entries that `export kubeconfig` makes.

mod config;
mod entry;
mod files;

pub use config::{ConfigError, Kubeconfig};
pub use entry::{Entry, Login};
pub use files::*;
