//! What a cluster consists of in Google Cloud: its resources, the builders that add them to the graph, and names.
//!
//! Everything is in one project and one region. Groups have a managed instance group in each of their zones.

pub mod accounts;
mod addresses;
pub mod disks;
pub mod files;
pub mod firewall;
mod instance_template;
pub mod load_balancer;
pub mod managed_groups;
mod names;
pub mod network;
pub mod resources;
#[cfg(test)]
mod tests;

pub use addresses::{address_needs, known_addresses};
pub use instance_template::BOOT_SCRIPTS;
pub use names::{CLUSTER_LABEL, ETCD_LABEL_PREFIX};
