//! The typed API: what people write, what it means and what kops would make of it.

pub mod address;
pub mod advice;
pub mod channel;
mod cluster;
pub mod conversion;
pub mod decode;
pub mod field_schema;
pub mod fields;
pub mod formats;
pub mod kubernetes;
pub mod meta;
pub mod names;
pub mod new_cluster;
pub mod quantity;
pub mod reference;
pub mod schema;
pub mod v1alpha2;
pub mod validation;
pub mod versions;

/// The kops release whose node software, formats and rules this is.
pub const KOPS_VERSION: &str = "1.36.2";
