//! What a cluster exports: ids and names that other configurations use.

use super::kind::Kinded;
use super::reference::{In, NodeId, Ref};
use crate::Text;
use crate::aws::resources::{IamRole, OidcProvider, Vpc};

/// An export: one value, or several without order or repetition.
#[derive(Debug, Clone, PartialEq)]
pub enum Export {
    /// One value.
    Single(Exported),
    /// Several values.
    List(Vec<Exported>),
}

/// A value of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The node that the value is about; a target that leaves the node out leaves the value out. `None` for what is about
    /// the cluster as a whole.
    pub node: Option<NodeId>,
    /// The value.
    pub value: Value,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Known before the run.
    Text(Text),
    /// An attribute of a node, known once the node exists.
    Attribute(NodeId, Attribute),
}

/// An exported attribute of a resource. The methods of [`Ref`] make it, which know the attributes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// What the cloud calls it: `vpc-…`, or the name where names identify.
    Id,
    /// The Amazon resource name.
    Arn,
    /// The name.
    Name,
    /// The IPv4 network of a VPC, `10.0.0.0/16`.
    Ipv4Cidr,
    /// The IPv6 network of a VPC; empty where it has none.
    Ipv6Cidr,
    /// The bits of the prefix of a VPC's IPv6 network; null where it has none.
    Ipv6PrefixLength,
}

impl<T: Kinded> Ref<T> {
    /// Its id.
    pub fn id(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Id)
    }
}

impl Ref<Vpc> {
    /// Its IPv4 network.
    pub fn ipv4_cidr(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Ipv4Cidr)
    }

    /// Its IPv6 network.
    pub fn ipv6_cidr(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Ipv6Cidr)
    }

    /// The bits of the prefix of its IPv6 network.
    pub fn ipv6_prefix_length(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Ipv6PrefixLength)
    }
}

impl Ref<IamRole> {
    /// Its ARN.
    pub fn arn(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Arn)
    }

    /// Its name.
    pub fn role_name(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Name)
    }
}

impl Ref<OidcProvider> {
    /// Its ARN.
    pub fn arn(&self) -> Value {
        Value::Attribute(self.node(), Attribute::Arn)
    }
}

impl<T: Kinded> From<&In<T>> for Value {
    fn from(input: &In<T>) -> Self {
        match input {
            In::Existing(id) => Self::Text(id.into()),
            In::Node(node) => node.id(),
        }
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
