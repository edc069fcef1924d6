//! The resources of a cluster in AWS, as AWS sees them.
//!
//! Fields hold meaning, not notation: policies are documents, a port's protocol is an enum, references say which resource
//! is meant and leave it to a target which attribute to print. Lists of ids have no order unless their field says so.

mod autoscaling;
mod dns;
mod events;
mod iam;
mod launch_template;
mod load_balancers;
mod network;
mod security_groups;
mod storage;

pub use autoscaling::*;
pub use dns::*;
pub use events::*;
pub use iam::*;
pub use launch_template::*;
pub use load_balancers::*;
pub use network::*;
pub use security_groups::*;
pub use storage::*;

use crate::Text;

/// Tags by key.
pub type Tags = std::collections::BTreeMap<Text, Text>;
