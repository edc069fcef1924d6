//! The kops cluster spec, v1alpha2: everything that follows from an object alone, without facts from a cloud.
//!
//! A file passes through these modules, in this order:
//! - [`v1alpha2`]: the types, one file per part of the spec; [`meta`] and [`quantity`] have the scalars of Kubernetes;
//! - [`schema`]: JSON schemas from the types, which [`reference`] turns into `docs/spec.md`;
//! - [`field_schema`]: the same schemas, compiled to check documents;
//! - [`decode`]: YAML to typed objects with the location of each value, all findings at once;
//! - [`formats`]: strings with a grammar of their own, checked while decoding;
//! - [`conversion`]: old spellings to their current form; what the state store has;
//! - [`validation`]: fields, objects and changes checked against each other.
//!
//! Others start from an object or make one:
//! - [`new_cluster`]: the specs of a new cluster, for `create cluster`;
//! - [`fields`]: single fields by path, for `--set` and `--unset`;
//! - [`channel`]: recommended images and versions; [`advice`]: what follows for a cluster;
//! - [`versions`]: Kubernetes versions and ranges of them;
//! - `cluster`: properties of clusters and groups that several crates need; [`zone`]: regions of zones.
//! - [`cloud`]: the clouds that clusters run on. What differs between them is in modules named `gce`, and in the keyword `x-gce`
//!   of fields.
//!
//! Spelling that several crates share:
//! - [`labels`]: keys of labels, annotations and tags, and the API version;
//! - [`names`]: names of cloud resources;
//! - [`address`]: addresses of stores and S3.

pub mod address;
pub mod advice;
pub mod channel;
pub mod cloud;
mod cluster;
pub mod conversion;
pub mod decode;
pub mod field_schema;
pub mod fields;
pub mod formats;
pub mod kubernetes;
pub mod labels;
pub mod meta;
pub mod names;
pub mod new_cluster;
pub mod quantity;
pub mod reference;
pub mod schema;
pub mod v1alpha2;
pub mod validation;
pub mod versions;
pub mod zone;

/// The kops release whose node software, formats and rules this is.
pub const KOPS_VERSION: &str = "1.36.2";
