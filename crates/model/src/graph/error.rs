//! Why something cannot be part of the graph, or a graph cannot be used.

use std::fmt;

use super::NodeId;
use crate::aws::iam::IamError;
use crate::nodeup::NodeupError;
use kopsform_diagnostics::Explain;

/// Why something cannot be part of the graph, or a graph cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two resources of one kind have one name.
    #[error("there would be two resources {0}")]
    DuplicateNode(NodeId),
    /// Two exports have one name.
    #[error("two outputs would have the name {0:?}")]
    DuplicateExport(String),
    /// An export is a list for one resource and a single value for another.
    #[error("output {0:?} would be both a list and a single value")]
    MixedExport(String),
    /// References lead nowhere.
    #[error("references lead nowhere: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Dangling(Vec<Dangling>),
    /// Resources need each other in a circle.
    #[error("resources need each other: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Cycle(Vec<NodeId>),
    /// Something the spec asks for cannot be built.
    #[error("{path}: {message}")]
    Unsupported {
        /// The field.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// Roles or policies cannot be made.
    #[error(transparent)]
    Iam(#[from] IamError),
    /// What instances read at boot cannot be made.
    #[error(transparent)]
    Nodeup(#[from] NodeupError),
}

/// A reference to a node that is not in the graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dangling {
    /// The node or the export that refers.
    pub from: String,
    /// What it refers to.
    pub to: NodeId,
}

impl fmt::Display for Dangling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refers to {}", self.from, self.to)
    }
}

impl Explain for GraphError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Nodeup(error) => error.hints(),
            Self::Iam(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
