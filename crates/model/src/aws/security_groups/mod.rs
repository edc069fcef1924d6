//! Security groups of instances, and who may reach whom.
//!
//! - [`groups`]: the groups of a role, the cluster's own and those that instance groups bring along;
//! - [`rules`]: what a rule is and how it is called;
//! - `instances`: rules among control plane, nodes and bastions;
//! - `access`: SSH, node ports and the API from outside.
//!
//! Groups and rules of load balancers stand with the load balancers.

mod access;
pub mod groups;
mod instances;
pub mod rules;

use crate::Context;
use crate::{Graph, GraphError};

/// Adds the security groups of control plane and nodes with their rules.
///
/// # Errors
/// When a lifecycle forbids what is needed, or a port range cannot be read.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    instances::build(context, graph)?;
    access::build(context, graph)
}
