//! How the output shall look.

use schemars::JsonSchema;
use serde::Deserialize;

/// Which provider and `terraform` blocks are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderBlocks {
    /// All: the output is a configuration of its own.
    #[default]
    Full,
    /// Only what providers are needed: the output is used as a module that is given its providers.
    Required,
    /// None: the person's own files beside the output have them.
    None,
}

/// How blocks are spread over files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One `kubernetes.tf`, in kops' order.
    #[default]
    Single,
    /// A file a concern.
    Split,
    /// A file a concern, with variables and described outputs, and no cluster name in addresses: one module for
    /// several clusters of a shape. A module has no provider blocks of its own, or `for_each` would refuse it.
    Module,
}

/// How the output shall look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Which provider and `terraform` blocks are written.
    pub provider_blocks: ProviderBlocks,
    /// How blocks are spread over files.
    pub layout: Layout,
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
