//! `create keypair`.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::cli::output::OutputArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::keypairs::{self, NewKeypair};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_pki::{Certificate, PrivateKey};

/// Add a keypair to a keyset
///
/// The new keypair is trusted immediately, and signs after `promote keypair` or if it is added with --primary.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CreateKeypairArgs {
    /// The keyset, or `all` to add a keypair to each keyset that can be rotated
    #[arg(value_name = "KEYSET")]
    keyset: Vec<String>,
    /// Existing certificate to use
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Existing private key to use
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Make it the primary keypair, which signs
    #[arg(long)]
    primary: bool,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Begin to rotate the certificate authority of the cluster
    kopsform create keypair kubernetes-ca --name demo.example.com

  Use a certificate authority of your own
    kopsform create keypair kubernetes-ca --name demo.example.com --cert ca.pem --key ca-key.pem --primary
";

impl CreateKeypairArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let keyset = match self.keyset.as_slice() {
            [keyset] => keyset,
            [] => return Err(CliError::message("must specify name of keyset to add keypair to")),
            _ => return Err(CliError::message("can only add to one keyset at a time")),
        };
        let flags = [("--cert", self.cert.is_some()), ("--key", self.key.is_some()), ("--primary", self.primary)];
        if let Some((flag, _)) = flags.iter().find(|(_, given)| *given && keyset == "all") {
            return Err(CliError::message(format!("cannot specify {flag} with \"all\"")));
        }
        let key = match &self.key {
            Some(path) => Some(PrivateKey::parse(&read(path, "private key")?)?),
            None => None,
        };
        let certificate = match &self.cert {
            Some(path) => Some(Certificate::parse(&read(path, "cert")?)?),
            None => None,
        };
        let new = NewKeypair { certificate, key, primary: self.primary };
        let source = invocation.key_source()?;
        let holder = invocation.holder("create keypair");
        let created = keypairs::create(&invocation.state_store()?, &cluster, keyset, new, source, &holder).await?;
        let mut text = String::new();
        for acted in &created {
            if let Some(path) = &self.cert {
                text.push_str(&format!("using user provided cert: {}\n", path.display()));
            }
            if let Some(path) = &self.key {
                text.push_str(&format!("using user provided private key: {}\n", path.display()));
            }
            text.push_str(&format!("Created {} {}\n", acted.keyset, acted.id));
        }
        self.output.report(&invocation.ui, &text, &created)?;
        Ok(ExitCode::Done)
    }
}

fn read(path: &Path, what: &str) -> Result<Zeroizing<String>, CliError> {
    kopsform_files::read_text_bounded(path, kopsform_files::TEXT_LIMIT).map(Zeroizing::new).map_err(|error| {
        let reason = std::io::Error::from(error);
        CliError::message(format!("error reading user provided {what} {path:?}: {reason}"))
    })
}
