//! Where resources are in readable layouts: in a block of their own, or in one block for several with `for_each`.

use std::collections::BTreeMap;

use crate::block::{block_type, place};
use crate::naming::{label_of, plain_label, short_name};
use kopsform_model::{Graph, Kind, NodeId};

/// The label of instances that need no other one.
pub const CLUSTER: &str = "cluster";
/// The block of all groups of the control plane, which differ in little.
pub const CONTROL_PLANE: &str = "control_plane";

/// Where a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a block of its own, with this label.
    Own(String),
    /// In a block for several.
    Each {
        /// The label of the block.
        label: String,
        /// The key of this one, unique in the block.
        key: String,
    },
}

impl Place {
    /// An instance of a block for several.
    pub fn each(label: &str, key: impl Into<String>) -> Self {
        Self::Each { label: label.to_owned(), key: key.into() }
    }

    /// The label of the block.
    pub fn label(&self) -> &str {
        match self {
            Self::Own(label) => label,
            Self::Each { label, .. } => label,
        }
    }

    /// The key in a block for several.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Own(_) => None,
            Self::Each { key, .. } => Some(key),
        }
    }

    /// What the data files of the resource are called after.
    pub fn file_stem(&self) -> &str {
        self.key().unwrap_or_else(|| self.label())
    }
}

/// Nodes by type, label and key.
type ByPlace<'a> = BTreeMap<(&'static str, String, Option<String>), Vec<(&'a NodeId, Place)>>;

/// Where all nodes of a graph are. This depends on the kind and the name of a node alone, so that other resources don't move
/// it; only where two would meet do both keep the cluster's name.
pub fn places(graph: &Graph) -> BTreeMap<NodeId, Place> {
    let mut by_place: ByPlace<'_> = BTreeMap::new();
    let mut shared: BTreeMap<(&str, String), bool> = BTreeMap::new();
    let mut stems: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (id, node) in graph.nodes() {
        let place = match place(&node.resource, &short_name(&id.name)) {
            Place::Own(label) => Place::Own(label_of(&label)),
            each => each,
        };
        let kind = block_type(id.kind);
        let is_each = place.key().is_some();
        *shared.entry((kind, place.label().to_owned())).or_default() |= is_each;
        if has_files(id.kind) {
            *stems.entry((kind, place.file_stem().replace('/', "--"))).or_default() += 1;
        }
        let at = (kind, place.label().to_owned(), place.key().map(str::to_owned));
        by_place.entry(at).or_default().push((id, place));
    }
    let mut places = BTreeMap::new();
    for ((kind, label, _), nodes) in by_place {
        for (id, place) in &nodes {
            let stem = (kind, place.file_stem().replace('/', "--"));
            // A label is that of one block, and a data file belongs to one resource.
            let clashes = nodes.len() > 1
                || stems.get(&stem).is_some_and(|count| *count > 1)
                || place.key().is_none() && shared.get(&(kind, label.clone())) == Some(&true);
            let place = match place {
                Place::Own(_) if clashes => Place::Own(plain_label(id)),
                Place::Each { label, .. } if clashes => Place::Each { label: label.clone(), key: id.name.to_string() },
                place => place.clone(),
            };
            places.insert((*id).clone(), place);
        }
    }
    places
}

/// Whether resources of a kind have data files.
fn has_files(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::IamRole
            | Kind::IamRolePolicy
            | Kind::KeyPair
            | Kind::LaunchTemplate
            | Kind::ManagedFile
            | Kind::EventRule
            | Kind::Queue
            | Kind::InstanceTemplate
            | Kind::BucketObject
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_model::aws::resources::{ElasticIp, RouteTable, Tags};
    use kopsform_model::{Layer, Lifecycles, Ref, Text, text};

    #[test]
    fn resources_that_would_meet_keep_the_clusters_name() {
        let cluster = || Text::cluster_name("a.example.com");
        let mut graph = Graph::new("a.example.com", "us-east-1", Lifecycles::default());
        let table = || RouteTable { vpc: Ref::new("x"), tags: Tags::new() };
        for name in [cluster(), "cluster".into(), text!["private-a.", cluster()]] {
            graph.add(Layer::Network, name, table()).unwrap();
        }
        for name in [text!["a.", cluster()], "a".into(), text!["b.", cluster()]] {
            graph.add(Layer::Network, name, ElasticIp { existing: None, tags: Tags::new() }).unwrap();
        }
        let mut places: Vec<Place> = places(&graph).into_values().collect();
        places.sort_by_key(|place| format!("{place:?}"));
        let own = |label: &str| Place::Own(label.to_owned());
        assert_eq!(
            places,
            [
                Place::each("cluster", "a"),
                Place::each("cluster", "a.a.example.com"),
                Place::each("cluster", "b"),
                Place::each("private", "a"),
                own("a-example-com"),
                own("cluster"),
            ]
        );
    }
}
