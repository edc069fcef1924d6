//! Flags about the form of Terraform, of `update cluster` and `sync`.

use super::CliError;
use super::flags::{Choice, choices};
use kopsform_terraform::{Layout, Options, Protected, ProviderBlocks, VersionConstraint};

/// How Terraform is written. What is not given stays as a project or the defaults have it.
#[derive(Debug, Default, clap::Args)]
pub(super) struct TerraformArgs {
    /// Provider and terraform blocks to write [default: full]
    #[arg(long, value_parser = choices(PROVIDER_BLOCKS), value_name = "BLOCKS")]
    provider_blocks: Option<ProviderBlocks>,
    /// How to distribute blocks over files [default: single]
    ///
    /// Resources have other addresses in the single layout than in the others, as docs/output.md describes
    #[arg(long, value_parser = choices(LAYOUTS))]
    layout: Option<Layout>,
    /// Resources that Terraform must not destroy: a plan that would is an error
    #[arg(long, value_parser = choices(PROTECTED), value_name = "WHAT", value_delimiter = ',')]
    prevent_destroy: Vec<Protected>,
    /// Accepted versions of the AWS provider, such as '>= 5.0, < 7.0' [default: >= 5.0.0]
    #[arg(long, value_name = "CONSTRAINT", value_parser = str::parse::<VersionConstraint>)]
    aws_provider: Option<VersionConstraint>,
    /// Accepted versions of Terraform, such as '>= 1.3' [default: the oldest that reads the output]
    #[arg(long, value_name = "CONSTRAINT", value_parser = str::parse::<VersionConstraint>)]
    terraform_version: Option<VersionConstraint>,
}

const PROVIDER_BLOCKS: [Choice<ProviderBlocks>; 3] = [
    ("full", ProviderBlocks::Full, "All blocks"),
    ("required", ProviderBlocks::Required, "Only required_providers, for use as a module"),
    ("none", ProviderBlocks::None, "None, if other files have them"),
];

/// The layouts, as flags name them.
pub(super) const LAYOUTS: [Choice<Layout>; 3] = [
    ("single", Layout::Single, "One kubernetes.tf, in kops' shape"),
    ("split", Layout::Split, "A file per concern, for readers"),
    ("module", Layout::Module, "As split, as a module with variables"),
];

const PROTECTED: [Choice<Protected>; 2] = [
    ("etcd", Protected::Etcd, "The volumes of etcd"),
    ("api", Protected::Api, "The load balancer of the API, its listeners and target groups"),
];

impl TerraformArgs {
    /// The flags that were given.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let flags = [
            ("--provider-blocks", self.provider_blocks.is_some()),
            ("--layout", self.layout.is_some()),
            ("--prevent-destroy", !self.prevent_destroy.is_empty()),
            ("--aws-provider", self.aws_provider.is_some()),
            ("--terraform-version", self.terraform_version.is_some()),
        ];
        flags.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect()
    }

    /// Some options with what flags say about them.
    pub(super) fn over(&self, mut options: Options) -> Result<Options, CliError> {
        options.provider_blocks = self.provider_blocks.unwrap_or(options.provider_blocks);
        options.layout = self.layout.unwrap_or(options.layout);
        if !self.prevent_destroy.is_empty() {
            options.prevent_destroy = self.prevent_destroy.iter().copied().collect();
        }
        for (flag, given) in [("--aws-provider", &self.aws_provider), ("--terraform-version", &self.terraform_version)]
        {
            if given.is_some() && options.provider_blocks == ProviderBlocks::None {
                let message = format!("{flag} has no effect without a terraform block");
                return Err(
                    CliError::message(message).hint("use --provider-blocks full or required, or remove the flag")
                );
            }
        }
        options.aws_provider = self.aws_provider.clone().or(options.aws_provider);
        options.terraform_version = self.terraform_version.clone().or(options.terraform_version);
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn flags_win_and_the_rest_stays() {
        let project = Options {
            layout: Layout::Split,
            prevent_destroy: [Protected::Etcd, Protected::Api].into(),
            aws_provider: Some(">= 5.0".parse().unwrap()),
            terraform_version: Some(">= 1.3".parse().unwrap()),
            ..Options::default()
        };
        assert_eq!(TerraformArgs::default().over(project.clone()).unwrap(), project);
        let args = TerraformArgs {
            layout: Some(Layout::Module),
            prevent_destroy: vec![Protected::Api],
            aws_provider: Some("~> 6.0".parse().unwrap()),
            ..TerraformArgs::default()
        };
        let options = args.over(project).unwrap();
        assert_eq!((options.layout, options.prevent_destroy), (Layout::Module, [Protected::Api].into()));
        assert_eq!(options.aws_provider.unwrap().as_str(), "~> 6.0");
        assert_eq!(options.terraform_version.unwrap().as_str(), ">= 1.3");
    }

    #[test]
    fn a_version_needs_a_block_to_be_in() {
        let args = TerraformArgs {
            provider_blocks: Some(ProviderBlocks::None),
            terraform_version: Some(">= 1.3".parse().unwrap()),
            ..TerraformArgs::default()
        };
        let error = args.over(Options::default()).unwrap_err();
        assert_eq!(error.message, "--terraform-version has no effect without a terraform block");
    }
}
