//! `promote`, `distrust` and `trust`: which keypair of a keyset signs, and which ones are trusted.

use super::output::OutputArgs;
use super::target::Context;
use super::{CliError, Invocation};
use crate::ops::keypairs::{self, Acted};
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
    #[command(after_long_help = PROMOTE_EXAMPLES)]
    Keypair {
        /// The keyset, or `all`; then the ID of a keypair
        #[arg(value_name = "KEYSET [ID]")]
        arguments: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const PROMOTE_EXAMPLES: &str = "\
Examples:
  Let the newest keypair of a keyset sign
    kopsform promote keypair kubernetes-ca --name demo.example.com
";

impl PromoteArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let PromoteCommand::Keypair { arguments, output } = self.command;
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (keyset, id) = match arguments.as_slice() {
            [] => return Err(CliError::message("must specify name of keyset to promote keypair in")),
            [keyset] => (keyset, None),
            [all, _] if all == "all" => return Err(CliError::message("cannot specify ID with \"all\"")),
            [keyset, id] => (keyset, Some(id.as_str())),
            _ => return Err(CliError::message("can only promote to one keyset at a time")),
        };
        let holder = invocation.holder("promote keypair");
        let done = keypairs::promote(&invocation.state_store()?, &cluster, keyset, id, &holder).await?;
        let line = |acted: &Acted| match acted {
            Acted { keyset, id, changed: true } => format!("Promoted {keyset} {id}\n"),
            Acted { keyset, id, changed: false } => format!("No {keyset} keypair newer than current primary {id}\n"),
        };
        let text: String = done.iter().map(line).collect();
        output.report(&invocation.ui, &text, &done)?;
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
    #[command(after_long_help = DISTRUST_EXAMPLES)]
    Keypair {
        /// The keyset, or `all`; then IDs of keypairs
        #[arg(value_name = "KEYSET [ID]...")]
        arguments: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const DISTRUST_EXAMPLES: &str = "\
Examples:
  Distrust the keypairs of all keysets that are older than the primary
    kopsform distrust keypair all --name demo.example.com
";

impl DistrustArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let DistrustCommand::Keypair { arguments, output } = self.command;
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
        let changed = done.iter().filter(|acted| acted.changed);
        let text: String = changed.map(|acted| format!("Distrusted {} {}\n", acted.keyset, acted.id)).collect();
        output.report(&invocation.ui, &text, &done)?;
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
    #[command(after_long_help = TRUST_EXAMPLES)]
    Keypair {
        /// The keyset, then IDs of keypairs
        #[arg(value_name = "KEYSET ID...")]
        arguments: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const TRUST_EXAMPLES: &str = "\
Examples:
  Trust a keypair again; `kopsform get keypairs --distrusted` lists their IDs
    kopsform trust keypair kubernetes-ca 7231642890000000000000000000 --name demo.example.com
";

impl TrustArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let TrustCommand::Keypair { arguments, output } = self.command;
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (keyset, ids) = match arguments.as_slice() {
            [] => return Err(CliError::message("must specify name of keyset to trust keypair in")),
            [_] => return Err(CliError::message("must specify names of keypairs to trust keypair in")),
            [keyset, ids @ ..] => (keyset, ids),
        };
        let (state, holder) = (invocation.state_store()?, invocation.holder("trust keypair"));
        let done = keypairs::trust(&state, &cluster, keyset, ids, &holder).await?;
        let changed = done.iter().filter(|acted| acted.changed);
        let text: String = changed.map(|acted| format!("Trusted {} {}\n", acted.keyset, acted.id)).collect();
        output.report(&invocation.ui, &text, &done)?;
        Ok(ExitCode::Done)
    }
}
