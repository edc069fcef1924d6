//! `get secrets`.

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;

/// Show the names of a cluster's secrets, or with `-o plaintext` their values
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetSecretsArgs {
    /// Names of secrets [default: all]
    #[arg(value_name = "SECRET")]
    secrets: Vec<String>,
    /// Kind of secret
    #[arg(long = "type", hide = true)]
    kind: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  The names of all secrets
    kopsform get secrets --name demo.example.com

  The value of one
    kopsform get secrets admin --name demo.example.com -o plaintext
";

impl GetSecretsArgs {
    pub(super) async fn run(self, invocation: &Invocation, output: &str) -> Result<ExitCode, CliError> {
        match self.kind.as_deref().map(str::to_lowercase).as_deref() {
            None | Some("" | "secret") => {}
            Some("sshpublickey") => return Err(CliError::message("use `kopsform get sshpublickeys` instead")),
            Some("keypair") => return Err(CliError::message("use `kopsform get keypairs` instead")),
            Some(other) => return Err(CliError::message(format!("unknown secret type {other:?}"))),
        }
        if matches!(output, "yaml" | "json") {
            return Err(CliError::message(format!("{output} output format is not (currently) supported for secrets")));
        }
        if !matches!(output, "table" | "plaintext") {
            return Err(CliError::message(format!("unknown output format: {output:?}")).hint("use table or plaintext"));
        }
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let (store, names) = get::secrets(&invocation.state_store()?, &cluster, &self.secrets).await?;
        if output == "table" {
            let rows = names.into_iter().map(|name| [name]).collect();
            invocation.ui.data(&table::render(["NAME"], rows));
            return Ok(ExitCode::Done);
        }
        for name in names {
            let secret = store.secret(&name).await?;
            let secret = secret.ok_or_else(|| CliError::message(format!("cannot find secret {name:?}")))?;
            let line = zeroize::Zeroizing::new(format!("{}\n", String::from_utf8_lossy(secret.value())));
            invocation.ui.data(&line);
        }
        Ok(ExitCode::Done)
    }
}
