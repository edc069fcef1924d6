//! The one integration binary.
// The layouts of futures of the state store are nested that deep.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod addons;
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
#[cfg(all(feature = "aws", feature = "gce"))]
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
#[cfg(feature = "aws")]
mod terraform_apply;
mod terraform_gce;
#[cfg(feature = "aws")]
mod terraform_moves;
mod upgrade_plan;
mod validate_spec;
#[cfg(all(feature = "aws", feature = "kube"))]
mod workflow;
mod written;
