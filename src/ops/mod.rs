//! What the commands do, one file an operation, without clap.

pub mod facts;
pub mod lock;
pub mod prepare;
pub mod update_cluster;
