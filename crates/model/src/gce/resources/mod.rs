//! The resources of a cluster in Google Cloud, as Google sees them.
//!
//! Fields hold meaning, not notation, as in [`aws::resources`](crate::aws::resources). Names are those in the cloud; the name of a
//! node is that of the resource, except for what has a name of its own in each project or bucket.

mod access;
mod firewall;
mod instances;
mod load_balancers;
mod network;
mod storage;

pub use access::*;
pub use firewall::*;
pub use instances::*;
pub use load_balancers::*;
pub use network::*;
pub use storage::*;

use crate::Text;

/// Labels by key.
pub type Labels = std::collections::BTreeMap<Text, Text>;
