//! How resources refer to each other.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use super::kind::{Kind, Kinded};
use crate::Text;

/// Identifies a node of the graph. Its order is arbitrary, but always the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// What it is.
    pub kind: Kind,
    /// The name of kops' task: `nodes.a.example.com`.
    pub name: Text,
}

impl fmt::Display for NodeId {
    /// `SecurityGroup/nodes.a.example.com`, as kops writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.task(), self.name)
    }
}

/// A reference to a node of the graph that holds a `T`. It says which resource is meant; which of its attributes is
/// needed in a field (an id, an ARN, a name) is for each target to know.
pub struct Ref<T> {
    name: Text,
    of: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    /// The node of this name.
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), of: PhantomData }
    }

    /// The name of the node.
    pub fn name(&self) -> &Text {
        &self.name
    }
}

impl<T: Kinded> Ref<T> {
    /// The node.
    pub fn node(&self) -> NodeId {
        NodeId { kind: T::KIND, name: self.name.clone() }
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self::new(&self.name)
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T> Eq for Ref<T> {}

impl<T> PartialOrd for Ref<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ref<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({:?})", self.name)
    }
}

/// Something a resource needs: a node of the graph, or what the spec names and the cluster does nothing about.
#[derive(Debug)]
pub enum In<T> {
    /// Exists outside of the graph: its id, or what stands for the id of its kind (a name, an ARN).
    Existing(String),
    /// A node of the graph.
    Node(Ref<T>),
}

impl<T> In<T> {
    fn key(&self) -> (bool, &str) {
        match self {
            Self::Existing(id) => (false, id),
            Self::Node(node) => (true, node.name()),
        }
    }
}

impl<T> Clone for In<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Existing(id) => Self::Existing(id.clone()),
            Self::Node(node) => Self::Node(node.clone()),
        }
    }
}

impl<T> PartialEq for In<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for In<T> {}

impl<T> PartialOrd for In<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By id, then by the name of the node.
impl<T> Ord for In<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl<T> From<Ref<T>> for In<T> {
    fn from(node: Ref<T>) -> Self {
        Self::Node(node)
    }
}

impl<T> From<String> for In<T> {
    fn from(id: String) -> Self {
        Self::Existing(id)
    }
}

impl<T> From<&str> for In<T> {
    fn from(id: &str) -> Self {
        Self::Existing(id.to_owned())
    }
}

/// Something that may refer to nodes of the graph.
pub trait References {
    /// Adds the nodes it refers to.
    fn references(&self, found: &mut Vec<NodeId>);
}

impl<T: Kinded> References for Ref<T> {
    fn references(&self, found: &mut Vec<NodeId>) {
        found.push(self.node());
    }
}

impl<T: Kinded> References for In<T> {
    fn references(&self, found: &mut Vec<NodeId>) {
        if let Self::Node(node) = self {
            node.references(found);
        }
    }
}

impl<T: References> References for Option<T> {
    fn references(&self, found: &mut Vec<NodeId>) {
        self.iter().for_each(|item| item.references(found));
    }
}

impl<T: References> References for Vec<T> {
    fn references(&self, found: &mut Vec<NodeId>) {
        self.iter().for_each(|item| item.references(found));
    }
}

impl<K, V: References> References for BTreeMap<K, V> {
    fn references(&self, found: &mut Vec<NodeId>) {
        self.values().for_each(|item| item.references(found));
    }
}

/// Types that never refer to nodes.
macro_rules! without_references {
    ($($name:ty),* $(,)?) => {
        $(impl $crate::graph::References for $name {
            fn references(&self, _: &mut Vec<$crate::graph::NodeId>) {}
        })*
    };
}

/// Defines structs that refer to what their fields refer to, so that no field can be forgotten.
macro_rules! resource {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl $crate::graph::References for $name {
                fn references(&self, found: &mut Vec<$crate::graph::NodeId>) {
                    $($crate::graph::References::references(&self.$field, found);)*
                }
            }
        )*
    };
}

pub(crate) use {resource, without_references};

without_references!(String, Text, bool, i64, u16);
