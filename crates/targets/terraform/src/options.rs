//! The form of the output.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::version::VersionConstraint;

/// Which provider and `terraform` blocks are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderBlocks {
    /// All: the output is a configuration of its own.
    #[default]
    Full,
    /// Only what providers are needed: the output is used as a module that is given its providers.
    Required,
    /// None: the user's files in the output directory have them.
    None,
}

/// How blocks are spread over files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One `kubernetes.tf`, in kops' order and shape.
    #[default]
    Single,
    /// A file a concern, for readers: `for_each` where resources repeat, shared tags, described outputs, and no cluster name in
    /// addresses.
    Split,
    /// As split, with variables: one module for several clusters of a shape. A module has no provider blocks of its own, or
    /// `for_each` would refuse it.
    Module,
}

/// What Terraform must not destroy: a plan that would is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protected {
    /// The volumes of etcd.
    Etcd,
    /// The load balancer of the API, its listeners and target groups.
    Api,
}

/// Who writes managed files to the state store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ManagedFiles {
    /// Terraform, as objects in S3.
    #[default]
    Objects,
    /// The run itself: they are in [`Output::uploads`](crate::Output::uploads).
    Uploaded,
}

/// The form of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which provider and `terraform` blocks are written.
    pub provider_blocks: ProviderBlocks,
    /// How blocks are spread over files.
    pub layout: Layout,
    /// Who writes managed files to the state store.
    pub managed_files: ManagedFiles,
    /// What Terraform must not destroy.
    pub prevent_destroy: BTreeSet<Protected>,
    /// The versions of the AWS provider that are accepted, where not the default.
    pub aws_provider: Option<VersionConstraint>,
    /// The versions of the Google provider that are accepted, where not the default.
    pub google_provider: Option<VersionConstraint>,
    /// The versions of Terraform that are accepted, where not the default.
    pub terraform_version: Option<VersionConstraint>,
    /// Further arguments of the provider; they win over what is written otherwise.
    pub provider_arguments: BTreeMap<String, String>,
    /// Further arguments of the provider of managed files.
    pub files_provider_arguments: BTreeMap<String, String>,
}

impl Options {
    /// Which provider and `terraform` blocks are written, as the layout allows.
    pub fn effective_provider_blocks(&self) -> ProviderBlocks {
        match (self.layout, self.provider_blocks) {
            (Layout::Module, ProviderBlocks::Full) => ProviderBlocks::Required,
            (_, blocks) => blocks,
        }
    }
}
