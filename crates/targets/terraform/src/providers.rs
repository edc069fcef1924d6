//! Provider and `terraform` blocks.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, Object, ObjectKey};
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::hcl_expr::traversal;
use super::options::{Options, ProviderBlocks};
use super::version::VersionConstraint;

/// The oldest Terraform that reads the source of a provider.
pub const TERRAFORM_VERSION: &str = ">= 0.12.26";
/// The oldest Terraform that lets a module name the providers it is given.
pub const TERRAFORM_VERSION_FOR_ALIASES: &str = ">= 0.15.0";
/// The oldest AWS provider whose arguments are used.
pub const AWS_PROVIDER_VERSION: &str = ">= 5.0.0";

/// The blocks of the AWS provider: the default one, and the one of managed files where there are any.
pub fn provider_blocks(region: Expression, files_region: Option<Expression>, options: &Options) -> Vec<Block> {
    let mut blocks = vec![provider(region, &options.provider_arguments)];
    if let Some(region) = files_region {
        let mut arguments = options.files_provider_arguments.clone();
        arguments.entry("alias".to_owned()).or_insert_with(|| "files".to_owned());
        blocks.push(provider(region, &arguments));
    }
    blocks
}

/// The `terraform` block, unless the user's files have it.
pub fn terraform_block(has_files: bool, options: &Options) -> Option<Block> {
    let takes_aliases = match options.effective_provider_blocks() {
        ProviderBlocks::Full => false,
        ProviderBlocks::Required => has_files,
        ProviderBlocks::None => return None,
    };
    let aws_version = options.aws_provider.as_ref().map_or(AWS_PROVIDER_VERSION, VersionConstraint::as_str);
    let mut aws: Vec<(&str, Expression)> = vec![("source", "hashicorp/aws".into()), ("version", aws_version.into())];
    if takes_aliases {
        aws.insert(0, ("configuration_aliases", Expression::Array(vec![traversal("aws", ["files"])])));
    }
    let aws: Object<_, _> =
        aws.into_iter().map(|(key, value)| (ObjectKey::Identifier(Identifier::sanitized(key)), value)).collect();
    let oldest = if takes_aliases { TERRAFORM_VERSION_FOR_ALIASES } else { TERRAFORM_VERSION };
    let version = options.terraform_version.as_ref().map_or(oldest, VersionConstraint::as_str);
    Some(
        Block::builder("terraform")
            .add_attribute(Attribute::new("required_version", version))
            .add_block(Block::builder("required_providers").add_attribute(("aws", Expression::Object(aws))).build())
            .build(),
    )
}

fn provider(region: Expression, further: &BTreeMap<String, String>) -> Block {
    let mut arguments = BTreeMap::from([("region".to_owned(), region)]);
    arguments.extend(further.iter().map(|(key, value)| (key.clone(), Expression::String(value.clone()))));
    let body = arguments
        .into_iter()
        .map(|(key, expr)| Structure::Attribute(Attribute { key: Identifier::sanitized(key), expr }));
    Block {
        identifier: Identifier::sanitized("provider"),
        labels: vec![BlockLabel::from("aws")],
        body: Body(body.collect()),
    }
}
