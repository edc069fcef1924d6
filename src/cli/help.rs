//! What help shows besides the arguments: commands by topic, exit codes, environment variables.
//!
//! clap lists subcommands in one block. [`GROUPS`] is the one table of topics; help, the reference and the manual pages are made
//! from it and from the commands themselves, so that a command cannot be missing from one of them.

use std::fmt::Write as _;

use clap::Command;
use clap::builder::styling::{Style, Styles};

use kopsform_diagnostics::exit::{ExitCode, MEANINGS};
use kopsform_env as env;

/// The heading of flags that every command accepts.
pub const GLOBAL: &str = "Global options";

/// A topic and its commands, in the order of help.
pub struct Group {
    pub title: &'static str,
    pub commands: &'static [&'static str],
}

/// Every command that help shows, by topic.
pub const GROUPS: [Group; 6] = [
    Group {
        title: "Cluster commands",
        commands: &["create", "get", "edit", "replace", "update", "reconcile", "delete"],
    },
    Group { title: "Operations", commands: &["rolling-update", "upgrade", "validate", "export", "state"] },
    Group { title: "Specs and templates", commands: &["init", "sync", "toolbox", "diff", "schema"] },
    Group { title: "Terraform and golden files", commands: &["lock", "check", "migrate", "golden"] },
    Group { title: "Keys and secrets", commands: &["pki", "promote", "trust", "distrust"] },
    Group { title: "Other commands", commands: &["completion", "man", "version", "help"] },
];

/// The columns of a command's name.
const WIDTH: usize = 16;
/// The columns of help that is not wrapped by clap.
const COLUMNS: usize = 100;

/// The root command with its subcommands by topic.
pub fn grouped(root: Command) -> Command {
    let styles = Styles::styled();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut text = String::from("{before-help}{about-with-newline}\n{usage-heading} {usage}\n");
    for group in &GROUPS {
        let _ = writeln!(text, "\n{header}{}:{header:#}", group.title);
        for name in group.commands {
            let about = root.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let about = about.unwrap_or_else(|| "Show help for a command".to_owned());
            let _ = writeln!(text, "  {literal}{name}{literal:#}{:>pad$}{about}", "", pad = WIDTH - name.len());
        }
    }
    let _ = write!(text, "\n{header}{GLOBAL}:{header:#}\n{{options}}{{after-help}}");
    root.help_template(text)
        .after_help(format!(
            "`{name} COMMAND --help` describes a command with examples, `{name} --help` also exit codes and environment variables.",
            name = super::program::name()
        ))
        .after_long_help(format!("{}\n{}", exit_codes(MEANINGS.iter().map(|(code, meaning)| (*code, *meaning))), environment()))
}

/// Commands that exit with [`ExitCode::ChangeNeeded`], with when they do.
const CHANGE_NEEDED: [(&str, &str); 11] = [
    ("check plan", "something was found"),
    ("create", "with --dry-run, something would change"),
    ("diff", "there are differences"),
    ("golden check", "there are differences"),
    ("lock", "with --offline, facts are missing"),
    ("pki report", "with --warn, a key expires"),
    ("replace", "with --dry-run, something would change"),
    ("rolling-update cluster", "with --detailed-exitcode, an update is needed"),
    ("sync", "with --check, something would be written"),
    ("update cluster", "with --check, something would be written"),
    ("upgrade plan", "with --ready, an earlier stage is not done"),
];

/// Commands that a signal or an answer of the user stops, with the exit code [`ExitCode::Stopped`].
const STOPPABLE: [&str; 5] =
    ["create cluster", "delete instance", "reconcile cluster", "rolling-update cluster", "update cluster"];

/// A command, and all below it, with the exit codes at the end of their help. `path` is its name without that of the program.
pub fn with_exit_codes(command: Command, path: &str) -> Command {
    let below = |sub: Command| {
        let path = format!("{path} {}", sub.get_name());
        with_exit_codes(sub, path.trim())
    };
    let command = command.mut_subcommands(below);
    let runs = !path.is_empty() && !command.is_subcommand_required_set() && !command.is_hide_set();
    if !runs {
        return command;
    }
    let codes = exit_codes(codes_of(path));
    let text = match command.get_after_long_help() {
        Some(examples) => {
            let examples = examples.to_string().replacen("Examples:\n", &heading("Examples"), 1);
            format!("{}\n\n{codes}", examples.trim_end())
        }
        None => codes,
    };
    command.after_long_help(text)
}

/// The exit codes of a command with their meaning.
pub fn codes_of(path: &str) -> impl Iterator<Item = (ExitCode, &'static str)> {
    let change = CHANGE_NEEDED.iter().find(|(command, _)| *command == path);
    let stops = STOPPABLE.contains(&path);
    MEANINGS.iter().filter_map(move |(code, meaning)| match code {
        ExitCode::Done | ExitCode::Error => Some((*code, *meaning)),
        ExitCode::ChangeNeeded => change.map(|(_, when)| (*code, *when)),
        ExitCode::Stopped => stops.then_some((*code, *meaning)),
        ExitCode::Internal => None,
    })
}

fn exit_codes(codes: impl Iterator<Item = (ExitCode, &'static str)>) -> String {
    let mut text = heading("Exit codes");
    for (code, meaning) in codes {
        let _ = write!(text, "{}", indented(&format!("{:<3}", code as u8), &meaning.replace('`', ""), 5));
    }
    text
}

fn environment() -> String {
    let mut text = heading("Environment variables");
    for variable in env::ALL {
        let about = variable.about.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "");
        let _ = write!(text, "  {}\n{}", variable.name, indented("", &about, 10));
    }
    text.push_str("  AWS_PROFILE, AWS_ENDPOINT_URL, …\n");
    text.push_str(&indented("", "The variables of the AWS SDK.", 10));
    text
}

fn heading(title: &str) -> String {
    let style: Style = *Styles::styled().get_header();
    format!("{style}{title}:{style:#}\n")
}

/// A term and its explanation, wrapped and indented.
fn indented(term: &str, text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let is_full = |line: &String| !line.is_empty() && indent + line.chars().count() + 1 + word.len() > COLUMNS;
        if lines.last().is_some_and(is_full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let mut result = String::new();
    for (number, line) in lines.iter().enumerate() {
        let term = if number == 0 && !term.is_empty() { format!("  {term}") } else { String::new() };
        let _ = writeln!(result, "{term:<indent$}{line}");
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_has_one_topic() {
        let root = crate::cli::command();
        let shown: BTreeSet<_> = root.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name).collect();
        let listed: Vec<_> = GROUPS.iter().flat_map(|group| group.commands).copied().collect();
        let once: BTreeSet<_> = listed.iter().copied().filter(|name| *name != "help").collect();
        assert_eq!(listed.len(), once.len() + 1, "a command is listed twice");
        assert_eq!(once, shown, "add the command to GROUPS");
    }

    #[test]
    fn help_has_every_topic_and_the_global_flags() {
        for help in [crate::cli::command().render_help(), crate::cli::command().render_long_help()] {
            let help = help.to_string();
            for group in &GROUPS {
                assert!(help.contains(&format!("\n{}:\n", group.title)), "{help}");
            }
            assert!(help.contains("\n  rolling-update  Replace instances"), "{help}");
            assert!(help.contains("\nGlobal options:\n"), "{help}");
            assert!(!help.contains("\nCommands:\n"), "{help}");
        }
    }

    #[test]
    fn long_help_explains_exit_codes_and_variables() {
        let help = crate::cli::command().render_long_help().to_string();
        assert!(help.contains("\nExit codes:\n  0  done, or nothing to do\n"), "{help}");
        assert!(help.contains("\nEnvironment variables:\n  KOPS_STATE_STORE\n"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= COLUMNS + 20), "{help}");
    }

    #[test]
    fn exit_codes_belong_to_commands_that_exist() {
        let root = crate::cli::command();
        for path in CHANGE_NEEDED.iter().map(|(path, _)| *path).chain(STOPPABLE) {
            let mut command = &root;
            for word in path.split(' ') {
                command = command.find_subcommand(word).unwrap_or_else(|| panic!("no command {path}"));
            }
            let help = command.get_after_long_help().unwrap().to_string();
            assert!(help.contains("Exit codes:"), "{path}: {help}");
        }
    }
}
