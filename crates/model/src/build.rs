//! The model as a whole: every builder, in the order of the data.

use super::addons::{self, AddonsError};
use super::{Context, Graph, GraphError, Lifecycles, ManagedFile, Text, control_plane};
use crate::aws::{
    autoscaling, dns, etcd_volumes, iam, load_balancer, network, node_termination, security_groups, ssh_key,
    unsupported,
};
use crate::defaults::{self, DefaultsError};
use crate::nodeup;
use kopsform_diagnostics::Explain;

/// Why the model could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Two things have one name, or something cannot be expressed.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The completed spec cannot be written.
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
    /// A manifest cannot be made.
    #[error(transparent)]
    Addons(#[from] AddonsError),
}

impl Explain for BuildError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Graph(error) => error.hints(),
            Self::Defaults(error) => error.hints(),
            Self::Addons(error) => error.hints(),
        }
    }
}

/// Builds everything a cluster consists of. All references of the graph lead to its nodes, and none in a circle.
///
/// # Errors
/// When something the specs ask for cannot be expressed; the error names it.
pub fn build(context: &Context<'_>, lifecycles: Lifecycles) -> Result<Graph, BuildError> {
    let mut graph = Graph::new(context.name(), context.region(), lifecycles);
    graph.export_of_cluster("cluster_name", context.cluster_name())?;
    graph.export_of_cluster("region", Text::from(context.region()))?;
    unsupported::check(context)?;
    for builder in BUILDERS {
        builder(context, &mut graph)?;
    }
    for file in managed_files(context)? {
        graph.add_file(context, file)?;
    }
    graph.order()?;
    Ok(graph)
}

/// Runs the builders that need no keys, for specs that are not stored yet: all but what instances read at boot.
///
/// # Errors
/// When something the specs ask for cannot be expressed; the error names it.
pub fn rehearse(context: &Context<'_>) -> Result<(), GraphError> {
    let mut graph = Graph::new(context.name(), context.region(), Lifecycles::default());
    unsupported::check(context)?;
    let without_keys = [
        network::build,
        security_groups::build,
        load_balancer::build,
        dns::build,
        iam::build,
        etcd_volumes::build,
        node_termination::build,
    ];
    without_keys.iter().try_for_each(|builder: &Builder| builder(context, &mut graph))
}

/// A part of the model.
type Builder = fn(&Context<'_>, &mut Graph) -> Result<(), GraphError>;

/// The parts of the model. Their order has no meaning for the result.
const BUILDERS: [Builder; 9] = [
    network::build,
    security_groups::build,
    load_balancer::build,
    dns::build,
    iam::build,
    ssh_key::build,
    autoscaling::build,
    etcd_volumes::build,
    node_termination::build,
];

/// The files instances and the cluster read, and the documents about the issuer of tokens.
fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, BuildError> {
    let mut files = vec![defaults::completed_spec_file(context.cluster)?];
    files.extend(control_plane::managed_files(context).map_err(GraphError::from)?);
    files.extend(nodeup::managed_files(context).map_err(GraphError::from)?);
    files.extend(addons::managed_files(context)?);
    files.extend(iam::issuer_documents(context).map_err(GraphError::from)?);
    for file in &mut files {
        file.content = context.kept(&file.name, std::mem::take(&mut file.content));
    }
    Ok(files)
}
