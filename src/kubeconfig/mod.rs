//! kubectl's configuration: which cluster is current, and the entries that `export kubeconfig` makes.

mod files;

pub use files::*;
