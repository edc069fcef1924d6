//! The desired state, as a graph of the cloud's resources.
//!
//! A [`Node`] is a resource with what a run does about it; it goes by kind and name ([`NodeId`]). Its fields refer to other
//! nodes by [`Ref`] and [`In`]. [`Graph::check`] finds references that lead nowhere, [`Graph::order`] gives an order in which
//! everything comes after what it needs.

mod error;
mod export;
mod kind;
mod order;
pub(crate) mod reference;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub use error::{Dangling, GraphError};
pub use export::{Attribute, Export, Exported, Value};
pub use kind::{Kind, Kinded, Resource};
pub use reference::{In, NodeId, Ref, References};

use crate::{Layer, Lifecycle, Lifecycles, Text};

/// A resource of the cluster, with what a run does about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its desired state.
    pub resource: Resource,
    /// The part of the cluster it belongs to.
    pub layer: Layer,
    /// What a run does with it. The graph holds nodes of every lifecycle: targets decide what to leave out.
    pub lifecycle: Lifecycle,
    /// Whether the cluster makes it.
    pub presence: Presence,
}

/// Whether the cluster makes a resource or finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// The cluster's own: made, changed and removed with it.
    Managed,
    /// Not created by the cluster: read, validated and perhaps tagged, but never created or deleted.
    Existing {
        /// Its id in the cloud; `None` if it was not looked up.
        id: Option<String>,
    },
}

/// The cloud that a graph is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Platform {
    /// AWS. The account is that of the credentials.
    #[default]
    Aws,
    /// Google Cloud.
    Google {
        /// The project everything is in.
        project: String,
    },
}

/// Everything a cluster consists of in its cloud. It does not depend on the order of building.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// The cluster's name, a DNS name.
    pub cluster: String,
    /// The region everything is in.
    pub region: String,
    /// The cloud.
    pub platform: Platform,
    lifecycles: Lifecycles,
    nodes: BTreeMap<NodeId, Node>,
    exports: BTreeMap<String, Export>,
}

impl Graph {
    /// An empty graph.
    pub fn new(cluster: impl Into<String>, region: impl Into<String>, lifecycles: Lifecycles) -> Self {
        Self { cluster: cluster.into(), region: region.into(), lifecycles, ..Self::default() }
    }

    /// The project on Google Cloud; `None` on AWS.
    pub fn project(&self) -> Option<&str> {
        match &self.platform {
            Platform::Aws => None,
            Platform::Google { project } => Some(project),
        }
    }

    /// The same for another cloud.
    #[must_use]
    pub fn on(self, platform: Platform) -> Self {
        Self { platform, ..self }
    }

    /// Adds a resource that the cluster makes.
    ///
    /// # Errors
    /// When there is one of this kind and name.
    pub fn add<T: Kinded>(&mut self, layer: Layer, name: impl Into<Text>, resource: T) -> Result<Ref<T>, GraphError> {
        self.insert(layer, Ref::new(name), resource, Presence::Managed)
    }

    /// Adds a resource that exists already, as the cluster needs it to be.
    ///
    /// # Errors
    /// When there is one of this kind and name.
    pub fn add_existing<T: Kinded>(
        &mut self,
        layer: Layer,
        name: impl Into<Text>,
        resource: T,
        id: Option<String>,
    ) -> Result<Ref<T>, GraphError> {
        self.insert(layer, Ref::new(name), resource, Presence::Existing { id })
    }

    /// Adds a resource that several builders may ask for; asking for the same thing again changes nothing.
    ///
    /// # Errors
    /// When there is another one of this kind and name.
    pub fn ensure<T: Kinded + PartialEq>(
        &mut self,
        layer: Layer,
        name: impl Into<Text>,
        resource: T,
    ) -> Result<Ref<T>, GraphError> {
        let node = Ref::new(name);
        match self.get(&node) {
            Some(present) if *present == resource => Ok(node),
            _ => self.insert(layer, node, resource, Presence::Managed),
        }
    }

    fn insert<T: Kinded>(
        &mut self,
        layer: Layer,
        node: Ref<T>,
        resource: T,
        presence: Presence,
    ) -> Result<Ref<T>, GraphError> {
        let resource = resource.into();
        let lifecycle = self.lifecycles.of(layer, resource.task());
        match self.nodes.entry(node.node()) {
            Entry::Vacant(entry) => {
                entry.insert(Node { resource, layer, lifecycle, presence });
                Ok(node)
            }
            Entry::Occupied(entry) => Err(GraphError::DuplicateNode(entry.key().clone())),
        }
    }

    /// Exports one value that is about a node.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn export<T: Kinded>(
        &mut self,
        node: &Ref<T>,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), GraphError> {
        self.export_single(Some(node.node()), name.into(), value.into())
    }

    /// Exports one value that is about the cluster as a whole.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn export_of_cluster(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), GraphError> {
        self.export_single(None, name.into(), value.into())
    }

    fn export_single(&mut self, node: Option<NodeId>, name: String, value: Value) -> Result<(), GraphError> {
        match self.exports.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Export::Single(Exported { node, value }));
                Ok(())
            }
            Entry::Occupied(entry) => Err(GraphError::DuplicateExport(entry.key().clone())),
        }
    }

    /// Adds a value that is about a node to an export of several; one that is in it already changes nothing.
    ///
    /// # Errors
    /// When the name belongs to an export of one value.
    pub fn export_item<T: Kinded>(
        &mut self,
        node: &Ref<T>,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), GraphError> {
        let (name, item) = (name.into(), Exported { node: Some(node.node()), value: value.into() });
        match self.exports.entry(name.clone()).or_insert_with(|| Export::List(Vec::new())) {
            Export::Single(_) => Err(GraphError::MixedExport(name)),
            Export::List(items) => {
                if !items.contains(&item) {
                    items.push(item);
                }
                Ok(())
            }
        }
    }

    /// All nodes, in the order of their ids.
    pub fn nodes(&self) -> impl Iterator<Item = (&NodeId, &Node)> {
        self.nodes.iter()
    }

    /// A node.
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// Takes a node out. What refers to it leads nowhere from now on.
    pub fn remove(&mut self, id: &NodeId) -> Option<Node> {
        self.nodes.remove(id)
    }

    /// The resource that a reference means.
    pub fn get<T: Kinded>(&self, node: &Ref<T>) -> Option<&T> {
        self.node(&node.node()).and_then(|node| T::from_resource(&node.resource))
    }

    /// The resources of one kind with their names, in the order of these.
    pub fn all<T: Kinded + 'static>(&self) -> impl Iterator<Item = (&Text, &T)> {
        self.nodes.iter().filter_map(|(id, node)| Some((&id.name, T::from_resource(&node.resource)?)))
    }

    /// Exports by name.
    pub fn exports(&self) -> &BTreeMap<String, Export> {
        &self.exports
    }
}

#[cfg(test)]
mod tests;
