//! The typed API: what people write, what it means and what kops would make of it.

pub mod advice;
pub mod channel;
pub mod conversion;
pub mod decode;
pub mod defaults;
pub mod fields;
pub mod formats;
pub mod meta;
pub mod new_cluster;
pub mod quantity;
pub mod reference;
pub mod schema;
pub mod shape;
pub mod v1alpha2;
pub mod validation;
pub mod versions;
