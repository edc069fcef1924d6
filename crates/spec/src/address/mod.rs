//! Addresses of stores and of objects in them. All addresses are parsed here, by one set of rules.

mod s3;
mod store_url;

pub use s3::{S3Location, S3LocationError};
pub use store_url::{StoreUrl, StoreUrlError};
