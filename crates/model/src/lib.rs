//! From the completed spec and the facts to what shall exist. Pure: no clock, no randomness, no network.
//!
//! Builders take a [`Context`] and add typed [`resources`] to a [`Graph`]; what one resource needs of another is a
//! [`Reference`], never a text. Names and tags are made in [`names`] and [`tags`] only.

pub mod addons;
pub mod assets;
pub mod autoscaling;
mod build;
mod context;
pub mod control_plane;
pub mod defaults;
pub mod dns;
pub mod etcd_volumes;
pub mod facts;
pub mod fixture;
mod graph;
mod group_tags;
pub mod iam;
mod images;
mod keysets;
mod launch_template;
mod lifecycle;
pub mod load_balancer;
mod managed_file;
mod names;
pub mod network;
pub mod node_termination;
pub mod nodeup;
mod references;
pub mod resources;
pub mod security_groups;
pub mod ssh_key;
mod subnets;
pub mod tags;
mod unsupported;
mod value;

pub use build::*;
pub use context::*;
pub use graph::*;
pub use images::*;
pub use keysets::*;
pub use lifecycle::*;
pub use managed_file::*;
pub use value::*;
