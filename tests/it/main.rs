//! The one integration binary.

mod boot;
mod support;
mod terraform;
mod rolling;
