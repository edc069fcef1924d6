//! The graph as CloudFormation templates.
//!
//! [`render`] turns a [`Graph`](kopsform_model::Graph) into files, [`write()`] puts them into a directory. In between:
//!
//! - `select`: what lifecycles leave out;
//! - `declare`: the trait that each kind of resource implements; `site`: the node that is being written, and the body that
//!   properties are set on; `property`: values of properties;
//! - `aws`: the implementations, a file a group of resources;
//! - `logical_id`: what resources are called in a template; `resource`: one of them;
//! - `outside`: what CloudFormation has no resource for, and who takes care of it;
//! - `outputs`, `nested`, `template`: outputs, several stacks with what they pass to each other, and templates as YAML;
//! - `stack_policy`: what an update must not replace;
//! - [`import`]: the resources of a running cluster for `aws cloudformation create-change-set --resources-to-import`;
//! - `manifest`: which files of a directory are ours;
//! - [`read`], [`replacement`]: the resources of templates, and which changes replace them, for comparisons.
//!
//! A new kind of resource needs an implementation of `Declare` and an entry in the list of `declarations!`; the compiler names
//! both. How CloudFormation expresses something (`Ref`, `Fn::GetAtt`, `DependsOn`, lists of tags) stays in this crate.

mod aws;
mod declare;
mod error;
pub mod import;
mod logical_id;
pub mod manifest;
mod nested;
mod options;
mod outputs;
mod outside;
mod property;
pub mod read;
mod render;
pub mod replacement;
mod resource;
mod select;
mod site;
mod stack_policy;
mod template;
#[cfg(test)]
mod testing;
mod write;

pub use error::{MAX_BYTES, MAX_RESOURCES, RenderError, SpecField};
pub use options::{Nesting, Options};
pub use outside::{Outside, Owner};
pub use render::{BODY_BYTES, Output, ROOT_FILE, render};
pub use stack_policy::STACK_POLICY_FILE;
pub use write::{WriteError, WriteSummary, check, differences, recover, write};
