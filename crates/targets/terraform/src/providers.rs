//! Provider and `terraform` blocks.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, Object, ObjectKey};
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::hcl_expr::traversal;
use super::options::{Options, ProviderBlocks};
use super::version::VersionConstraint;
use kopsform_model::Platform;

/// The oldest Terraform that reads the source of a provider.
pub const TERRAFORM_VERSION: &str = ">= 0.12.26";
/// The oldest Terraform that lets a module name the providers it is given.
pub const TERRAFORM_VERSION_FOR_ALIASES: &str = ">= 0.15.0";
/// The oldest AWS provider whose arguments are used.
pub const AWS_PROVIDER_VERSION: &str = ">= 5.0.0";
/// The oldest Google provider whose arguments are used. kops accepts 5.11.0 and later, but releases before 6.8.0 refuse
/// `provisioned_throughput` of the disks of instance templates, which it writes.
pub const GOOGLE_PROVIDER_VERSION: &str = ">= 6.8.0";

/// The name of the AWS provider.
pub const AWS: &str = "aws";
/// The name of the Google provider.
pub const GOOGLE: &str = "google";

/// What the provider's blocks say.
pub struct ProviderSettings {
    /// The region of the cluster.
    pub region: Expression,
    /// The project of the cluster, on Google Cloud.
    pub project: Option<Expression>,
    /// The region of the buckets of managed files, if there are any.
    pub files_region: Option<Expression>,
}

/// The blocks of the provider: the default one, and the one of managed files where there are any. On Google Cloud, the latter has
/// neither region nor project, because buckets are found by their name alone.
pub fn provider_blocks(settings: ProviderSettings, options: &Options) -> Vec<Block> {
    let ProviderSettings { region, project, files_region } = settings;
    let name = if project.is_some() { GOOGLE } else { AWS };
    let files_region = files_region.map(|region| project.is_none().then_some(region));
    let mut blocks = vec![provider(name, Some(region), project, &options.provider_arguments)];
    if let Some(region) = files_region {
        let mut arguments = options.files_provider_arguments.clone();
        arguments.entry("alias".to_owned()).or_insert_with(|| "files".to_owned());
        blocks.push(provider(name, region, None, &arguments));
    }
    blocks
}

/// The `terraform` block, unless the user's files have it.
pub fn terraform_block(platform: &Platform, has_files: bool, options: &Options) -> Option<Block> {
    let takes_aliases = match options.effective_provider_blocks() {
        ProviderBlocks::Full => false,
        ProviderBlocks::Required => has_files,
        ProviderBlocks::None => return None,
    };
    let (name, source, given, oldest) = match platform {
        Platform::Aws => (AWS, "hashicorp/aws", &options.aws_provider, AWS_PROVIDER_VERSION),
        Platform::Google { .. } => (GOOGLE, "hashicorp/google", &options.google_provider, GOOGLE_PROVIDER_VERSION),
    };
    let version = given.as_ref().map_or(oldest, VersionConstraint::as_str);
    let mut requirement: Vec<(&str, Expression)> = vec![("source", source.into()), ("version", version.into())];
    if takes_aliases {
        requirement.insert(0, ("configuration_aliases", Expression::Array(vec![traversal(name, ["files"])])));
    }
    let requirement: Object<_, _> = requirement
        .into_iter()
        .map(|(key, value)| (ObjectKey::Identifier(Identifier::sanitized(key)), value))
        .collect();
    let oldest = if takes_aliases { TERRAFORM_VERSION_FOR_ALIASES } else { TERRAFORM_VERSION };
    let version = options.terraform_version.as_ref().map_or(oldest, VersionConstraint::as_str);
    let required = Block::builder("required_providers").add_attribute((name, Expression::Object(requirement))).build();
    Some(
        Block::builder("terraform")
            .add_attribute(Attribute::new("required_version", version))
            .add_block(required)
            .build(),
    )
}

fn provider(
    name: &str,
    region: Option<Expression>,
    project: Option<Expression>,
    further: &BTreeMap<String, String>,
) -> Block {
    let mut arguments = BTreeMap::new();
    arguments.extend(region.map(|region| ("region".to_owned(), region)));
    arguments.extend(project.map(|project| ("project".to_owned(), project)));
    arguments.extend(further.iter().map(|(key, value)| (key.clone(), Expression::String(value.clone()))));
    let body = arguments
        .into_iter()
        .map(|(key, expr)| Structure::Attribute(Attribute { key: Identifier::sanitized(key), expr }));
    Block {
        identifier: Identifier::sanitized("provider"),
        labels: vec![BlockLabel::from(name)],
        body: Body(body.collect()),
    }
}
