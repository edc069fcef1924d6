//! `get sshpublickeys`.

use serde::Serialize;

use super::output::{Format, rows};
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::sshkeys;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_pki::{ssh_fingerprint, with_colons};

/// Show the SSH public keys of a cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetSshPublicKeysArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  The fingerprint of the key
    kopsform get sshpublickeys demo.example.com
";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    public_key: String,
}

impl GetSshPublicKeysArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let keys = sshkeys::list(&invocation.state_store()?, &cluster).await?;
        let keys: Vec<Row> = keys
            .into_values()
            .map(|public_key| {
                let fingerprint = ssh_fingerprint(&public_key).unwrap_or_else(|error| {
                    invocation.ui.warn(&format!("unable to compute fingerprint for public key: {error}"));
                    String::new()
                });
                Row { id: with_colons(&fingerprint), public_key }
            })
            .collect();
        let text = match format {
            Format::Table if keys.is_empty() => return Err(CliError::message("no SSH public key found")),
            Format::Table => table::render(["ID"], keys.into_iter().map(|row| [row.id]).collect()),
            _ => rows(&keys, format)?,
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}
