//! `state`: the lock on a cluster's state.

use super::output::OutputArgs;
use super::target::Context;
use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::{Lock, current_lock, lock_by_hand, unlock_by_hand};

/// Lock a cluster's state, show the lock or break it
///
/// Every command that writes holds the lock while it writes. A lock acquired here blocks all other writers until it is
/// released; commands run with KOPSFORM_LOCK_ID set to its ID can write.
#[derive(Debug, clap::Args)]
pub struct StateArgs {
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Debug, clap::Subcommand)]
enum StateCommand {
    /// Acquire the lock and print its ID
    #[command(after_long_help = LOCK_EXAMPLES)]
    Lock {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Release the lock, or break the lock of a process that is gone
    #[command(after_long_help = UNLOCK_EXAMPLES)]
    Unlock {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
        /// The lock's ID
        #[arg(long)]
        id: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show who holds the lock
    #[command(after_long_help = SHOW_EXAMPLES)]
    Show {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const LOCK_EXAMPLES: &str = "\
Examples:
  Block all other writers during maintenance
    export KOPSFORM_LOCK_ID=$(kopsform state lock --name demo.example.com)
";
const UNLOCK_EXAMPLES: &str = "\
Examples:
  Release the lock
    kopsform state unlock --name demo.example.com --id $KOPSFORM_LOCK_ID
";
const SHOW_EXAMPLES: &str = "\
Examples:
  Who holds the lock, and since when
    kopsform state show --name demo.example.com
";

impl StateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let state = invocation.state_store()?;
        let name = |arguments: &[String]| invocation.cluster_name(arguments, Context::Allowed);
        match self.command {
            StateCommand::Lock { cluster, output } => {
                let cluster = name(&cluster)?;
                // A lock on a misspelled cluster would block no writer.
                kopsform_state::ClusterStore::load(&state, &cluster).await?;
                let lock = lock_by_hand(&state, &cluster, &invocation.holder("state lock")).await?;
                invocation.ui.note(&format!("Locked {cluster}"));
                if output.is_document() {
                    output.report(&invocation.ui, "", &lock)?;
                } else {
                    invocation.ui.data(&format!("{}\n", lock.id));
                }
            }
            StateCommand::Unlock { cluster, id, output } => {
                let cluster = name(&cluster)?;
                let lock = unlock_by_hand(&state, &cluster, &id).await?;
                invocation.ui.note(&format!("Unlocked {cluster}, which {}@{} held", lock.owner, lock.host));
                output.report(&invocation.ui, "", &lock)?;
            }
            StateCommand::Show { cluster, output } => {
                let lock = current_lock(&state, &name(&cluster)?).await?;
                output.report(&invocation.ui, &shown(lock.as_ref()), &lock)?;
            }
        }
        Ok(ExitCode::Done)
    }
}

fn shown(lock: Option<&Lock>) -> String {
    let Some(lock) = lock else { return "not locked\n".to_owned() };
    let until = lock.until.as_ref().map(|until| format!(" until {until} at most")).unwrap_or_default();
    format!(
        "{}: {}@{} ({}, process {}) since {}{until}\n",
        lock.id, lock.owner, lock.host, lock.operation, lock.process.pid, lock.since
    )
}
