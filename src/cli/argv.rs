//! Arguments in the order that clap expects.
//!
//! In kops, flags may precede the subcommand they belong to: `create secret -i KEY sshpublickey`. Cobra, its library, skips
//! flags and their values to find the subcommand and parses all flags there. Clap parses a flag where it stands, so flags that
//! precede a subcommand are moved behind it. Values that begin with a hyphen are attached to their flags.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Moves flags that precede a subcommand behind it. `arguments` begins with the name of the program.
///
/// Nothing is moved where no subcommand follows, so that clap reports what was typed.
#[must_use]
pub fn subcommands_first(root: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter();
    let mut names: Vec<OsString> = arguments.next().into_iter().collect();
    let mut rest: Vec<OsString> = arguments.collect();
    let mut command = root;
    while let Some((at, next)) = subcommand(command, &rest) {
        names.push(rest.remove(at));
        command = next;
    }
    names.extend(with_negative_values(command, rest));
    names
}

/// Attaches values that begin with a hyphen to their flags, as in `--node-count -1`: clap takes them to be flags. An argument that
/// is a flag of the command is left alone, because then the value was forgotten.
fn with_negative_values(command: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut attached: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.into_iter().peekable();
    while let Some(mut argument) = arguments.next() {
        if argument == "--" {
            attached.push(argument);
            break;
        }
        let is_flag = |text: &str| text.len() > 1 && text.starts_with('-');
        if argument
            .to_str()
            .is_some_and(|flag| is_flag(flag) && is_known(command, flag) && value_follows(command, flag))
            && let Some(value) = arguments.next_if(|next| {
                next.to_str().is_some_and(|next| is_flag(next) && next != "--" && !is_known(command, next))
            })
        {
            argument.push("=");
            argument.push(value);
        }
        attached.push(argument);
    }
    attached.extend(arguments);
    attached
}

/// Whether an argument begins with a flag of a command.
fn is_known(command: &Command, argument: &str) -> bool {
    let mut known = command.get_arguments();
    match argument.strip_prefix("--") {
        Some(long) => known.any(|arg| is_long(arg, long.split('=').next().unwrap_or_default())),
        None => argument.chars().nth(1).is_some_and(|short| known.any(|arg| is_short(arg, short))),
    }
}

/// The first argument that is neither a flag nor the value of one, if it is a subcommand, and its position.
fn subcommand<'a>(command: &'a Command, arguments: &[OsString]) -> Option<(usize, &'a Command)> {
    let mut at = 0;
    while let Some(argument) = arguments.get(at).and_then(|argument| argument.to_str()) {
        if argument == "--" {
            return None;
        }
        if !argument.starts_with('-') || argument == "-" {
            return Some((at, command.find_subcommand(argument)?));
        }
        at += if value_follows(command, argument) { 2 } else { 1 };
    }
    None
}

/// Whether the next argument is the value of a flag. Cobra takes flags that it does not know to have one.
fn value_follows(command: &Command, argument: &str) -> bool {
    if let Some(long) = argument.strip_prefix("--") {
        return !long.contains('=') && takes_value(command, &|arg| is_long(arg, long)).unwrap_or(true);
    }
    let shorts = argument.trim_start_matches('-');
    for (at, short) in shorts.char_indices() {
        let rest = &shorts[at + short.len_utf8()..];
        if takes_value(command, &|arg| is_short(arg, short)).unwrap_or(shorts.len() == short.len_utf8()) {
            return rest.is_empty();
        }
        // A switch with its value: `-y=false`.
        if rest.starts_with('=') {
            return false;
        }
    }
    false
}

/// Whether a flag of a command, or else of one of its subcommands, takes a value; `None` for an unknown flag. Where subcommands
/// differ, it does: for cobra it is unknown before the subcommand.
fn takes_value(command: &Command, is_meant: &dyn Fn(&Arg) -> bool) -> Option<bool> {
    if let Some(own) = command.get_arguments().find(|arg| is_meant(arg)) {
        return Some(needs_value(own));
    }
    let below = command.get_subcommands().filter_map(|command| takes_value(command, is_meant));
    below.reduce(|one, other| one || other)
}

fn needs_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

fn is_long(arg: &Arg, name: &str) -> bool {
    arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
}

fn is_short(arg: &Arg, short: char) -> bool {
    arg.get_short() == Some(short) || arg.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reordered(line: &str) -> String {
        let mut root = crate::cli::command();
        root.build();
        let arguments = std::iter::once("kopsform").chain(line.split_whitespace()).map(OsString::from).collect();
        let reordered = subcommands_first(&root, arguments);
        reordered[1..].iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn flags_and_their_values_move_behind_the_subcommand() {
        for (given, wanted) in [
            ("update --target terraform --out WORK cluster NAME", "update cluster --target terraform --out WORK NAME"),
            ("export --kubeconfig WORK --name NAME kubecfg", "export kubecfg --kubeconfig WORK --name NAME"),
            ("create secret --name N -i K sshpublickey admin", "create secret sshpublickey --name N -i K admin"),
            (
                "--state s3://b get --state=s3://c -o yaml ig nodes",
                "get ig --state s3://b --state=s3://c -o yaml nodes",
            ),
            ("-v2 --name N create -f F secret dockerconfig", "create secret dockerconfig -v2 --name N -f F"),
            ("delete --yes cluster NAME", "delete cluster --yes NAME"),
            ("delete -y=false cluster", "delete cluster -y=false"),
            ("rolling-update --admin 1h -yi cluster", "rolling-update cluster --admin 1h -yi"),
            ("update --admin=1h -y cluster", "update cluster --admin=1h -y"),
            ("toolbox --unknown x dump", "toolbox dump --unknown x"),
        ] {
            assert_eq!(reordered(given), wanted, "{given}");
        }
    }

    #[test]
    fn values_may_begin_with_a_hyphen() {
        for (given, wanted) in [
            ("create cluster --node-count -1 -y", "create cluster --node-count=-1 -y"),
            ("rolling-update cluster --drain-timeout -5s", "rolling-update cluster --drain-timeout=-5s"),
            (
                "create cluster --kubernetes-feature-gates -Abc,B N",
                "create cluster --kubernetes-feature-gates=-Abc,B N",
            ),
            ("create cluster --out --yes", "create cluster --out --yes"),
            ("replace -f - --force", "replace -f - --force"),
            ("get secrets -- --name -x", "get secrets -- --name -x"),
        ] {
            assert_eq!(reordered(given), wanted, "{given}");
        }
    }

    #[test]
    fn what_is_no_subcommand_stays_where_it_is() {
        for line in [
            "",
            "version --short",
            "get -o yaml NAME",
            "get NAME ig",
            "create -f cluster",
            "update --unknown cluster NAME",
            "update -- --target terraform cluster",
            "get secrets secrets",
            "update cluster --out",
            "update - cluster",
        ] {
            assert_eq!(reordered(line), line);
        }
    }
}
