//! The command line. Each command has a file with its arguments, its help text and one `run` that calls `ops`.

mod error;
pub mod flags;
pub mod table;
pub mod ui;

mod allow;
mod completion;
mod confirm;
mod create;
mod delete;
mod documents;
mod edit;
mod export;
mod get;
mod helpers;
mod keypair;
mod lock;
mod logging;
mod man;
mod next_steps;
mod pki;
pub mod reference;
mod replace;
mod rolling_update;
mod schema;
mod signals;
mod state;
mod sync;
mod target;
mod toolbox;
mod unsupported;
mod update;
mod upgrade;
mod validate;
mod version;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing::Instrument as _;

pub use error::CliError;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::Environment;
use kopsform_env::features::Features;

const NAME: &str = "kopsform";

/// Manage Kubernetes clusters on AWS from kops specs, with Terraform
///
/// Commands, flags and environment variables are those of kops; docs/kops-parity.md lists the differences.
#[derive(Debug, Parser)]
#[command(name = NAME, disable_help_subcommand = false)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command accepts.
#[derive(Debug, Clone, clap::Args)]
pub struct GlobalArgs {
    /// Configuration file [default: ~/.kops.yaml, ~/.kops/config]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<String>,
    /// State store, such as s3://bucket or file:///path [env: KOPS_STATE_STORE]
    #[arg(long, global = true, value_name = "URL")]
    pub state: Option<String>,
    /// Name of the cluster [env: KOPS_CLUSTER_NAME]
    #[arg(long, global = true)]
    pub name: Option<String>,
    /// Log verbosity: 0 warnings, 1 info, 2 requests, 4 request bodies without secrets
    #[arg(
        short = 'v',
        long = "verbosity",
        alias = "v",
        global = true,
        value_name = "N",
        default_value_t = 0,
        num_args = 0..=1,
        default_missing_value = "1"
    )]
    pub verbosity: u8,
    #[command(flatten)]
    pub log: LogArgs,
}

/// Flags of kops' logging library. They are accepted because scripts written for kops pass them, and have no effect: log
/// messages always go to stderr, and `KOPSFORM_LOG` does what `--vmodule` does.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LogArgs {
    #[arg(long, global = true, hide = true)]
    logtostderr: bool,
    #[arg(long, global = true, hide = true)]
    alsologtostderr: bool,
    #[arg(long, global = true, hide = true)]
    stderrthreshold: Option<String>,
    #[arg(long, global = true, hide = true)]
    vmodule: Option<String>,
}

/// What a command gets besides its own arguments.
pub struct Invocation {
    pub global: GlobalArgs,
    /// The environment at the start of the process.
    pub environment: Environment,
    pub ui: ui::Ui,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::CreateArgs),
    Delete(delete::DeleteArgs),
    Distrust(keypair::DistrustArgs),
    Edit(edit::EditArgs),
    Export(export::ExportArgs),
    Pki(pki::PkiArgs),
    Promote(keypair::PromoteArgs),
    State(state::StateArgs),
    Trust(keypair::TrustArgs),
    Get(get::GetArgs),
    Helpers(helpers::HelpersArgs),
    Replace(replace::ReplaceArgs),
    Schema(schema::SchemaArgs),
    Sync(sync::SyncArgs),
    Toolbox(toolbox::ToolboxArgs),
    Lock(lock::LockArgs),
    Man(man::ManArgs),
    Update(update::UpdateArgs),
    Upgrade(upgrade::UpgradeArgs),
    RollingUpdate(rolling_update::RollingUpdateArgs),
    Validate(validate::ValidateArgs),
    Version(version::VersionArgs),
    Completion(completion::CompletionArgs),
    #[command(hide = true)]
    Reconcile(unsupported::UnsupportedArgs),
    #[command(hide = true)]
    GenCliDocs(unsupported::UnsupportedArgs),
}

/// The command line as it is parsed and documented.
pub fn command() -> clap::Command {
    flags::with_go_switches(Cli::command())
}

/// Runs the program and returns its exit code.
pub fn main() -> std::process::ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let invocation = Invocation { global: cli.global, environment: Environment::from_process(), ui: ui::Ui::new() };
    match start(cli.command, &command_path(&matches), &invocation) {
        Ok(code) => std::process::ExitCode::from(code as u8),
        Err(error) => invocation.ui.fail(&error),
    }
}

/// Prints help to stdout and usage errors to stderr. kops exits with 1 on usage errors, where clap would exit with 2.
fn usage(error: &clap::Error) -> std::process::ExitCode {
    let code = if error.use_stderr() { ExitCode::Error } else { ExitCode::Done };
    let _ = error.print();
    std::process::ExitCode::from(code as u8)
}

/// The command without its arguments, such as `update cluster`.
fn command_path(matches: &clap::ArgMatches) -> String {
    let subcommands = std::iter::successors(matches.subcommand(), |(_, matches)| matches.subcommand());
    subcommands.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}

fn start(command: Command, path: &str, invocation: &Invocation) -> Result<ExitCode, CliError> {
    logging::start(invocation.global.verbosity, &invocation.environment)?;
    for remark in Features::remarks(&invocation.environment) {
        invocation.ui.warn(&remark);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::message(format!("cannot start the runtime: {error}")))?;
    let run = async {
        tracing::debug!(version = env!("CARGO_PKG_VERSION"), kops = kopsform_spec::KOPS_VERSION, "started");
        let outcome = command.run(invocation).await;
        tracing::debug!(code = ?outcome.as_ref().map_or_else(|error| error.code, |code| *code), "finished");
        outcome
    };
    let code = runtime.block_on(run.instrument(logging::command_span(path)))?;
    invocation.ui.check_output()?;
    Ok(code)
}

impl Command {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(args) => args.run(invocation).await,
            Self::Delete(args) => args.run(invocation).await,
            Self::Distrust(args) => args.run(invocation).await,
            Self::Edit(args) => args.run(invocation).await,
            Self::Export(args) => args.run(invocation).await,
            Self::Pki(args) => args.run(invocation).await,
            Self::Promote(args) => args.run(invocation).await,
            Self::State(args) => args.run(invocation).await,
            Self::Trust(args) => args.run(invocation).await,
            Self::Get(args) => args.run(invocation).await,
            Self::Helpers(args) => args.run(invocation).await,
            Self::Replace(args) => args.run(invocation).await,
            Self::Schema(args) => args.run(invocation).await,
            Self::Sync(args) => args.run(invocation).await,
            Self::Toolbox(args) => args.run(invocation).await,
            Self::Lock(args) => args.run(invocation).await,
            Self::Man(args) => args.run(invocation).await,
            Self::Update(args) => args.run(invocation).await,
            Self::Upgrade(args) => args.run(invocation).await,
            Self::RollingUpdate(args) => args.run(invocation).await,
            Self::Validate(args) => args.run(invocation).await,
            Self::Version(args) => args.run(invocation).await,
            Self::Completion(args) => args.run(invocation).await,
            Self::Reconcile(args) => args.run(unsupported::RECONCILE, invocation).await,
            Self::GenCliDocs(args) => args.run(unsupported::GEN_CLI_DOCS, invocation).await,
        }
    }
}
