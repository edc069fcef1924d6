//! Comparison of rendered clusters by meaning.
//!
//! Three entry points:
//!
//! - [`compare`]: two sets of files → [`Finding`]s. For reviews, golden tests and drift.
//! - [`equivalent`]: two versions of one file → whether they mean the same. For leaving files as they are.
//!   [`equivalent_within`] is the same for a file of two sets.
//! - [`Configuration::parse`] and [`compare_configurations`]: Terraform blocks by address → what changes in each. For diffs.
//!
//! [`shown_documents`] prepares two versions of a document for a preview.
//!
//! [`changes`] compares two versions of one object field by field, for commands that edit specs.
//!
//! What counts:
//!
//! | content | ignored | compared by |
//! |---|---|---|
//! | HCL (`*.tf`) | formatting, order of blocks, arguments and lists, which file has a block | address; nested blocks by name, key or content |
//! | files that arguments read | their names | the argument that reads them |
//! | IAM policies | order, a single value instead of a list | statement by Sid or content |
//! | Kubernetes manifests | formatting, order of documents, containers, variables and flags, descriptions in CRDs | apiVersion, kind, namespace, name; items by name |
//! | nodeup's configuration | formatting | field |
//! | boot scripts | comments, and the wording of another program's script | MIME part, variable, embedded configuration |
//! | SSH public keys | the comment | type and key |
//! | JSON, YAML | formatting, order of keys, `null` | field |
//! | other text | white space at the end of lines | line |
//!
//! A hash of a file within another file follows from the file and is not a finding of its own. Hashes that do not fit are.
//!
//! Nothing here reads a clock, a file or the environment. No input makes it panic, and its time grows with the size of the
//! files. Findings hold no private keys and no values of fields for secrets.

mod boot;
pub mod changes;
mod configuration;
mod content;
mod engine;
mod finding;
mod flat;
mod hashes;
mod hcl_values;
mod manifest;
mod nouns;
mod path;
mod policy;
mod review;
mod secrecy;
mod ssh_key;
mod text;
mod tree;

pub use configuration::{AttributeChange, Block, BlockChange, Configuration, SyntaxError};
pub use engine::{compare, compare_configurations, equivalent, equivalent_within};
pub use finding::{Finding, Line, Severity, lines};
pub use secrecy::shown_documents;

/// Files by their path within a directory, with `/` between components.
pub type Files = std::collections::BTreeMap<String, Vec<u8>>;

/// The list of files that kopsform writes next to them. It follows from the files, so it is compared last.
pub const MANIFEST: &str = ".kopsform-manifest.json";
