//! `version`.

use super::{CliError, Invocation};
use crate::exit::ExitCode;

/// Print the version
#[derive(Debug, clap::Args)]
pub struct VersionArgs {
    /// Only the number
    #[arg(long)]
    short: bool,
}

impl VersionArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let version = crate::KOPS_VERSION;
        invocation.ui.data(&if self.short {
            format!("{version}\n")
        } else {
            format!("Client version: {version} (git-v{version})\n")
        });
        Ok(ExitCode::Done)
    }
}
