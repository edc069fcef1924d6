//! Graphs for tests.

use kopsform_model::aws::{iam, load_balancer, network, node_termination, security_groups};
use kopsform_model::fixture::Fixture;
use kopsform_model::{Context, Graph, GraphError};

fn builders(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    graph.export_of_cluster("cluster_name", context.cluster_name())?;
    for builder in [network::build, security_groups::build, load_balancer::build, iam::build, node_termination::build] {
        builder(context, graph)?;
    }
    Ok(())
}

/// The parts of a cluster that need no keys.
pub fn graph(fixture: &Fixture) -> Graph {
    fixture.build(builders).unwrap_or_default()
}
