//! `get assets`.

use super::output::{Format, to_value};
use crate::cli::flags::LookupArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::get_assets::{self, Assets};
use crate::ops::support::facts::FactFinder;
use kopsform_diagnostics::exit::ExitCode;

/// Show the images and files that nodes download
///
/// Shows where each is published, and where nodes download it if spec.assets names a mirror.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetAssetsArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Copy assets to the mirrors (not supported)
    #[arg(long, hide = true)]
    copy: bool,
    #[command(flatten)]
    lookup: LookupArgs,
}

const EXAMPLES: &str = "\
Examples:
  Images and files for a mirror
    kopsform get assets demo.example.com -o json
";

impl GetAssetsArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        if self.copy {
            return Err(CliError::message("--copy is not supported: nothing is written to registries or mirrors")
                .hint("`kopsform get assets -o json` lists the source and destination of each")
                .hint("images: … | jq -r '.images[] | \"\\(.canonical) \\(.download)\"' | xargs -n2 crane copy"));
        }
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let finder = FactFinder::open(&invocation.lookup(&self.lookup)?, environment)?;
        let assets = get_assets::run(&state, &cluster, finder, environment).await?;
        for warning in &assets.warnings {
            invocation.ui.warn(warning);
        }
        invocation.ui.data(&match format {
            Format::Table => tables(&assets),
            Format::Yaml => kopsform_yaml::to_string(&to_value(&assets)?),
            Format::Json => to_value(&assets)?.to_string(),
        });
        Ok(ExitCode::Done)
    }
}

fn tables(assets: &Assets) -> String {
    let images = assets.images.iter().map(|image| [image.canonical.clone(), image.download.clone()]);
    let files = assets.files.iter().map(|file| [file.canonical.clone(), file.download.clone(), file.sha.clone()]);
    format!(
        "\n{}\n{}",
        table::render(["CANONICAL", "DOWNLOAD"], images.collect()),
        table::render(["CANONICAL", "DOWNLOAD", "SHA"], files.collect())
    )
}
