//! Completion of command lines, for the scripts that `completion` prints.
//!
//! A script runs the program with `KOPSFORM_COMPLETE` set to the shell's name and the typed line as arguments; clap's engine
//! then completes commands, flags and values. Names of clusters, instance groups, keysets and secrets come from the state store that
//! the line, the environment or the project names. A shell waits for the answer, so there is a limit, and no message on errors.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, ValueCompleter};
use clap_complete::env::{CompleteEnv, Shells};

use super::target::Context;
use super::ui::Ui;
use super::{CliError, GlobalArgs, Invocation, program};
use kopsform_env::{self as env, Environment};
use kopsform_state::{ClusterStore, StateStore};

/// The variable in which the scripts of bash and zsh pass the index of what is being typed. It is clap's.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";
/// How long the state store may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Answers a completion script; `None` if the program was not run by one.
///
/// # Errors
/// If the shell is not known, or the answer cannot be written.
pub fn answer(arguments: &[OsString], environment: &Environment) -> Option<Result<(), CliError>> {
    environment.get(env::KOPSFORM_COMPLETE).filter(|shell| !shell.is_empty())?;
    let words = words(arguments);
    let is_flag = current(words, environment).is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let line = Line::read(words);
    let factory = || {
        let command = with_completers(super::tree(), &line);
        if is_flag { command } else { without_flags(command) }
    };
    let directory = std::env::current_dir().ok();
    let done = CompleteEnv::with_factory(factory)
        .var(env::KOPSFORM_COMPLETE)
        .try_complete(arguments.to_vec(), directory.as_deref());
    Some(done.map(|_| ()).map_err(|error| {
        let text = error.to_string();
        let text = text.trim_end();
        // clap's text has the prefix already that every error gets.
        CliError::message(text.strip_prefix("error: ").unwrap_or(text))
    }))
}

/// The script that completes the program, under the name by which it was called, in a shell.
///
/// # Errors
/// If there is no script for the shell.
pub fn script(shell: &str) -> Result<String, CliError> {
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(shell) else {
        let known = shells.names().collect::<Vec<_>>().join(", ");
        return Err(
            CliError::message(format!("no completion for the shell {shell:?}")).hint(format!("use one of {known}"))
        );
    };
    let mut script = Vec::new();
    let name = program::name();
    completer
        .write_registration(env::KOPSFORM_COMPLETE, name, name, name, &mut script)
        .map_err(|error| CliError::message(error.to_string()))?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

/// The typed line, split by the shell; it begins with the program.
fn words(arguments: &[OsString]) -> &[OsString] {
    let start = arguments.iter().position(|argument| argument == "--").map_or(arguments.len(), |at| at + 1);
    &arguments[start..]
}

/// What is being typed: the item at the index which bash and zsh pass, in other shells the last one.
fn current<'a>(words: &'a [OsString], environment: &Environment) -> Option<&'a OsString> {
    let index = environment.get(INDEX).and_then(|index| index.parse::<usize>().ok());
    match index {
        Some(index) => words.get(index),
        None => words.last(),
    }
}

/// A command whose flags are offered only where nothing else is: a flag begins with a hyphen.
fn without_flags(command: Command) -> Command {
    let command = command.disable_help_flag(true).disable_version_flag(true);
    command.mut_args(|arg| if arg.is_positional() { arg } else { arg.hide(true) }).mut_subcommands(without_flags)
}

/// What a value names, by its name in help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cluster,
    InstanceGroup,
    Keyset,
    Secret,
}

impl Kind {
    fn of(arg: &Arg) -> Option<Self> {
        let value = arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str()).unwrap_or_default();
        match (arg.get_long(), value) {
            (Some("name"), _) | (None, "CLUSTER") => Some(Self::Cluster),
            (Some("instance-group"), _) | (None, "INSTANCE_GROUP") => Some(Self::InstanceGroup),
            (None, value) if value.split(' ').next() == Some("KEYSET") => Some(Self::Keyset),
            (None, "SECRET") => Some(Self::Secret),
            _ => None,
        }
    }
}

/// What completes the values of arguments: names from the store, files and directories.
fn with_completers(command: Command, line: &Line) -> Command {
    let creates = command.get_name() == "create";
    let command = command.mut_args(|arg| match Kind::of(&arg) {
        Some(kind) => arg.add(ArgValueCompleter::new(Names { kind, line: line.clone() })),
        None => match hint(&arg) {
            Some(hint) => arg.value_hint(hint),
            None => arg,
        },
    });
    // The names of objects that `create` makes are new.
    command.mut_subcommands(|sub| {
        if creates && matches!(sub.get_name(), "cluster" | "instancegroup") { sub } else { with_completers(sub, line) }
    })
}

/// The kind of path that an argument takes, by the name of its value.
fn hint(arg: &Arg) -> Option<ValueHint> {
    match arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str())? {
        "FILE" | "PATH" => Some(ValueHint::AnyPath),
        "DIR" => Some(ValueHint::DirPath),
        _ => None,
    }
}

/// What a line says about the store and the cluster, as far as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    config: Option<String>,
    state: Option<String>,
    name: Option<String>,
}

impl Line {
    fn read(words: &[OsString]) -> Self {
        let mut line = Self::default();
        let mut words = words.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
            let slot = match flag {
                "--config" => &mut line.config,
                "--state" => &mut line.state,
                "--name" => &mut line.name,
                _ => continue,
            };
            // What is being typed may still be empty.
            *slot = value.or_else(|| words.next()).filter(|value| !value.is_empty()).map(str::to_owned);
        }
        line
    }

    /// The invocation that the line would be, without messages.
    fn invocation(&self) -> Invocation {
        let global = GlobalArgs {
            config: self.config.clone(),
            state: self.state.clone(),
            name: self.name.clone(),
            ..GlobalArgs::default()
        };
        Invocation { ui: Ui::silent(), ..Invocation::new(global, Environment::from_process()) }
    }
}

/// Names of a kind from the state store.
struct Names {
    kind: Kind,
    line: Line,
}

impl ValueCompleter for Names {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else { return Vec::new() };
        let mut names = stored(self.kind, &self.line).unwrap_or_default();
        if self.kind == Kind::Keyset {
            names.push("all".to_owned());
        }
        names.retain(|name| name.starts_with(current));
        names.into_iter().map(CompletionCandidate::new).collect()
    }
}

/// The names of a kind; none if the store does not answer in time.
fn stored(kind: Kind, line: &Line) -> Option<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let names = runtime.block_on(async { tokio::time::timeout(LIMIT, list(kind, line)).await });
    // Threads that still wait, such as those that resolve names, must not delay the shell.
    runtime.shutdown_background();
    names.ok()?.ok()
}

async fn list(kind: Kind, line: &Line) -> Result<Vec<String>, CliError> {
    // The name that is being typed is not that of the cluster to look in.
    let line = if kind == Kind::Cluster { Line { name: None, ..line.clone() } } else { line.clone() };
    let invocation = line.invocation();
    let state = invocation.state_store()?;
    if kind == Kind::Cluster {
        return state.cluster_names().await.map_err(|error| CliError::message(error.to_string()));
    }
    let cluster = invocation.cluster_name(&[], Context::Allowed)?;
    names_in(kind, &state, &cluster).await.map_err(CliError::from)
}

async fn names_in(kind: Kind, state: &StateStore, cluster: &str) -> Result<Vec<String>, kopsform_state::ReadError> {
    match kind {
        Kind::Cluster => Ok(Vec::new()),
        Kind::InstanceGroup => state.cluster(cluster).instance_group_names().await,
        // Keysets and secrets may be elsewhere: the cluster's spec says where.
        Kind::Keyset => ClusterStore::load(state, cluster).await?.0.keyset_names().await,
        Kind::Secret => ClusterStore::load(state, cluster).await?.0.secret_names().await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn os(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_line_names_store_and_cluster() {
        let line = Line::read(&os("kopsform get ig --state s3://b --name=c.example.com -o yaml"));
        assert_eq!((line.state.as_deref(), line.name.as_deref()), (Some("s3://b"), Some("c.example.com")));
        let typed = Line::read(&[os("kopsform get ig --name"), vec![OsString::new()]].concat());
        assert_eq!(typed, Line::default());
    }

    #[test]
    fn every_argument_that_takes_a_stored_name_is_completed() {
        fn collect(command: &Command, path: &str, found: &mut Vec<(String, Option<Kind>)>) {
            for arg in command.get_arguments().filter(|arg| !arg.is_global_set()) {
                found.push((format!("{path} {}", arg.get_id()), Kind::of(arg)));
            }
            for sub in command.get_subcommands() {
                collect(sub, &format!("{path} {}", sub.get_name()), found);
            }
        }
        let mut found = Vec::new();
        collect(&crate::cli::tree(), "", &mut found);
        let of = |path: &str| found.iter().find(|(name, _)| name == path).unwrap_or_else(|| panic!("no {path}")).1;
        for (path, kind) in [
            (" update cluster cluster", Kind::Cluster),
            (" get clusters clusters", Kind::Cluster),
            (" rolling-update cluster instance_group", Kind::InstanceGroup),
            (" edit instancegroup group", Kind::InstanceGroup),
            (" get instancegroups groups", Kind::InstanceGroup),
            (" delete instancegroup group", Kind::InstanceGroup),
            (" create keypair keyset", Kind::Keyset),
            (" promote keypair arguments", Kind::Keyset),
            (" get keypairs keysets", Kind::Keyset),
            (" get secrets secrets", Kind::Secret),
            (" delete secret secret", Kind::Secret),
        ] {
            assert_eq!(of(path), Some(kind), "{path}");
        }
        let named = |kind| found.iter().filter(|(_, found)| *found == Some(kind)).count();
        assert!(named(Kind::Cluster) > 15 && named(Kind::Keyset) >= 5, "{found:?}");
    }

    #[test]
    fn every_script_asks_the_program_by_its_name() {
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let script = script(shell).unwrap();
            assert!(script.contains(env::KOPSFORM_COMPLETE) && script.contains("kopsform"), "{shell}: {script}");
        }
        assert!(script("csh").unwrap_err().hints[0].contains("bash"));
    }
}
