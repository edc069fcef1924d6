//! The implementations of [`Declare`](crate::declare::Declare), a file a group of resources.

mod autoscaling;
mod dns;
mod events;
mod files;
mod iam;
mod launch_template;
mod load_balancers;
mod network;
mod security_groups;
mod storage;

pub use autoscaling::group_label;
