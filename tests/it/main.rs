//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
mod architecture;
mod bad_input;
mod boot;
mod check_plan;
mod cloudformation;
mod corpus;
mod create;
#[cfg(feature = "aws")]
mod credentials;
mod determinism;
mod diff;
#[cfg(feature = "aws")]
mod direct;
mod docs;
#[cfg(feature = "aws")]
mod end_to_end;
mod examples;
mod fuzz;
mod golden;
mod help;
mod hostile_yaml;
mod interruptions;
mod keep_equivalent;
mod language;
mod logging;
#[cfg(feature = "aws")]
mod lookups;
mod mutations;
mod pki;
mod project;
mod rolling;
mod schemas;
mod store;
mod streams;
mod support;
mod sync;
mod templates;
mod terraform;
#[cfg(feature = "aws")]
mod terraform_apply;
#[cfg(feature = "aws")]
mod terraform_moves;
mod upgrade_plan;
mod validate_spec;
mod written;
