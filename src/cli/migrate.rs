//! `migrate`.

mod cloudformation;

use std::path::PathBuf;

use super::flags::{Choice, LookupArgs, choices};
use super::target::Context;
use super::terraform::LAYOUTS;
use super::{CliError, Invocation};
use crate::ops::migrate_terraform::{self, MigrateOptions};
use crate::ops::update_cluster::{self, UpdateOptions};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::Mode;
use kopsform_terraform::{Layout, Moves};

/// Move resources between Terraform layouts, or import them into CloudFormation
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(subcommand)]
    command: MigrateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum MigrateCommand {
    Terraform(Box<TerraformArgs>),
    #[command(name = "cloudformation")]
    CloudFormation(Box<cloudformation::CloudFormationArgs>),
}

/// Print moves of Terraform state from one layout to another
///
/// `update cluster` writes the moves of an output directory itself. This command is for what that directory does not show: a root
/// module that calls the output as a module, or a state that is moved by hand. Addresses come from the record in the directory,
/// and from the cluster in the state store where a layout is not recorded.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
struct TerraformArgs {
    /// Output directory of `update cluster` or of kops
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Layout that was applied [default: that of the directory]
    #[arg(long, value_parser = choices(LAYOUTS))]
    from: Option<Layout>,
    /// Layout that will be applied [default: that of the directory]
    #[arg(long, value_parser = choices(LAYOUTS))]
    to: Option<Layout>,
    /// Module that will have the resources, such as module.cluster [default: the root module]
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    module: String,
    /// Module that has the resources now [default: the root module]
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    from_module: String,
    /// File to write instead of standard output, which must not exist yet
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "blocks")]
    output: Moves,
    #[command(flatten)]
    lookup: LookupArgs,
}

const EXAMPLES: &str = "\
Examples:
  Call a cluster's module from a root module that had its resources in the single layout
    kopsform update cluster demo.example.com --target terraform --layout module --out modules/cluster --moves none
    kopsform migrate terraform modules/cluster --from single --module module.cluster --out moved.tf

  Move the state for Terraform 0.12 to 1.0 with a script
    kopsform migrate terraform out/terraform --to module -o script > moved.sh
";

const FORMATS: [Choice<Moves>; 2] = [
    ("blocks", Moves::Blocks, "moved blocks, for Terraform 1.1 and later"),
    ("script", Moves::Script, "A shell script of `terraform state mv`"),
];

impl MigrateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            MigrateCommand::Terraform(args) => args.run(invocation).await,
            MigrateCommand::CloudFormation(args) => args.run(invocation).await,
        }
    }
}

impl TerraformArgs {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let options = MigrateOptions {
            dir: self.dir.clone(),
            from: self.from,
            to: self.to,
            from_module: self.from_module.clone(),
            module: self.module.clone(),
            format: self.output,
        };
        let request = migrate_terraform::read(&options)?;
        let migration = if request.needs.is_empty() {
            request.finish(Vec::new(), "")?
        } else {
            let name = invocation.cluster_name(&[], Context::Allowed)?;
            let addresses = self.addresses(&name, &request.needs, invocation).await?;
            request.finish(addresses, &name)?
        };
        let Some(out) = &self.out else {
            invocation.ui.data(&migration.text);
            return Ok(ExitCode::Done);
        };
        if out.exists() {
            return Err(CliError::message(format!("{} exists already", out.display()))
                .hint("remove it, or write to another file"));
        }
        kopsform_files::replace(out, migration.text.as_bytes(), Mode::Keep(0o644))
            .map_err(|error| CliError::message(format!("cannot write {}: {error}", out.display())))?;
        invocation.ui.note(&format!("wrote {} moves to {}", migration.count, out.display()));
        Ok(ExitCode::Done)
    }

    /// The addresses of the cluster in the state store in some layouts.
    async fn addresses(
        &self,
        name: &str,
        layouts: &[Layout],
        invocation: &Invocation,
    ) -> Result<Vec<std::collections::BTreeMap<String, String>>, CliError> {
        let state = invocation.state_store()?;
        let options = UpdateOptions::new(self.dir.clone(), invocation.lookup(&self.lookup)?);
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = invocation.update_deps(&options.lookup, &mut warn)?;
        Ok(update_cluster::addresses(&state, name, &options, deps, layouts).await?)
    }
}
