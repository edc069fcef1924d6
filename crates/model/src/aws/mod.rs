//! What a cluster consists of in AWS: its resources, the builders that add them to the graph, names and tags.

pub mod autoscaling;
pub mod dns;
pub mod etcd_volumes;
pub(crate) mod group_tags;
pub mod iam;
pub(crate) mod launch_template;
pub mod load_balancer;
mod names;
pub mod network;
pub mod node_termination;
mod references;
pub mod resources;
pub mod security_groups;
pub mod ssh_key;
pub mod tags;
pub(crate) mod unsupported;
