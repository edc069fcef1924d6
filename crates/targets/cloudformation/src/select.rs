//! Which nodes of a graph are written, by their lifecycle and presence.

use std::collections::BTreeSet;

use crate::error::RenderError;
use kopsform_model::{Graph, Kind, Lifecycle, ManagedFile, Node, NodeId, Presence, Resource};

/// What is made of a graph.
#[derive(Debug, Default)]
pub struct Selection<'a> {
    /// Nodes that this run takes care of, written or not.
    kept: BTreeSet<&'a NodeId>,
    /// Those that the cluster makes.
    managed: BTreeSet<&'a NodeId>,
    /// Files of the state store, which the command writes.
    pub uploads: Vec<ManagedFile>,
    /// `Task/name` of what is left out because it should exist already.
    pub assumed: BTreeSet<String>,
}

impl<'a> Selection<'a> {
    /// Sorts the nodes of a graph out.
    ///
    /// # Errors
    /// When a node must be looked up.
    pub fn of(graph: &'a Graph) -> Result<Self, RenderError> {
        let mut selection = Self::default();
        for (id, node) in graph.nodes() {
            if !selection.wants(id, node)? {
                continue;
            }
            selection.kept.insert(id);
            if let Resource::ManagedFile(file) = &node.resource {
                selection.uploads.push((**file).clone());
            }
            if node.presence == Presence::Managed {
                selection.managed.insert(id);
            }
        }
        Ok(selection)
    }

    /// Whether this run takes care of a node; exports of others are left out.
    pub fn keeps(&self, id: &NodeId) -> bool {
        self.kept.contains(id)
    }

    /// Whether a node is in the template, or exists already.
    pub fn is_declared(&self, id: &NodeId) -> bool {
        self.kept.contains(id)
    }

    /// Whether a node is in the template.
    pub fn is_managed(&self, id: &NodeId) -> bool {
        self.managed.contains(id)
    }

    fn wants(&mut self, id: &NodeId, node: &Node) -> Result<bool, RenderError> {
        if id.kind == Kind::HostedZone {
            // The zone itself is never written; its association has the same task.
            return Ok(true);
        }
        let task = node.resource.task();
        match node.lifecycle {
            Lifecycle::Sync | Lifecycle::WarnIfInsufficientAccess => Ok(true),
            Lifecycle::Ignore => Ok(false),
            Lifecycle::ExistsAndValidates => Err(RenderError::MustExist { task, name: id.name.to_string() }),
            Lifecycle::ExistsAndWarnIfChanges => {
                self.assumed.insert(format!("{task}/{}", id.name));
                Ok(false)
            }
        }
    }
}
