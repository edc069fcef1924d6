//! The typed API: what people write, what it means and what kops would make of it.

pub mod meta;
pub mod v1alpha2;
