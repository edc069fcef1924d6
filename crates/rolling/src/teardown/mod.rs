//! The deletion of a cluster's resources in the cloud.
//!
//! A cloud's crate lists the resources and deletes them, as an [`Inventory`]. This module decides which belong to a cluster
//! ([`Ownership`]), in which order they are deleted ([`Order`]), and when to stop trying ([`remove_all`]).

mod engine;
mod google;
mod order;
mod ownership;
mod resource;

pub use engine::{Event, Found, Inventory, Limits, RemoveError, Remover, TeardownError, remove_all};
pub use google::GoogleKind;
pub use order::Order;
pub use ownership::{
    CLUSTER_TAG, Ownership, is_cluster_record, is_own_event_rule, is_own_key_pair, is_own_queue, zone_may_hold,
};
pub use resource::{Key, Kind, Resource, Resources};
