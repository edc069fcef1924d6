//! `golden`: golden tests of clusters.

mod check;
mod init;
mod update;

use std::path::PathBuf;

use super::{CliError, Invocation};
use crate::ops::golden::{Case, Filter, find};
use kopsform_diagnostics::exit::ExitCode;

/// Compare rendered clusters with expected files
///
/// A case is a directory with a kopsform.yaml, its inputs, a kopsform.lock and the expected Terraform files. All cases below a
/// directory are rendered without network, credentials and clock, and compared by meaning. See docs/golden.md.
#[derive(Debug, clap::Args)]
pub struct GoldenArgs {
    #[command(subcommand)]
    command: GoldenCommand,
}

#[derive(Debug, clap::Subcommand)]
enum GoldenCommand {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Update(update::UpdateArgs),
}

impl GoldenArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self.command {
            GoldenCommand::Init(args) => args.run(invocation).await,
            GoldenCommand::Check(args) => args.run(invocation),
            GoldenCommand::Update(args) => args.run(invocation),
        }
    }
}

/// Which cases a command works on.
#[derive(Debug, clap::Args)]
struct CasesArgs {
    /// Directory that is searched for cases
    #[arg(value_name = "DIR", default_value = "golden")]
    dir: PathBuf,
    /// Only the cases whose name matches: a part of it, or a regular expression
    #[arg(long, value_name = "REGEX")]
    filter: Option<String>,
    /// Cases that are rendered at the same time [default: the number of CPUs]
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

impl CasesArgs {
    fn cases(&self) -> Result<Vec<Case>, CliError> {
        let filter = self.filter.as_deref().map(Filter::parse).transpose()?;
        Ok(find(&self.dir, filter.as_ref())?)
    }

    fn jobs(&self) -> usize {
        let cpus = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        self.jobs.map_or_else(cpus, std::num::NonZeroUsize::get)
    }
}
