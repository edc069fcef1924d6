//! What several operations share: reading their inputs, completing specs, and planning what to store.

pub mod channel;
pub mod default_errors;
pub mod differences;
pub mod documents;
pub(super) mod equivalence;
pub mod facts;
pub mod github;
pub(super) mod immutable_defaults;
pub mod ownership;
pub mod planned_write;
pub mod prepare;
pub mod specs;
pub mod stored_metadata;
pub mod stores;
pub mod uploads;
pub(super) mod warnings;
