//! Errors about arguments, in the form of all other errors: what is wrong, then hints.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command};

use super::CliError;

/// The error that clap reports about arguments, from the text in which clap renders it.
///
/// The text consists of paragraphs: what is wrong, tips such as similar names, the usage, and where to find more. Its paragraphs and
/// the marks of tips are the same for all kinds of errors, while the parts of a kind are not all accessible.
pub fn error(rendered: &str) -> CliError {
    let mut message = String::new();
    let mut tips = Vec::new();
    let mut usage = None;
    for paragraph in rendered.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')) {
        if let Some(line) = paragraph.trim_start().strip_prefix("Usage: ") {
            usage = line.lines().next().map(|line| line.trim().to_owned());
        } else if paragraph.trim_start().starts_with("tip: ") {
            tips.extend(paragraph.split("tip: ").map(one_line).filter(|tip| !tip.is_empty()));
        } else if paragraph.starts_with("For more information") {
            // The hint about the usage says so.
        } else if message.is_empty() {
            message = paragraph.strip_prefix("error: ").unwrap_or(paragraph).trim_end().to_owned();
        } else {
            message.push('\n');
            message.push_str(paragraph);
        }
    }
    let more = match usage {
        Some(usage) => {
            let command: Vec<_> = usage.split(' ').take_while(|word| word.starts_with(char::is_alphabetic)).collect();
            format!("usage: {usage}; `{} --help` describes each argument", command.join(" "))
        }
        // The usage of a flag whose value is invalid is in the message.
        None => "--help describes each argument".to_owned(),
    };
    tips.into_iter().chain([more]).fold(CliError::message(message), CliError::hint)
}

/// An error of clap without the suggestion of a flag that help does not list: clap also suggests flags that exist only for
/// compatibility.
pub fn without_hidden(mut error: clap::Error, root: &Command, arguments: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(suggested)) = error.get(ContextKind::SuggestedArg) else { return error };
    let flag = suggested.trim_start_matches('-');
    let words = arguments.iter().skip(1);
    let command = words.fold(root, |command, word| command.find_subcommand(word).unwrap_or(command));
    let is_visible = |arg: &&Arg| {
        !arg.is_hide_set() && arg.get_long_and_visible_aliases().is_some_and(|names| names.contains(&flag))
    };
    if !command.get_arguments().any(|arg| is_visible(&arg)) {
        error.remove(ContextKind::SuggestedArg);
    }
    error
}

/// What other tools call the commands that kops has names of its own for; kops suggests them, too.
const SYNONYMS: [(&str, &str); 8] = [
    ("list", "get"),
    ("ls", "get"),
    ("show", "get"),
    ("describe", "get"),
    ("rm", "delete"),
    ("remove", "delete"),
    ("destroy", "delete"),
    ("apply", "update cluster"),
];

/// The error about an unknown subcommand with one suggestion: the nearest name, or what another tool's name for it is here. clap
/// suggests whatever begins alike, such as `distrust` for `list`.
pub fn with_nearest(mut error: clap::Error, root: &Command, arguments: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let words = arguments.iter().skip(1).take_while(|word| *word != unknown.as_str());
    let command = words.fold(root, |command, word| command.find_subcommand(word).unwrap_or(command));
    let is_top = std::ptr::eq(command, root);
    let synonym = SYNONYMS.iter().find(|(other, _)| is_top && other == unknown).map(|(_, name)| *name);
    let names = command.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    let nearest = synonym.or_else(|| kopsform_diagnostics::nearest(unknown, names));
    let suggested = nearest.map(|name| ContextValue::Strings(vec![name.to_owned()]));
    match suggested {
        Some(suggested) => _ = error.insert(ContextKind::SuggestedSubcommand, suggested),
        None => _ = error.remove(ContextKind::SuggestedSubcommand),
    }
    error
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(line: &str) -> CliError {
        let mut command = crate::cli::command();
        command.build();
        let words = line.split(' ').map(OsString::from).collect();
        error(&crate::cli::parse(&mut command, words).unwrap_err().to_string())
    }

    #[test]
    fn flags_that_help_does_not_list_are_not_suggested() {
        let error = of("kopsform validate spec --offline");
        assert!(error.hints[0].starts_with("usage: "), "{error:?}");
        // Flags that it lists are.
        let error = of("kopsform create cluster --projec x");
        assert_eq!(error.hints[0], "a similar argument exists: '--project'");
    }

    #[test]
    fn an_unknown_flag_comes_with_the_nearest_one_and_the_usage() {
        let error = of("kopsform update cluster --outt x");
        assert_eq!(error.message, "unexpected argument '--outt' found");
        assert_eq!(error.hints[0], "a similar argument exists: '--out'");
        let usage = error.hints.last().unwrap();
        assert!(usage.starts_with("usage: kopsform update cluster "), "{usage}");
        assert!(usage.ends_with("`kopsform update cluster --help` describes each argument"), "{usage}");
    }

    #[test]
    fn an_unknown_command_comes_with_the_nearest_one() {
        let error = of("kopsform updat cluster");
        assert_eq!(error.message, "unrecognized subcommand 'updat'");
        assert!(error.hints[0].contains("similar subcommand") && error.hints[0].contains("'update'"), "{error:?}");
    }

    #[test]
    fn a_command_of_another_tool_comes_with_the_one_here() {
        let suggested = |line: &str| {
            let hints = of(line).hints;
            hints[0].split('\'').nth(1).map(str::to_owned).filter(|_| hints[0].contains("similar"))
        };
        assert_eq!(suggested("kopsform list").as_deref(), Some("get"));
        assert_eq!(suggested("kopsform rm ig nodes").as_deref(), Some("delete"));
        assert_eq!(suggested("kopsform gt ig").as_deref(), Some("get"));
        assert_eq!(suggested("kopsform rolling-udpate cluster").as_deref(), Some("rolling-update"));
        assert_eq!(suggested("kopsform export kubeconfg").as_deref(), Some("kubeconfig"));
        assert_eq!(suggested("kopsform frobnicate"), None);
    }

    #[test]
    fn values_and_missing_arguments_are_listed() {
        let error = of("kopsform diff -o xml");
        assert!(error.message.starts_with("invalid value 'xml' for '--output <"), "{error:?}");
        assert!(error.message.contains("[possible values: text, json"), "{error:?}");
        let error = of("kopsform validate spec");
        assert!(error.message.contains("required arguments were not provided:\n  --filename <FILE>"), "{error:?}");
        let error = of("kopsform validate cluster --wait long");
        assert!(error.message.starts_with("invalid value 'long' for '--wait <DURATION>': "), "{error:?}");
        assert!(!error.message.contains("Usage") && !error.message.contains("For more"), "{error:?}");
    }
}
