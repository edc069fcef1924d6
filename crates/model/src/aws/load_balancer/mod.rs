//! Load balancers in front of the API and of bastions, with their security groups, rules and DNS records.

mod api;
mod api_rules;
mod bastion;
mod subnets;
mod targets;
#[cfg(test)]
mod tests;

use crate::Context;
use crate::{Graph, GraphError};

/// The name prefix of the API's load balancer.
pub const API: &str = "api";
/// The name prefix of the bastions' load balancer.
pub const BASTION: &str = "bastion";

/// Adds the load balancers a cluster asks for.
///
/// # Errors
/// When the spec asks for what does not exist, or a lifecycle forbids what is needed.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if let Some(spec) = context.cluster.api_load_balancer() {
        api::build(context, graph, spec)?;
        api_rules::build(context, graph, spec)?;
    }
    bastion::build(context, graph)
}
