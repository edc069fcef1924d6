//! `delete sshpublickey`.

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::sshkeys;
use kopsform_diagnostics::exit::ExitCode;

/// Delete the SSH public keys of a cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteSshPublicKeyArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  Replace the SSH key of instances
    kopsform delete sshpublickey demo.example.com
    kopsform create sshpublickey demo.example.com -i new.pub
";

impl DeleteSshPublicKeyArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let holder = invocation.holder("delete sshpublickey");
        sshkeys::delete(&invocation.state_store()?, &cluster, &holder).await?;
        Ok(ExitCode::Done)
    }
}
