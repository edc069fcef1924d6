//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
mod boot;
mod rolling;
mod support;
mod templates;
mod terraform;
