//! The one integration binary.

mod addons;
mod boot;
mod rolling;
mod support;
mod terraform;
