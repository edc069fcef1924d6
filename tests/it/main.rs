//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
mod boot;
mod corpus;
mod create;
mod determinism;
mod docs;
mod mutations;
mod pki;
mod rolling;
mod schemas;
mod store;
mod support;
mod templates;
mod terraform;
#[cfg(feature = "aws")]
mod terraform_apply;
mod validate_spec;
