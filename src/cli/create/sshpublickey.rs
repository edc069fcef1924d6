//! `create sshpublickey`.

use std::path::Path;

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::sshkeys;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::{TEXT_LIMIT, read_bounded};

/// Store the SSH public key for instances
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CreateSshPublicKeyArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Public key file, such as ~/.ssh/id_ed25519.pub
    #[arg(short = 'i', long, alias = "pubkey", value_name = "FILE")]
    ssh_public_key: String,
}

const EXAMPLES: &str = "\
Examples:
  Store the key of this user
    kopsform create sshpublickey demo.example.com -i ~/.ssh/id_ed25519.pub
";

impl CreateSshPublicKeyArgs {
    /// The arguments of `create secret sshpublickey`, where `admin` may precede the cluster: the name of the key, when there could
    /// be others.
    pub(super) fn without_user(mut self) -> Self {
        if self.cluster.first().is_some_and(|user| user == "admin") {
            self.cluster.remove(0);
        }
        self
    }

    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let state = invocation.state_store()?;
        let key = read_bounded(Path::new(&self.ssh_public_key), TEXT_LIMIT).map_err(|error| {
            let reason = std::io::Error::from(error);
            CliError::message(format!("error reading SSH public key {}: {reason}", self.ssh_public_key))
        })?;
        sshkeys::add(&state, &cluster, &key, &invocation.holder("create sshpublickey")).await?;
        Ok(ExitCode::Done)
    }
}
