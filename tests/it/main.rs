//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
mod boot;
mod determinism;
mod pki;
mod rolling;
mod support;
mod templates;
mod terraform;
#[cfg(feature = "aws")]
mod terraform_apply;
