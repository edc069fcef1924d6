//! Target direct: the resource graph against what exists in the cloud.
//!
//! In the order of the data:
//!
//! - [`desired`] turns a [`Graph`](kopsform_model::Graph) into [`Task`]s, one for each thing that kops creates, compares and
//!   names by itself: fields with values, what they refer to, and whether each may be changed in place;
//! - a [`Cloud`] finds what exists for them, as [`Found`] objects with the same fields;
//! - [`diff()`] compares both. It is pure, and a field that cannot be changed is an error before anything is written;
//! - [`preview`] shows a [`Plan`] as kops does, [`report`] as JSON;
//! - [`apply()`] makes the changes through the [`Cloud`], side by side within their dependencies.
//!
//! Nothing here knows an SDK: `kopsform-aws` implements [`Cloud`] for AWS, and the program adds the files of the state store.
//!
//! # A new kind of task
//!
//! A line in [`TaskKind`], its fields in [`desired`], and an arm in each implementation of [`Cloud`]; the compiler names what
//! is missing.

mod apply;
pub mod desired;
mod diff;
mod found;
mod ids;
pub mod placeholders;
mod ports;
pub mod preview;
pub mod report;
mod task;
#[cfg(test)]
mod tests;
mod text_diff;
mod value;

pub use apply::{ApplyError, ApplyOptions, ApplyReport, Event, Failure, Observer, State, Stop, apply};
pub use diff::{Action, Change, Deletion, FieldChange, Plan, Refusal, RefusedError, diff};
pub use found::{Found, Object, Residue, When};
pub use ids::{Attribute, Attributes, Ids};
pub use ports::{Cloud, CloudError, Operation, internal, unchanged};
pub use task::{Expected, Field, OnChange, Task, TaskId, TaskKind};
pub use value::{Reference, Subnetwork, Value};
