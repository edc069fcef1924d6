//! Guards a cluster against its own Terraform plans.
//!
//! [`Plan::parse`] reads what `terraform show -json PLAN` prints (OpenTofu's is the same), [`check`] finds the changes that
//! destroy data or take down the API:
//!
//! - `document`: the format, with what happens to each resource;
//! - `identity`: what a resource is, by its tags and names, never by its address: addresses differ between layouts, modules and
//!   whoever writes the configuration;
//! - `inventory`: the parts of clusters in a plan;
//! - `rules`: which of their changes are findings.
//!
//! Nothing here reads files. Values of a plan can be secret: findings name addresses, names and arguments, never other values.

mod document;
mod identity;
mod inventory;
mod rules;
#[cfg(test)]
mod tests;

pub use document::{Effect, Plan, PlanError};
pub use rules::{Action, Finding, Protected, check};
