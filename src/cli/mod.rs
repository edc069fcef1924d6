//! The command line: one file a command, with its arguments, its help text and one `run` that calls `ops`.

mod error;
pub mod flags;
pub mod table;
pub mod ui;

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

pub use error::CliError;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::Environment;
use kopsform_env::features::Features;

/// The program's name.
const NAME: &str = "kopsform";

/// Clusters on AWS from kops specs, as Terraform.
///
/// Commands, flags and environment variables are kops' own; docs/kops-parity.md tells where they differ.
#[derive(Debug, Parser)]
#[command(name = NAME, disable_help_subcommand = false)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags every command takes.
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
    /// How much to tell on standard error, 0 to 10
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

/// Flags of kops' logging, which are taken and mean nothing here: everything of the kind goes to standard error.
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
    /// The global flags.
    pub global: GlobalArgs,
    /// The environment at the start.
    pub environment: Environment,
    /// Where output goes.
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

/// Runs the program and gives its exit code.
pub fn main() -> std::process::ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr; kops ends with 1 on mistakes.
            let code = if error.use_stderr() { ExitCode::Error } else { ExitCode::Done };
            let _ = error.print();
            return std::process::ExitCode::from(code as u8);
        }
    };
    let invocation = Invocation { global: cli.global, environment: Environment::from_process(), ui: ui::Ui::new() };
    for remark in Features::remarks(&invocation.environment) {
        invocation.ui.warn(&remark);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return invocation.ui.fail(&CliError::message(format!("cannot start: {error}"))),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Create(args) => args.run(&invocation).await,
            Command::Delete(args) => args.run(&invocation).await,
            Command::Distrust(args) => args.run(&invocation).await,
            Command::Edit(args) => args.run(&invocation).await,
            Command::Export(args) => args.run(&invocation).await,
            Command::Pki(args) => args.run(&invocation).await,
            Command::Promote(args) => args.run(&invocation).await,
            Command::State(args) => args.run(&invocation).await,
            Command::Trust(args) => args.run(&invocation).await,
            Command::Get(args) => args.run(&invocation).await,
            Command::Helpers(args) => args.run(&invocation).await,
            Command::Replace(args) => args.run(&invocation).await,
            Command::Schema(args) => args.run(&invocation).await,
            Command::Sync(args) => args.run(&invocation).await,
            Command::Toolbox(args) => args.run(&invocation).await,
            Command::Lock(args) => args.run(&invocation).await,
            Command::Man(args) => args.run(&invocation).await,
            Command::Update(args) => args.run(&invocation).await,
            Command::Upgrade(args) => args.run(&invocation).await,
            Command::RollingUpdate(args) => args.run(&invocation).await,
            Command::Validate(args) => args.run(&invocation).await,
            Command::Version(args) => args.run(&invocation).await,
            Command::Completion(args) => args.run(&invocation).await,
            Command::Reconcile(args) => args.run(unsupported::RECONCILE, &invocation).await,
            Command::GenCliDocs(args) => args.run(unsupported::GEN_CLI_DOCS, &invocation).await,
        }
    });
    match outcome {
        Ok(code) => std::process::ExitCode::from(code as u8),
        Err(error) => invocation.ui.fail(&error),
    }
}
