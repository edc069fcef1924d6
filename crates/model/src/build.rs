//! The model as a whole: every builder, in the order of the data.

use super::addons::{self, AddonsError};
use super::{Context, Graph, GraphError, Lifecycles, ManagedFile, Platform, Text, control_plane};
use crate::aws::iam::issuer_documents;
use crate::aws::unsupported;
use crate::defaults::{self, DefaultsError};
use crate::{aws, gce, nodeup};
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
    let mut graph = empty(context, lifecycles);
    graph.export_of_cluster("cluster_name", context.cluster_name())?;
    graph.export_of_cluster("region", Text::from(context.region()))?;
    if let Platform::Google { project } = graph.platform.clone() {
        graph.export_of_cluster("project", Text::from(project))?;
    }
    unsupported::check(context)?;
    let Builders { without_keys, with_keys } = builders(context);
    for builder in without_keys.iter().chain(with_keys) {
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
    let mut graph = empty(context, Lifecycles::default());
    unsupported::check(context)?;
    builders(context).without_keys.iter().try_for_each(|builder: &Builder| builder(context, &mut graph))
}

fn empty(context: &Context<'_>, lifecycles: Lifecycles) -> Graph {
    let graph = Graph::new(context.name(), context.region(), lifecycles);
    match context.cluster.is_on_gce() {
        true => graph.on(Platform::Google { project: context.project().to_owned() }),
        false => graph,
    }
}

/// A part of the model.
type Builder = fn(&Context<'_>, &mut Graph) -> Result<(), GraphError>;

/// The parts of the model of a cloud. Their order has no meaning for the result.
struct Builders {
    without_keys: &'static [Builder],
    /// Those that make what instances read at boot.
    with_keys: &'static [Builder],
}

const AWS: Builders = Builders {
    without_keys: &[
        aws::network::build,
        aws::security_groups::build,
        aws::load_balancer::build,
        aws::dns::build,
        aws::iam::build,
        aws::etcd_volumes::build,
        aws::node_termination::build,
    ],
    with_keys: &[aws::ssh_key::build, aws::autoscaling::build],
};

const GCE: Builders = Builders {
    without_keys: &[
        gce::network::build,
        gce::firewall::build,
        gce::load_balancer::build,
        gce::accounts::build,
        gce::disks::build,
        gce::files::check_discovery_store,
        gce::managed_groups::check,
    ],
    with_keys: &[gce::managed_groups::build],
};

fn builders(context: &Context<'_>) -> Builders {
    if context.cluster.is_on_gce() { GCE } else { AWS }
}

/// The files instances and the cluster read, and the documents about the issuer of tokens.
fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, BuildError> {
    let mut files = vec![defaults::completed_spec_file(context.cluster)?];
    files.extend(control_plane::managed_files(context).map_err(GraphError::from)?);
    files.extend(nodeup::managed_files(context).map_err(GraphError::from)?);
    files.extend(addons::managed_files(context)?);
    files.extend(issuer_documents(context).map_err(GraphError::from)?);
    for file in &mut files {
        file.content = context.kept(&file.name, std::mem::take(&mut file.content));
    }
    Ok(files)
}
