//! `promote`, `distrust` and `trust`: which keypair of a keyset signs, and which ones are trusted.

use super::target::Context;
use super::{CliError, Invocation};
use crate::ops::keypairs;
use kopsform_diagnostics::exit::ExitCode;

/// Promote keypairs to primary
#[derive(Debug, clap::Args)]
pub struct PromoteArgs {
    #[command(subcommand)]
    command: PromoteCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PromoteCommand {
    /// Promote a keypair of a keyset to primary: the given one, or the newest
    ///
    /// The primary keypair signs; the others are only trusted.
    Keypair {
        /// The keyset, or `all`; then the ID of a keypair
        #[arg(value_name = "KEYSET [ID]")]
        arguments: Vec<String>,
    },
}

impl PromoteArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let PromoteCommand::Keypair { arguments } = self.command;
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (keyset, id) = match arguments.as_slice() {
            [] => return Err(CliError::message("must specify name of keyset to promote keypair in")),
            [keyset] => (keyset, None),
            [all, _] if all == "all" => return Err(CliError::message("cannot specify ID with \"all\"")),
            [keyset, id] => (keyset, Some(id.as_str())),
            _ => return Err(CliError::message("can only promote to one keyset at a time")),
        };
        let holder = invocation.holder("promote keypair");
        for acted in keypairs::promote(&invocation.state_store()?, &cluster, keyset, id, &holder).await? {
            let (keyset, id) = (acted.keyset, acted.id);
            invocation.ui.text(&if acted.changed {
                format!("Promoted {keyset} {id}\n")
            } else {
                format!("No {keyset} keypair newer than current primary {id}\n")
            });
        }
        Ok(ExitCode::Done)
    }
}

/// Distrust keypairs
#[derive(Debug, clap::Args)]
pub struct DistrustArgs {
    #[command(subcommand)]
    command: DistrustCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DistrustCommand {
    /// Distrust keypairs of a keyset: the given ones, or all that are older than the primary
    Keypair {
        /// The keyset, or `all`; then IDs of keypairs
        #[arg(value_name = "KEYSET [ID]...")]
        arguments: Vec<String>,
    },
}

impl DistrustArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let DistrustCommand::Keypair { arguments } = self.command;
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (keyset, ids) = match arguments.as_slice() {
            [] => return Err(CliError::message("must specify name of keyset to distrust keypair in")),
            [all, _, ..] if all == "all" => return Err(CliError::message("cannot specify ID with \"all\"")),
            [keyset, ids @ ..] => (keyset, ids),
        };
        let (state, holder) = (invocation.state_store()?, invocation.holder("distrust keypair"));
        let done = keypairs::distrust(&state, &cluster, keyset, ids, jiff::Timestamp::now(), &holder).await?;
        if done.is_empty() {
            let what = if keyset == "all" { "" } else { keyset };
            invocation.ui.note(&format!("No {what} keypairs older than the primary").replace("  ", " "));
        }
        for acted in done.iter().filter(|acted| acted.changed) {
            invocation.ui.text(&format!("Distrusted {} {}\n", acted.keyset, acted.id));
        }
        Ok(ExitCode::Done)
    }
}

/// Trust keypairs
#[derive(Debug, clap::Args)]
pub struct TrustArgs {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, clap::Subcommand)]
enum TrustCommand {
    /// Trust keypairs of a keyset that were distrusted
    Keypair {
        /// The keyset, then IDs of keypairs
        #[arg(value_name = "KEYSET ID...")]
        arguments: Vec<String>,
    },
}

impl TrustArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let TrustCommand::Keypair { arguments } = self.command;
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (keyset, ids) = match arguments.as_slice() {
            [] => return Err(CliError::message("must specify name of keyset to trust keypair in")),
            [_] => return Err(CliError::message("must specify names of keypairs to trust keypair in")),
            [keyset, ids @ ..] => (keyset, ids),
        };
        let (state, holder) = (invocation.state_store()?, invocation.holder("trust keypair"));
        for acted in keypairs::trust(&state, &cluster, keyset, ids, &holder).await? {
            if acted.changed {
                invocation.ui.text(&format!("Trusted {} {}\n", acted.keyset, acted.id));
            }
        }
        Ok(ExitCode::Done)
    }
}
