//! `create secret`.

use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::documents::read_bytes;
use crate::ops::secrets::{self, GivenSecret};
use kopsform_diagnostics::exit::ExitCode;

/// Store a secret of a cluster
#[derive(Debug, clap::Args)]
pub struct CreateSecretArgs {
    #[command(subcommand)]
    command: CreateSecretCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CreateSecretCommand {
    /// Store the keys of Cilium's IPsec encryption
    #[command(name = "ciliumpassword")]
    CiliumPassword(SecretArgs),
    /// Store the credentials of container registries
    #[command(name = "dockerconfig")]
    DockerConfig(SecretArgs),
    /// Store how the API server encrypts what it keeps
    #[command(name = "encryptionconfig")]
    EncryptionConfig(SecretArgs),
}

#[derive(Debug, clap::Args)]
struct SecretArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// The file with the secret; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    filename: String,
    /// Replace one that is there already
    #[arg(long)]
    force: bool,
}

impl CreateSecretArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let (kind, args) = match self.command {
            CreateSecretCommand::CiliumPassword(args) => (GivenSecret::CiliumPassword, args),
            CreateSecretCommand::DockerConfig(args) => (GivenSecret::DockerConfig, args),
            CreateSecretCommand::EncryptionConfig(args) => (GivenSecret::EncryptionConfig, args),
        };
        let cluster = invocation.cluster_name(&args.cluster, Context::Allowed)?;
        let state = invocation.state_store()?;
        let content = read_bytes(&args.filename, &invocation.environment).await?;
        let holder = invocation.holder("create secret");
        secrets::create(&state, &cluster, kind, content, args.force, &holder).await?;
        Ok(ExitCode::Done)
    }
}
