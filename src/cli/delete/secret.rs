//! `delete secret`.

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::{secrets, sshkeys};
use kopsform_diagnostics::exit::ExitCode;

/// Delete a cluster secret
///
/// Generated tokens are created again by the next update.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteSecretArgs {
    /// Name of the secret
    #[arg(value_name = "SECRET")]
    secret: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  Make the next update create another token
    kopsform delete secret admin --name demo.example.com
";

impl DeleteSecretArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        // Older scripts name the type first: `delete secret secret NAME`, `delete secret sshpublickey admin`.
        let secret = match self.secret.as_slice() {
            [kind, ..] if kind.eq_ignore_ascii_case("sshpublickey") => kind,
            [kind, secret] if kind.eq_ignore_ascii_case("secret") => secret,
            [secret] => secret,
            _ => return Err(CliError::message("must specify the name of exactly one secret to delete")),
        };
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (state, holder) = (invocation.state_store()?, invocation.holder("delete secret"));
        if secret.eq_ignore_ascii_case("sshpublickey") {
            sshkeys::delete(&state, &cluster, &holder).await?;
        } else {
            secrets::delete(&state, &cluster, secret, &holder).await?;
        }
        Ok(ExitCode::Done)
    }
}
