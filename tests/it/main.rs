//! The one integration binary.
// The layouts of futures of the state store are nested that deep.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
#[cfg(feature = "aws")]
mod apply;
mod architecture;
mod bad_input;
mod boot;
mod check_plan;
mod cloudformation;
mod completion;
mod corpus;
mod create;
#[cfg(feature = "aws")]
mod credentials;
mod determinism;
mod diff;
#[cfg(feature = "aws")]
mod direct;
mod docs;
mod docs_commands;
mod docs_messages;
mod examples;
mod fuzz;
#[cfg(feature = "gce")]
mod gce;
mod golden;
mod help;
mod hostile_yaml;
mod init;
mod interruptions;
mod json_output;
mod keep_equivalent;
mod language;
mod logging;
#[cfg(feature = "aws")]
mod lookups;
#[cfg(feature = "aws")]
mod migrate_cloudformation;
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
mod terminal;
mod terraform;
mod terraform_gce;
mod upgrade_plan;
mod validate_spec;
mod written;
