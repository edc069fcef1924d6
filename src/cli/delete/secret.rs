//! `delete secret`.

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::{secrets, sshkeys};
use kopsform_diagnostics::exit::ExitCode;

/// Delete a cluster secret
///
/// Generated tokens are created again by the next update.
#[derive(Debug, clap::Args)]
pub struct DeleteSecretArgs {
    /// Name of the secret
    #[arg(value_name = "SECRET")]
    secret: Vec<String>,
}

impl DeleteSecretArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let [secret] = self.secret.as_slice() else {
            return Err(CliError::message("must specify the name of exactly one secret to delete"));
        };
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (state, holder) = (invocation.state_store()?, invocation.holder("delete secret"));
        // Older scripts delete the SSH key this way.
        if secret.eq_ignore_ascii_case("sshpublickey") {
            sshkeys::delete(&state, &cluster, &holder).await?;
        } else {
            secrets::delete(&state, &cluster, secret, &holder).await?;
        }
        Ok(ExitCode::Done)
    }
}
