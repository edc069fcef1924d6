//! VPC, subnets, gateways and routes.
//!
//! Everything exists once for the VPC, once for each subnet, or once for each zone that has private subnets (or public
//! ones with IPv6): those get a NAT gateway and a route table of their own.

mod routes;
mod subnets;
#[cfg(test)]
mod tests;
mod vpc;
mod zones;

use crate::Context;
use crate::{Graph, GraphError};
use kopsform_spec::v1alpha2::{Subnet, SubnetType};

/// Adds the network of a cluster.
///
/// # Errors
/// When subnets of one zone contradict each other, a route has no target that Terraform could make, or a lifecycle
/// forbids what is needed.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let gateways = vpc::build(context, graph)?;
    subnets::build(context, graph)?;
    for zone in zones::with_own_routes(context) {
        routes::build(context, graph, &gateways, &zone)?;
    }
    Ok(())
}

/// Whether a subnet's routes are managed outside the cluster.
fn is_unmanaged(subnet: &Subnet) -> bool {
    subnet.egress == "External"
}

/// Whether the subnet exists already.
fn is_shared(subnet: &Subnet) -> bool {
    !subnet.id.is_empty()
}

/// Whether a subnet's instances have no public addresses.
fn is_private(subnet: &Subnet) -> bool {
    matches!(subnet.r#type, Some(SubnetType::Private | SubnetType::DualStack))
}

/// An error about a field of a subnet.
fn subnet_error(context: &Context<'_>, subnet: &Subnet, field: &str, message: impl Into<String>) -> GraphError {
    let index = context.cluster.spec.subnets.iter().position(|s| s.name == subnet.name).unwrap_or_default();
    GraphError::Unsupported { path: format!("spec.subnets[{index}].{field}"), message: message.into() }
}
