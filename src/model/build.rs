//! The model as a whole: every builder, in the order of the data.

use super::{Context, Graph, GraphError, Lifecycles};
use crate::api::defaults::{self, DefaultsError};
use crate::diagnostics::Explain;

/// Why the model could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Two things have one name, or something cannot be expressed.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The completed spec cannot be written.
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
}

impl Explain for BuildError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Graph(error) => error.hints(),
            Self::Defaults(error) => error.hints(),
        }
    }
}

/// Builds everything a cluster consists of.
///
/// # Errors
/// When something the specs ask for cannot be expressed; the error names it.
pub fn build(context: &Context<'_>, lifecycles: Lifecycles) -> Result<Graph, BuildError> {
    let mut graph = Graph::new(context.name(), lifecycles);
    let mut files = vec![defaults::completed_spec_file(context.cluster)?];
    files.sort_by(|a, b| a.name.cmp(&b.name));
    for file in &files {
        graph.add_file(super::Layer::Cluster, file, context.facts, context.environment)?;
    }
    Ok(graph)
}
