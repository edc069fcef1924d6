//! AWS' resources as blocks of the `aws` provider, grouped as in the model.

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

pub use network::vpc_ipv6_prefix_length;
