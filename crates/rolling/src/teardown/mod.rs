//! What is left of a cluster in AWS, and in which order it can go.
//!
//! All of it is pure: [`kopsform_aws`] lists resources and deletes them, here is decided what belongs to a cluster
//! ([`Ownership`]), what must go before what ([`Order`]), and when to give up ([`remove_all`]).

mod engine;
mod order;
mod ownership;
mod resource;

pub use engine::{Event, Limits, RemoveError, Remover, TeardownError, remove_all};
pub use order::Order;
pub use ownership::{CLUSTER_TAG, Ownership, is_cluster_record, is_own_key_pair, zone_may_hold};
pub use resource::{Key, Kind, Resource, Resources};
