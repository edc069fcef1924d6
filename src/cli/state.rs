//! `state`: the lock on a cluster's state.

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
    Lock {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
    },
    /// Release the lock, or break the lock of a process that is gone
    Unlock {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
        /// The lock's ID
        #[arg(long)]
        id: String,
    },
    /// Show who holds the lock
    Show {
        /// Name of the cluster
        #[arg(value_name = "CLUSTER")]
        cluster: Vec<String>,
        /// Output format
        #[arg(short, long, value_enum, default_value_t = LockFormat::Text)]
        output: LockFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LockFormat {
    Text,
    Json,
}

impl StateArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let state = invocation.state_store()?;
        let name = |arguments: &[String]| invocation.cluster_name(arguments, Context::Allowed);
        match self.command {
            StateCommand::Lock { cluster } => {
                let cluster = name(&cluster)?;
                // A lock on a misspelled cluster would block no writer.
                kopsform_state::ClusterStore::load(&state, &cluster).await?;
                let lock = lock_by_hand(&state, &cluster, &invocation.holder("state lock")).await?;
                invocation.ui.note(&format!("Locked {cluster}"));
                invocation.ui.data(&format!("{}\n", lock.id));
            }
            StateCommand::Unlock { cluster, id } => {
                let cluster = name(&cluster)?;
                let lock = unlock_by_hand(&state, &cluster, &id).await?;
                invocation.ui.note(&format!("Unlocked {cluster}, which {}@{} held", lock.owner, lock.host));
            }
            StateCommand::Show { cluster, output } => {
                let lock = current_lock(&state, &name(&cluster)?).await?;
                let text = shown(lock.as_ref(), output)?;
                match output {
                    LockFormat::Text => invocation.ui.text(&text),
                    LockFormat::Json => invocation.ui.data(&text),
                }
            }
        }
        Ok(ExitCode::Done)
    }
}

fn shown(lock: Option<&Lock>, format: LockFormat) -> Result<String, CliError> {
    match (format, lock) {
        (LockFormat::Json, lock) => {
            let text = serde_json::to_string_pretty(&lock).map_err(|error| CliError::message(error.to_string()))?;
            Ok(format!("{text}\n"))
        }
        (LockFormat::Text, None) => Ok("not locked\n".to_owned()),
        (LockFormat::Text, Some(lock)) => {
            let until = lock.until.as_ref().map(|until| format!(" until {until} at most")).unwrap_or_default();
            Ok(format!(
                "{}: {}@{} ({}, process {}) since {}{until}\n",
                lock.id, lock.owner, lock.host, lock.operation, lock.process.pid, lock.since
            ))
        }
    }
}
