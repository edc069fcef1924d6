//! From the completed spec and the facts to everything a cluster consists of. Pure: no clock, no randomness, no network.
//!
//! In the order of the data:
//!
//! - [`defaults`] completes the specs; [`facts`] is what only the cloud knows: images, zones, networks, hashes;
//! - [`Context`] is what every builder gets: completed specs, facts, keys, environment;
//! - the builders of a cloud ([`aws`], [`gce`]) add resources to a [`Graph`]; names and tags are made in `aws::names`,
//!   [`aws::tags`] and `gce::names` only;
//! - [`nodeup`], [`control_plane`] and [`addons`] make the files that instances and the cluster read, as [`ManagedFile`]s;
//! - [`build()`] runs all of these and checks the graph.
//!
//! # The graph
//!
//! A [`Graph`] describes the cloud, not a notation for it. A [`Node`] is a [`Resource`] (a plain struct such as
//! [`aws::resources::Vpc`]) with its lifecycle and its presence: the cluster's own, or existing already. Nodes go by
//! [`NodeId`], which is a [`Kind`] and the name of kops' task. Resources refer to nodes by [`Ref`], or by [`In`] where the
//! spec may name something that exists outside of the graph. Strings that hold the cluster's name are [`Text`]s, which keep
//! that part apart. What others need to know of a cluster is an [`Export`].
//!
//! # A new target
//!
//! A target (Terraform, CloudFormation, API calls) takes a [`Graph`] and needs no other part of this crate:
//!
//! 1. Walk [`Graph::order`] (or [`Graph::nodes`] where order has no meaning) and decide by [`Node::lifecycle`] and
//!    [`Node::presence`] what to do with each node. No node is left out for any target: `Ignore` is in the graph, too.
//! 2. Implement a trait of the target for each kind of resource, and dispatch on [`Resource`] with a `match` without a
//!    wildcard, so that the compiler names what is missing. `kopsform-terraform`'s `Block` is an example.
//! 3. Which attribute of a referenced resource is needed (an id, an ARN, a name) is for the target to know, and so is
//!    what it cannot express: that is an error of the target that names the node.
//!
//! # A new kind of resource
//!
//! A struct in `aws::resources` or `gce::resources` in the `resource!` macro, which collects the references of its fields, and a line in the
//! list of `graph::kind`. The compiler then names each target that lacks it.

pub mod addons;
pub mod assets;
pub mod aws;
mod build;
mod context;
pub mod control_plane;
pub mod defaults;
pub mod facts;
pub mod fixture;
pub mod gce;
pub mod graph;
mod images;
mod keysets;
mod lifecycle;
mod managed_file;
pub mod nodeup;
mod text;

pub use build::*;
pub use context::*;
pub use graph::{
    Attribute, Export, Exported, Graph, GraphError, In, Kind, Kinded, Node, NodeId, Platform, Presence, Ref,
    References, Resource, Value,
};
pub use images::*;
pub use keysets::*;
pub use lifecycle::*;
pub use managed_file::*;
pub use text::{Part, Text};
