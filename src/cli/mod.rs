//! The command line. Each command has a file with its arguments, its help text and one `run` that calls `ops`.

mod argv;
mod error;
mod existing_state;
pub mod flags;
mod help;
mod output;
mod program;
mod progress;
mod style;
pub mod table;
pub mod ui;
mod usage;

mod allow;
mod check;
mod complete;
mod completion;
mod confirm;
mod create;
mod delete;
mod diff;
mod documents;
mod edit;
mod export;
mod get;
mod golden;
mod helpers;
mod init;
mod keypair;
#[cfg(test)]
mod kops_commands;
mod lock;
mod logging;
mod man;
mod migrate;
mod next_steps;
mod panic;
mod pki;
mod reconcile;
pub mod reference;
mod replace;
mod rolling_update;
mod schema;
mod signals;
mod state;
mod sync;
mod target;
mod terraform;
mod timings;
mod toolbox;
mod unsupported;
mod update;
mod upgrade;
mod upgrade_plan;
mod validate;
mod version;

use std::sync::{LazyLock, OnceLock};

use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, MissingSubcommand};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing::Instrument as _;

use crate::project;
pub use error::CliError;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use program::NAME;
use timings::Timings;

/// The version of this program and of the kops release that it follows, for `--version`.
static VERSION: LazyLock<String> = LazyLock::new(|| format!("{} (kops {})", RELEASE, kopsform_spec::KOPS_VERSION));

/// The version of this program.
const RELEASE: &str = env!("CARGO_PKG_VERSION");
/// Makes one write of the process fail, so that tests reach each of them. Builds for users do not have it.
#[cfg(debug_assertions)]
const TEST_FAULT: &str = "KOPSFORM_TEST_FAULT";

/// Manage Kubernetes clusters on AWS and Google Cloud from kops specs, directly or with Terraform
///
/// Commands, flags and environment variables are those of kops; docs/kops-parity.md lists the differences.
#[derive(Debug, Parser)]
#[command(name = NAME, display_name = NAME, version = VERSION.as_str(), disable_help_subcommand = false)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command accepts.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = help::GLOBAL)]
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
    /// When to use colors: auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = style::Color::Auto, hide_possible_values = true)]
    pub color: style::Color,
    /// Report on stderr the requests that were sent, and which of them the command waited for one after another
    #[arg(long, global = true)]
    pub timings: bool,
    #[command(flatten)]
    pub log: LogArgs,
}

/// Flags of kops' logging library, and of another that it links. They are accepted because scripts written for kops pass them.
/// Log messages always go to stderr; flags that ask for something else are reported.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LogArgs {
    #[arg(long, global = true, hide = true, default_value_t = true)]
    logtostderr: bool,
    #[arg(long = "add_dir_header", global = true, hide = true)]
    add_dir_header: bool,
    #[arg(long, global = true, hide = true)]
    alsologtostderr: bool,
    #[arg(long, global = true, hide = true)]
    alsologtostderrthreshold: Option<String>,
    #[arg(long = "legacy_stderr_threshold_behavior", global = true, hide = true)]
    legacy_stderr_threshold_behavior: bool,
    #[arg(long = "log_backtrace_at", global = true, hide = true)]
    log_backtrace_at: Option<String>,
    #[arg(long = "log_dir", global = true, hide = true)]
    log_dir: Option<String>,
    #[arg(long = "log_file", global = true, hide = true)]
    log_file: Option<String>,
    #[arg(long = "log_file_max_size", global = true, hide = true)]
    log_file_max_size: Option<u64>,
    #[arg(long = "one_output", global = true, hide = true)]
    one_output: bool,
    #[arg(long = "s2a_enable_appengine_dialer", global = true, hide = true)]
    s2a_enable_appengine_dialer: bool,
    #[arg(long = "s2a_timeout", global = true, hide = true)]
    s2a_timeout: Option<String>,
    #[arg(long = "skip_headers", global = true, hide = true)]
    skip_headers: bool,
    #[arg(long = "skip_log_headers", global = true, hide = true)]
    skip_log_headers: bool,
    #[arg(long, global = true, hide = true)]
    stderrthreshold: Option<String>,
    #[arg(long, global = true, hide = true)]
    vmodule: Option<String>,
}

impl LogArgs {
    /// A warning about each flag that asks for something else than what is done.
    fn warnings(&self) -> Vec<String> {
        const TO_FILE: &str = "log messages go to stderr; redirect it";
        const SELECTION: &str = "use -v, or a filter in KOPSFORM_LOG";
        const FORMAT: &str = "the format of log messages depends on -v";
        const OTHER_CLOUD: &str = "it is for Google Cloud";
        [
            ("add_dir_header", self.add_dir_header, FORMAT),
            ("alsologtostderrthreshold", self.alsologtostderrthreshold.is_some(), SELECTION),
            ("log_backtrace_at", self.log_backtrace_at.is_some(), "there are no backtraces"),
            ("log_dir", self.log_dir.is_some(), TO_FILE),
            ("log_file", self.log_file.is_some(), TO_FILE),
            ("log_file_max_size", self.log_file_max_size.is_some(), TO_FILE),
            ("logtostderr=false", !self.logtostderr, TO_FILE),
            ("one_output", self.one_output, TO_FILE),
            ("s2a_enable_appengine_dialer", self.s2a_enable_appengine_dialer, OTHER_CLOUD),
            ("s2a_timeout", self.s2a_timeout.is_some(), OTHER_CLOUD),
            ("skip_headers", self.skip_headers, FORMAT),
            ("skip_log_headers", self.skip_log_headers, FORMAT),
            ("stderrthreshold", self.stderrthreshold.is_some(), SELECTION),
            ("vmodule", self.vmodule.is_some(), SELECTION),
        ]
        .into_iter()
        .filter(|(_, given, _)| *given)
        .map(|(flag, _, instead)| format!("--{flag} has no effect: {instead}"))
        .collect()
    }
}

/// What a command gets besides its own arguments.
pub struct Invocation {
    pub global: GlobalArgs,
    /// The environment at the start of the process.
    pub environment: Environment,
    pub ui: ui::Ui,
    /// The defaults of the project, once they have been looked for.
    project: OnceLock<Option<project::Defaults>>,
}

impl Invocation {
    fn new(global: GlobalArgs, environment: Environment) -> Self {
        Self { global, environment, ui: ui::Ui::new(), project: OnceLock::new() }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Create(create::CreateArgs),
    Delete(delete::DeleteArgs),
    Diff(Box<diff::DiffArgs>),
    Distrust(keypair::DistrustArgs),
    Edit(edit::EditArgs),
    Export(export::ExportArgs),
    Pki(pki::PkiArgs),
    Promote(keypair::PromoteArgs),
    State(state::StateArgs),
    Trust(keypair::TrustArgs),
    Get(get::GetArgs),
    Golden(golden::GoldenArgs),
    Helpers(helpers::HelpersArgs),
    Init(Box<init::InitArgs>),
    Replace(replace::ReplaceArgs),
    Schema(schema::SchemaArgs),
    Sync(sync::SyncArgs),
    Toolbox(toolbox::ToolboxArgs),
    Lock(lock::LockArgs),
    Man(man::ManArgs),
    Migrate(migrate::MigrateArgs),
    Update(update::UpdateArgs),
    Upgrade(upgrade::UpgradeArgs),
    RollingUpdate(rolling_update::RollingUpdateArgs),
    Validate(validate::ValidateArgs),
    Version(version::VersionArgs),
    Completion(completion::CompletionArgs),
    Reconcile(reconcile::ReconcileArgs),
    #[command(hide = true)]
    GenCliDocs(unsupported::UnsupportedArgs),
}

/// The command line as it is documented.
///
/// Of a flag that is given several times the last value counts, as in kops: aliases and makefiles rely on it.
fn tree() -> clap::Command {
    flags::with_go_switches(Cli::command()).args_override_self(true)
}

/// The command line with complete help, under the name by which the program was called.
pub fn command() -> clap::Command {
    help::with_exit_codes(help::grouped(tree().name(program::name())), "")
}

/// Parses arguments, of which the first is the name of the program, by a command that was built.
///
/// # Errors
/// If they are invalid, or ask for help or the version.
fn parse(built: &mut clap::Command, arguments: Vec<std::ffi::OsString>) -> Result<clap::ArgMatches, clap::Error> {
    let arguments = argv::subcommands_first(built, arguments);
    let outcome = built.try_get_matches_from_mut(arguments.iter());
    outcome.map_err(|error| {
        let error = usage::without_hidden(error, built, &arguments);
        usage::with_nearest(error, built, &arguments)
    })
}

/// Parses the arguments of the process. Help is completed only where it is shown: every start would pay for it.
///
/// # Errors
/// If they are invalid, or ask for help or the version.
fn parse_process(
    arguments: Vec<std::ffi::OsString>,
    color: clap::ColorChoice,
) -> Result<clap::ArgMatches, clap::Error> {
    let parsed = |command: clap::Command, arguments| {
        let mut command = command.color(color);
        command.build();
        parse(&mut command, arguments)
    };
    match parsed(tree().name(program::name()), arguments.clone()) {
        Err(error) if matches!(error.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand) => {
            parsed(command(), arguments)
        }
        // With flags alone, a command that groups others shows its help, too, as in kops.
        Err(error) if error.kind() == MissingSubcommand => {
            parsed(command(), arguments.into_iter().chain(["--help".into()]).collect())
        }
        outcome => outcome,
    }
}

/// Runs the program and returns its exit code.
pub fn main() -> std::process::ExitCode {
    panic::reported(run)
}

/// The stack of the program, in bytes. Without optimization, the futures of a request to AWS fill the 8 MiB that Linux gives.
const STACK: usize = 64 << 20;

fn run() -> std::process::ExitCode {
    match std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(run_command) {
        // A panic was reported where it happened.
        Ok(program) => program.join().unwrap_or(std::process::ExitCode::from(ExitCode::Internal as u8)),
        Err(error) => {
            ui::line(&format!("error: cannot start a thread: {error}"));
            std::process::ExitCode::from(ExitCode::Error as u8)
        }
    }
}

fn run_command() -> std::process::ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    program::set(arguments.first().map(std::ffi::OsString::as_os_str));
    let environment = Environment::from_process();
    if let Some(answer) = complete::answer(&arguments, &environment) {
        return match answer {
            Ok(()) => std::process::ExitCode::from(ExitCode::Done as u8),
            Err(error) => ui::Ui::new().fail(&error),
        };
    }
    let color = style::requested(&arguments);
    style::set(color);
    let matches = match parse_process(arguments, style::for_clap(color)) {
        Ok(matches) => matches,
        Err(error) => return ui::usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return ui::usage(&error),
    };
    style::set(cli.global.color);
    let invocation = Invocation::new(cli.global, environment);
    match start(cli.command, &command_path(&matches), &invocation) {
        Ok(code) => std::process::ExitCode::from(code as u8),
        Err(error) => invocation.ui.fail(&error),
    }
}

/// The command without its arguments, such as `update cluster`.
fn command_path(matches: &clap::ArgMatches) -> String {
    let subcommands = std::iter::successors(matches.subcommand(), |(_, matches)| matches.subcommand());
    subcommands.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}

fn start(command: Command, path: &str, invocation: &Invocation) -> Result<ExitCode, CliError> {
    let timings = invocation.global.timings.then(Timings::start);
    logging::start(invocation.global.verbosity, timings.clone(), &invocation.environment)?;
    #[cfg(debug_assertions)]
    if let Some(fault) = invocation.environment.get(TEST_FAULT) {
        kopsform_files::inject_fault(fault).map_err(|error| CliError::message(format!("{TEST_FAULT}: {error}")))?;
    }
    for remark in Features::remarks(&invocation.environment).iter().chain(&invocation.global.log.warnings()) {
        invocation.ui.warn(remark);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::message(format!("cannot start the runtime: {error}")))?;
    let progress = progress::Progress::start(path, &invocation.environment);
    let run = async {
        tracing::debug!(version = RELEASE, kops = kopsform_spec::KOPS_VERSION, "started");
        let outcome = command.run(invocation).await;
        tracing::debug!(code = ?outcome.as_ref().map_or_else(|error| error.code, |code| *code), "finished");
        outcome
    };
    let outcome = runtime.block_on(run.instrument(logging::command_span(path)));
    drop(progress);
    for line in timings.iter().flat_map(Timings::report) {
        invocation.ui.note(&line);
    }
    let code = outcome?;
    invocation.ui.check_output()?;
    Ok(code)
}

impl Command {
    async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        match self {
            Self::Check(args) => args.run(invocation).await,
            Self::Create(args) => args.run(invocation).await,
            Self::Delete(args) => args.run(invocation).await,
            Self::Diff(args) => args.run(invocation).await,
            Self::Distrust(args) => args.run(invocation).await,
            Self::Edit(args) => args.run(invocation).await,
            Self::Export(args) => args.run(invocation).await,
            Self::Pki(args) => args.run(invocation).await,
            Self::Promote(args) => args.run(invocation).await,
            Self::State(args) => args.run(invocation).await,
            Self::Trust(args) => args.run(invocation).await,
            Self::Get(args) => args.run(invocation).await,
            Self::Golden(args) => args.run(invocation).await,
            Self::Helpers(args) => args.run(invocation).await,
            Self::Init(args) => args.run(invocation).await,
            Self::Replace(args) => args.run(invocation).await,
            Self::Schema(args) => args.run(invocation).await,
            Self::Sync(args) => args.run(invocation).await,
            Self::Toolbox(args) => args.run(invocation).await,
            Self::Lock(args) => args.run(invocation).await,
            Self::Man(args) => args.run(invocation).await,
            Self::Migrate(args) => args.run(invocation).await,
            Self::Update(args) => args.run(invocation).await,
            Self::Upgrade(args) => args.run(invocation).await,
            Self::RollingUpdate(args) => args.run(invocation).await,
            Self::Validate(args) => args.run(invocation).await,
            Self::Version(args) => args.run(invocation).await,
            Self::Completion(args) => args.run(invocation).await,
            Self::Reconcile(args) => args.run(invocation).await,
            Self::GenCliDocs(args) => args.run(unsupported::GEN_CLI_DOCS, invocation).await,
        }
    }
}
