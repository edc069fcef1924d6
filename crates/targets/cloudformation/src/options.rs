//! The form of the output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Over how many stacks a cluster is spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Nesting {
    /// One, unless a template cannot hold it.
    #[default]
    Auto,
    /// A nested stack for each part: network, security, IAM, volumes, load balancers, events, instance groups.
    Always,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Over how many stacks a cluster is spread.
    pub nesting: Nesting,
}
