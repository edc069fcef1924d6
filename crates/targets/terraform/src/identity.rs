//! Identities of resources: `Kind/name`, the same in all layouts and releases.

use super::block::block_type;
use super::naming::plain_label;
use kopsform_model::{Kind, NodeId};

/// The identity of a node.
pub fn identity(id: &NodeId) -> String {
    format!("{:?}/{}", id.kind, id.name)
}

/// The node that an identity names; `None` if it has no kind of this release.
fn node(identity: &str) -> Option<NodeId> {
    let (kind, name) = identity.split_once('/')?;
    let kind = Kind::ALL.iter().copied().find(|known| format!("{known:?}") == kind)?;
    Some(NodeId { kind, name: name.into() })
}

/// Terraform's type of a resource.
pub fn block_type_of(identity: &str) -> Option<&'static str> {
    node(identity).map(|id| block_type(id.kind))
}

/// The address of a resource in the single layout, which is also kops'.
pub fn single_address(identity: &str) -> Option<String> {
    let id = node(identity)?;
    Some(format!("{}.{}", block_type(id.kind), plain_label(&id)))
}
