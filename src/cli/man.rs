//! `man`.

use std::path::PathBuf;

use super::{CliError, Invocation, command};
use kopsform_diagnostics::exit::ExitCode;

/// Write manual pages
///
/// Writes one page per command, in section 1: kopsform.1, kopsform-update-cluster.1 and so on.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Output directory
    #[arg(long, value_name = "DIR", default_value = "man")]
    out: PathBuf,
}

impl ManArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let failed = |error: std::io::Error| {
            CliError::message(format!("cannot write manual pages to {}: {error}", self.out.display()))
        };
        std::fs::create_dir_all(&self.out).map_err(failed)?;
        clap_mangen::generate_to(command(), &self.out).map_err(failed)?;
        invocation.ui.note(&format!("wrote {}", self.out.display()));
        Ok(ExitCode::Done)
    }
}
