//! `create secret`.

use super::sshpublickey::CreateSshPublicKeyArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::secrets::{self, GivenSecret};
use crate::ops::support::documents::read_bytes;
use kopsform_diagnostics::exit::ExitCode;

/// Store a cluster secret
#[derive(Debug, clap::Args)]
pub struct CreateSecretArgs {
    #[command(subcommand)]
    command: CreateSecretCommand,
}

#[derive(Debug, clap::Subcommand)]
enum CreateSecretCommand {
    /// Store Cilium's IPsec keys
    #[command(name = "ciliumpassword", after_long_help = CILIUM_EXAMPLES)]
    CiliumPassword(SecretArgs),
    /// Store credentials for container registries
    #[command(name = "dockerconfig", after_long_help = DOCKER_EXAMPLES)]
    DockerConfig(SecretArgs),
    /// Store the API server's encryption configuration
    #[command(name = "encryptionconfig", after_long_help = ENCRYPTION_EXAMPLES)]
    EncryptionConfig(SecretArgs),
    /// The old form of `create sshpublickey`, which most scripts still use
    #[command(name = "sshpublickey", hide = true)]
    SshPublicKey(CreateSshPublicKeyArgs),
}

const CILIUM_EXAMPLES: &str = "\
Examples:
  Encrypt traffic between nodes with IPsec
    kopsform create secret ciliumpassword demo.example.com -f ipsec-keys.yaml
";
const DOCKER_EXAMPLES: &str = "\
Examples:
  Let nodes pull from private registries
    kopsform create secret dockerconfig demo.example.com -f ~/.docker/config.json
";
const ENCRYPTION_EXAMPLES: &str = "\
Examples:
  Encrypt secrets of the cluster in etcd
    kopsform create secret encryptionconfig demo.example.com -f encryption.yaml
";

#[derive(Debug, clap::Args)]
struct SecretArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// File with the secret; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    filename: String,
    /// Replace an existing secret
    #[arg(long)]
    force: bool,
}

impl CreateSecretArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let (kind, args) = match self.command {
            CreateSecretCommand::CiliumPassword(args) => (GivenSecret::CiliumPassword, args),
            CreateSecretCommand::DockerConfig(args) => (GivenSecret::DockerConfig, args),
            CreateSecretCommand::EncryptionConfig(args) => (GivenSecret::EncryptionConfig, args),
            CreateSecretCommand::SshPublicKey(args) => return args.without_user().run(invocation).await,
        };
        let cluster = invocation.cluster_name(&args.cluster, Context::Allowed)?;
        let state = invocation.state_store()?;
        let content = read_bytes(&args.filename, &invocation.environment).await?;
        let holder = invocation.holder("create secret");
        secrets::create(&state, &cluster, kind, (&args.filename, content), args.force, &holder).await?;
        Ok(ExitCode::Done)
    }
}
