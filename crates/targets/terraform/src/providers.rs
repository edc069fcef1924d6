//! Provider and `terraform` blocks.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, Object, ObjectKey};
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::expression::traversal;
use super::options::ProviderBlocks;
use kopsform_model::Graph;

/// The oldest Terraform that reads the source of a provider.
const TERRAFORM_VERSION: &str = ">= 0.12.26";
/// The oldest Terraform that lets a module name the providers it is given.
const TERRAFORM_VERSION_FOR_ALIASES: &str = ">= 0.15.0";
/// The oldest AWS provider whose arguments are used.
const AWS_PROVIDER_VERSION: &str = ">= 5.0.0";

/// The blocks of the AWS provider: the default one, and the one of managed files where there are any.
pub fn provider_blocks(graph: &Graph) -> Vec<Block> {
    let mut blocks = vec![provider(graph.provider.arguments())];
    if has_files(graph) {
        let mut arguments = graph.files_provider.arguments();
        arguments.entry("alias".to_owned()).or_insert_with(|| "files".to_owned());
        blocks.push(provider(arguments));
    }
    blocks
}

/// The `terraform` block, unless the person's own files have it.
pub fn terraform_block(graph: &Graph, provider_blocks: ProviderBlocks) -> Option<Block> {
    let takes_aliases = match provider_blocks {
        ProviderBlocks::Full => false,
        ProviderBlocks::Required => has_files(graph),
        ProviderBlocks::None => return None,
    };
    let mut aws: Vec<(&str, Expression)> =
        vec![("source", "hashicorp/aws".into()), ("version", AWS_PROVIDER_VERSION.into())];
    if takes_aliases {
        aws.insert(0, ("configuration_aliases", Expression::Array(vec![traversal("aws", ["files"])])));
    }
    let aws: Object<_, _> =
        aws.into_iter().map(|(key, value)| (ObjectKey::Identifier(Identifier::sanitized(key)), value)).collect();
    let version = if takes_aliases { TERRAFORM_VERSION_FOR_ALIASES } else { TERRAFORM_VERSION };
    Some(
        Block::builder("terraform")
            .add_attribute(Attribute::new("required_version", version))
            .add_block(Block::builder("required_providers").add_attribute(("aws", Expression::Object(aws))).build())
            .build(),
    )
}

/// Whether anything is uploaded with the provider of files.
fn has_files(graph: &Graph) -> bool {
    !graph.files_provider.region.is_empty()
}

fn provider(arguments: BTreeMap<String, String>) -> Block {
    let body = arguments.into_iter().map(|(key, value)| {
        Structure::Attribute(Attribute { key: Identifier::sanitized(key), expr: Expression::String(value) })
    });
    Block {
        identifier: Identifier::sanitized("provider"),
        labels: vec![BlockLabel::from("aws")],
        body: Body(body.collect()),
    }
}
